"""Diagrams parsed once, from which instances are started and loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lxml import etree

from workflow.engine.source_file import SourceFile
from workflow.engine.spiff import state
from workflow.engine.spiff.description import Process, describe
from workflow.engine.spiff.environment import TurnEnvironment
from workflow.engine.spiff.expressions import FeelEngine
from workflow.engine.spiff.faults import DiagramUnreadable
from workflow.engine.spiff.files import local_name, read_xml
from workflow.engine.spiff.finishing import finish
from workflow.engine.spiff.flow import Flow
from workflow.engine.spiff.library import SpiffWorkflowException, ValidationException
from workflow.engine.spiff.parser import DiagramParser, parameters_without_type
from workflow.engine.spiff.refusals import refuse_unsupported
from workflow.engine.spiff.running import RunningProcess
from workflow.engine.spiff.specification import ProcessSpecification
from workflow.engine.spiff.values import storable_variables
from workflow.errors import InvalidInput, NotFound
from workflow.feel.decision_table import DecisionTable


class Diagrams:
    """A set of diagrams that call each other; immutable, shared by threads and instances."""

    def __init__(
        self,
        processes: Mapping[str, Process],
        specifications: Mapping[str, ProcessSpecification],
    ) -> None:
        self._processes = dict(processes)
        self._specifications = dict(specifications)
        self.process_ids = frozenset(self._processes)

    def process(self, process_id: str) -> Process:
        """What a process draws. Raises NotFound."""
        found = self._processes.get(process_id)
        if found is None:
            raise NotFound(
                f"Expected one of the processes {', '.join(sorted(self._processes))} but got "
                f"{process_id!r}. Name a deployed process."
            )
        return found

    def start(
        self, process_id: str, environment: TurnEnvironment, variables: Mapping[str, Any]
    ) -> Flow:
        """A new instance; call ``run()`` to let it reach its first waits."""
        self.process(process_id)
        engine = FeelEngine(environment)
        running = RunningProcess(self._specifications[process_id], self._specifications, engine)
        running.plant()
        running.task_tree.data.update(storable_variables(variables))
        return Flow(self, running, environment)

    def load(self, process_id: str, blob: bytes, environment: TurnEnvironment) -> Flow:
        """A stored instance. Raises StateUnreadable when it does not fit these diagrams."""
        self.process(process_id)
        engine = FeelEngine(environment)
        specification = self._specifications[process_id]
        running = state.load(blob, specification, self._specifications, engine)
        return Flow(self, running, environment)


def parse(bpmn: Iterable[SourceFile], dmn: Iterable[SourceFile]) -> Diagrams:
    """Read diagrams and decision tables.

    Raises DiagramUnreadable, naming file and element, at the first thing that cannot be read
    or would not run as it is drawn; every expression is compiled here.
    """
    drawings = [(file.name, read_xml(file)) for file in bpmn]
    processes = {process.id: process for name, root in drawings for process in describe(root, name)}
    parser = DiagramParser(_decisions(dmn))
    for name, root in drawings:
        refuse_unsupported(root, name, processes)
        parameters_without_type(root)
        _add_file(name, parser, root)
    specifications: dict[str, ProcessSpecification] = {}
    for process in processes.values():
        specifications.update(_specifications(parser, process))
    for process in processes.values():
        finish(process, specifications)
    return Diagrams(processes, specifications)


def read_processes(file: SourceFile) -> list[Process]:
    """What one file draws, of any version: nothing of it is made ready to run.

    Raises DiagramUnreadable.
    """
    return describe(read_xml(file), file.name)


def _decisions(files: Iterable[SourceFile]) -> dict[str, DecisionTable]:
    decisions: dict[str, DecisionTable] = {}
    for file in files:
        for node in read_xml(file).iter("{*}decision"):
            identifier = node.get("id", "")
            try:
                table = DecisionTable.from_xml(node)
            except InvalidInput as fault:
                raise DiagramUnreadable(str(fault), file=file.name, element=identifier) from fault
            for fault in table.faults():
                raise DiagramUnreadable(
                    f"{fault.place}: {fault.message}", file=file.name, element=identifier
                )
            if identifier in decisions:
                raise DiagramUnreadable(
                    f"Expected one decision {identifier} but there are two. Rename one.",
                    file=file.name,
                    element=identifier,
                )
            decisions[identifier] = table
    return decisions


def _add_file(name: str, parser: DiagramParser, root: etree._Element) -> None:
    """Hand one file to the library."""
    if local_name(root) != "definitions":
        raise DiagramUnreadable(
            f"Expected BPMN definitions but it holds {local_name(root)}. Export it as BPMN 2.0.",
            file=name,
        )
    try:
        parser.add_bpmn_xml(root, name)
    except ValidationException as fault:
        raise _unreadable(fault, name) from fault


def _specifications(parser: DiagramParser, process: Process) -> dict[str, Any]:
    try:
        top = parser.get_spec(process.id)
        return {process.id: top, **parser.get_subprocess_specs(process.id)}
    except SpiffWorkflowException as fault:
        raise _unreadable(fault, process.file) from fault


def _unreadable(fault: SpiffWorkflowException, file: str) -> DiagramUnreadable:
    element = getattr(fault, "id", None) or None
    return DiagramUnreadable(
        f"Expected what the engine can run but {fault} Correct the diagram.",
        file=getattr(fault, "file_name", "") or file,
        element=element,
    )
