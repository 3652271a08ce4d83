"""Accounts, and the demo's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from workflow.clock import VirtualClock
from workflow.db import Database
from workflow.domain import account_invitation, person
from workflow.domain.demo_clock import DEMO_STARTS_AT, StoredDemoClock
from workflow.domain.operator import Operator
from workflow.domain.person import Person
from workflow.errors import Conflict, InvalidAnswer, InvalidInput, NotFound

NOW = datetime(2022, 10, 3, 7, 0, tzinfo=UTC)
PASSWORD = "douze caractères au moins"


def alice(session: Session) -> Person:
    return person.add_person(
        session,
        email="Alice@Example.fr",
        name="Alice",
        password=PASSWORD,
        roles=["instructor", "college_member"],
        at=NOW,
    )


def test_alice_signs_in_with_her_address_in_any_capitals(session: Session) -> None:
    known = alice(session)
    assert person.authenticate(session, " alice@EXAMPLE.fr", PASSWORD) is known
    assert person.actor_of(session, known).roles == {"instructor", "college_member"}
    assert PASSWORD not in str(known.password_hash)


def test_nobody_signs_in_with_a_wrong_password_an_unknown_address_or_a_closed_account(
    session: Session,
) -> None:
    known = alice(session)
    assert person.authenticate(session, "alice@example.fr", "autre mot de passe") is None
    assert person.authenticate(session, "bob@example.fr", PASSWORD) is None
    known.is_active = False
    assert person.authenticate(session, "alice@example.fr", PASSWORD) is None


def test_an_account_without_a_password_lets_nobody_in(session: Session) -> None:
    person.add_person(session, email="bob@example.fr", name="Bob", password=None, roles=[], at=NOW)
    assert person.authenticate(session, "bob@example.fr", "") is None


def test_an_address_has_one_account(session: Session) -> None:
    alice(session)
    with pytest.raises(Conflict):
        alice(session)


@pytest.mark.parametrize(
    ("field", "value"),
    [("password", "onze caract"), ("email", "alice"), ("email", "a@b@c.fr"), ("name", "  ")],
)
def test_an_account_that_lacks_something_is_refused(
    session: Session, field: str, value: str
) -> None:
    facts = {"email": "a@example.fr", "name": "Alice", "password": PASSWORD, field: value}
    with pytest.raises(InvalidAnswer) as refused:
        person.add_person(session, **facts, roles=[], at=NOW)  # pyright: ignore[reportArgumentType]
    assert list(refused.value.faults) == [field]


def test_an_unknown_role_is_refused(session: Session) -> None:
    with pytest.raises(InvalidInput):
        person.add_person(
            session, email="a@example.fr", name="A", password=None, roles=["emperor"], at=NOW
        )


def invited(session: Session, email: str = "eve@example.fr") -> str:
    operator = Operator(company_name="Exemple SAS", siret="73282932000074")
    session.add(operator)
    session.flush()
    return account_invitation.invite(
        session,
        email=email,
        role="legal_representative",
        operator_id=operator.id,
        invited_by=None,
        at=NOW,
    )


def test_an_invitation_is_taken_once_within_a_week(session: Session) -> None:
    token = invited(session)
    joined = account_invitation.accept(session, token, name="Eve", password=PASSWORD, at=NOW)
    assert (joined.email, joined.roles) == ("eve@example.fr", {"legal_representative"})
    assert joined.operator_id is not None
    with pytest.raises(NotFound):
        account_invitation.accept(session, token, name="Eve", password=PASSWORD, at=NOW)


def test_an_old_or_invented_invitation_opens_nothing(session: Session) -> None:
    token = invited(session)
    late = NOW + account_invitation.INVITATION_LASTS
    for wrong, at in ((token, late), ("invented", NOW)):
        with pytest.raises(NotFound):
            account_invitation.accept(session, wrong, name="Eve", password=PASSWORD, at=at)


def test_a_password_is_reset_once_within_an_hour(session: Session) -> None:
    alice(session)
    assert person.start_password_reset(session, "nobody@example.fr", NOW) is None
    old = person.start_password_reset(session, "alice@example.fr", NOW)
    new = person.start_password_reset(session, "alice@example.fr", NOW)
    assert old is not None
    assert new is not None
    person.reset_password(session, new, "un autre mot de passe", NOW)
    assert person.authenticate(session, "alice@example.fr", "un autre mot de passe")
    for used in (old, new):
        with pytest.raises(NotFound):
            person.reset_password(session, used, PASSWORD, NOW)


def test_an_old_reset_opens_nothing(session: Session) -> None:
    alice(session)
    token = person.start_password_reset(session, "alice@example.fr", NOW)
    assert token is not None
    with pytest.raises(NotFound):
        person.reset_password(session, token, PASSWORD, NOW + person.PASSWORD_RESET_LASTS)


def test_the_demo_starts_at_its_own_instant_and_is_found_again(database: Database) -> None:
    system = VirtualClock(datetime(2030, 1, 1, tzinfo=UTC))
    clock = StoredDemoClock.started(database, system)
    assert clock.now() == DEMO_STARTS_AT
    system.move_to(system.now() + timedelta(hours=2))
    clock.advance_to(DEMO_STARTS_AT + timedelta(days=3))
    again = StoredDemoClock.started(database, system)
    assert again.now() == DEMO_STARTS_AT + timedelta(days=3)
    system.move_to(system.now() + timedelta(seconds=1))
    assert again.now() == DEMO_STARTS_AT + timedelta(days=3, seconds=1)


def test_the_demos_clock_never_moves_back(database: Database) -> None:
    clock = StoredDemoClock.started(database, VirtualClock(NOW))
    with pytest.raises(InvalidInput):
        clock.advance_to(DEMO_STARTS_AT - timedelta(seconds=1))
    assert clock.now() == DEMO_STARTS_AT
