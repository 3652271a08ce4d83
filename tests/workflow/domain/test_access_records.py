"""Who opened what: one row each, and days that are over sealed in the chain of the house."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from workflow import audit_log
from workflow.db import Database
from workflow.domain import access_record
from workflow.domain.access_record import AccessFilters, AccessRecord, Opening
from workflow.domain.person import Actor

MONDAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LAW = datetime(2022, 11, 3, 8, 40, tzinfo=UTC)
PERSON = Actor(None, "Claire Danjou", frozenset({"instructor"}), None)
PAGE = Opening(what="dossier", address="/dossiers/2022-001", way="page")


def opened(database: Database, at: datetime, opening: Opening = PAGE) -> None:
    with database.transaction() as session:
        access_record.keep(session, PERSON, opening, at=at, procedure_at=LAW)


def sealed(database: Database, at: datetime) -> list[str]:
    with database.transaction() as session:
        days = access_record.seal(session, at=at, procedure_at=LAW)
    return [day.isoformat() for day in days]


def intact(database: Database) -> list[tuple[int, bool]]:
    with database.reading() as session:
        return [(each.openings, each.intact) for each in access_record.verdicts(session)]


def test_an_opening_says_who_in_which_roles_what_how_and_when(database: Database) -> None:
    opened(database, MONDAY)
    with database.reading() as session:
        (row,) = access_record.listed(session, AccessFilters(), limit=10)
    assert (row.person_name, row.roles, row.what) == ("Claire Danjou", ["instructor"], "dossier")
    assert (row.at, row.procedure_at, row.way, row.refused) == (MONDAY, LAW, "page", False)


def test_openings_are_found_by_person_thing_day_and_refusal(database: Database) -> None:
    opened(database, MONDAY)
    refusal = Opening(what="proof", address="/preuves/1", way="api", refused=True)
    opened(database, MONDAY + timedelta(days=1), refusal)
    sought = {
        "nobody": AccessFilters(person="Olivet"),
        "person": AccessFilters(person="danjou"),
        "what": AccessFilters(what="proof"),
        "refused": AccessFilters(refused=True),
        "day": AccessFilters(since=MONDAY, until=MONDAY + timedelta(hours=1)),
        "dossier": AccessFilters(dossier_id=7),
    }
    with database.reading() as session:
        counts = {
            name: len(access_record.listed(session, filters, limit=10))
            for name, filters in sought.items()
        }
    expected = {"nobody": 0, "person": 2, "what": 1, "refused": 1, "day": 1, "dossier": 0}
    assert counts == expected


def test_a_day_is_sealed_once_an_hour_after_its_end(database: Database) -> None:
    opened(database, MONDAY)
    opened(database, MONDAY + timedelta(hours=2))
    midnight = datetime(2026, 1, 6, tzinfo=UTC)
    assert sealed(database, midnight + timedelta(minutes=59)) == []
    assert sealed(database, midnight + timedelta(hours=1)) == ["2026-01-05"]
    assert sealed(database, midnight + timedelta(days=3)) == []
    assert intact(database) == [(2, True)]
    with database.reading() as session:
        assert audit_log.verify(session, audit_log.HOUSE).broken_at is None


def test_days_without_openings_are_passed_over(database: Database) -> None:
    opened(database, MONDAY)
    opened(database, MONDAY + timedelta(days=9))
    assert sealed(database, MONDAY + timedelta(days=20)) == ["2026-01-05", "2026-01-14"]


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE access_record SET person_name = 'Personne' WHERE id = 1",
        "DELETE FROM access_record WHERE id = 1",
        "UPDATE access_record SET refused = true WHERE id = 2",
    ],
)
def test_what_is_changed_or_taken_from_a_sealed_day_shows(database: Database, harm: str) -> None:
    for hour in range(3):
        opened(database, MONDAY + timedelta(hours=hour))
    sealed(database, MONDAY + timedelta(days=2))
    with database.engine.begin() as connection:
        connection.execute(text(harm))
    assert [each for _count, each in intact(database)] == [False]


def test_a_row_added_to_a_sealed_day_shows(database: Database) -> None:
    opened(database, MONDAY)
    sealed(database, MONDAY + timedelta(days=2))
    opened(database, MONDAY + timedelta(hours=1))
    assert intact(database) == [(1, False)]


def test_reading_the_log_is_bounded_and_goes_on_where_it_stopped(database: Database) -> None:
    for minute in range(5):
        opened(database, MONDAY + timedelta(minutes=minute))
    with database.reading() as session:
        first = access_record.listed(session, AccessFilters(), limit=2)
        then = access_record.listed(session, AccessFilters(), before=first[-1].id, limit=9)
        assert [row.id for row in (*first, *then)] == [5, 4, 3, 2, 1]
        assert session.get(AccessRecord, 6) is None
