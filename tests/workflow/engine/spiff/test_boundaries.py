"""What cuts through an activity: errors, messages, terminate, and the hold of an instance."""

from __future__ import annotations

import pytest
from drawing import (
    boundary,
    call,
    catch,
    end,
    error,
    flows,
    gateway,
    message,
    node,
    process,
    read,
    start,
    sub,
    terminate,
    throw,
    timer,
    user,
)
from life import Life

from workflow.engine.spiff import Diagrams, TaskNotOpen, UncaughtError

SOLICITATION = process(
    "solicitation",
    start("s1"),
    user("answer"),
    boundary("thirty_days", "answer", timer("now()")),
    end("answered"),
    end("given_up", error("abandoned")),
    flows("s1 answer", "answer answered", "thirty_days given_up"),
)
CONVENTION = process(
    "convention", start("c1"), user("sign"), end("c2"), flows("c1 sign", "sign c2")
)


def instruction(*caught: str) -> str:
    """Calls the solicitation; with a code, catches it itself."""
    drawn = [boundary("inner", "ask", error(code)) + end("inner_end") for code in caught]
    lines = ["inner inner_end"] if caught else []
    return process(
        "instruction",
        start("i1"),
        call("ask", "solicitation"),
        *drawn,
        end("i2"),
        flows("i1 ask", "ask i2", *lines),
    )


def dossier(*outer: str) -> str:
    return process(
        "p",
        start(),
        sub(
            "body",
            start("b1"),
            gateway("fork", "parallel"),
            call("convention_call", "convention"),
            call("instruction_call", "instruction"),
            gateway("join", "parallel"),
            user("confirm"),
            end("b2"),
            flows(
                "b1 fork",
                "fork convention_call",
                "fork instruction_call",
                "convention_call join",
                "instruction_call join",
                "join confirm",
                "confirm b2",
            ),
        ),
        *(boundary(f"{code}_caught", "body", error(code)) for code in outer),
        *(end(f"{code}_end") for code in outer),
        boundary("withdrawal", "body", message("withdraw")),
        boundary("nudge", "body", message("nudge"), interrupting=False),
        end("withdrawn"),
        end("nudged"),
        end("listed"),
        flows(
            "start body",
            "body listed",
            "withdrawal withdrawn",
            "nudge nudged",
            *(f"{code}_caught {code}_end" for code in outer),
        ),
    )


def drawn(*outer: str, inner: tuple[str, ...] = ()) -> Diagrams:
    return read(
        dossier(*outer),
        instruction(*inner),
        SOLICITATION,
        CONVENTION,
        messages=["withdraw", "nudge"],
        errors=["abandoned", "late"],
    )


def test_an_error_deep_inside_ends_the_body_and_leaves_nothing_behind() -> None:
    life = Life(drawn("late", "abandoned"))
    assert sorted(life.tasks) == ["answer", "sign"]
    life.fire("thirty_days")
    assert life.ended == "abandoned_end"
    assert (life.tasks, life.timers, life.messages) == ([], {}, [])
    assert life.outcomes("sign") == ["entered", "cancelled"]
    assert life.outcomes("body") == ["entered", "cancelled"]
    assert len(life.stored) < 120


def test_an_error_goes_to_the_innermost_activity_that_knows_its_code() -> None:
    life = Life(drawn("abandoned", inner=("abandoned",)))
    life.fire("thirty_days")
    assert life.tasks == ["sign"]
    assert life.outcomes("inner") == ["completed"]
    assert life.outcomes("abandoned_caught") == []
    life.do("sign")
    life.do("confirm")
    assert life.ended == "listed"


def test_an_error_passes_an_activity_that_knows_only_other_codes() -> None:
    life = Life(drawn("abandoned", inner=("late",)))
    life.fire("thirty_days")
    assert life.ended == "abandoned_end"


def test_an_error_that_nobody_catches_stops_the_turn_and_names_its_end() -> None:
    life = Life(drawn("late"))
    with pytest.raises(UncaughtError, match="abandoned") as refusal:
        life.fire("thirty_days")
    assert refusal.value.element == "given_up"
    assert sorted(life.tasks) == ["answer", "sign"]


def test_a_withdrawal_ends_all_that_lies_in_the_body() -> None:
    life = Life(drawn("abandoned"))
    assert life.send("withdraw", reason="Sans suite.")
    assert (life.ended, life.variables) == ("withdrawn", {"reason": "Sans suite."})
    assert (life.tasks, life.timers, life.messages) == ([], {}, [])


def test_a_message_that_does_not_interrupt_is_heard_again_and_again() -> None:
    life = Life(drawn("abandoned"))
    sizes = []
    for _ in range(5):
        assert life.send("nudge")
        sizes.append(len(life.stored))
    assert life.outcomes("nudged") == ["completed"] * 5
    assert sorted(life.messages) == ["nudge", "withdraw"]
    assert max(sizes[1:]) - min(sizes[1:]) < 10
    life.do("sign")
    life.do("answer")
    life.do("confirm")
    assert (life.ended, life.messages) == ("listed", [])


def test_a_withdrawn_dossier_hears_nothing_more() -> None:
    life = Life(drawn("abandoned"))
    life.send("withdraw")
    assert not life.send("withdraw")
    assert not life.send("nudge")


def test_a_terminate_end_takes_the_other_branches_with_it() -> None:
    life = Life(
        read(
            process(
                "p",
                start(),
                gateway("fork", "parallel"),
                user("a"),
                user("b"),
                call("c", "convention"),
                end("over", terminate()),
                end("e1"),
                end("e2"),
                flows("start fork", "fork a", "fork b", "fork c", "a over", "b e1", "c e2"),
            ),
            CONVENTION,
        )
    )
    life.do("a", x=1)
    assert (life.ended, life.tasks, life.variables) == ("over", [], {"x": 1})
    assert life.sent == []


def test_a_terminate_end_inside_a_called_process_ends_only_that_process() -> None:
    life = Life(
        read(
            process(
                "p",
                start(),
                call("c", "inner"),
                user("next"),
                end("e"),
                flows("start c", "c next", "next e"),
            ),
            process(
                "inner",
                start("i1"),
                gateway("fork", "parallel"),
                user("a"),
                user("b"),
                end("over", terminate()),
                end("i2"),
                flows("i1 fork", "fork a", "fork b", "a over", "b i2"),
            ),
        )
    )
    life.do("a", x=1)
    assert (life.tasks, life.variables) == (["next"], {"x": 1})


def test_a_held_instance_offers_nothing_and_hears_only_its_end() -> None:
    life = Life(drawn("abandoned"))
    task_id = life.flow().open_tasks()[0].task_id
    timer_id = life.flow().timers()[0].timer_id
    held = life.flow(held=True)
    assert (held.open_tasks(), held.timers()) == ([], [])
    assert [listener.message for listener in held.listeners()] == ["withdraw"]
    with pytest.raises(TaskNotOpen):
        held.complete(task_id, {})
    assert not held.fire(timer_id)
    assert not held.receive("nudge", {})
    assert sorted(life.tasks) == ["answer", "sign"]
    assert life.send("withdraw", held=True)
    assert life.ended == "withdrawn"


def test_a_task_cannot_be_done_twice() -> None:
    life = Life(drawn("abandoned"))
    flow = life.flow()
    task = flow.open_tasks()[0]
    flow.complete(task.task_id, {})
    with pytest.raises(TaskNotOpen):
        flow.complete(task.task_id, {})
    with pytest.raises(TaskNotOpen):
        flow.complete("0" * 32, {})


def test_a_cancelled_task_cannot_be_done() -> None:
    life = Life(drawn("abandoned"))
    flow = life.flow()
    task = flow.open_tasks()[0]
    flow.receive("withdraw", {})
    flow.run()
    with pytest.raises(TaskNotOpen):
        flow.complete(task.task_id, {})


def test_a_message_thrown_to_nobody_here_goes_to_others() -> None:
    life = Life(
        read(
            process(
                "p",
                start(),
                throw("tell", message("decided", '{number: x, on: date("2022-11-07")}')),
                end("e"),
                flows("start tell", "tell e"),
            ),
            messages=["decided"],
        ),
        x=4,
    )
    assert [(sent.name, sent.payload["number"]) for sent in life.sent] == [("decided", 4)]
    assert life.ended == "e"


def test_a_message_can_become_one_variable_that_the_diagram_names() -> None:
    life = Life(
        read(
            process(
                "p",
                start(),
                catch("c", message("answer", variable="reply")),
                end("e"),
                flows("start c", "c e"),
            ),
            messages=["answer"],
        )
    )
    life.send("answer", text="oui")
    assert life.variables == {"reply": {"text": "oui"}}


def test_a_process_that_starts_by_a_message_waits_for_it() -> None:
    life = Life(
        read(
            process(
                "p",
                start("begin", message("convene")),
                user("decide"),
                end("e"),
                flows("begin decide", "decide e"),
            ),
            messages=["convene"],
        )
    )
    assert (life.tasks, life.messages) == ([], ["convene"])
    life.send("convene", number=5)
    assert (life.tasks, life.variables) == (["decide"], {"number": 5})


def escalating(interrupting: bool) -> Life:
    event = '<bpmn:escalationEventDefinition escalationRef="x_ask"/>'
    return Life(
        read(
            '<bpmn:escalation id="x_ask" name="ask" escalationCode="ask"/>',
            process(
                "p",
                start(),
                call("c", "inner"),
                boundary("asked", "c", event, interrupting),
                user("help"),
                end("e"),
                end("e2"),
                flows("start c", "c e", "asked help", "help e2"),
            ),
            process(
                "inner",
                start("i1"),
                throw("ask", event),
                user("work"),
                end("i2"),
                flows("i1 ask", "ask work", "work i2"),
            ),
        )
    )


def test_an_escalation_calls_for_help_and_the_work_goes_on() -> None:
    life = escalating(interrupting=False)
    assert sorted(life.tasks) == ["help", "work"]
    life.do("work")
    life.do("help")
    assert life.ended == "e2"


def test_an_escalation_that_interrupts_ends_the_work() -> None:
    assert escalating(interrupting=True).tasks == ["help"]


def test_a_signal_is_heard_wherever_its_instance_waits_for_it() -> None:
    event = '<bpmn:signalEventDefinition signalRef="s_go"/>'
    life = Life(
        read(
            '<bpmn:signal id="s_go" name="go"/>',
            process(
                "p",
                start(),
                gateway("fork", "parallel"),
                catch("wait", event),
                call("c", "inner"),
                user("before"),
                throw("go", event),
                gateway("join", "parallel"),
                end("e"),
                flows(
                    "start fork",
                    "fork wait",
                    "fork c",
                    "fork before",
                    "before go",
                    "wait join",
                    "c join",
                    "go join",
                    "join e",
                ),
            ),
            process(
                "inner",
                start("i1"),
                catch("i_wait", event),
                end("i2"),
                flows("i1 i_wait", "i_wait i2"),
            ),
        )
    )
    assert life.ended is None
    life.do("before")
    assert (life.ended, life.sent) == ("e", [])


def test_several_calls_of_a_process_are_cut_short_together() -> None:
    repeated = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>3</bpmn:loopCardinality>"
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    drawing = read(
        process(
            "p",
            start(),
            node("callActivity", "c", repeated, calledElement="convention"),
            boundary("withdrawal", "c", message("withdraw")),
            end("e"),
            end("withdrawn"),
            flows("start c", "c e", "withdrawal withdrawn"),
        ),
        CONVENTION,
        messages=["withdraw"],
    )
    done, cut = Life(drawing), Life(drawing)
    for number in range(3):
        assert done.tasks == ["sign"] * (3 - number)
        done.do("sign", **{f"n{number}": number})
    assert (done.ended, done.variables) == ("e", {"n0": 0, "n1": 1, "n2": 2})
    cut.do("sign")
    cut.send("withdraw")
    assert (cut.ended, cut.tasks, cut.messages) == ("withdrawn", [], [])
    assert cut.outcomes("sign").count("cancelled") == 2
