"""What is known where: names followed from the nodes that define them along the flows.

A name is known at a point when some path to it defines it. Results, tables, scripts, payloads and
kept answers stay; other answers are known until the dossier waits again (DESIGN §2).
"""

from __future__ import annotations

from collections.abc import Iterator

from workflow.engine.diagram_checks.deployment import (
    CallTree,
    Deployment,
    called_decision,
    called_process,
)
from workflow.engine.diagram_checks.feel_text import expressions_of_node
from workflow.engine.diagram_checks.feel_tree import entries
from workflow.engine.diagram_checks.graph import (
    Node,
    Scope,
    definition_kind,
    form_key,
    operator,
    text,
)
from workflow.engine.diagram_checks.reading import BPMN, SPIFF
from workflow.engine.diagram_checks.vocabulary import Vocabulary, constants

Point = tuple[Node, bool]
"""A node, and whether it has been passed: ``(node, False)`` is its entry."""

_WAITS = frozenset({"userTask", "receiveTask", "intermediateCatchEvent", "boundaryEvent"})


class Knowledge:
    """The vocabulary at each point of one call tree."""

    def __init__(self, deployment: Deployment, tree: CallTree) -> None:
        self._deployment = deployment
        self._at: dict[Point, Vocabulary] = {}
        self._next: dict[Point, list[Point]] = {}
        for process in tree.processes:
            for scope in process.walk():
                self._connect(scope)
        self._spread(tree.root)

    def before(self, node: Node) -> Vocabulary | None:
        """What is known on entering ``node``; None when nothing leads there."""
        return self._at.get((node, False))

    def after(self, node: Node) -> Vocabulary | None:
        """What is known once ``node`` is passed; None when nothing leads there."""
        return self._at.get((node, True))

    def _connect(self, scope: Scope) -> None:
        for node in scope.nodes:
            inner = self._inside(node)
            for boundary in scope.boundaries(node):
                self._link((node, False), (boundary, False))
                for part in _within(inner):
                    self._link((part, True), (boundary, False))
            if inner is None:
                self._link((node, False), (node, True))
            for part in inner.nodes if inner is not None else ():
                if part.kind == "startEvent":
                    self._link((node, False), (part, False))
                elif part.kind == "endEvent":
                    self._link((part, True), (node, True))
            for flow in node.outgoing:
                target = scope.find(flow.target)
                if target is not None:
                    self._link((node, True), (target, False))

    def _inside(self, node: Node) -> Scope | None:
        if node.kind == "callActivity":
            return self._deployment.process(called_process(node))
        return node.body

    def _link(self, start: Point, end: Point) -> None:
        self._next.setdefault(start, []).append(end)

    def _spread(self, root: Scope) -> None:
        """Carry names forward until nothing is new."""
        known = constants(self._deployment.context.campaigns)
        waiting: list[Point] = []
        for node in root.nodes:
            if node.kind == "startEvent":
                self._at[(node, False)] = Vocabulary(dict(known))
                waiting.append((node, False))
        while waiting:
            point = waiting.pop()
            for following in self._next.get(point, ()):
                if self._carry(point, following):
                    waiting.append(following)

    def _carry(self, point: Point, following: Point) -> bool:
        source = self._at[point]
        is_news = following not in self._at
        target = self._at.setdefault(following, Vocabulary())
        node, passed = following
        if is_news and passed:
            for name, parts in definitions(self._deployment, node):
                target.add(name, parts)
            target.add_passing(_answer(self._deployment, node))
        for name, parts in source.kept.items():
            is_news |= target.add(name, parts)
        if not (passed and node.kind in _WAITS):
            is_news |= target.add_passing(source.passing)
        return is_news


def _within(scope: Scope | None) -> Iterator[Node]:
    for inner in () if scope is None else scope.walk():
        yield from inner.nodes


def _answer(deployment: Deployment, node: Node) -> frozenset[str]:
    form = deployment.context.forms.get(form_key(node))
    return frozenset() if form is None else frozenset(form.keys)


def definitions(deployment: Deployment, node: Node) -> Iterator[tuple[str, frozenset[str] | None]]:
    """The names ``node`` defines for good, with the parts of their values."""
    form = deployment.context.forms.get(form_key(node))
    for key in form.variables if form is not None else ():
        yield key, None
    if node.kind == "serviceTask":
        yield from _result(deployment, node)
    if node.kind == "businessRuleTask":
        decision = deployment.decision(called_decision(node))
        for output in decision.outputs if decision is not None else ():
            yield output, None
    for expression in expressions_of_node(node):
        for key in (entries(expression.text) or ()) if expression.is_script else ():
            yield key, None
    for name in (*_payload(node), *_items(node)):
        yield name, None


def _result(deployment: Deployment, node: Node) -> Iterator[tuple[str, frozenset[str] | None]]:
    element = operator(node)
    if element is not None:
        found = deployment.context.operations.get(element.get("id", ""))
        outputs = None if found is None else frozenset(found.outputs)
        yield element.get("resultVariable", "").strip(), outputs


def _payload(node: Node) -> Iterator[str]:
    """Names the property ``payload`` declares, comma-separated, and those of event variables."""
    for name in node.properties.get("payload", "").split(","):
        yield name.strip()
    for definition in (*node.definitions, node.element):
        what = definition_kind(definition)
        declared = node.document.referred(definition, f"{what}Ref")
        for holder in (definition, declared):
            for local_name in ("messageVariable", "variableName"):
                path = f"{{{BPMN}}}extensionElements/{{{SPIFF}}}{local_name}"
                for part in () if holder is None else holder.iterfind(path):
                    yield text(part)


def _items(node: Node) -> Iterator[str]:
    for local_name in ("inputDataItem", "outputDataItem"):
        for item in node.element.iterfind(f"{{{BPMN}}}*/{{{BPMN}}}{local_name}"):
            yield item.get("name", "") or item.get("id", "")
