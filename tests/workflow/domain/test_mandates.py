"""Mandates: who acts and signs for a company, from which day to which, and no longer."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from workflow import audit_log
from workflow.clock import PARIS
from workflow.db import Database
from workflow.domain import mandate, person
from workflow.domain.mandate import Grant
from workflow.domain.operator import Operator
from workflow.domain.person import Actor, Person
from workflow.errors import Conflict, InvalidAnswer, NotAllowed, NotFound

NOW = datetime(2022, 11, 3, 9, 40, tzinfo=PARIS)
TODAY = NOW.date()


class Company:
    """A company with its legal representative and two colleagues, and a stranger."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as session:
            own, other = (
                Operator(company_name=name, siret=siret)
                for name, siret in (("Alizé", "12345678200010"), ("Nacre", "98765432400019"))
            )
            session.add_all([own, other])
            session.flush()
            for name, roles, operator in (
                ("odile", ["legal_representative"], own),
                ("nadia", ["operator"], own),
                ("hugo", ["legal_representative"], other),
            ):
                person.add_person(
                    session,
                    email=f"{name}@exemple.example",
                    name=name,
                    password=None,
                    roles=roles,
                    operator_id=operator.id,
                    at=NOW,
                )

    def who(self, name: str, at: datetime = NOW) -> Actor:
        with self.database.reading() as session:
            found = person.find_by_email(session, f"{name}@exemple.example")
            assert found is not None
            return mandate.acting(session, person.actor_of(session, found), at)

    def grant(self, *, may_sign: bool, by: str = "odile", **given: object) -> int:
        wanted = {"since": TODAY, "until": None, "basis": "Pouvoir du 2 novembre 2022", **given}
        wanted.setdefault("person_id", self.who("nadia").person_id)
        with self.database.transaction() as session:
            return mandate.grant(
                session,
                self.who(by),
                Grant(may_sign=may_sign, **wanted),
                NOW,  # pyright: ignore
            ).id

    def revoke(self, mandate_id: int, by: str = "odile") -> None:
        with self.database.transaction() as session:
            mandate.revoke(session, self.who(by), mandate_id, NOW)


@pytest.fixture
def company(database: Database) -> Company:
    """A company without any mandate."""
    return Company(database)


def test_without_any_mandate_each_does_what_their_roles_say(company: Company) -> None:
    assert company.who("nadia").roles == {"operator"}
    assert company.who("odile").roles == {"legal_representative"}


@pytest.mark.rule(83)
def test_a_mandate_to_sign_lets_a_colleague_sign_in_the_representatives_place(
    company: Company,
) -> None:
    given = company.grant(may_sign=True)
    nadia = company.who("nadia")
    assert nadia.roles == {"operator", "legal_representative"}
    assert nadia.mandate_id == given


def test_a_mandate_without_the_right_to_sign_gives_the_operators_tasks_only(
    company: Company,
) -> None:
    company.grant(may_sign=False)
    nadia = company.who("nadia")
    assert (nadia.roles, nadia.mandate_id) == ({"operator"}, None)


def test_a_revoked_mandate_ends_everything_at_once(company: Company) -> None:
    company.revoke(company.grant(may_sign=True))
    nadia = company.who("nadia")
    assert (nadia.roles, nadia.operator_id, nadia.mandate_over) == (frozenset(), None, True)


def test_a_mandate_ends_at_the_midnight_of_its_last_day_in_paris(company: Company) -> None:
    company.grant(may_sign=True, until=TODAY + timedelta(days=1))
    last = datetime(2022, 11, 4, 23, 59, tzinfo=PARIS)
    assert "legal_representative" in company.who("nadia", last).roles
    assert company.who("nadia", last + timedelta(minutes=1)).roles == frozenset()


def test_a_mandate_to_come_changes_nothing_before_its_day(company: Company) -> None:
    company.grant(may_sign=True, since=TODAY + timedelta(days=2))
    assert company.who("nadia").roles == {"operator"}
    assert "legal_representative" in company.who("nadia", NOW + timedelta(days=2)).roles


def test_another_mandate_in_force_keeps_a_person_acting(company: Company) -> None:
    first = company.grant(may_sign=True)
    company.grant(may_sign=False)
    company.revoke(first)
    assert company.who("nadia").roles == {"operator"}


def test_a_mandate_revoked_between_the_page_and_the_signature_signs_nothing(
    company: Company,
) -> None:
    given = company.grant(may_sign=True)
    nadia = company.who("nadia")
    company.revoke(given)
    with company.database.reading() as session, pytest.raises(NotAllowed):
        mandate.signing(session, nadia, NOW)


def test_only_the_representative_in_person_gives_mandates(company: Company) -> None:
    with pytest.raises(NotAllowed):
        company.grant(may_sign=True, by="nadia")
    company.grant(may_sign=True)
    with pytest.raises(NotAllowed):
        company.grant(may_sign=True, by="nadia")


def test_another_companys_representative_finds_neither_person_nor_mandate(
    company: Company,
) -> None:
    with pytest.raises(InvalidAnswer) as refusal:
        company.grant(may_sign=True, by="hugo")
    assert list(refusal.value.faults) == ["person"]
    given = company.grant(may_sign=True)
    with pytest.raises(NotFound):
        company.revoke(given, by="hugo")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"since": date(2022, 11, 2)}, "since"),
        ({"until": date(2022, 11, 2)}, "until"),
        ({"basis": "  "}, "basis"),
        ({"person_id": 999}, "person"),
    ],
)
def test_a_mandate_that_cannot_be_given_is_refused_by_field(
    company: Company, given: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidAnswer) as refusal:
        company.grant(may_sign=True, **given)
    assert field in refusal.value.faults


def test_a_mandate_is_revoked_once(company: Company) -> None:
    given = company.grant(may_sign=True)
    company.revoke(given)
    with pytest.raises(Conflict):
        company.revoke(given)


def test_mandates_stand_in_the_history_of_the_house(company: Company) -> None:
    company.revoke(company.grant(may_sign=True))
    with company.database.reading() as session:
        entries = audit_log.history_of(session, None)
        told = [(entry.kind, entry.facts["mandate"], entry.facts["person"]) for entry in entries]
        assert told == [
            ("mandate:granted", "M-2022-001", "nadia"),
            ("mandate:revoked", "M-2022-001", "nadia"),
        ]
        assert session.get(Person, entries[0].actor_id) is not None
