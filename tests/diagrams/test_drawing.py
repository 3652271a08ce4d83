"""The diagrams of the procedure are valid BPMN, well drawn, and redrawn identically."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree
from SpiffWorkflow.spiff.parser.process import VALIDATOR

from workflow.engine.diagram_geometry import geometric_faults
from workflow.engine.diagram_interchange import BPMN, is_node, kind_of

FOLDER = Path(__file__).parents[2] / "bpmn"
DIAGRAMS = sorted(FOLDER.glob("*.bpmn"))
NAMES = [path.stem for path in DIAGRAMS]
every_diagram = pytest.mark.parametrize("path", DIAGRAMS, ids=NAMES)


def parsed(path: Path):
    return etree.fromstring(path.read_bytes())


def draw(*paths: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(FOLDER / "draw.py"), *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def logic_of(text: str) -> str:
    return text.partition("<bpmndi:BPMNDiagram")[0]


def test_the_procedure_is_drawn_in_eleven_diagrams() -> None:
    assert NAMES == [
        "admissibility",
        "award",
        "clerical_correction",
        "college_session",
        "convention",
        "dossier",
        "instruction",
        "instruction_solicitation",
        "proof_deposit",
        "reservation_lifting",
        "support_question",
    ]


@every_diagram
def test_a_diagram_of_the_procedure_obeys_the_schema_of_bpmn(path: Path) -> None:
    VALIDATOR.validate(parsed(path), path.name)


@every_diagram
def test_a_reader_stumbles_on_nothing_in_a_diagram_of_the_procedure(path: Path) -> None:
    assert geometric_faults(parsed(path)) == []


@every_diagram
def test_a_reader_finds_a_label_on_every_step(path: Path) -> None:
    for element in parsed(path).iter(BPMN + "*"):
        merges = (
            kind_of(element).endswith("Gateway") and len(element.findall(BPMN + "outgoing")) == 1
        )
        if is_node(element) and not merges:
            assert element.get("name"), element.get("id")


@every_diagram
def test_a_reader_finds_a_label_on_every_answer_to_a_question(path: Path) -> None:
    root = parsed(path)
    flows = list(root.iter(BPMN + "sequenceFlow"))
    questions = {gateway.get("id") for gateway in root.iter(BPMN + "exclusiveGateway")}
    leaving = Counter(flow.get("sourceRef") for flow in flows)
    for flow in flows:
        if flow.get("sourceRef") in questions and leaving[flow.get("sourceRef")] > 1:
            assert flow.get("name"), flow.get("id")


def test_drawing_twice_changes_nothing(tmp_path: Path) -> None:
    copies = [Path(shutil.copy(path, tmp_path)) for path in DIAGRAMS]
    assert draw(*copies).returncode == 0
    assert [copy.read_bytes() for copy in copies] == [path.read_bytes() for path in DIAGRAMS]


def test_drawing_mends_the_drawing_and_leaves_the_logic(tmp_path: Path) -> None:
    copy = Path(shutil.copy(FOLDER / "convention.bpmn", tmp_path))
    text = copy.read_text(encoding="utf-8").replace("Signer la convention", "Signer ici")
    moved = text.replace('<di:waypoint x="', '<di:waypoint x="1')
    copy.write_text(moved, encoding="utf-8")
    assert geometric_faults(parsed(copy))
    assert draw(copy).returncode == 0
    assert logic_of(copy.read_text(encoding="utf-8")) == logic_of(moved)
    assert geometric_faults(parsed(copy)) == []


def test_a_file_without_a_drawing_gets_one(tmp_path: Path) -> None:
    copy = tmp_path / "award.bpmn"
    text = (FOLDER / "award.bpmn").read_text(encoding="utf-8")
    copy.write_text(logic_of(text).rstrip() + "\n</bpmn:definitions>\n", encoding="utf-8")
    assert draw(copy).returncode == 0
    assert copy.read_text(encoding="utf-8") == text


def test_a_node_without_a_cell_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    copy = tmp_path / "award.bpmn"
    text = (FOLDER / "award.bpmn").read_text(encoding="utf-8")
    forgetful = text.replace("<bpmn:startEvent", '<bpmn:task id="forgotten"/><bpmn:startEvent', 1)
    copy.write_text(forgetful, encoding="utf-8")
    ended = draw(copy)
    assert ended.returncode == 1
    assert "forgotten" in ended.stderr
    assert copy.read_text(encoding="utf-8") == forgetful
