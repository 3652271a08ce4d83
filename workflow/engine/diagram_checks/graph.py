"""A BPMN file as a graph: processes and sub-processes, their nodes and their flows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from workflow.engine.diagram_checks.reading import BPMN, SPIFF, ParsedFile, kind, namespace

TASKS = frozenset(
    {"userTask", "serviceTask", "scriptTask", "businessRuleTask", "sendTask", "receiveTask"}
)
EVENTS = frozenset(
    {
        "startEvent",
        "endEvent",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "boundaryEvent",
    }
)
GATEWAYS = frozenset(
    {"exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway"}
)
CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway"})
SUPPORTED = TASKS | EVENTS | GATEWAYS | {"callActivity", "subProcess"}
UNSUPPORTED = frozenset(
    {
        "task",
        "manualTask",
        "transaction",
        "adHocSubProcess",
        "complexGateway",
        "callChoreography",
        "choreographyTask",
        "subChoreography",
        "implicitThrowEvent",
        "event",
    }
)
"""Flow nodes of the standard that the engine does not run as drawn."""
FLOW_NODES = SUPPORTED | UNSUPPORTED


@dataclass(eq=False)
class Flow:
    """A sequence flow, as written: its ends may name nothing."""

    element: etree._Element
    id: str
    name: str
    source: str
    target: str
    condition: str | None
    scope: Scope


@dataclass(eq=False)
class Node:
    """A flow node: a task, an event, a gateway, a call or a sub-process."""

    element: etree._Element
    id: str
    kind: str
    name: str
    scope: Scope
    definitions: list[etree._Element]
    properties: dict[str, str]
    incoming: list[Flow] = field(default_factory=list["Flow"])
    outgoing: list[Flow] = field(default_factory=list["Flow"])
    body: Scope | None = None

    @property
    def document(self) -> Document:
        """The file the node is drawn in."""
        return self.scope.document

    @property
    def definition(self) -> str:
        """The kind of its event definition (``timer``), empty when it has none."""
        return definition_kind(self.definitions[0]) if self.definitions else ""

    @property
    def host(self) -> str:
        """What a boundary event is attached to, as written."""
        return self.element.get("attachedToRef", "")

    @property
    def is_diverging_choice(self) -> bool:
        """Whether the node is a gateway that must choose among its flows."""
        return self.kind in CHOOSING and (
            len(self.outgoing) > 1 or any(f.condition is not None for f in self.outgoing)
        )


@dataclass(eq=False)
class Scope:
    """What is drawn in one process or one embedded sub-process."""

    element: etree._Element
    id: str
    document: Document
    owner: Node | None = None
    nodes: list[Node] = field(default_factory=list["Node"])
    flows: list[Flow] = field(default_factory=list["Flow"])
    others: list[etree._Element] = field(default_factory=list["etree._Element"])
    """Elements of BPMN that are neither a node nor a flow."""

    @property
    def process(self) -> Scope:
        """The process the scope belongs to."""
        return self if self.owner is None else self.owner.scope.process

    def find(self, node_id: str) -> Node | None:
        """The first node of this scope with that id."""
        return next((n for n in self.nodes if n.id == node_id), None)

    def boundaries(self, node: Node) -> list[Node]:
        """The boundary events attached to ``node``."""
        return [n for n in self.nodes if n.kind == "boundaryEvent" and n.host == node.id]

    def walk(self) -> Iterator[Scope]:
        """This scope, then those embedded in it, in document order."""
        yield self
        for node in self.nodes:
            if node.body is not None:
                yield from node.body.walk()


@dataclass(eq=False)
class Document:
    """One BPMN file, read."""

    name: str
    root: etree._Element
    processes: list[Scope] = field(default_factory=list[Scope])
    order: dict[etree._Element, int] = field(default_factory=dict["etree._Element", int])
    """Where each element stands in the file."""
    named: dict[str, etree._Element] = field(default_factory=dict[str, "etree._Element"])
    """The first element of each id."""

    def all(self, local_name: str) -> Iterator[etree._Element]:
        """The BPMN elements of that name, in document order."""
        return self.root.iter(f"{{{BPMN}}}{local_name}")

    def referred(self, element: etree._Element, attribute: str) -> etree._Element | None:
        """The element that ``attribute`` names, None when it names nothing of its kind."""
        found = self.named.get(element.get(attribute, ""))
        wanted = attribute.removesuffix("Ref")
        return found if found is not None and kind(found) == wanted else None


def definition_kind(definition: etree._Element) -> str:
    """``timerEventDefinition`` → ``timer``."""
    return kind(definition).removesuffix("EventDefinition")


def text(element: etree._Element | None) -> str:
    """The text within ``element``, without the blanks around it."""
    return "" if element is None else "".join(str(t) for t in element.itertext()).strip()


def child(element: etree._Element, local_name: str) -> etree._Element | None:
    """The first BPMN child of that name."""
    return element.find(f"{{{BPMN}}}{local_name}")


def extensions(element: etree._Element) -> Iterator[etree._Element]:
    """The ``spiffworkflow`` elements that extend ``element``."""
    holder = child(element, "extensionElements")
    if holder is not None:
        yield from holder.iterchildren(f"{{{SPIFF}}}*")


def extension(element: etree._Element, local_name: str) -> etree._Element | None:
    """The first ``spiffworkflow`` extension of that name."""
    return next((e for e in extensions(element) if kind(e) == local_name), None)


def properties(element: etree._Element) -> dict[str, str]:
    """The named ``spiffworkflow:property`` values of ``element``."""
    holder = extension(element, "properties")
    if holder is None:
        return {}
    found = holder.iter(f"{{{SPIFF}}}property")
    return {p.get("name", ""): p.get("value", "").strip() for p in found}


FORM_PROPERTIES = ("formJsonSchemaFilename", "form")
"""The properties that name a form: the editors' for tasks, ``form`` for messages."""


def form_key(node: Node) -> str:
    """The key of the form ``node`` shows, empty when it shows none."""
    return next((node.properties[key] for key in FORM_PROPERTIES if key in node.properties), "")


def operator(node: Node) -> etree._Element | None:
    """The element that says which operation a service task calls."""
    return extension(node.element, "serviceTaskOperator")


def parameters(node: Node) -> Iterator[etree._Element]:
    """The parameters a service task hands to its operation."""
    element = operator(node)
    if element is not None:
        yield from element.iter(f"{{{SPIFF}}}parameter")


def read_document(file: ParsedFile) -> Document:
    """The graph of a BPMN file; whatever is wrong in it is left for the rules to say."""
    document = Document(file.name, file.root)
    for position, element in enumerate(file.root.iter("{*}*")):
        document.order[element] = position
        if element.get("id") and namespace(element) != SPIFF:
            document.named.setdefault(element.get("id", ""), element)
    for process in file.root.iterchildren(f"{{{BPMN}}}process"):
        document.processes.append(_scope(process, document, None))
    return document


def _scope(element: etree._Element, document: Document, owner: Node | None) -> Scope:
    scope = Scope(element, element.get("id", ""), document, owner)
    for part in element.iterchildren("{*}*"):
        name = kind(part)
        if namespace(part) != BPMN:
            continue
        if name == "sequenceFlow":
            scope.flows.append(_flow(part, scope))
        elif name in FLOW_NODES:
            scope.nodes.append(_node(part, scope))
        else:
            scope.others.append(part)
    _connect(scope)
    return scope


def _flow(element: etree._Element, scope: Scope) -> Flow:
    condition = child(element, "conditionExpression")
    return Flow(
        element,
        element.get("id", ""),
        element.get("name", "").strip(),
        element.get("sourceRef", ""),
        element.get("targetRef", ""),
        None if condition is None else text(condition),
        scope,
    )


def _node(element: etree._Element, scope: Scope) -> Node:
    node = Node(
        element,
        element.get("id", ""),
        kind(element),
        element.get("name", "").strip(),
        scope,
        [e for e in element.iterchildren(f"{{{BPMN}}}*") if kind(e).endswith("EventDefinition")],
        properties(element),
    )
    if node.kind in {"subProcess", "transaction", "adHocSubProcess"}:
        node.body = _scope(element, scope.document, node)
    return node


def _connect(scope: Scope) -> None:
    by_id: dict[str, Node] = {}
    for node in scope.nodes:
        by_id.setdefault(node.id, node)
    for flow in scope.flows:
        if flow.source in by_id:
            by_id[flow.source].outgoing.append(flow)
        if flow.target in by_id:
            by_id[flow.target].incoming.append(flow)
