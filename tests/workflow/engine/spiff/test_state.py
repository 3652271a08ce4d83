"""A stored instance: every type comes back, it stays small, and it says when it does not fit."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from drawing import (
    boundary,
    call,
    end,
    error,
    flows,
    gateway,
    message,
    process,
    read,
    script,
    start,
    timer,
    user,
)
from hypothesis import given
from hypothesis import strategies as st
from life import NOON, Life

from workflow.engine.spiff import Diagrams, StateUnreadable, TurnEnvironment
from workflow.feel import YearMonthDuration

PARIS = ZoneInfo("Europe/Paris")
SUMMER = datetime(2022, 7, 1)  # noqa: DTZ001 (what a zone is asked with)
WAITS = read(process("p", start(), user("x"), end("e"), flows("start x", "x e")))

EARLIEST = datetime(1900, 1, 1)  # noqa: DTZ001
LATEST = datetime(2200, 1, 1)  # noqa: DTZ001

moments = st.datetimes(EARLIEST, LATEST).map(lambda moment: moment.replace(fold=0))
plain = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(allow_nan=False, allow_infinity=False, places=3)
    | st.text()
    | st.dates()
    | st.times().map(lambda clock: clock.replace(fold=0))
    | st.timedeltas()
    | moments
    | moments.map(lambda moment: moment.replace(tzinfo=UTC))
    | moments.map(lambda moment: moment.replace(tzinfo=UTC).astimezone(PARIS))
    | moments.map(lambda moment: moment.replace(tzinfo=timezone(timedelta(hours=-3, minutes=30))))
    | st.integers(-5000, 5000).map(YearMonthDuration)
)
names = st.text(max_size=8).filter(lambda name: name[:1] not in ("~", "@"))
values = st.recursive(
    plain, lambda inside: st.lists(inside, max_size=4) | st.dictionaries(names, inside, max_size=4)
)


def written(value: Any) -> str:
    """Type and writing of a value: 1, 1.0 and true are equal, and must not be confused."""
    if isinstance(value, dict):
        return str({name: written(held) for name, held in sorted(value.items())})
    if isinstance(value, list):
        return str([written(held) for held in value])
    zone = getattr(value, "tzinfo", None)
    return f"{type(value).__name__} {value!r} {zone and zone.utcoffset(SUMMER)}"


@pytest.mark.slow
@given(st.dictionaries(names, values, max_size=5))
def test_every_value_comes_back_as_it_was(variables: dict[str, Any]) -> None:
    before = WAITS.start("p", Life(WAITS).turn(), variables)
    before.run()
    after = WAITS.load("p", before.dump(), Life(WAITS).turn())
    assert written(after.variables()) == written(before.variables())


def test_whole_numbers_of_feel_are_kept_as_integers_and_others_exactly() -> None:
    life = Life(WAITS, whole=Decimal("3"), exact=Decimal("3.10"), large=10**30)
    assert written(life.variables) == written(
        {"whole": 3, "exact": Decimal("3.10"), "large": Decimal(10**30)}
    )


def test_a_change_of_type_only_is_a_change() -> None:
    life = Life(WAITS, flag=1, amount=1, nested=[{"on": True}])
    fresh = Life(
        read(
            process(
                "p",
                start(),
                script("s", "{flag: true, amount: 1.0, nested: [{on: 1}]}"),
                user("x"),
                end("e"),
                flows("start s", "s x", "x e"),
            )
        ),
        flag=1,
        amount=1,
        nested=[{"on": True}],
    )
    assert written(fresh.variables) == written(
        {"flag": True, "amount": Decimal("1.0"), "nested": [{"on": 1}]}
    )
    assert written(life.variables) != written(fresh.variables)


def test_a_date_is_still_a_date_for_a_gateway_after_a_reload() -> None:
    life = Life(
        read(
            process(
                "p",
                start(),
                user("x"),
                gateway("late", default="f_late_no"),
                end("yes"),
                end("no"),
                flows("start x", "x late", "late yes limit < today()", "late no"),
            )
        ),
        limit=date(2022, 10, 26),
    )
    life.do("x")
    assert life.ended == "yes"


def test_instants_keep_their_zone_and_times_too() -> None:
    at = datetime(2022, 10, 27, 10, tzinfo=PARIS)
    life = Life(WAITS, at=at, opens=time(9, 30, tzinfo=PARIS), months=YearMonthDuration(14))
    kept = life.variables
    assert (kept["at"], str(kept["at"].tzinfo)) == (at, "Europe/Paris")
    assert (kept["opens"], str(kept["opens"].tzinfo)) == (time(9, 30, tzinfo=PARIS), "Europe/Paris")
    assert kept["months"] == YearMonthDuration(14)


SOLICITED = read(
    process(
        "p",
        start(),
        user("instruct"),
        boundary("alert", "instruct", timer("now()"), interrupting=False),
        boundary("nudge", "instruct", message("nudge"), interrupting=False),
        script("note", "{alerted: true}"),
        end("alerted"),
        end("nudged"),
        gateway("more", default="f_more_e"),
        call("solicit", "solicitation"),
        end("e"),
        flows(
            "start instruct",
            "instruct more",
            'more solicit outcome = "solicit"',
            "more e",
            "solicit instruct",
            "alert note",
            "note alerted",
            "nudge nudged",
        ),
    ),
    process(
        "solicitation",
        start("s"),
        user("answer"),
        boundary("abandon", "answer", timer('now() + duration("P30D")')),
        end("answered"),
        end("abandoned", error("abandoned")),
        flows("s answer", "answer answered", "abandon abandoned"),
    ),
    messages=["nudge"],
    errors=["abandoned"],
)


@pytest.mark.slow
def test_a_thousand_solicitations_neither_break_an_instance_nor_make_it_grow() -> None:
    life = Life(SOLICITED, outcome="solicit", count=0)
    life.fire("alert")
    sizes = []
    for number in range(1, 1001):
        life.do("instruct", count=number)
        life.do("answer")
        sizes.append(len(life.stored))
        if number == 500:
            life.send("nudge")
    assert max(sizes) < sizes[0] + 40
    life.do("instruct", outcome="complete")
    assert life.ended == "e"
    assert life.variables == {"outcome": "complete", "count": 1000, "alerted": True}


def test_what_was_passed_long_ago_is_not_in_the_state() -> None:
    life = Life(SOLICITED, outcome="solicit")
    for _ in range(3):
        life.do("instruct")
        life.do("answer")
    whole, pruned = life.flow().dump(prune=False), life.flow().dump()
    assert whole == pruned
    assert b"solicit.EndJoin" not in pruned
    assert pruned.count(b'"instruct"') == 1


def test_an_ended_instance_keeps_its_variables_and_its_end() -> None:
    life = Life(SOLICITED, outcome="complete", on=date(2022, 11, 7))
    life.do("instruct")
    assert len(life.stored) < 160
    flow = life.flow()
    assert (flow.ended, flow.completed) == ("e", True)
    assert flow.variables() == {"outcome": "complete", "on": date(2022, 11, 7)}
    assert (flow.open_tasks(), flow.timers(), flow.listeners(), flow.steps()) == ([], [], [], [])
    assert not flow.receive("nudge", {})


def test_ids_of_tasks_stay_the_same_and_never_meet_those_of_another_instance() -> None:
    one, other = Life(SOLICITED), Life(SOLICITED)
    ids = [task.task_id for task in one.flow().open_tasks()]
    assert ids == [task.task_id for task in one.flow().open_tasks()]
    assert len(ids[0]) == 32
    assert set(ids).isdisjoint(task.task_id for task in other.flow().open_tasks())


def test_a_state_that_does_not_fit_the_diagrams_is_refused() -> None:
    life = Life(SOLICITED)
    with pytest.raises(StateUnreadable, match="instruct"):
        WAITS.load("p", life.stored, life.turn())
    with pytest.raises(StateUnreadable, match="version"):
        WAITS.load("p", life.stored.replace(b"[1,", b"[9,", 1), life.turn())


def test_a_state_is_loaded_by_another_process_that_parsed_the_same_files() -> None:
    repeated = user(
        "x",
        '<bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:loopCardinality>3'
        "</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>",
    )
    drawn = process("p", start(), repeated, end("e"), flows("start x", "x e"))
    life = Life(read(drawn))
    for number in range(3):
        life.diagrams = read(drawn)
        life.do("x", **{f"n{number}": number})
    assert (life.ended, life.variables) == ("e", {"n0": 0, "n1": 1, "n2": 2})


def test_eight_threads_share_diagrams_at_different_instants() -> None:
    wrong: list[Any] = []

    def live(thread: int) -> None:
        for number in range(25):
            now = NOON + timedelta(days=100 * thread + number)
            life = Life(SOLICITED, now=now, outcome="solicit", mine=thread)
            life.do("instruct")
            if life.timers != {"abandon": now + timedelta(days=30)}:
                wrong.append((thread, number, life.timers))
            life.do("answer")
            life.fire("alert")
            life.do("instruct", outcome="complete")
            if (life.ended, life.variables["mine"]) != ("e", thread):
                wrong.append((thread, number, life.ended))

    threads = [Thread(target=live, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_steps_of_a_turn_are_those_of_that_turn_in_order() -> None:
    life = Life(SOLICITED, outcome="solicit")
    assert [(step.element_id, step.outcome) for step in life.passed] == [
        ("start", "completed"),
        ("instruct", "entered"),
    ]
    life.passed.clear()
    life.do("instruct")
    assert [(step.element_id, step.process_id, step.outcome) for step in life.passed] == [
        ("instruct", "p", "completed"),
        ("more", "p", "completed"),
        ("solicit", "p", "entered"),
        ("s", "solicitation", "completed"),
        ("answer", "solicitation", "entered"),
    ]


def test_no_wall_clock_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    import time as clock

    import SpiffWorkflow.bpmn.specs.event_definitions.timer as stock

    class NoClock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            raise AssertionError("the wall clock was read")

    def no_time() -> float:
        raise AssertionError("the wall clock was read")

    monkeypatch.setattr(stock, "datetime", NoClock)
    monkeypatch.setattr(clock, "time", no_time)
    life = Life(SOLICITED, outcome="solicit")
    life.fire("alert")
    life.do("instruct")
    life.do("answer")
    monkeypatch.undo()
    assert life.tasks == ["instruct"]


def test_a_process_that_calls_itself_for_ever_is_stopped() -> None:
    from workflow.engine.spiff import EndlessRun

    drawing: Diagrams = read(
        process("p", start(), call("c", "p"), end("e"), flows("start c", "c e"))
    )
    with pytest.raises(EndlessRun):
        drawing.start("p", TurnEnvironment(NOON, {}, lambda operation: None), {}).run()
