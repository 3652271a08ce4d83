"""What a diagram says of its elements, read from the XML: nothing of the library in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lxml import etree

from workflow.engine.spiff.files import BPMN, SPIFF, local_name

FLOW_NODES = {
    "startEvent",
    "endEvent",
    "intermediateCatchEvent",
    "intermediateThrowEvent",
    "boundaryEvent",
    "task",
    "userTask",
    "manualTask",
    "scriptTask",
    "serviceTask",
    "sendTask",
    "receiveTask",
    "businessRuleTask",
    "callActivity",
    "subProcess",
    "exclusiveGateway",
    "parallelGateway",
    "inclusiveGateway",
    "eventBasedGateway",
}
FORM_PROPERTY = "formJsonSchemaFilename"


@dataclass(frozen=True)
class Element:
    """A node of a diagram.

    ``kind`` is its BPMN name (userTask, boundaryEvent…), ``event`` what it throws or waits for
    (timer, message, error…). ``role`` is its lane's id, or its own property "role", or that of
    the sub-process around it. ``container`` is the sub-process it is drawn in.
    """

    id: str
    kind: str
    event: str | None
    label: str
    role: str | None
    form_key: str | None
    documentation: str | None
    properties: Mapping[str, str]
    attached_to: str | None
    interrupting: bool | None
    called_process: str | None
    operation: str | None
    message: str | None
    container: str | None
    decision: str | None = None


@dataclass(frozen=True)
class SequenceFlow:
    """An arrow from one element to another; its label is empty when it has none."""

    source: str
    target: str
    label: str


@dataclass(frozen=True)
class Process:
    """A process with its elements, arrows and lanes (id → name), in the order of the document."""

    id: str
    name: str
    file: str
    elements: Mapping[str, Element]
    flows: tuple[SequenceFlow, ...]
    lanes: Mapping[str, str]


def describe(root: etree._Element, file: str) -> list[Process]:
    """The processes that a BPMN file draws."""
    messages = {
        message.get("id", ""): message.get("name", "")
        for message in root.iter(f"{{{BPMN}}}message")
    }
    return [
        _Reading(process, messages).process(file) for process in root.iter(f"{{{BPMN}}}process")
    ]


class _Reading:
    """One pass over one process."""

    def __init__(self, process: etree._Element, messages: Mapping[str, str]) -> None:
        self.node = process
        self.messages = messages
        self.lanes = _lanes(process)

    def process(self, file: str) -> Process:
        identifier = self.node.get("id", "")
        elements = {element.id: element for element in self._elements(self.node, None)}
        name = self.node.get("name") or identifier
        flows = tuple(_flows(self.node, elements))
        return Process(
            identifier, name, file, MappingProxyType(elements), flows, _lane_names(self.node)
        )

    def _elements(self, parent: etree._Element, around: Element | None) -> Iterator[Element]:
        for node in parent:
            if local_name(node) not in FLOW_NODES or not node.get("id"):
                continue
            element = self._element(node, around)
            yield element
            if element.kind == "subProcess":
                yield from self._elements(node, element)

    def _element(self, node: etree._Element, around: Element | None) -> Element:
        identifier, kind = node.get("id", ""), local_name(node)
        properties = _properties(node)
        event = _event(node, kind)
        form = properties.get(FORM_PROPERTY)
        inherited = around.role if around is not None else None
        return Element(
            id=identifier,
            kind=kind,
            event=event,
            label=node.get("name") or identifier,
            role=properties.get("role") or self.lanes.get(identifier) or inherited,
            form_key=form.removesuffix(".json") if form else None,
            documentation=node.findtext(f"{{{BPMN}}}documentation"),
            properties=MappingProxyType(properties),
            attached_to=node.get("attachedToRef"),
            interrupting=_interrupting(node, kind),
            called_process=node.get("calledElement"),
            operation=_operation(node),
            message=self._message(node),
            container=around.id if around is not None else None,
            decision=_extension_text(node, "calledDecisionId"),
        )

    def _message(self, node: etree._Element) -> str | None:
        definition = node.find(f"{{{BPMN}}}messageEventDefinition")
        holder = definition if definition is not None else node
        reference = holder.get("messageRef")
        if reference is not None:
            return self.messages.get(reference)
        return node.get("name") if definition is not None else None


def _lanes(process: etree._Element) -> dict[str, str]:
    """The innermost lane of each node; editors may surround a node's id with blanks."""
    found: dict[str, str] = {}
    for lane in process.iter(f"{{{BPMN}}}lane"):
        for reference in lane.iterchildren(f"{{{BPMN}}}flowNodeRef"):
            found[(reference.text or "").strip()] = lane.get("id", "")
    return found


def _lane_names(process: etree._Element) -> Mapping[str, str]:
    lanes = process.iter(f"{{{BPMN}}}lane")
    return MappingProxyType(
        {lane.get("id", ""): lane.get("name") or lane.get("id", "") for lane in lanes}
    )


def _flows(process: etree._Element, known: Mapping[str, Element]) -> Iterator[SequenceFlow]:
    for node in process.iter(f"{{{BPMN}}}sequenceFlow"):
        source, target = node.get("sourceRef", ""), node.get("targetRef", "")
        if source in known and target in known:
            yield SequenceFlow(source, target, node.get("name", ""))


def _event(node: etree._Element, kind: str) -> str | None:
    for child in node:
        name = local_name(child)
        if name.endswith("EventDefinition"):
            return name.removesuffix("EventDefinition")
    return "message" if kind in ("receiveTask", "sendTask") else None


def _interrupting(node: etree._Element, kind: str) -> bool | None:
    if kind != "boundaryEvent":
        return None
    return node.get("cancelActivity", "true").strip().lower() != "false"


def _extensions(node: etree._Element) -> Iterator[etree._Element]:
    for extensions in node.iterchildren(f"{{{BPMN}}}extensionElements"):
        yield from extensions


def _properties(node: etree._Element) -> dict[str, str]:
    return {
        prop.get("name", ""): prop.get("value", "")
        for extension in _extensions(node)
        if extension.tag == f"{{{SPIFF}}}properties"
        for prop in extension.iterchildren(f"{{{SPIFF}}}property")
    }


def _operation(node: etree._Element) -> str | None:
    for extension in _extensions(node):
        if extension.tag == f"{{{SPIFF}}}serviceTaskOperator":
            return extension.get("id")
    return None


def _extension_text(node: etree._Element, name: str) -> str | None:
    for extension in _extensions(node):
        if extension.tag == f"{{{SPIFF}}}{name}":
            return (extension.text or "").strip() or None
    return None
