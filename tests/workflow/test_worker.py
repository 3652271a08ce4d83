"""The worker's sweep outlives any one fault."""

from __future__ import annotations

import logging
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

sys.path.append(str(Path(__file__).with_name("engine")))

from play import Play, instant

from workflow.db import Database
from workflow.engine import turn
from workflow.engine.instances import Instance
from workflow.engine.timers import RETRY_AFTER
from workflow.engine.waiting import Timer
from workflow.outbox import OutboxMessage
from workflow.scenarios import Procedure
from workflow.worker import Worker

WEEK_LATER = "2022-10-11T09:00"
COLLEGE = 1
"""The college's weekly session is due in that week too."""


@pytest.fixture
def play(database: Database, procedure: Procedure, tmp_path: Path) -> Play:
    return Play(database, procedure, tmp_path / "proofs")


def flags(play: Play, name: str) -> list[str]:
    return [e.facts["flag"] for e in play.history(name) if e.kind == "dossier:flagged"]


def damage(play: Play, name: str) -> bytes:
    """Make a dossier's state unreadable; returns what it was."""
    instance = play.instance(name)
    with play.database.transaction() as session:
        session.execute(update(Instance).where(Instance.id == instance.id).values(state=b"?"))
    return instance.state


def mend(play: Play, name: str, state: bytes) -> None:
    with play.database.transaction() as session:
        session.execute(
            update(Instance).where(Instance.id == play.instance(name).id).values(state=state)
        )


def test_one_dossier_that_fails_stops_no_other_and_is_tried_again(
    play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("A", "B", "C"):
        play.act(dossier=name, start="deposit_dossier")
    state = damage(play, "A")
    worker = Worker(play.runtime, {})
    play.clock.move_to(instant(WEEK_LATER))
    with caplog.at_level(logging.CRITICAL, logger="workflow.worker"):
        assert worker.fire_due() == 2 + COLLEGE
        assert worker.fire_due() == 0
    assert (flags(play, "B"), flags(play, "C")) == (["admissibility_overdue"],) * 2
    with play.database.reading() as session:
        dossier = play.stage.dossiers["A"]
        timer = session.scalars(select(Timer).where(Timer.dossier_id == dossier)).one()
    assert timer.failure
    assert timer.retry_at == play.clock.now() + RETRY_AFTER
    mend(play, "A", state)
    assert worker.fire_due() == 0
    play.clock.move_to(play.clock.now() + RETRY_AFTER)
    assert worker.fire_due() == 1
    assert flags(play, "A") == ["admissibility_overdue"]
    assert play.history("A")[-1].effective_at == timer.due_at


def test_what_follows_a_failure_in_the_same_dossier_waits_for_it(
    play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    play.solicited()
    state = damage(play, "default")
    worker = Worker(play.runtime, {})
    play.clock.move_to(play.timers()["after_24_hours"])
    with caplog.at_level(logging.CRITICAL, logger="workflow.worker"):
        assert worker.fire_due() == 0
    mend(play, "default", state)
    with play.database.transaction() as session:
        failed = session.scalars(select(Timer).where(Timer.failure.is_not(None))).one()
        failed.retry_at = play.clock.now() + timedelta(days=60)
    play.clock.move_to(instant("2022-11-20T09:00"))
    worker.fire_due()
    assert play.instance().end is None
    play.clock.move_to(instant("2022-12-20T09:00"))
    worker.fire_due()
    assert play.instance().end == "abandoned"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_dossier_that_somebody_holds_is_passed_over(play: Play) -> None:
    for name in ("A", "B"):
        play.act(dossier=name, start="deposit_dossier")
    held, before = play.instance("A").id, play.clock.now()
    play.clock.move_to(instant(WEEK_LATER))
    worker = Worker(play.runtime, {})
    with play.database.transaction() as session:
        turn.lock(session, held, now=before)
        assert worker.fire_due() == 1 + COLLEGE
    assert (flags(play, "A"), flags(play, "B")) == ([], ["admissibility_overdue"])
    assert worker.fire_due() == 1


def test_a_sweep_also_carries_the_mails_out(play: Play) -> None:
    play.act(start="deposit_dossier")
    sent: list[int] = []
    carriers = {"notification": lambda told: sent.append(told["notification_id"])}
    Worker(play.runtime, carriers).sweep()
    with play.database.reading() as session:
        waiting = select(OutboxMessage).where(
            OutboxMessage.delivered_at.is_(None), OutboxMessage.kind == "notification"
        )
        assert session.scalars(waiting).all() == []
    assert sent


def test_a_worker_that_is_started_can_be_stopped(play: Play) -> None:
    worker = Worker(play.runtime, {})
    worker.start()
    worker.stop()
    with play.database.reading() as session:
        assert session.scalar(text("SELECT 1")) == 1
