"""Timers: due when FEEL says, fired only when told, never by the wall clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from drawing import (
    boundary,
    catch,
    end,
    flows,
    gateway,
    message,
    process,
    read,
    script,
    start,
    sub,
    timer,
    user,
)
from life import NOON, Life

from workflow.engine.spiff import Diagrams, DiagramUnreadable, TimerInvalid


def waits_for(expression: str) -> Diagrams:
    return read(
        process("p", start(), catch("t", timer(expression)), end("e"), flows("start t", "t e"))
    )


@pytest.mark.parametrize(
    ("expression", "due"),
    [
        ('date and time("2022-11-07T10:00:00@Europe/Paris")', datetime(2022, 11, 7, 9, tzinfo=UTC)),
        ("2022-11-23T00:00:00Z", datetime(2022, 11, 23, tzinfo=UTC)),
        ('date("2022-11-07")', datetime(2022, 11, 7, 23, tzinfo=UTC)),
        ("2022-11-07", datetime(2022, 11, 7, 23, tzinfo=UTC)),
        ('date("2022-10-29")', datetime(2022, 10, 29, 22, tzinfo=UTC)),
        ("{fires_at: now(), follows: null}", NOON),
    ],
)
def test_a_timer_is_due_when_its_expression_says(expression: str, due: datetime) -> None:
    assert Life(waits_for(expression)).timers == {"t": due}


@pytest.mark.parametrize(
    "expression",
    [
        "missing",
        "null",
        "3",
        '"soon"',
        'duration("P5D")',
        "{fires_at: null, follows: null}",
        "{fires_at: 3, follows: null}",
        "[now()]",
    ],
)
def test_a_timer_that_gives_no_instant_stops_the_turn(expression: str) -> None:
    with pytest.raises(TimerInvalid) as refusal:
        Life(waits_for(expression))
    assert refusal.value.element == "t"


@pytest.mark.parametrize("tag", ["timeDuration", "timeCycle"])
def test_timers_by_duration_and_repeating_timers_are_refused_when_read(tag: str) -> None:
    drawing = process(
        "p", start(), catch("t", timer('"R/P1D"', tag)), end("e"), flows("start t", "t e")
    )
    with pytest.raises(DiagramUnreadable) as refusal:
        read(drawing)
    assert (refusal.value.file, refusal.value.element) == ("test.bpmn", "t")


def test_a_timer_already_due_waits_to_be_fired() -> None:
    life = Life(waits_for('date and time("2020-01-01T00:00:00Z")'))
    assert life.ended is None
    assert life.fire("t")
    assert life.ended == "e"


def test_a_timer_fires_at_its_instant_and_not_before() -> None:
    life = Life(waits_for('now() + duration("P5D")'))
    life.now += timedelta(days=5, seconds=-1)
    assert not life.fire("t")
    life.now += timedelta(seconds=1)
    assert life.fire("t")
    assert life.ended == "e"


def test_the_path_after_a_timer_sees_the_instant_at_which_it_was_due() -> None:
    life = Life(
        read(
            process(
                "p",
                start(),
                user("answer"),
                boundary("after_1", "answer", timer('now() + duration("P1D")'), False),
                boundary("after_30", "answer", timer('now() + duration("P30D")')),
                script("note_1", "{at_1: now()}"),
                script("note_30", "{at_30: now()}"),
                end("e1"),
                end("e30"),
                end("e"),
                flows(
                    "start answer",
                    "answer e",
                    "after_1 note_1",
                    "note_1 e1",
                    "after_30 note_30",
                    "note_30 e30",
                ),
            )
        )
    )
    while life.timers:
        element, due = next(iter(life.timers.items()))
        assert due is not None
        life.now = due
        life.fire(element)
    assert life.ended == "e30"
    assert life.variables["at_1"] == NOON + timedelta(days=1)
    assert life.variables["at_30"] == NOON + timedelta(days=30)


def test_a_timer_of_a_finished_task_is_dropped_quietly() -> None:
    life = Life(
        read(
            process(
                "p",
                start(),
                user("answer"),
                boundary("late", "answer", timer("now()")),
                user("next"),
                end("e"),
                end("e_late"),
                flows("start answer", "answer next", "next e", "late e_late"),
            )
        )
    )
    timer_id = life.flow().timers()[0].timer_id
    life.do("answer")
    flow = life.flow()
    assert flow.timers() == []
    assert not flow.fire(timer_id)
    assert not flow.fire("never:heard")
    flow.run()
    assert [task.element_id for task in flow.open_tasks()] == ["next"]


TWO_TIMERS = process(
    "p",
    start(),
    gateway("g", "eventBased"),
    catch("long", timer('now() + duration("P30D")')),
    catch("short", timer('now() + duration("P5D")')),
    catch("answered", message("answer")),
    end("e_long"),
    end("e_short"),
    end("e_answer"),
    flows(
        "start g",
        "g long",
        "g short",
        "g answered",
        "long e_long",
        "short e_short",
        "answered e_answer",
    ),
)


def test_two_timers_behind_one_gateway_keep_their_own_instants() -> None:
    life = Life(read(TWO_TIMERS, messages=["answer"]))
    assert life.timers == {
        "short": NOON + timedelta(days=5),
        "long": NOON + timedelta(days=30),
    }
    life.now += timedelta(days=31)
    assert life.fire("short")
    assert (life.ended, life.timers) == ("e_short", {})


def test_only_one_of_two_overdue_timers_behind_a_gateway_wins() -> None:
    life = Life(read(TWO_TIMERS, messages=["answer"]))
    life.now += timedelta(days=31)
    flow = life.flow()
    first, second = flow.timers()
    assert flow.fire(first.timer_id)
    assert not flow.fire(second.timer_id)
    assert not flow.receive("answer", {})
    flow.run()
    assert flow.ended == "e_short"


def test_a_message_before_the_timers_of_its_gateway_wins() -> None:
    life = Life(read(TWO_TIMERS, messages=["answer"]))
    assert life.send("answer", text="yes")
    assert (life.ended, life.variables) == ("e_answer", {"text": "yes"})


def followed(world: dict[str, Any]) -> Life:
    def deadline(key: str) -> dict[str, Any]:
        return {
            "fires_at": world["due"],
            "last_day": None,
            "deadline_id": 7,
            "follows": "instruction",
        }

    return Life(
        read(
            process(
                "p",
                start(),
                user("instruct"),
                boundary("alert", "instruct", timer('deadline("instruction")'), False),
                boundary("fixed", "instruct", timer('date and time("2023-01-01T00:00:00Z")')),
                end("alerted"),
                end("over"),
                end("e"),
                flows("start instruct", "instruct e", "alert alerted", "fixed over"),
            )
        ),
        functions={"deadline": deadline},
    )


def test_a_timer_whose_clock_stands_is_parked_and_armed_again() -> None:
    world: dict[str, Any] = {"due": None}
    life = followed(world)
    parked = life.flow().timers()[-1]
    assert (parked.element_id, parked.due_at, parked.follows) == ("alert", None, "instruction")
    assert not life.fire("alert")
    world["due"] = NOON + timedelta(days=42)
    assert life.follow("instruction")
    assert life.timers["alert"] == NOON + timedelta(days=42)
    assert life.timers["fixed"] == datetime(2023, 1, 1, tzinfo=UTC)
    assert not life.follow("instruction")
    assert not life.follow("another clock")


def test_a_timer_can_be_postponed_or_computed_again() -> None:
    world: dict[str, Any] = {"due": NOON + timedelta(days=1)}
    flow = followed(world).flow()
    alert = next(timer for timer in flow.timers() if timer.element_id == "alert")
    assert flow.postpone(alert.timer_id, NOON + timedelta(days=3), date(2022, 10, 30))
    assert flow.timers()[0].due_at == NOON + timedelta(days=3)
    assert flow.timers()[0].last_day == date(2022, 10, 30)
    assert flow.recompute(alert.timer_id)
    assert flow.timers()[0].due_at == NOON + timedelta(days=1)
    assert not flow.recompute(alert.timer_id)
    assert not flow.postpone("gone:gone", NOON)


def test_a_task_shows_the_first_deadline_that_would_take_it_away() -> None:
    life = Life(
        read(
            process(
                "p",
                start(),
                sub(
                    "body",
                    start("s2"),
                    user("answer"),
                    boundary("alert", "answer", timer('now() + duration("P1D")'), False),
                    boundary("abandon", "answer", timer('now() + duration("P30D")')),
                    end("e2"),
                    end("e3"),
                    end("e4"),
                    flows("s2 answer", "answer e2", "alert e3", "abandon e4"),
                ),
                boundary("closing", "body", timer('now() + duration("P10D")')),
                end("e"),
                end("closed"),
                flows("start body", "body e", "closing closed"),
            )
        )
    )
    (task,) = life.flow().open_tasks()
    assert task.due is not None
    assert (task.due.element_id, task.due.due_at) == ("closing", NOON + timedelta(days=10))
