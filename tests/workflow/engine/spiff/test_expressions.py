"""Everything a diagram says is FEEL: no Python of a diagram ever runs."""

from __future__ import annotations

import builtins
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from drawing import (
    NAMESPACES,
    boundary,
    catch,
    condition,
    document,
    end,
    flows,
    gateway,
    message,
    node,
    process,
    read,
    rule,
    script,
    service,
    start,
    table,
    throw,
    timer,
    user,
)
from life import NOON, Life

from workflow.engine.source_file import SourceFile
from workflow.engine.spiff import (
    ConditionNotBoolean,
    Diagrams,
    DiagramUnreadable,
    ExpressionFailed,
    NotStorable,
    TimerInvalid,
    parse,
)
from workflow.errors import Conflict, JalonError
from workflow.feel import FeelLimitExceeded

ATTACK = "__import__('os').mkdir('/nowhere')"
HIDDEN = '__import__("os").mkdir("/nowhere")'
REPEATED = {
    "loop condition": "<bpmn:standardLoopCharacteristics><bpmn:loopCondition>{}"
    "</bpmn:loopCondition></bpmn:standardLoopCharacteristics>",
    "cardinality": "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>{}"
    "</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>",
    "completion condition": "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2"
    "</bpmn:loopCardinality><bpmn:completionCondition>{}</bpmn:completionCondition>"
    "</bpmn:multiInstanceLoopCharacteristics>",
}


def simple(element: str, *lines: str, **declared: Any) -> Diagrams:
    lines = lines or ("start x", "x e")
    return read(process("p", start(), element, end("e"), flows(*lines)), **declared)


def correlated(text: str) -> Diagrams:
    drawing = (
        f'<bpmn:definitions {NAMESPACES}><bpmn:message id="m_z" name="z"/>'
        '<bpmn:correlationProperty id="cp" name="cp"><bpmn:correlationPropertyRetrievalExpression '
        f'messageRef="m_z"><bpmn:formalExpression>{text}</bpmn:formalExpression>'
        "</bpmn:correlationPropertyRetrievalExpression></bpmn:correlationProperty>"
        + process(
            "p",
            start(),
            throw("x", message("z", "{a: 1}")),
            end("e"),
            flows("start x", "x e"),
        )
        + "</bpmn:definitions>"
    )
    return parse([SourceFile("test.bpmn", drawing.encode())], [])


def attacked(place: str, text: str) -> Diagrams:
    """A diagram with a text at one of the places where the library evaluates Python."""
    if place in REPEATED:
        return simple(user("x", REPEATED[place].format(text)))
    if place.startswith("decision"):
        cells = ["1", "1"]
        inputs = ["a"]
        if place == "decision input":
            inputs = [text]
        else:
            cells[place == "decision output"] = text
        return simple(rule("x", "d"), tables=[table("d", "FIRST", inputs, ["out"], [cells])])
    drawings: dict[str, Any] = {
        "script": lambda: simple(script("x", text)),
        "condition": lambda: simple(gateway("x"), "start x", f"x e {text}"),
        "timer": lambda: simple(catch("x", timer(text))),
        "boundary timer": lambda: simple(
            user("x") + boundary("b", "x", timer(text)), "start x", "x e", "b e"
        ),
        "pre-script": lambda: simple(script("x", "{a: 1}", preScript=text)),
        "post-script": lambda: simple(script("x", "{a: 1}", postScript=text)),
        "conditional event": lambda: simple(catch("x", condition(text))),
        "message payload": lambda: simple(throw("x", message("z", text)), messages=["z"]),
        "signal payload": lambda: read(
            process(
                "p",
                start(),
                throw("x", '<bpmn:signalEventDefinition signalRef="s"/>'),
                end("e"),
                flows("start x", "x e"),
            ),
            f'<bpmn:signal id="s" name="s"><bpmn:extensionElements>'
            f"<spiffworkflow:payloadExpression>{text}</spiffworkflow:payloadExpression>"
            "</bpmn:extensionElements></bpmn:signal>",
        ),
        "correlation": lambda: correlated(text),
        "service parameter": lambda: simple(service("x", "a.b", "", p=text)),
    }
    return drawings[place]()


PLACES = [
    "script", "condition", "timer", "boundary timer", "pre-script", "post-script",
    "decision input", "decision cell", "decision output", "loop condition", "cardinality",
    "completion condition", "conditional event", "signal payload", "message payload",
    "correlation", "service parameter",
]  # fmt: skip


@pytest.fixture(autouse=True)
def no_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a diagram contains, nothing may be imported, evaluated or made by it."""
    import os

    def forbidden(*_: Any, **__: Any) -> Any:
        raise AssertionError("Python was run")

    monkeypatch.setattr(os, "mkdir", forbidden)
    monkeypatch.setattr(builtins, "eval", forbidden)


@pytest.mark.parametrize("text", [ATTACK, HIDDEN, "().__class__.__base__", "a.__class__"])
@pytest.mark.parametrize("place", PLACES)
def test_python_in_a_diagram_never_runs(place: str, text: str) -> None:
    text = text.replace('"', "&quot;") if place in (*REPEATED, "correlation") else text
    try:
        life = Life(attacked(place, text), a=1, perform=lambda call: None)
        for task in life.tasks:
            life.do(task)
    except JalonError:
        return
    # As FEEL it may be nothing but an unknown name: null.
    assert all(value in (None, 1) for value in life.variables.values())


@pytest.mark.parametrize("place", PLACES)
def test_a_text_that_is_not_feel_is_refused_when_the_diagram_is_read(place: str) -> None:
    with pytest.raises(DiagramUnreadable) as refusal:
        attacked(place, "1 +")
    assert refusal.value.element in ("x", "b", "d")


def test_a_script_makes_variables_and_later_entries_see_earlier_ones() -> None:
    life = Life(simple(script("x", '{a: 3, b: a + 1, on: date("2022-11-07"), half: 0.5}')))
    assert life.variables == {"a": 3, "b": 4, "on": date(2022, 11, 7), "half": Decimal("0.5")}


def test_a_script_that_is_not_a_context_stops_the_turn() -> None:
    with pytest.raises(ExpressionFailed, match=r"^x: "):
        Life(simple(script("x", "3")))


def test_pre_and_post_scripts_run_once_around_their_task() -> None:
    life = Life(
        simple(user("x", preScript="{seen: count}", postScript="{count: count + 1}")), count=1
    )
    life.do("x")
    assert life.variables == {"seen": 1, "count": 2}


def test_a_receive_task_runs_its_pre_script_once() -> None:
    pre = (
        "<bpmn:extensionElements><spiffworkflow:preScript>{n: n + 1}</spiffworkflow:preScript>"
        "</bpmn:extensionElements>"
    )
    life = Life(simple(node("receiveTask", "x", pre, messageRef="m_z"), messages=["z"]), n=0)
    life.follow("none")
    assert life.send("z", said=True)
    assert life.variables == {"n": 1, "said": True}


def test_now_is_the_instant_of_the_turn() -> None:
    life = Life(
        simple(script("x", "{at: now(), on: today()}")), now=datetime(2022, 10, 27, 23, tzinfo=UTC)
    )
    assert life.variables["at"] == datetime(2022, 10, 27, 23, tzinfo=UTC)
    assert life.variables["on"] == date(2022, 10, 28)


def test_an_answer_is_seen_in_its_turn_only_and_a_variable_wins_over_it() -> None:
    drawing = simple(
        user("x") + script("note", '{said: comment, was: outcome}') + user("y"),
        "start x", "x note", "note y", "y e",
    )  # fmt: skip
    life = Life(drawing)
    life.do("x", {"comment": "ok", "outcome": "from the form"}, outcome="kept")
    assert life.variables == {"said": "ok", "was": "kept", "outcome": "kept"}


def test_the_campaign_is_visible_never_stored_and_never_shadowed() -> None:
    life = Life(
        simple(script("x", "{limit: campaign.days}")),
        constants={"campaign": {"days": 5}},
        campaign={"days": 99},
    )
    assert life.variables["limit"] == 5
    assert b'days":5' not in life.stored


def test_an_operation_gets_its_parameters_and_its_result_is_kept_under_its_name() -> None:
    life = Life(
        simple(service("x", "solicitations.send", "sent", days="a + 1", names='["A", "B"]')),
        perform=lambda call: {"number": Decimal(7), "sent_at": NOON},
        a=1,
    )
    (call,) = life.calls
    assert (call.operation, call.element_id) == ("solicitations.send", "x")
    assert call.parameters == {"days": 2, "names": ["A", "B"]}
    assert len(call.task_id) == 32
    assert life.variables == {"a": 1, "sent": {"number": 7, "sent_at": NOON}}


def test_a_result_without_a_name_is_not_kept() -> None:
    life = Life(simple(service("x", "a.b")), perform=lambda call: {"number": 7})
    assert life.variables == {}


def test_an_operation_cannot_change_the_instance_through_its_parameters() -> None:
    def spoil(call: Any) -> None:
        call.parameters["list"].append(99)

    life = Life(simple(service("x", "a.b", "", list="list")), perform=spoil, list=[1])
    assert life.variables == {"list": [1]}


def test_what_an_operation_refuses_comes_through_unchanged() -> None:
    class Taken(Conflict):
        pass

    refused = Taken("Expected a free number but it is taken. Choose another.")

    def refuse(call: Any) -> None:
        raise refused

    with pytest.raises(Taken) as refusal:
        Life(simple(service("x", "a.b")), perform=refuse)
    assert refusal.value is refused


def test_what_a_function_refuses_comes_through_unchanged() -> None:
    class Unknown(JalonError):
        pass

    def deadline(key: str) -> None:
        raise Unknown(key)

    with pytest.raises(Unknown):
        Life(simple(catch("x", timer('deadline("k")'))), functions={"deadline": deadline})


@pytest.mark.parametrize(
    "value", [object(), {"~d": "x"}, {"@now": 1}, {1: 2}, float("nan"), b"x", "\ud800"]
)
def test_what_cannot_be_stored_is_refused(value: Any) -> None:
    with pytest.raises(NotStorable):
        Life(simple(service("x", "a.b", "kept")), perform=lambda call: {"value": value})
    with pytest.raises(NotStorable):
        Life(simple(user("x")), value=[{"deep": value}])
    with pytest.raises(NotStorable):
        Life(simple(user("x"))).do("x", value=value)


def test_a_decision_gives_its_outputs_and_tells_which_rules_matched() -> None:
    grades = table(
        "grade", "FIRST", ["points"], ["grade", "note"], [["< 5", '"C"', "1"], ["-", '"A"', "2"]]
    )
    life = Life(simple(rule("x", "grade"), tables=[grades]), points=7, grade=["old", "list"])
    assert life.variables == {"points": 7, "grade": "A", "note": 2}
    (step,) = [step for step in life.passed if step.element_id == "x"]
    assert step.decision == {"table": "grade", "rules": [2]}


def test_two_rules_of_a_unique_table_stop_the_turn() -> None:
    grades = table("grade", "UNIQUE", ["points"], ["grade"], [["> 5", "1"], ["> 6", "2"]])
    with pytest.raises(JalonError, match="grade"):
        Life(simple(rule("x", "grade"), tables=[grades]), points=7)


def test_a_table_with_a_fault_is_refused_when_it_is_read() -> None:
    grades = table("grade", "UNIQUE", ["points"], ["grade"], [["> > 5", "1"]])
    with pytest.raises(DiagramUnreadable) as refusal:
        simple(rule("x", "grade"), tables=[grades])
    assert (refusal.value.file, refusal.value.element) == ("0.dmn", "grade")


def test_an_unknown_decision_is_refused_when_the_diagram_is_read() -> None:
    with pytest.raises(DiagramUnreadable) as refusal:
        simple(rule("x", "nowhere"))
    assert refusal.value.element == "x"


def test_an_expression_that_asks_for_too_much_stops_the_turn_and_names_its_element() -> None:
    with pytest.raises((ExpressionFailed, FeelLimitExceeded)):
        Life(simple(script("x", "{a: for i in 1..10000000 return i * i}")))


def test_a_loop_repeats_while_its_condition_holds() -> None:
    loop = REPEATED["loop condition"].format("n &lt; 3")
    life = Life(simple(user("x", loop)), n=0)
    for n in (1, 2, 3):
        assert life.tasks == ["x"]
        life.do("x", n=n)
    assert (life.ended, life.variables) == ("e", {"n": 3})


def test_a_loop_whose_condition_is_not_boolean_stops_the_turn() -> None:
    life = Life(simple(user("x", REPEATED["loop condition"].format("word"))), word="no")
    with pytest.raises(ConditionNotBoolean):
        life.do("x")


def test_each_of_several_instances_is_a_task_and_the_last_one_goes_on() -> None:
    life = Life(simple(user("x", REPEATED["cardinality"].format("count(names)"))), names=["a", "b"])
    assert life.tasks == ["x", "x"]
    life.do("x", first=1)
    life.do("x", second=2)
    assert life.ended == "e"
    assert life.variables == {"names": ["a", "b"], "first": 1, "second": 2}


def test_a_completion_condition_drops_the_instances_that_remain() -> None:
    life = Life(simple(user("x", REPEATED["completion condition"].format("stop = true"))))
    life.do("x", stop=True)
    assert (life.ended, life.tasks) == ("e", [])


@pytest.mark.parametrize("cardinality", ["&quot;two&quot;", "missing", "1.5", "100000"])
def test_a_number_of_instances_that_is_none_stops_the_turn(cardinality: str) -> None:
    with pytest.raises(JalonError, match=r"^x: "):
        Life(simple(user("x", REPEATED["cardinality"].format(cardinality))))


def test_instances_in_sequence_come_one_after_the_other_over_a_list() -> None:
    repeated = (
        '<bpmn:multiInstanceLoopCharacteristics isSequential="true">'
        "<bpmn:loopDataInputRef>names</bpmn:loopDataInputRef>"
        '<bpmn:inputDataItem id="name" name="name"/></bpmn:multiInstanceLoopCharacteristics>'
    )
    life = Life(simple(user("x", repeated)), names=["a", "b"])
    for name in ("a", "b"):
        assert life.tasks == ["x"]
        assert life.variables["name"] == name
        life.do("x", **{f"done_{name}": True})
    assert life.ended == "e"
    assert life.variables == {"names": ["a", "b"], "done_a": True, "done_b": True}


def test_a_condition_that_is_waited_for_is_looked_at_again_in_each_turn() -> None:
    drawing = simple(catch("x", condition("campaign.open = true")))
    life = Life(drawing, constants={"campaign": {"open": False}})
    assert life.ended is None
    life.constants = {"campaign": {"open": True}}
    life.follow("none")
    assert life.ended == "e"


def test_a_timer_that_is_python_gives_no_instant() -> None:
    with pytest.raises((TimerInvalid, DiagramUnreadable)):
        Life(simple(catch("x", timer("a.__class__"))), a=1)


def test_a_file_written_with_declared_messages_only_is_read() -> None:
    drawing = document(
        process("p", start(), end("e"), flows("start e")), messages=["z"], errors=["c"]
    )
    assert parse([SourceFile("p.bpmn", drawing.encode())], []).process_ids == {"p"}
