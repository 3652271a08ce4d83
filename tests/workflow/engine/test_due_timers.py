"""Time: what is due fires in order, at its own instant, whenever the worker comes to it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from play import Play, broken_chains, instant, rows
from sqlalchemy import select, update

from workflow.domain.clock_ledger import ClockInterval
from workflow.engine import timers
from workflow.engine.timers import DueTimer
from workflow.engine.waiting import Timer
from workflow.errors import Conflict


def fired(play: Play, dossier: str = "default") -> list[tuple[str, datetime, datetime]]:
    return [
        (entry.facts["element"], entry.effective_at, entry.recorded_at)
        for entry in play.history(dossier)
        if entry.kind == "timer:fired"
    ]


def test_forty_days_without_a_worker_move_no_legal_date(play: Play) -> None:
    play.solicited()
    due = play.timers()
    back = instant("2022-11-12T03:00")
    play.clock.move_to(back)
    assert timers.fire_due(play.runtime, back) == 8
    assert [(element, at) for element, at, _ in fired(play)] == [
        (element, due[element])
        for element in (
            "before_24_hours",
            "after_24_hours",
            "before_5_days",
            "after_5_days",
            "one_week_before_30_days",
            "two_days_before_30_days",
            "after_30_days",
        )
    ]
    assert {recorded for _, _, recorded in fired(play)} == {back}
    assert play.instance().end == "abandoned"
    assert play.instance().ended_at == due["after_30_days"]
    instants = [entry.effective_at for entry in play.history()]
    assert all(before <= after for before, after in pairwise(instants))
    assert broken_chains(play.database) == []


def test_two_dossiers_fire_in_the_order_of_their_instants(play: Play) -> None:
    play.act("2022-10-04T09:00", dossier="B", start="deposit_dossier")
    play.act("2022-10-05T09:00", dossier="A", start="deposit_dossier")
    with play.database.reading() as session:
        in_order = [
            (row.due_at, row.dossier_id)
            for row in session.scalars(
                select(Timer).where(Timer.dossier_id.is_not(None)).order_by(Timer.due_at)
            )
        ]
    play.wait_until("2022-12-01T00:00")
    told = [(fired(play, name)[0][1], play.stage.dossiers[name]) for name in ("B", "A")]
    assert told == in_order


def test_an_act_on_one_dossier_fires_no_timer_of_another(play: Play) -> None:
    play.solicited("A")
    play.act("2022-10-04T04:00", dossier="B", start="deposit_dossier")
    play.clock.move_to(instant("2022-10-04T10:00"))
    play.complete("check_admissibility", "admissibility_officer", "B")
    assert fired(play, "A") == []
    play.complete("answer_solicitation", "operator", "A")
    assert [element for element, _, _ in fired(play, "A")] == [
        "before_24_hours",
        "after_24_hours",
    ]


def test_a_deadline_reached_to_the_second_has_fired_and_one_second_before_has_not(
    play: Play,
) -> None:
    play.solicited()
    due = play.timers()["before_24_hours"]
    second = timedelta(seconds=1)
    play.clock.move_to(due - second)
    assert timers.fire_due(play.runtime, due - second) == 0
    play.clock.move_to(due)
    assert timers.fire_due(play.runtime, due) == 1


def test_the_six_weeks_stand_while_the_operator_is_asked_and_go_on_with_what_remains(
    play: Play,
) -> None:
    play.instructed_so_far()
    armed = play.timers()["six_weeks"]
    play.act("2022-10-13T09:00", complete="instruct_dossier", **{"with": {"outcome": "solicit"}})
    assert play.timers()["six_weeks"] is None
    play.act("2022-10-20T09:00", complete="answer_solicitation")
    assert play.timers()["six_weeks"] == armed + timedelta(days=7)
    with play.database.reading() as session:
        ran = session.scalars(select(ClockInterval.running).order_by(ClockInterval.id)).all()
    assert ran == [True, False, True]


def test_a_parked_timer_fires_for_nobody(play: Play) -> None:
    play.solicited()
    play.wait_until("2022-10-20T09:00")
    assert "six_weeks" not in [element for element, _, _ in fired(play)]
    assert play.timers()["six_weeks"] is None


def test_a_task_shows_the_last_day_of_its_interrupting_deadline(play: Play) -> None:
    play.solicited()
    task = play.task("answer_solicitation")
    assert task.due_at == play.timers()["after_30_days"]
    assert task.due_day == date(2022, 11, 2)


def test_a_timer_fires_once_though_it_is_asked_twice(play: Play) -> None:
    play.solicited()
    until = play.timers()["before_24_hours"]
    play.clock.move_to(until)
    with play.database.reading() as session:
        due = timers.next_due(session, until)
    assert due is not None
    assert timers.fire(play.runtime, due)
    assert not timers.fire(play.runtime, due)
    assert [element for element, _, _ in fired(play)] == ["before_24_hours"]


def test_a_row_that_the_state_does_not_confirm_is_refused_and_not_tried_for_ever(
    play: Play,
) -> None:
    play.solicited()
    wrong = datetime(2022, 10, 3, 12, tzinfo=UTC)
    with play.database.transaction() as session:
        session.execute(
            update(Timer).where(Timer.element_id == "after_24_hours").values(due_at=wrong)
        )
        row = session.scalars(select(Timer).where(Timer.element_id == "after_24_hours")).one()
    before = rows(play.database)
    with pytest.raises(Conflict, match="restore"):
        timers.fire(play.runtime, DueTimer(row.instance_id, row.timer_id, wrong))
    assert rows(play.database) == before
