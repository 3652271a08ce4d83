"""Accounts that a provider knows, and what an administrator does to accounts, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from workflow.db import Database
from workflow.domain import identity, person, person_administration
from workflow.domain.identity import Claims, IdentityRefused
from workflow.domain.person import Actor, Person
from workflow.domain.person_administration import LastAdministrator
from workflow.errors import Conflict, NotFound

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
ISSUER = "https://id.example"


def opened(database: Database, email: str, *roles: str) -> int:
    with database.transaction() as session:
        return person.add_person(
            session, email=email, name=email.split("@")[0], password=None, roles=roles, at=NOW
        ).id


def actor(database: Database, person_id: int) -> Actor:
    with database.reading() as session:
        return person.actor_of(session, session.get_one(Person, person_id))


def claims(subject: str, email: str, *, verified: bool = True, issuer: str = ISSUER) -> Claims:
    return Claims(issuer, subject, email, verified)


def entered(database: Database, said: Claims) -> tuple[int, bool]:
    with database.transaction() as session:
        found, is_new = identity.enter(session, said, NOW)
        return found.id, is_new


def refused(database: Database, said: Claims) -> str:
    with pytest.raises(IdentityRefused) as refusal:
        entered(database, said)
    return refusal.value.reason


def test_the_subject_counts_once_it_is_known(database: Database) -> None:
    one, other = opened(database, "a@x.example", "auditor"), opened(database, "b@x.example")
    assert entered(database, claims("s", "A@X.example")) == (one, True)
    assert entered(database, claims("s", "a@x.example")) == (one, False)
    assert entered(database, claims("s", "b@x.example")) == (one, False)
    assert entered(database, claims("s", "", verified=False)) == (one, False)
    assert entered(database, claims("t", "b@x.example")) == (other, True)


def test_who_may_not_enter_is_told_why(database: Database) -> None:
    one = opened(database, "a@x.example", "auditor")
    assert refused(database, claims("s", "c@x.example")) == "unknown"
    assert refused(database, claims("s", "a@x.example", verified=False)) == "unverified"
    entered(database, claims("s", "a@x.example"))
    assert refused(database, claims("t", "a@x.example")) == "other_subject"
    with database.transaction() as session:
        session.get_one(Person, one).is_active = False
    assert refused(database, claims("s", "a@x.example")) == "closed"


def test_each_provider_has_subjects_of_its_own(database: Database) -> None:
    one = opened(database, "a@x.example", "auditor")
    entered(database, claims("s", "a@x.example"))
    elsewhere = claims("s", "a@x.example", issuer="https://other.example")
    assert entered(database, elsewhere) == (one, True)


def test_a_link_that_is_undone_can_be_made_anew(database: Database) -> None:
    one = opened(database, "a@x.example", "auditor")
    entered(database, claims("s", "a@x.example"))
    with database.transaction() as session:
        (linked,) = identity.of_person(session, one)
        identity.unlink(session, linked.id)
    assert entered(database, claims("t", "a@x.example")) == (one, True)
    with database.transaction() as session, pytest.raises(NotFound):
        identity.unlink(session, 999)


def test_the_last_administrator_is_neither_closed_nor_demoted(database: Database) -> None:
    last = opened(database, "a@x.example", "administrator", "auditor")
    closed = opened(database, "b@x.example", "administrator")
    owner = actor(database, opened(database, "c@x.example", "process_owner"))
    with database.transaction() as session:
        session.get_one(Person, closed).is_active = False
    with database.transaction() as session, pytest.raises(LastAdministrator):
        person_administration.deactivate(session, session.get_one(Person, last), owner, NOW)
    with database.transaction() as session, pytest.raises(LastAdministrator):
        person_administration.change_roles(
            session, session.get_one(Person, last), {"auditor"}, owner
        )
    with database.transaction() as session:
        person_administration.reactivate(session.get_one(Person, closed))
    with database.transaction() as session:
        person_administration.deactivate(session, session.get_one(Person, last), owner, NOW)
    with database.reading() as session:
        assert not session.get_one(Person, last).is_active
        assert session.get_one(Person, last).sessions_ended == 1


def test_nobody_closes_or_demotes_themselves(database: Database) -> None:
    one, _two = (
        opened(database, "a@x.example", "administrator"),
        opened(database, "b@x.example", "administrator"),
    )
    myself = actor(database, one)
    with database.transaction() as session, pytest.raises(Conflict):
        person_administration.deactivate(session, session.get_one(Person, one), myself, NOW)
    with database.transaction() as session, pytest.raises(Conflict):
        person_administration.change_roles(
            session, session.get_one(Person, one), {"auditor"}, myself
        )


def test_roles_become_exactly_what_was_chosen(database: Database) -> None:
    one = opened(database, "a@x.example", "auditor", "support")
    by = actor(database, opened(database, "b@x.example", "administrator"))
    with database.transaction() as session:
        person_administration.change_roles(
            session, session.get_one(Person, one), {"support", "instructor"}, by
        )
    assert actor(database, one).roles == {"support", "instructor"}
