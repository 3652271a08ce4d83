"""The history cannot be edited unseen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update

from workflow import audit_log
from workflow.audit_log import AuditEntry, Event, append, history_of, latest_of, verify
from workflow.db import Database

NOON = datetime(2022, 10, 3, 12, tzinfo=UTC)
CHAIN = audit_log.chain_of(1)


def event(kind: str = "dossier:flagged", **payload: Any) -> Event:
    return Event(kind, payload, None, "Horloge", NOON, NOON + timedelta(seconds=1))


@pytest.fixture
def told(database: Database) -> Database:
    """Three entries about a dossier, one of the house."""
    with database.transaction() as session:
        append(session, CHAIN, [event(flag="a"), event(flag="b")])
        append(session, audit_log.HOUSE, [event("diagram:deployed", file="a.bpmn")])
    with database.transaction() as session:
        append(session, CHAIN, [event(flag="c")])
    return database


def broken_at(database: Database) -> int | None:
    with database.reading() as session:
        return verify(session, CHAIN).broken_at


def test_a_history_that_nobody_touched_verifies(told: Database) -> None:
    with told.reading() as session:
        assert audit_log.chains(session) == [CHAIN, "house"]
        assert verify(session, CHAIN) == audit_log.ChainVerdict(CHAIN, 3, None)
        assert [e.facts["flag"] for e in history_of(session, 1)] == ["a", "b", "c"]
        assert [e.facts["flag"] for e in history_of(session, 1, after=1, limit=1)] == ["b"]
        assert [e.facts["flag"] for e in latest_of(session, 1, limit=2)] == ["c", "b"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("chain", "dossier:2"),
        ("sequence", 7),
        ("kind", "dossier:listed"),
        ("actor_id", -1),
        ("actor_id", 3),
        ("actor_name", "Quelqu'un d'autre"),
        ("effective_at", NOON + timedelta(microseconds=1)),
        ("recorded_at", NOON),
        ("payload", b'{"flag":"z"}'),
        ("payload", b""),
        ("salt", b"0" * 16),
        ("salt", None),
        ("commitment", "0" * 64),
        ("link", "0" * 64),
    ],
)
def test_whoever_edits_one_cell_is_found(told: Database, column: str, value: Any) -> None:
    with told.transaction() as session:
        session.execute(
            update(AuditEntry)
            .where(AuditEntry.chain == CHAIN, AuditEntry.sequence == 2)
            .values({column: value})
        )
    assert broken_at(told) == 2


@pytest.mark.parametrize("sequence", [1, 2])
def test_whoever_removes_an_entry_that_others_follow_is_found(
    told: Database, sequence: int
) -> None:
    with told.transaction() as session:
        session.execute(
            delete(AuditEntry).where(AuditEntry.chain == CHAIN, AuditEntry.sequence == sequence)
        )
    assert broken_at(told) == sequence


def test_whoever_swaps_two_payloads_is_found(told: Database) -> None:
    with told.transaction() as session:
        first, second = session.scalars(
            select(AuditEntry).where(AuditEntry.chain == CHAIN, AuditEntry.sequence <= 2)
        ).all()
        first.payload, second.payload = second.payload, first.payload
        first.salt, second.salt = second.salt, first.salt
    assert broken_at(told) == 1


def test_personal_data_can_be_erased_with_its_salt(told: Database) -> None:
    with told.transaction() as session:
        session.execute(
            update(AuditEntry)
            .where(AuditEntry.chain == CHAIN, AuditEntry.sequence == 2)
            .values(payload=None, salt=None)
        )
    assert broken_at(told) is None
    with told.reading() as session:
        assert history_of(session, 1)[1].facts == {}


def test_an_instant_told_in_paris_time_verifies_as_well(database: Database) -> None:
    paris = timezone(timedelta(hours=2))
    with database.transaction() as session:
        local = Event("a:b", {}, None, "x", NOON.astimezone(paris), NOON.astimezone(paris))
        append(session, CHAIN, [local])
    assert broken_at(database) is None


def test_a_history_that_goes_on_while_it_is_verified_is_not_broken(told: Database) -> None:
    with told.reading() as session:
        head = session.get(audit_log.AuditHead, CHAIN)
        with told.transaction() as writing:
            append(writing, CHAIN, [event(flag="d")])
        assert verify(session, CHAIN) == audit_log.ChainVerdict(CHAIN, 3, None)
        assert head is not None
        assert head.sequence == 3
    assert broken_at(told) is None


def test_what_is_undone_leaves_no_trace(told: Database) -> None:
    with pytest.raises(RuntimeError), told.transaction() as session:  # noqa: PT012
        append(session, CHAIN, [event(flag="d")])
        raise RuntimeError
    with told.reading() as session:
        assert verify(session, CHAIN).entries == 3


def test_whoever_takes_the_last_entry_away_is_found(told: Database) -> None:
    with told.transaction() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.sequence == 3))
    assert broken_at(told) == 3


def test_whoever_takes_a_whole_chain_away_is_found(told: Database) -> None:
    with told.transaction() as session:
        session.execute(delete(AuditEntry))
    assert broken_at(told) == 1
    with told.reading() as session:
        assert audit_log.chains(session) == [CHAIN, "house"]


def test_a_payload_taken_away_without_its_salt_is_no_erasure(told: Database) -> None:
    with told.transaction() as session:
        session.execute(update(AuditEntry).where(AuditEntry.sequence == 2).values(payload=None))
    assert broken_at(told) == 2


def test_an_instant_that_is_none_is_a_break_and_no_fall(told: Database) -> None:
    if not told.is_sqlite:
        return
    with told.transaction() as session:
        session.execute(text("UPDATE audit_entry SET effective_at = 'hier' WHERE sequence = 2"))
    assert broken_at(told) == 2
