"""The files of one deployment taken together: who calls whom, which decision is whose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from workflow.engine.diagram_checks.graph import Document, Node, Scope, extension, text
from workflow.engine.diagram_checks.model import CheckContext
from workflow.engine.diagram_checks.tables import Decision, TableDocument


@dataclass(eq=False)
class Deployment:
    """The files under check, completed by those in force."""

    documents: list[Document]
    tables: list[TableDocument]
    context: CheckContext
    deployed_documents: list[Document] = field(default_factory=list[Document])
    deployed_tables: list[TableDocument] = field(default_factory=list[TableDocument])
    _called: dict[Scope, list[Scope]] = field(default_factory=dict["Scope", "list[Scope]"])

    def every_process(self) -> Iterator[Scope]:
        """All processes, those in force included."""
        for document in (*self.documents, *self.deployed_documents):
            yield from document.processes

    def every_decision(self) -> Iterator[Decision]:
        """All decisions, those in force included."""
        for table in (*self.tables, *self.deployed_tables):
            yield from table.decisions

    def process(self, process_id: str) -> Scope | None:
        """The process of that id; the first one when several claim it."""
        return self._processes.get(process_id)

    def decision(self, decision_id: str) -> Decision | None:
        """The decision of that id; the first one when several claim it."""
        return self._decisions.get(decision_id)

    @cached_property
    def _processes(self) -> dict[str, Scope]:
        found: dict[str, Scope] = {}
        for process in self.every_process():
            if process.id:
                found.setdefault(process.id, process)
        return found

    @cached_property
    def _decisions(self) -> dict[str, Decision]:
        found: dict[str, Decision] = {}
        for decision in self.every_decision():
            if decision.id:
                found.setdefault(decision.id, decision)
        return found

    def called_from(self, process: Scope) -> list[Scope]:
        """The processes that ``process`` calls, directly."""
        if process not in self._called:
            targets = (self.process(called_process(node)) for node in calls(process))
            self._called[process] = list(dict.fromkeys(t for t in targets if t is not None))
        return self._called[process]

    def reached_from(self, process: Scope) -> list[Scope]:
        """``process`` and all that it calls, however deep."""
        reached = {process: None}
        waiting = [process]
        while waiting:
            for target in self.called_from(waiting.pop(0)):
                if target not in reached:
                    reached[target] = None
                    waiting.append(target)
        return list(reached)

    def scopes(self) -> Iterator[Scope]:
        """The scopes under check."""
        for document in self.documents:
            for process in document.processes:
                yield from process.walk()

    def nodes(self, *kinds: str) -> Iterator[Node]:
        """The nodes under check, of those kinds when some are given."""
        for scope in self.scopes():
            for node in scope.nodes:
                if not kinds or node.kind in kinds:
                    yield node

    def decisions(self) -> Iterator[Decision]:
        """The decisions under check."""
        for table in self.tables:
            yield from table.decisions

    @cached_property
    def trees(self) -> list[CallTree]:
        """One call tree for each process that no other calls."""
        return list(_call_trees(self))


@dataclass(eq=False)
class CallTree:
    """A process that nothing calls, and all that it calls, however deep."""

    root: Scope
    processes: list[Scope]

    def nodes(self) -> Iterator[Node]:
        """Every node of every process of the tree."""
        for process in self.processes:
            yield from nodes_within(process)


def nodes_within(process: Scope) -> Iterator[Node]:
    """Every node of the process, those of its embedded sub-processes included."""
    for scope in process.walk():
        yield from scope.nodes


def called_process(node: Node) -> str:
    """The id of the process a call activity names, empty when it names none."""
    return node.element.get("calledElement", "").strip()


def called_decision(node: Node) -> str:
    """The id of the decision a business rule task names, empty when it names none."""
    return text(extension(node.element, "calledDecisionId"))


def calls(process: Scope) -> Iterator[Node]:
    """The call activities of the process."""
    return (node for node in nodes_within(process) if node.kind == "callActivity")


def _call_trees(deployment: Deployment) -> Iterator[CallTree]:
    processes = list(deployment.every_process())
    called = {called_process(node) for process in processes for node in calls(process)}
    roots = [process for process in processes if process.id not in called]
    reached: set[Scope] = set()
    for root in [*roots, *processes]:
        if root in reached:
            continue
        members = deployment.reached_from(root)
        reached.update(members)
        yield CallTree(root, members)
