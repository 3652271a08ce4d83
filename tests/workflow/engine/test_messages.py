"""Messages: who may send them, what they end, and sessions that are convened."""

from __future__ import annotations

import threading

import pytest
from play import CAMPAIGN, Play, broken_chains, rows
from sqlalchemy import select

from workflow.engine import messages
from workflow.engine.instances import Instance
from workflow.engine.waiting import HumanTask, MessageWait, Timer
from workflow.errors import Conflict, NotAllowed, OutOfTime

REASON = {"reason": "Service abandonné"}


def withdraw(play: Play, dossier: str = "default") -> None:
    operator = play.actor("operator", dossier)
    messages.send(play.runtime, play.stage.dossiers[dossier], "withdraw", REASON, operator)


def test_an_operator_who_withdraws_leaves_nothing_to_wait_for(play: Play) -> None:
    play.solicited()
    withdraw(play)
    dossier = play.stage.dossiers["default"]
    with play.database.reading() as session:
        assert session.scalars(select(Timer).where(Timer.dossier_id == dossier)).all() == []
        waits = select(MessageWait).where(MessageWait.dossier_id == dossier)
        assert session.scalars(waits).all() == []
        tasks = session.scalars(select(HumanTask).where(HumanTask.dossier_id == dossier)).all()
    assert all(task.closed_at is not None for task in tasks)
    assert play.instance().end == "withdrawn"


def test_a_dossier_withdrawn_twice_is_withdrawn_once(play: Play) -> None:
    play.act(start="deposit_dossier")
    withdraw(play)
    before = rows(play.database)
    with pytest.raises(Conflict):
        withdraw(play)
    assert rows(play.database) == before


def test_a_withdrawal_on_a_stale_page_is_refused(play: Play) -> None:
    play.act(start="deposit_dossier")
    operator, dossier = play.actor("operator"), play.stage.dossiers["default"]
    with pytest.raises(Conflict):
        messages.send(play.runtime, dossier, "withdraw", REASON, operator, revision=99)
    messages.send(play.runtime, dossier, "withdraw", REASON, operator, revision=1)


def test_a_withdrawal_after_the_last_deadline_comes_too_late(play: Play) -> None:
    play.solicited()
    play.clock.move_to(play.timers()["after_30_days"])
    with pytest.raises(Conflict):
        withdraw(play)
    assert play.instance().end == "abandoned"
    with pytest.raises(OutOfTime):
        play.complete("answer_solicitation", "operator")


def test_people_are_shown_only_what_they_may_send(play: Play) -> None:
    play.act(start="deposit_dossier")
    dossier = play.stage.dossiers["default"]
    shown = {}
    for role in ("operator", "instructor", "process_owner"):
        actor = play.actor(role)
        with play.database.reading() as session:
            shown[role] = [wait.message for wait in messages.sendable(session, dossier, actor)]
    assert shown == {"operator": ["withdraw"], "instructor": [], "process_owner": ["exclude"]}


def test_a_session_convened_twice_is_one_session(play: Play) -> None:
    president = play.actor("college_president")
    first = messages.convene(play.runtime, CAMPAIGN, president)
    assert messages.convene(play.runtime, CAMPAIGN, president) == first
    with pytest.raises(NotAllowed):
        messages.convene(play.runtime, CAMPAIGN, play.actor("instructor"))


def test_eight_presidents_at_once_convene_one_session(play: Play) -> None:
    president, start = play.actor("college_president"), threading.Barrier(8)

    def convene() -> None:
        start.wait()
        messages.convene(play.runtime, CAMPAIGN, president)

    calls = [threading.Thread(target=convene) for _ in range(8)]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    with play.database.reading() as session:
        sessions = session.scalars(
            select(HumanTask).where(HumanTask.element_id == "hold_session")
        ).all()
        running = session.scalars(
            select(Instance).where(Instance.process_id == "college_session")
        ).all()
    assert (len(sessions), len(running)) == (1, 1)
    assert broken_chains(play.database) == []
