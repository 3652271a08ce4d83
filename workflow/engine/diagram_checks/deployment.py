"""The files of one deployment taken together: who calls whom, which decision is whose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

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
    _trees: list[CallTree] | None = None

    def every_process(self) -> Iterator[Scope]:
        """All processes, those in force included."""
        for document in (*self.documents, *self.deployed_documents):
            yield from document.processes

    def every_decision(self) -> Iterator[Decision]:
        """All decisions, those in force included."""
        for table in (*self.tables, *self.deployed_tables):
            yield from table.decisions

    def process(self, process_id: str) -> Scope | None:
        """The process of that id."""
        return next((p for p in self.every_process() if process_id and p.id == process_id), None)

    def decision(self, decision_id: str) -> Decision | None:
        """The decision of that id."""
        return next((d for d in self.every_decision() if decision_id and d.id == decision_id), None)

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

    def trees(self) -> list[CallTree]:
        """One call tree for each process that no other calls."""
        if self._trees is None:
            self._trees = list(_call_trees(self))
        return self._trees


@dataclass(eq=False)
class CallTree:
    """A process that nothing calls, and all that it calls, however deep."""

    root: Scope
    processes: list[Scope]
    decisions: list[Decision]

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
        members = _reachable(deployment, root)
        reached.update(members)
        yield CallTree(root, members, _decisions(deployment, members))


def _reachable(deployment: Deployment, root: Scope) -> list[Scope]:
    members = [root]
    for process in members:
        for node in calls(process):
            target = deployment.process(called_process(node))
            if target is not None and target not in members:
                members.append(target)
    return members


def _decisions(deployment: Deployment, members: list[Scope]) -> list[Decision]:
    found: list[Decision] = []
    for process in members:
        for node in nodes_within(process):
            if node.kind == "businessRuleTask":
                decision = deployment.decision(called_decision(node))
                if decision is not None and decision not in found:
                    found.append(decision)
    return found
