"""What the deployed diagrams say of the procedure, read once per deployment.

Beside the elements that the engine knows: the sentences of the documentation, the delay that each
timer waits for, and where everything is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree
from sqlalchemy.orm import Session

from web.process_text import TextStep, process_text
from web.runtime import memory
from workflow.engine import diagrams
from workflow.engine.diagram_checks.reading import ParsedFile, read
from workflow.engine.diagram_interchange import BPMN, BPMNDI, Plane, elements_by_id, read_plane
from workflow.engine.source_file import SourceFile
from workflow.engine.spiff import Element, Process, read_processes

_KEPT = "procedure"
_TAGS = re.compile(r"\A(?:\s*\[[^\]]*\])+\s*")
_KEY = re.compile(r'deadline\(\s*"([a-z_0-9]+)"')


@dataclass(frozen=True)
class ProcedureSource:
    """The processes of a deployment by id, and what their files say beside their elements."""

    processes: Mapping[str, Process]
    abouts: Mapping[str, str]
    """Process or element id, within its process ("process/element") → its documentation."""
    delays: Mapping[str, str]
    """Timer, named likewise → the campaign's delay that it waits for."""
    planes: Mapping[str, Plane]
    """Process id → its drawing."""
    orders: Mapping[str, list[str]]
    """Process id → its elements in the order of its arrows, as its text twin tells them."""

    def in_order(self, process: Process) -> list[Element]:
        """The elements of a process in the order of its arrows."""
        return [process.elements[each] for each in self.orders[process.id]]

    def about(self, process: Process, element_id: str = "") -> str:
        """The sentence that documents a process or one of its elements; empty without any."""
        return self.abouts.get(_place(process.id, element_id), "")

    def delay(self, process: Process, element_id: str) -> str:
        """The name of the delay that a timer waits for; empty when it names none."""
        return self.delays.get(_place(process.id, element_id), "")


def source_in_force(session: Session) -> ProcedureSource:
    """The diagrams in force; raises NotFound before the first deployment."""
    deployment_id = diagrams.latest(session)
    kept: dict[int, ProcedureSource] = memory().get(_KEPT, {})
    found = kept.get(deployment_id)
    if found is None:
        files = diagrams.files_of(session, deployment_id)
        found = read_source([SourceFile(each.name, each.content) for each in files])
        memory()[_KEPT] = {deployment_id: found}
    return found


def read_source(files: list[SourceFile]) -> ProcedureSource:
    """What some files say; decision tables say nothing here."""
    processes: dict[str, Process] = {}
    abouts: dict[str, str] = {}
    delays: dict[str, str] = {}
    planes: dict[str, Plane] = {}
    for file in files:
        parsed = read(file)
        if not isinstance(parsed, ParsedFile) or parsed.is_table:
            continue
        known = {each.id: each for each in read_processes(file)}
        processes.update(known)
        plane = next(parsed.root.iter(f"{BPMNDI}BPMNPlane"), None)
        if plane is not None:
            drawn = read_plane(plane, elements_by_id(parsed.root))
            planes.update(dict.fromkeys(known, drawn))
        for process in parsed.root.iter(f"{BPMN}process"):
            abouts.update(_abouts(process))
            delays.update(_delays(process))
    orders = {
        each.id: [step.element_id for step in _flat(process_text(each))]
        for each in processes.values()
    }
    return ProcedureSource(processes, abouts, delays, planes, orders)


def sentence(documentation: str) -> str:
    """A documentation without the references that it begins with."""
    return _TAGS.sub("", " ".join(documentation.split()))


def _abouts(process: etree._Element) -> Iterator[tuple[str, str]]:
    for node in process.iter(f"{BPMN}documentation"):
        around = node.getparent()
        if around is not None and (told := sentence(node.text or "")):
            inside = "" if around is process else around.get("id", "")
            yield _place(process.get("id", ""), inside), told


def _delays(process: etree._Element) -> Iterator[tuple[str, str]]:
    for definition in process.iter(f"{BPMN}timerEventDefinition"):
        around = definition.getparent()
        named = _KEY.search("".join(str(text) for text in definition.itertext()))
        if around is not None and named:
            yield _place(process.get("id", ""), around.get("id", "")), named[1]


def _flat(steps: list[TextStep]) -> Iterator[TextStep]:
    for step in steps:
        yield step
        yield from _flat(step.inner)


def _place(process_id: str, element_id: str) -> str:
    return f"{process_id}/{element_id}"
