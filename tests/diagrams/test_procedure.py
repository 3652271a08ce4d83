"""The project's own procedure passes every check, and no mutation of it makes the checks fall."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from workflow.domain.campaign_parameters import Campaign
from workflow.domain.person import ROLES
from workflow.engine.diagram_checks import (
    CODES,
    CampaignShape,
    CheckContext,
    Fault,
    OperationShape,
    check,
)
from workflow.engine.diagrams import parse_files
from workflow.engine.forms import Forms
from workflow.engine.source_file import SourceFile
from workflow.service_tasks import registry

PROJECT = Path(__file__).parents[2]
FILES = [
    SourceFile(path.name, path.read_bytes())
    for path in sorted((PROJECT / "bpmn").iterdir())
    if path.suffix in {".bpmn", ".dmn"}
]

DRAWING = {"missing_drawing", "drawing_reference", "drawing_number", "drawing"}


NUMBER_OF_A_DELAY = re.compile(
    r"\b(\d+|deux|trois|quatre|cinq|six|sept|huit|dix|trente|vingt-quatre)"
    r"\s+(jours?|semaines?|mois|heures?|h)\b",
    re.IGNORECASE,
)


def test_no_sentence_of_a_diagram_gives_the_number_of_a_delay() -> None:
    said = [(file.name, file.content.decode()) for file in FILES]
    numbers = [(name, each[0]) for name, text in said for each in NUMBER_OF_A_DELAY.finditer(text)]
    assert numbers == [], "a campaign may change its delays: say it without the number"


def campaign_shape(path: Path) -> CampaignShape:
    campaign = Campaign.parse(yaml.safe_load(path.read_text(encoding="utf-8")))
    constants = campaign.feel_constants()["campaign"]
    return CampaignShape(
        campaign.id,
        frozenset(campaign.delays),
        frozenset(f"campaign.{name}" for name in constants),
    )


def project_context(deployed: tuple[SourceFile, ...] = ()) -> CheckContext:
    return CheckContext(
        forms={form.key: form for form in Forms.load(PROJECT / "forms")},
        operations={
            name: OperationShape(name, operation.parameters, operation.required, operation.outputs)
            for name, operation in registry.load().items()
        },
        campaigns=[campaign_shape(p) for p in (PROJECT / "bpmn" / "campaigns").glob("*.yaml")],
        roles=frozenset(ROLES),
        deployed=deployed,
    )


CONTEXT = project_context()


def without(name: str) -> tuple[SourceFile, ...]:
    return tuple(file for file in FILES if file.name != name)


def altered(file: SourceFile, old: str, new: str) -> SourceFile:
    text = file.content.decode()
    assert old in text
    return SourceFile(file.name, text.replace(old, new, 1).encode())


def told(faults: list[Fault]) -> list[str]:
    return [f"{f.file} {f.element}: {f.code}: {f.message_en}" for f in faults]


def test_the_procedure_of_the_project_has_no_fault() -> None:
    assert told(check(FILES, CONTEXT)) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_each_diagram_has_no_fault_when_checked_with_the_others_in_force(file: SourceFile) -> None:
    assert told(check([file], project_context(deployed=without(file.name)))) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        (
            "admissibility.bpmn",
            'deadline("admissibility_solicitation", solicitation.sent_at)',
            "null",
            "timer_constant",
        ),
        (
            "admissibility.bpmn",
            'deadline("admissibility_solicitation", solicitation.sent_at)',
            'deadline("admissibility_solicitation", solicitation.send_at)',
            "unknown_name",
        ),
        ("admissibility.bpmn", "solicitations.send", "solicitations.sent", "unknown_operation"),
        ("admissibility.bpmn", ">eligibility<", ">eligibilite<", "unknown_decision"),
        ("admissibility.bpmn", 'id="operator"', 'id="operateur"', "unknown_lane_role"),
        ("dossier.bpmn", 'calledElement="award"', 'calledElement="awards"', "unknown_process"),
        ("dossier.bpmn", 'attachedToRef="body"', 'attachedToRef="bodies"', "boundary_attachment"),
        ("dossier.bpmn", 'value="decision,', 'value="', "unknown_name"),
        ("eligibility.dmn", "<text>in_trust_space</text>", "<text>trusted</text>", "unknown_name"),
        (
            "reapplication.dmn",
            '<text>"proofs"</text>',
            "<text>proofs !</text>",
            "expression_syntax",
        ),
    ],
)
def test_a_slip_of_the_process_owner_is_named(name: str, old: str, new: str, code: str) -> None:
    file = next(file for file in FILES if file.name == name)
    faults = check([altered(file, old, new)], project_context(deployed=without(name)))
    assert code in {fault.code for fault in faults}


def test_an_error_that_the_caller_no_longer_catches_is_named_in_the_called_process() -> None:
    files = [
        altered(f, 'errorRef="error_abandoned"', 'errorRef="error_ineligible"')
        if f.name == "dossier.bpmn"
        else f
        for f in FILES
    ]
    found = [f for f in check(files, CONTEXT) if f.code == "uncaught_error"]
    assert [fault.file for fault in found] == ["instruction_solicitation.bpmn"]


NAMES = st.sampled_from(
    ["", "dossier", "body", "start", "operator", "null", "é", "a b", "P5D", "{", "1e999", "false"]
)


@st.composite
def mutated(draw: st.DrawFn) -> SourceFile:
    """A diagram of the project after a few random deletions, copies and renamings."""
    file = draw(st.sampled_from(FILES))
    root = etree.fromstring(file.content)
    for _ in range(draw(st.integers(1, 6))):
        elements = [e for e in root.iter("{*}*") if e is not root]
        if not elements:
            break
        mutate(draw, root, draw(st.sampled_from(elements)))
    return SourceFile(file.name, etree.tostring(root))


def mutate(draw: st.DrawFn, root: etree._Element, element: etree._Element) -> None:
    parent = element.getparent()
    assert parent is not None
    what = draw(st.sampled_from(["delete", "copy", "move", "tag", "attribute", "drop", "text"]))
    if what == "delete":
        parent.remove(element)
    elif what == "copy":
        parent.append(etree.fromstring(etree.tostring(element)))
    elif what == "move":
        root.append(element)
    elif what == "tag":
        others = [e.tag for e in root.iter("{*}*") if e is not root]
        element.tag = draw(st.sampled_from(others))
    elif what == "text":
        element.text = draw(NAMES)
    elif element.attrib:
        key = draw(st.sampled_from(sorted(element.attrib, key=str)))
        if what == "drop":
            del element.attrib[key]
        else:
            others = [str(e.get(key)) for e in root.iter("{*}*") if e.get(key) is not None]
            element.set(key, draw(NAMES | st.sampled_from(others)))


@given(file=mutated())
@settings(max_examples=60)
def test_no_mutation_of_a_diagram_makes_the_checks_fall(file: SourceFile) -> None:
    faults = check([*without(file.name), file], CONTEXT)
    assert {fault.code for fault in faults} <= set(CODES)


@given(file=mutated())
@settings(max_examples=60)
def test_the_engine_reads_every_diagram_that_has_no_fault(file: SourceFile) -> None:
    files = [*without(file.name), file]
    if not check(files, CONTEXT, only=set(CODES) - DRAWING):
        parse_files(files)


@given(content=st.binary(max_size=200))
@settings(max_examples=50)
def test_no_bytes_make_the_checks_fall(content: bytes) -> None:
    faults = check([SourceFile("any.bpmn", content), SourceFile("any.dmn", content)], CONTEXT)
    assert faults


@given(file=st.sampled_from(FILES), cut=st.integers(0, 60_000), byte=st.integers(0, 255))
@settings(max_examples=50)
def test_no_damaged_byte_makes_the_checks_fall(file: SourceFile, cut: int, byte: int) -> None:
    damaged = file.content[:cut] + bytes([byte]) + file.content[cut + 1 :]
    check([*without(file.name), SourceFile(file.name, damaged)], CONTEXT)
