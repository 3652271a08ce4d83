"""A suspended dossier: nothing counts, nothing fires, and each date moves by its rule after."""

from __future__ import annotations

import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from play import DEFAULT, Play, broken_chains, instant

from workflow.business_days import Calendar
from workflow.clock import PARIS, paris_date, paris_midnight
from workflow.domain import agenda, deadline
from workflow.domain.person import Actor
from workflow.engine import acts, holds, human_tasks, messages, timers
from workflow.engine.waiting import HumanTask, Timer
from workflow.errors import Conflict, InvalidAnswer, NotAllowed, NotFound
from workflow.explanation import Explanation
from workflow.scenarios import Procedure
from workflow.scenarios.run import in_memory
from workflow.worker import Worker

WHY = "Vérification du respect des engagements."


def suspend(play: Play, dossier: str = DEFAULT, **options: object) -> None:
    owner = play.actor("process_owner")
    holds.suspend(play.runtime, play.stage.dossiers[dossier], WHY, owner, **options)  # pyright: ignore[reportArgumentType]


def resume(play: Play, dossier: str = DEFAULT) -> None:
    owner = play.actor("process_owner")
    holds.resume(play.runtime, play.stage.dossiers[dossier], "Vérifié.", owner)


def kinds(play: Play) -> list[str]:
    return [entry.kind for entry in play.history()]


def record_of(play: Play, element: str) -> tuple[Timer, Explanation]:
    with play.database.reading() as session:
        timer = (
            session.query(Timer)
            .filter_by(dossier_id=play.stage.dossiers[DEFAULT], element_id=element)
            .one()
        )
        record = deadline.find(session, timer.deadline_id or 0)
        assert record is not None
        return timer, Explanation.from_json(record.explanation)


@pytest.mark.rule(79)
def test_every_door_refuses_a_suspended_dossier(play: Play) -> None:
    play.instructed_so_far()
    task = play.task("instruct_dossier")
    suspend(play)
    with pytest.raises(Conflict, match="suspended"):
        human_tasks.complete(play.runtime, task.id, play.answer(task), play.actor("instructor"))
    with pytest.raises(Conflict, match="suspended"):
        acts.perform(
            play.runtime, play.actor("operator"), play.stage.dossiers[DEFAULT], lambda call: None
        )
    with pytest.raises(Conflict):
        suspend(play)
    with pytest.raises(Conflict):
        messages.send(
            play.runtime, play.stage.dossiers[DEFAULT], "college_decided", {}, play.actor("support")
        )
    heard = [wait.message for wait in _heard(play, play.actor("operator"))]
    assert heard == ["withdraw"]
    assert [wait.message for wait in _heard(play, play.actor("process_owner"))] == ["exclude"]
    assert broken_chains(play.database) == []


def _heard(play: Play, actor: Actor) -> list[messages.MessageWait]:
    with play.database.reading() as session:
        return list(messages.sendable(session, play.stage.dossiers[DEFAULT], actor))


def test_a_suspended_dossier_is_in_nobodys_list_and_comes_back_as_it_was(play: Play) -> None:
    play.instructed_so_far()
    before = play.task("instruct_dossier")
    suspend(play)
    with play.database.reading() as session:
        assert human_tasks.open_of_dossier(session, play.stage.dossiers[DEFAULT]) == []
    play.wait_until("2022-10-10T09:00")
    resume(play)
    after = play.task("instruct_dossier")
    assert (after.id, after.opened_at, after.closed_at) == (before.id, before.opened_at, None)
    play.complete("instruct_dossier", "instructor")


def test_only_those_who_may_suspend_do_and_they_say_why(play: Play) -> None:
    play.act(start="deposit_dossier")
    dossier = play.stage.dossiers[DEFAULT]
    for role in ("operator", "instructor", "college_president", "auditor"):
        with pytest.raises(NotAllowed):
            holds.suspend(play.runtime, dossier, WHY, play.actor(role))
    for role in sorted(("process_owner", "signatory", "administrator")):
        with pytest.raises(InvalidAnswer):
            holds.suspend(play.runtime, dossier, "  ", play.actor(role))
    with pytest.raises(NotFound):
        holds.suspend(play.runtime, 404, WHY, play.actor("signatory"))
    assert "dossier:suspended" not in kinds(play)


def test_what_was_due_before_the_suspension_fires_first(play: Play) -> None:
    play.act(start="deposit_dossier")
    due = play.timers()["admissibility_week"]
    play.clock.move_to(due + timedelta(hours=2))
    suspend(play)
    told = kinds(play)
    assert told.index("timer:fired") < told.index("dossier:suspended")
    assert play.timers() == {}


def test_the_sweep_passes_over_suspended_dossiers_and_serves_the_others(play: Play) -> None:
    play.act(dossier="A", start="deposit_dossier")
    play.act(dossier="B", start="deposit_dossier")
    suspend(play, "A")
    play.clock.move_to(instant("2022-10-12T00:00"))
    worker = Worker(play.runtime, {})
    worker.fire_due()
    assert worker.fire_due() == 0
    assert "timer:fired" not in [entry.kind for entry in play.history("A")]
    assert "timer:fired" in [entry.kind for entry in play.history("B")]


def test_a_timer_found_just_before_the_suspension_does_not_fire(play: Play) -> None:
    play.act(start="deposit_dossier")
    with play.database.reading() as session:
        found = timers.next_due(
            session, instant("2022-11-01T00:00"), instance_id=play.instance().id
        )
    assert found is not None
    suspend(play)
    assert timers.fire(play.runtime, found) is False


def test_the_college_neither_lists_nor_decides_a_suspended_dossier(play: Play) -> None:
    play.ready_for_the_college()
    suspend(play)
    with play.database.reading() as session:
        assert agenda.ready(session, play.stage.campaign.id) == []
    with pytest.raises(Conflict):
        play.act(convene="college", decide={DEFAULT: "award"})
    resume(play)
    with play.database.reading() as session:
        assert len(agenda.ready(session, play.stage.campaign.id)) == 1


def test_a_moved_date_says_why_and_the_history_names_it(play: Play) -> None:
    play.solicited()
    play.wait_until("2022-10-03T15:00")
    suspend(play)
    play.wait_until("2022-10-10T15:00")
    resume(play)
    timer, told = record_of(play, "after_30_days")
    assert timer.due_day == told.last_day == date(2022, 11, 9)
    assert [(gap.start, gap.end) for gap in told.suspensions] == [
        (instant("2022-10-03T15:00"), instant("2022-10-10T15:00"))
    ]
    task = play.task("answer_solicitation")
    assert (task.due_at, task.deadline_id) == (timer.due_at, timer.deadline_id)
    entry = next(found for found in play.history() if found.kind == "dossier:resumed")
    moved = {date["element"]: date["to"] for date in entry.facts["moved"]}
    assert moved == {
        element: due_at.astimezone(PARIS).isoformat()
        for element, due_at in play.timers().items()
        if due_at is not None
    }
    assert broken_chains(play.database) == []


def test_a_clock_that_stood_already_goes_on_standing_after_the_release(play: Play) -> None:
    play.solicited()
    suspend(play)
    play.wait_until("2022-10-05T09:00")
    resume(play)
    assert play.timers()["six_weeks"] is None
    play.act(complete="answer_solicitation")
    assert play.timers()["six_weeks"] is not None


def test_a_date_that_no_delay_computed_stays_and_fires_at_the_release_when_past(
    play: Play,
) -> None:
    play.act(start="deposit_dossier")
    with play.database.transaction() as session:
        timer = session.query(Timer).filter_by(element_id="admissibility_week").one()
        record = deadline.find(session, timer.deadline_id or 0)
        assert record is not None
        record.key = deadline.CLOSING
    suspend(play)
    play.wait_until("2022-12-01T09:00")
    resume(play)
    assert play.timers()["admissibility_week"] == instant("2022-12-01T09:00")
    assert "timer:fired" not in kinds(play)
    play.wait_until("2022-12-01T09:00")
    assert play.history()[-1].effective_at == instant("2022-12-01T09:00")
    assert "timer:fired" in kinds(play)


def test_the_same_suspension_asked_twice_is_done_once(play: Play) -> None:
    play.act(start="deposit_dossier")
    suspend(play, idempotency_key="k")
    suspend(play, idempotency_key="k")
    assert kinds(play).count("dossier:suspended") == 1


def test_a_page_that_is_stale_suspends_nothing(play: Play) -> None:
    play.act(start="deposit_dossier")
    with pytest.raises(Conflict):
        suspend(play, revision=play.instance().revision + 1)


def _moved(due: datetime, last_day: date | None, start: datetime, end: datetime) -> datetime:
    if last_day is None:
        return due + (end - start)
    return paris_midnight(last_day + (paris_date(end) - paris_date(start)) + timedelta(days=1))


MINUTES = st.integers(0, 60 * 24 * 29).map(lambda minutes: timedelta(minutes=minutes))
LENGTHS = st.integers(0, 60 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@pytest.mark.slow
@settings(max_examples=12)
@given(first=MINUTES, length=LENGTHS, second=MINUTES, again=LENGTHS, withdrawn=st.booleans())
def test_whenever_a_dossier_is_suspended_its_timers_wait_and_then_fire_in_time(
    procedure: Procedure,
    first: timedelta,
    length: timedelta,
    second: timedelta,
    again: timedelta,
    withdrawn: bool,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        play = Play(in_memory(), procedure, Path(folder))
        play.solicited()
        for wait, held in ((first, length), (second, again)):
            play.wait_until((play.clock.now() + wait).isoformat())
            if play.instance().ended_at is not None:
                return
            _held_once(play, held)
        if withdrawn:
            suspend(play)
            play.act(send="withdraw")
            assert play.instance().end == "withdrawn"
            with pytest.raises(Conflict):
                resume(play)
            return
        due = play.timers()
        play.wait_until((play.clock.now() + timedelta(days=200)).isoformat())
        fired = {e.facts["element"]: e.effective_at for e in play.history() if _fires(e.kind)}
        assert {name: fired[name] for name in due if due[name] is not None} == {
            name: at for name, at in due.items() if at is not None
        }
        play.database.close()


def _fires(kind: str) -> bool:
    return kind == "timer:fired"


def _held_once(play: Play, length: timedelta) -> None:
    start = play.clock.now()
    with play.database.reading() as session:
        before = {
            timer.element_id: (timer.due_at, timer.due_day)
            for timer in session.query(Timer).filter_by(dossier_id=play.stage.dossiers[DEFAULT])
        }
    suspend(play)
    history = len(play.history())
    play.wait_until((start + length).isoformat())
    assert len(play.history()) == history
    resume(play)
    with pytest.raises(Conflict):
        resume(play)
    assert play.timers() == {
        element: None if due is None else _moved(due, last_day, start, start + length)
        for element, (due, last_day) in before.items()
    }


@pytest.mark.slow
@settings(max_examples=12)
@given(st.integers(0, 3 * 24 * 60), st.integers(0, 40 * 24 * 60))
def test_business_days_left_are_counted_again_from_the_day_of_the_release(
    procedure: Procedure, wait: int, length: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        play = Play(in_memory(), procedure, Path(folder), "2022-10-27T10:00")
        play.act(start="deposit_dossier")
        play.complete("check_admissibility", "admissibility_officer", given={"outcome": "solicit"})
        play.wait_until((play.clock.now() + timedelta(minutes=wait)).isoformat())
        last_day = _due_day(play)
        held_on = paris_date(play.clock.now())
        suspend(play)
        play.wait_until((play.clock.now() + timedelta(minutes=length)).isoformat())
        resume(play)
        released_on = paris_date(play.clock.now())
        calendar = play.stage.campaign.calendar
        left = _business_days(calendar, held_on, last_day)
        assert _business_days(calendar, released_on, _due_day(play)) == left
        play.database.close()


def _due_day(play: Play) -> date:
    task: HumanTask = play.task("answer_admissibility_solicitation")
    assert task.due_day is not None
    return task.due_day


def _business_days(calendar: Calendar, after: date, until: date) -> int:
    return (until - after).days - len(calendar.skipped_days(after, until))
