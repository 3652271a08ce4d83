"""Gateways: which way an instance goes, and what its branches bring back."""

from __future__ import annotations

import pytest
from drawing import (
    boundary,
    catch,
    document,
    end,
    flows,
    gateway,
    message,
    process,
    read,
    script,
    start,
    user,
)
from life import Life

from workflow.engine.source_file import SourceFile
from workflow.engine.spiff import (
    ConditionNotBoolean,
    Diagrams,
    EndlessRun,
    NoWayOut,
    parse,
)


def chooses(*conditions: str, default: str | None = None) -> Diagrams:
    return read(
        process(
            "p",
            start(),
            gateway("g", default=f"f_g_{default}" if default else None),
            end("a"),
            end("b"),
            flows("start g", *conditions),
        )
    )


def test_of_two_true_conditions_the_first_of_the_document_decides() -> None:
    assert Life(chooses("g a x > 0", "g b x < 9"), x=1).ended == "a"
    assert Life(chooses("g b x < 9", "g a x > 0"), x=1).ended == "b"


def test_moving_a_box_on_the_drawing_does_not_change_the_procedure() -> None:
    def drawn(height_of_a: int, height_of_b: int) -> str | None:
        shapes = "".join(
            f'<bpmndi:BPMNShape id="s_{name}" bpmnElement="{name}">'
            f'<dc:Bounds x="0" y="{height}" width="9" height="9"/></bpmndi:BPMNShape>'
            for name, height in (("a", height_of_a), ("b", height_of_b))
        )
        plane = f'<bpmndi:BPMNPlane id="plane" bpmnElement="p">{shapes}</bpmndi:BPMNPlane>'
        drawing = document(
            process(
                "p",
                start(),
                gateway("g"),
                end("a"),
                end("b"),
                flows("start g", "g a x > 0", "g b x < 9"),
            ),
            f'<bpmndi:BPMNDiagram id="d">{plane}</bpmndi:BPMNDiagram>',
        )
        return Life(parse([SourceFile("p.bpmn", drawing.encode())], []), x=1).ended

    assert drawn(0, 100) == drawn(100, 0) == "a"


def test_null_takes_the_default_and_no_is_not_false() -> None:
    assert Life(chooses("g a missing > 3", "g b", default="b")).ended == "b"
    with pytest.raises(ConditionNotBoolean, match=r"^g: "):
        Life(chooses("g a word", "g b", default="b"), word="no")


def test_a_choice_without_a_way_out_stops_the_turn_and_names_the_gateway() -> None:
    with pytest.raises(NoWayOut) as refusal:
        Life(chooses("g a x > 5", "g b x > 6"), x=1)
    assert refusal.value.element == "g"


PARALLEL = process(
    "p",
    start(),
    gateway("fork", "parallel"),
    user("left"),
    user("right"),
    gateway("join", "parallel"),
    end("e"),
    flows("start fork", "fork left", "fork right", "left join", "right join", "join e"),
)


@pytest.mark.parametrize("order", [("left", "right"), ("right", "left")])
def test_a_branch_that_left_a_variable_alone_does_not_undo_the_other(
    order: tuple[str, str],
) -> None:
    life = Life(read(PARALLEL), count=1, note="old")
    for task in order:
        life.do(task, **({"count": 2} if task == "left" else {"note": "new"}))
    assert life.ended == "e"
    assert life.variables == {"count": 2, "note": "new"}


def test_of_two_branches_that_changed_a_variable_the_last_arrived_wins() -> None:
    life = Life(read(PARALLEL), count=1)
    life.do("right", count=3)
    life.do("left", count=2)
    assert life.variables == {"count": 2}


def test_lists_are_replaced_and_never_mixed_when_branches_join() -> None:
    life = Life(read(PARALLEL), names=["a", "b"])
    life.do("left", names=["b", "a"])
    life.do("right")
    assert life.variables == {"names": ["b", "a"]}


def test_a_branch_never_sees_what_another_changes_inside_a_shared_value() -> None:
    life = Life(read(PARALLEL), company={"name": "Exemple", "seats": [1]})
    life.do("left", company={"name": "Autre", "seats": [1, 2]})
    flow = life.flow()
    seen = flow.variables()
    seen["company"]["seats"].append(99)
    assert flow.variables()["company"] == {"name": "Autre", "seats": [1, 2]}


def test_a_join_in_a_loop_waits_again_for_both_branches() -> None:
    life = Life(
        read(
            process(
                "p",
                start(),
                gateway("again"),
                gateway("fork", "parallel"),
                user("left"),
                user("right"),
                gateway("join", "parallel"),
                gateway("more", default="f_more_e"),
                end("e"),
                flows(
                    "start again",
                    "again fork",
                    "fork left",
                    "fork right",
                    "left join",
                    "right join",
                    "join more",
                    "more again rounds < 3",
                    "more e",
                ),
            )
        ),
        rounds=0,
    )
    for number in (1, 2, 3):
        # The second branch first: a left-over of the last round must not stand for the first.
        life.do("right", rounds=number)
        assert life.tasks == ["left"]
        life.do("left")
    assert life.ended == "e"


def test_an_inclusive_join_waits_only_for_the_branches_that_were_taken() -> None:
    drawing = read(
        process(
            "p",
            start(),
            gateway("fork", "inclusive", default="f_fork_c"),
            user("a"),
            user("b"),
            user("c"),
            gateway("join", "inclusive"),
            end("e"),
            flows(
                "start fork",
                "fork a x > 0",
                "fork b x > 1",
                "fork c",
                "a join",
                "b join",
                "c join",
                "join e",
            ),
        )
    )
    both = Life(drawing, x=2)
    assert sorted(both.tasks) == ["a", "b"]
    both.do("a")
    assert both.ended is None
    both.do("b")
    assert both.ended == "e"
    none = Life(drawing, x=0)
    assert none.tasks == ["c"]
    none.do("c")
    assert none.ended == "e"


def test_an_instance_ends_when_its_last_branch_does_and_keeps_what_all_changed() -> None:
    life = Life(
        read(
            process(
                "p",
                start(),
                user("main"),
                boundary("nudge", "main", message("nudge"), interrupting=False),
                user("side"),
                end("side_end"),
                end("main_end"),
                flows("start main", "main main_end", "nudge side", "side side_end"),
            ),
            messages=["nudge"],
        ),
        seen=0,
        note="old",
    )
    life.send("nudge")
    life.do("side", seen=1)
    assert life.variables == {"seen": 1, "note": "old"}
    life.do("main", note="new")
    assert (life.ended, life.variables) == ("main_end", {"seen": 1, "note": "new"})


def test_a_later_branch_wins_over_one_that_ended_before() -> None:
    life = Life(
        read(
            process(
                "p",
                start(),
                gateway("fork", "parallel"),
                user("first"),
                user("last"),
                end("e1"),
                end("e2"),
                flows("start fork", "fork first", "fork last", "first e1", "last e2"),
            )
        ),
        x=0,
    )
    life.do("first", x=1)
    life.do("last", x=2)
    assert life.variables == {"x": 2}


def test_an_event_based_gateway_takes_one_way_only() -> None:
    life = Life(
        read(
            process(
                "p",
                start(),
                gateway("g", "eventBased"),
                catch("yes", message("yes")),
                catch("no", message("no")),
                user("after_yes"),
                user("after_no"),
                end("e1"),
                end("e2"),
                flows(
                    "start g",
                    "g yes",
                    "g no",
                    "yes after_yes",
                    "no after_no",
                    "after_yes e1",
                    "after_no e2",
                ),
            ),
            messages=["yes", "no"],
        )
    )
    assert life.messages == ["yes", "no"]
    assert life.send("no", reason="late")
    assert not life.send("yes")
    assert (life.tasks, life.variables) == (["after_no"], {"reason": "late"})


@pytest.mark.slow
def test_a_diagram_that_goes_round_without_a_wait_is_stopped() -> None:
    drawing = read(
        process(
            "p",
            start(),
            gateway("again"),
            script("count", "{n: n + 1}"),
            gateway("more", default="f_more_again"),
            end("e"),
            flows("start again", "again count", "count more", "more again", "more e n < 0"),
        )
    )
    with pytest.raises(EndlessRun):
        Life(drawing, n=0)


def test_a_thousand_automatic_rounds_are_not_lost() -> None:
    drawing = read(
        process(
            "p",
            start(),
            gateway("again"),
            script("count", "{n: n + 1}"),
            gateway("more", default="f_more_e"),
            end("e"),
            flows("start again", "again count", "count more", "more again n < 1000", "more e"),
        )
    )
    life = Life(drawing, n=0)
    assert (life.ended, life.variables) == ("e", {"n": 1000})
