"""Effects leave after the commit: tried again, never twice, never silently lost."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from workflow import outbox
from workflow.db import Database
from workflow.outbox import PAUSES, DeliveryFailed, OutboxMessage

NOON = datetime(2022, 10, 3, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def put(database: Database, *subjects: str, kind: str = "mail") -> None:
    with database.transaction() as session:
        for subject in subjects:
            outbox.put(session, kind, {"subject": subject}, NOON)


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
    assert outbox.deliver(database, {"mail": post.take}, NOON) == 2
    assert outbox.deliver(database, {"mail": post.take}, NOON + MINUTE) == 0
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
    outbox.deliver(database, {"mail": post.take}, NOON)
    assert post.taken == ["b"]
    refused = messages(database)[0]
    assert (refused.attempts, refused.last_error) == (1, "the mailbox is full")
    assert (refused.due_at, refused.incident) == (NOON + PAUSES[0], False)


def test_a_mail_is_tried_after_each_pause_and_is_then_an_incident(database: Database) -> None:
    post, now = Post("a"), NOON
    put(database, "a")
    for pause in PAUSES:
        outbox.deliver(database, {"mail": post.take}, now)
        assert not messages(database)[0].incident
        assert outbox.deliver(database, {"mail": post.take}, now + pause - MINUTE / 2) == 0
        now += pause
    outbox.deliver(database, {"mail": post.take}, now)
    last = messages(database)[0]
    assert (last.incident, last.attempts) == (True, len(PAUSES) + 1)
    assert last.last_error == "the mailbox is full"
    post.refused = ()
    assert outbox.deliver(database, {"mail": post.take}, now + timedelta(days=30)) == 0


def test_a_mail_refused_once_leaves_at_the_second_try(database: Database) -> None:
    post = Post("a")
    put(database, "a")
    outbox.deliver(database, {"mail": post.take}, NOON)
    post.refused = ()
    outbox.deliver(database, {"mail": post.take}, NOON + PAUSES[0])
    assert post.taken == ["a"]
    assert messages(database)[0].last_error is None


def test_an_effect_that_nobody_carries_is_kept_with_its_reason(database: Database) -> None:
    post = Post()
    put(database, "a", kind="fax")
    put(database, "b")
    outbox.deliver(database, {"mail": post.take}, NOON)
    assert post.taken == ["b"]
    assert "Nobody carries 'fax'" in str(messages(database)[0].last_error)


def test_two_postmen_never_carry_the_same_mail(database: Database) -> None:
    post, start = Post(), threading.Barrier(4)
    subjects = [str(number) for number in range(20)]
    put(database, *subjects)

    def carry() -> None:
        start.wait()
        outbox.deliver(database, {"mail": post.take}, NOON)

    postmen = [threading.Thread(target=carry) for _ in range(4)]
    for postman in postmen:
        postman.start()
    for postman in postmen:
        postman.join()
    assert sorted(post.taken, key=int) == subjects
