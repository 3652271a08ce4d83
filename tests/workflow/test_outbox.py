"""Effects leave after the commit: tried again, never twice, never silently lost."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow import outbox
from workflow.clock import VirtualClock
from workflow.db import Database
from workflow.outbox import (
    LEASE,
    PAUSES,
    Attempt,
    Carrier,
    DeliveryFailed,
    DeliveryRefused,
    OutboxMessage,
    Unreachable,
)

NOON = datetime(2022, 10, 3, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def put(database: Database, *subjects: str, kind: str = "mail") -> None:
    with database.transaction() as session:
        for subject in subjects:
            outbox.put(session, kind, {"subject": subject}, NOON)


def carry_out(database: Database, carriers: Mapping[str, outbox.Deliver], at: datetime) -> int:
    return outbox.deliver(database, carriers, VirtualClock(at))


def messages(database: Database) -> list[OutboxMessage]:
    with database.reading() as session:
        return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


class Post:
    """Takes mails, except those whose subject is refused."""

    def __init__(self, *refused: str) -> None:
        self.refused = refused
        self.taken: list[str] = []

    def take(self, payload: Mapping[str, Any]) -> None:
        if payload["subject"] in self.refused:
            raise DeliveryFailed("the mailbox is full")
        self.taken.append(payload["subject"])


def test_a_mail_leaves_once_and_in_order(database: Database) -> None:
    post = Post()
    put(database, "a", "b")
    assert carry_out(database, {"mail": post.take}, NOON) == 2
    assert carry_out(database, {"mail": post.take}, NOON + MINUTE) == 0
    assert post.taken == ["a", "b"]
    assert [m.delivered_at for m in messages(database)] == [NOON, NOON]


def test_nothing_leaves_of_a_transaction_that_was_undone(database: Database) -> None:
    with pytest.raises(RuntimeError), database.transaction() as session:  # noqa: PT012
        outbox.put(session, "mail", {"subject": "a"}, NOON)
        raise RuntimeError
    assert messages(database) == []


def test_a_mail_that_is_refused_does_not_hold_back_the_others(database: Database) -> None:
    post = Post("a")
    put(database, "a", "b")
    carry_out(database, {"mail": post.take}, NOON)
    assert post.taken == ["b"]
    refused = messages(database)[0]
    assert (refused.attempts, refused.last_error) == (1, "the mailbox is full")
    assert (refused.due_at, refused.incident) == (NOON + PAUSES[0], False)


def test_a_mail_is_tried_after_each_pause_and_is_then_an_incident(database: Database) -> None:
    post, now = Post("a"), NOON
    put(database, "a")
    for pause in PAUSES:
        carry_out(database, {"mail": post.take}, now)
        assert not messages(database)[0].incident
        assert carry_out(database, {"mail": post.take}, now + pause - MINUTE / 2) == 0
        now += pause
    carry_out(database, {"mail": post.take}, now)
    last = messages(database)[0]
    assert (last.incident, last.attempts) == (True, len(PAUSES) + 1)
    assert last.last_error == "the mailbox is full"
    post.refused = ()
    assert carry_out(database, {"mail": post.take}, now + timedelta(days=30)) == 0


def test_a_mail_refused_once_leaves_at_the_second_try(database: Database) -> None:
    post = Post("a")
    put(database, "a")
    carry_out(database, {"mail": post.take}, NOON)
    post.refused = ()
    carry_out(database, {"mail": post.take}, NOON + PAUSES[0])
    assert post.taken == ["a"]
    assert messages(database)[0].last_error is None


def test_an_effect_that_nobody_carries_is_kept_with_its_reason(database: Database) -> None:
    post = Post()
    put(database, "a", kind="fax")
    put(database, "b")
    carry_out(database, {"mail": post.take}, NOON)
    assert post.taken == ["b"]
    assert "Nobody carries 'fax'" in str(messages(database)[0].last_error)


def test_two_postmen_never_carry_the_same_mail(database: Database) -> None:
    post, start = Post(), threading.Barrier(4)
    subjects = [str(number) for number in range(20)]
    put(database, *subjects)

    def carry() -> None:
        start.wait()
        carry_out(database, {"mail": post.take}, NOON)

    postmen = [threading.Thread(target=carry) for _ in range(4)]
    for postman in postmen:
        postman.start()
    for postman in postmen:
        postman.join()
    assert sorted(post.taken, key=int) == subjects


class Notebook(Carrier):
    """Carries nothing, fails as it is told, and writes down what it is told of each try."""

    def __init__(self, failure: DeliveryFailed | None = None) -> None:
        self.failure = failure
        self.tried = 0
        self.noted: list[tuple[int, bool, bool]] = []
        self.closed = 0

    def __call__(self, payload: Mapping[str, Any]) -> None:
        self.tried += 1
        if self.failure is not None:
            raise self.failure

    def note(self, session: Session, payload: Mapping[str, Any], attempt: Attempt) -> None:
        self.noted.append((attempt.number, attempt.error is None, attempt.is_last))

    def close(self) -> None:
        self.closed += 1


def test_what_is_refused_for_good_is_an_incident_at_once(database: Database) -> None:
    notebook = Notebook(DeliveryRefused("no such mailbox"))
    put(database, "a")
    carry_out(database, {"mail": notebook}, NOON)
    assert messages(database)[0].incident
    assert notebook.noted == [(1, False, True)]


def test_who_does_not_answer_is_asked_once_in_a_sweep(database: Database) -> None:
    notebook, post = Notebook(Unreachable("no answer")), Post()
    put(database, "a", "b", "c")
    put(database, "d", kind="document")
    carry_out(database, {"mail": notebook, "document": post.take}, NOON)
    assert (notebook.tried, notebook.closed) == (1, 1)
    assert [message.attempts for message in messages(database)] == [1, 0, 0, 1]
    assert post.taken == ["d"]


def test_a_fault_of_ours_holds_back_no_other_effect(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(payload: Mapping[str, Any]) -> None:
        if payload["subject"] == "a":
            raise KeyError("missing")

    put(database, "a", "b")
    with caplog.at_level(logging.CRITICAL, logger="workflow.outbox"):
        assert carry_out(database, {"mail": stumble}, NOON) == 1
    assert "KeyError" in str(messages(database)[0].last_error)


def test_an_incident_that_is_tried_again_has_all_its_tries(database: Database) -> None:
    put(database, "a")
    carry_out(database, {"mail": Notebook(DeliveryRefused("no"))}, NOON)
    with database.transaction() as session:
        [incident] = outbox.incidents(session)
        assert outbox.retry(session, incident.id) is not None
        assert outbox.retry(session, incident.id) is None
    notebook = Notebook()
    assert carry_out(database, {"mail": notebook}, NOON + MINUTE) == 1
    assert notebook.noted == [(1, True, False)]
    assert messages(database)[0].delivered_at == NOON + MINUTE


def test_a_try_under_way_is_left_to_its_worker_until_its_lease_ends(database: Database) -> None:
    put(database, "a")
    with pytest.raises(SystemExit):
        carry_out(database, {"mail": _die}, NOON)
    assert carry_out(database, {"mail": Notebook()}, NOON + LEASE - MINUTE) == 0
    assert carry_out(database, {"mail": Notebook()}, NOON + LEASE) == 1


def _die(payload: Mapping[str, Any]) -> None:
    raise SystemExit


def test_what_is_queued_ahead_of_the_machines_clock_leaves_at_once(database: Database) -> None:
    put(database, "a")
    assert carry_out(database, {"mail": Notebook()}, NOON - timedelta(days=900)) == 1
