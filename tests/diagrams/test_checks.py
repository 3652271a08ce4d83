"""Each rule of the diagram checks, on examples that keep it and examples that break it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.engine.diagram_checks import (
    CODES,
    CampaignShape,
    CheckContext,
    Fault,
    OperationShape,
    check,
    in_force_beside,
)
from workflow.engine.diagram_checks.rule import RULES
from workflow.engine.source_file import SourceFile
from workflow.engine.spiff.timers import Due, due_from
from workflow.feel import evaluate

EXAMPLES = Path(__file__).parent / "checks"
DRAWING = frozenset({"missing_drawing", "drawing_reference", "drawing_number", "drawing"})
"""The examples of the other rules are not drawn, to stay small."""
MADE_HERE = frozenset({"too_large", "too_many_elements"})
"""Their examples are large: the tests make them."""

ALSO = {
    "default_reference/invalid.bpmn": {"flow_without_condition"},
    "drawing_number/invalid.bpmn": {"missing_drawing"},
    "flow_reference/invalid.bpmn": {"several_outgoing_flows"},
    "flow_reference/invalid_into_subprocess.bpmn": {"several_outgoing_flows"},
    "flow_reference/invalid_out_of_end.bpmn": {"task_explosion"},
    "missing_drawing/invalid_one_point.bpmn": {"drawing"},
    "missing_end/invalid.bpmn": {"task_explosion"},
}
"""What an example cannot but break besides its own rule."""


@dataclass(frozen=True)
class AnyForm:
    """What the checks know of a form: its keys, and those whose answer is kept."""

    keys: frozenset[str]
    variables: frozenset[str]


CONTEXT = CheckContext(
    forms={
        "report": AnyForm(frozenset({"outcome", "comment"}), frozenset({"outcome"})),
        "seal": AnyForm(frozenset({"sealed"}), frozenset()),
    },
    operations={
        "letters.send": OperationShape(
            "letters.send",
            parameters=frozenset({"kind", "text"}),
            required=frozenset({"kind"}),
            outputs={"sent_at": "date and time", "number": "number"},
        ),
        "letters.archive": OperationShape("letters.archive"),
    },
    campaigns=[
        CampaignShape(
            "letters-2022",
            delay_keys=frozenset({"answer", "review"}),
            constants=frozenset({"campaign.id", "campaign.opens_at"}),
        )
    ],
    roles=frozenset({"operator", "instructor"}),
)


def source_files(path: Path) -> list[SourceFile]:
    """The file, or the files of the folder, as one deployment."""
    paths = sorted(path.iterdir()) if path.is_dir() else [path]
    return [SourceFile(p.name, p.read_bytes()) for p in paths]


def examples(prefix: str) -> list[Path]:
    return sorted(p for p in EXAMPLES.glob("*/*") if p.name.startswith(prefix))


def name_of(path: Path) -> str:
    return path.relative_to(EXAMPLES).as_posix()


def rules_for(path: Path) -> set[str]:
    """Every rule, those of the drawing only for the examples that are drawn."""
    return set(CODES) if path.parent.name in DRAWING else set(CODES) - DRAWING


def codes(faults: list[Fault]) -> set[str]:
    return {fault.code for fault in faults}


@pytest.mark.parametrize("path", examples("valid"), ids=name_of)
def test_a_valid_example_has_no_fault(path: Path) -> None:
    assert check(source_files(path), CONTEXT, only=rules_for(path)) == []


@pytest.mark.parametrize("path", examples("invalid"), ids=name_of)
def test_an_invalid_example_has_the_fault_of_its_folder_and_no_other(path: Path) -> None:
    found = codes(check(source_files(path), CONTEXT, only=rules_for(path)))
    assert found == {path.parent.name} | ALSO.get(name_of(path), set())


def test_every_rule_has_a_valid_and_an_invalid_example() -> None:
    with_valid = {p.parent.name for p in examples("valid")}
    with_invalid = {p.parent.name for p in examples("invalid")}
    assert with_valid == with_invalid == set(CODES) - MADE_HERE


def test_every_rule_is_a_sentence() -> None:
    for code, rule in RULES.items():
        assert (rule.__doc__ or "").strip().split("\n")[0].endswith((".", ",", ":")), code


def test_a_complete_example_passes_every_rule() -> None:
    assert check(source_files(EXAMPLES / "drawing" / "valid.bpmn"), CONTEXT) == []


def test_a_fault_says_what_and_what_to_do_in_both_languages() -> None:
    for path in examples("invalid"):
        for fault in check(source_files(path), CONTEXT, only=rules_for(path)):
            sentences = (fault.message, fault.remedy, fault.message_en, fault.remedy_en)
            assert all(s and s[-1] in ".)" for s in sentences), (name_of(path), sentences)
            assert fault.message != fault.message_en


def test_a_fault_names_its_file_and_its_element() -> None:
    [fault] = check(
        source_files(EXAMPLES / "link_event" / "invalid.bpmn"), CONTEXT, only={"link_event"}
    )
    assert (fault.file, fault.element) == ("invalid.bpmn", "jump")


def test_a_file_over_two_megabytes_is_refused_unread() -> None:
    plain = (EXAMPLES / "doctype" / "valid.bpmn").read_bytes()
    padded = plain + b"<!--" + b" " * 2_000_000 + b"-->"
    assert codes(check([SourceFile("large.bpmn", padded)], CONTEXT)) == {"too_large"}
    fitting = plain + b"<!--" + b" " * 1_900_000 + b"-->"
    assert check([SourceFile("large.bpmn", fitting)], CONTEXT, only=set(CODES) - DRAWING) == []


def long_path(tasks: int) -> SourceFile:
    """A process of that many tasks in a row."""
    ids = ["start", *(f"task_{n}" for n in range(tasks)), "end"]
    operator = (
        "<bpmn:extensionElements><s:serviceTaskOperator id='letters.archive'/>"
        "</bpmn:extensionElements>"
    )
    nodes = [
        f"<bpmn:serviceTask id='{i}' name='Classer'>{operator}</bpmn:serviceTask>"
        for i in ids[1:-1]
    ]
    flows = [
        f"<bpmn:sequenceFlow id='{a}_out' sourceRef='{a}' targetRef='{b}'/>"
        for a, b in pairwise(ids)
    ]
    text = (
        "<bpmn:definitions xmlns:bpmn='http://www.omg.org/spec/BPMN/20100524/MODEL' "
        "xmlns:s='http://spiffworkflow.org/bpmn/schema/1.0/core'>"
        "<bpmn:process id='long'><bpmn:startEvent id='start'/><bpmn:endEvent id='end' name='Fin'/>"
        f"{''.join(nodes)}{''.join(flows)}</bpmn:process></bpmn:definitions>"
    )
    return SourceFile("long.bpmn", text.encode())


def test_a_path_longer_than_the_engine_follows_is_refused() -> None:
    undrawn = set(CODES) - DRAWING
    assert check([long_path(390)], CONTEXT, only=undrawn) == []
    assert codes(check([long_path(3_000)], CONTEXT, only=undrawn)) == {"too_many_elements"}


def test_all_faults_are_told_at_once_in_the_order_of_the_files() -> None:
    chosen = ["unknown_form/invalid.bpmn", "link_event/invalid.bpmn", "doctype/invalid.bpmn"]
    files = [SourceFile(name, (EXAMPLES / name).read_bytes()) for name in chosen]
    wanted = {"unknown_form", "link_event", "doctype"}
    faults = check(files, CONTEXT, only=wanted)
    assert [f.file for f in faults] == sorted(chosen)
    assert check(list(reversed(files)), CONTEXT, only=wanted) == faults


def test_a_single_file_is_checked_with_those_in_force() -> None:
    folder = EXAMPLES / "unknown_decision" / "valid"
    letter, grade = (SourceFile(n, (folder / n).read_bytes()) for n in ("letter.bpmn", "grade.dmn"))
    in_force = CheckContext(
        CONTEXT.forms, CONTEXT.operations, CONTEXT.campaigns, CONTEXT.roles, deployed=[grade]
    )
    undrawn = set(CODES) - DRAWING
    assert codes(check([letter], CONTEXT, only=undrawn)) == {"unknown_decision"}
    assert check([letter], in_force, only=undrawn) == []


def test_the_faults_of_the_files_in_force_are_not_told() -> None:
    broken = SourceFile("broken.bpmn", (EXAMPLES / "link_event" / "invalid.bpmn").read_bytes())
    parcel = (EXAMPLES / "duplicate_process" / "valid" / "two.bpmn").read_bytes()
    in_force = CheckContext(
        CONTEXT.forms, CONTEXT.operations, CONTEXT.campaigns, CONTEXT.roles, deployed=[broken]
    )
    assert check([SourceFile("parcel.bpmn", parcel)], in_force, only=set(CODES) - DRAWING) == []


@pytest.mark.parametrize("other", ["a.bpmn", "z.bpmn"])
def test_a_process_in_force_in_another_file_is_named_wherever_that_file_sorts(other: str) -> None:
    content = (EXAMPLES / "doctype" / "valid.bpmn").read_bytes()
    [fault] = check(
        [SourceFile("letter.bpmn", content)],
        beside(SourceFile(other, content)),
        only=set(CODES) - DRAWING,
    )
    assert (fault.code, fault.file) == ("duplicate_process", "letter.bpmn")
    assert other in fault.message


@pytest.mark.parametrize("other", ["a.dmn", "z.dmn"])
def test_a_decision_in_force_in_another_file_is_named_wherever_that_file_sorts(other: str) -> None:
    content = (EXAMPLES / "table_shape" / "valid.dmn").read_bytes()
    [fault] = check([SourceFile("grade.dmn", content)], beside(SourceFile(other, content)))
    assert (fault.code, fault.file) == ("duplicate_decision", "grade.dmn")
    assert other in fault.message


def test_a_new_version_of_a_file_replaces_the_one_of_its_name() -> None:
    content = (EXAMPLES / "doctype" / "valid.bpmn").read_bytes()
    letter, other = SourceFile("letter.bpmn", content), SourceFile("other.bpmn", b"")
    assert check([letter], beside(letter), only=set(CODES) - DRAWING) == []
    assert in_force_beside([letter], [letter, other]) == [other]


def beside(*deployed: SourceFile) -> CheckContext:
    return replace(CONTEXT, deployed=deployed)


def test_a_delay_must_be_known_to_every_campaign() -> None:
    other = CampaignShape("letters-2023", frozenset({"review"}), frozenset({"campaign.id"}))
    both = CheckContext(
        CONTEXT.forms, CONTEXT.operations, [*CONTEXT.campaigns, other], CONTEXT.roles
    )
    example = source_files(EXAMPLES / "unknown_deadline" / "valid.bpmn")
    assert codes(check(example, both, only={"unknown_deadline"})) == {"unknown_deadline"}


FIRES_AT = datetime(2022, 11, 7, 23, tzinfo=UTC)
TIMED = (EXAMPLES / "timer_without_deadline" / "valid_two_cases.bpmn").read_text()
ITS_DATE = TIMED[TIMED.index("<bpmn:timeDate>") : TIMED.index("</bpmn:timeDate>")]
ALTERED = st.recursive(
    st.sampled_from(
        [
            'deadline("answer", letter.sent_at)',
            'deadline("review", now())',
            'deadline(key: "answer", from: letter.sent_at)',
            'deadline("answer", letter.sent_at, letter.number)',
            'deadline("answer", [letter.sent_at])',
            'deadline("answer", string(letter.sent_at))',
        ]
    ),
    lambda inner: st.one_of(
        inner.map(lambda e: f"({e}).fires_at"),
        inner.map(lambda e: f"({e}).last_day"),
        inner.map(lambda e: f"[{e}]"),
        inner.map(lambda e: f"-({e})"),
        inner.map(lambda e: f"string({e})"),
        inner.map(lambda e: f"{{a: {e}}}.a"),
        inner.map(lambda e: f'({e}) + duration("P1D")'),
        inner.map(lambda e: f'deadline("answer", {e})'),
        st.builds("if letter.number > 3 then {} else {}".format, inner, inner),
    ),
    max_leaves=3,
)


@given(ALTERED)
def test_a_timer_without_fault_fires_when_a_deadline_says(written: str) -> None:
    def deadline(key: str, from_: Any, remaining: Any = None) -> dict[str, Any]:
        assert isinstance(from_, date | datetime)
        return {"key": key, "fires_at": FIRES_AT, "last_day": date(2022, 11, 7), "deadline_id": 1}

    timed = TIMED.replace(ITS_DATE, f"<bpmn:timeDate>{escape(written)}")
    if check([SourceFile("timed.bpmn", timed.encode())], CONTEXT, only=set(CODES) - DRAWING):
        return
    letter = {"number": 5, "sent_at": datetime(2022, 11, 1, tzinfo=UTC)}
    found = evaluate(written, {"letter": letter}, now=FIRES_AT, functions={"deadline": deadline})
    due = due_from(found)
    assert isinstance(due, Due)
    assert due.fires_at == FIRES_AT
