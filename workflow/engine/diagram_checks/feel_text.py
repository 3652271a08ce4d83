"""Every expression of a deployment, and what can be told of it without running it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from workflow.engine.diagram_checks.deployment import Deployment
from workflow.engine.diagram_checks.graph import (
    Document,
    Flow,
    Node,
    Scope,
    definition_kind,
    extension,
    parameters,
    text,
)
from workflow.engine.diagram_checks.reading import BPMN, SPIFF, kind
from workflow.engine.diagram_checks.tables import Decision


@dataclass(frozen=True)
class Expression:
    """One FEEL text of a diagram: where it stands, and what a sentence calls it."""

    place: Node | Flow | Decision
    element: etree._Element
    text: str
    french: str
    english: str
    unary: bool = False
    is_script: bool = False
    is_timer: bool = False
    may_be_empty: bool = False
    is_after: bool = False
    """Whether it is evaluated once its node is passed, with the answer given there."""


def expressions_of_process(process: Scope) -> Iterator[Expression]:
    """Every expression written in the process and its embedded sub-processes."""
    for scope in process.walk():
        for flow in scope.flows:
            if flow.condition is not None:
                yield Expression(flow, flow.element, flow.condition, "La condition", "condition")
        for node in scope.nodes:
            yield from expressions_of_node(node)


def expressions_of_decision(decision: Decision) -> Iterator[Expression]:
    """Every expression and test of a decision table."""
    for element, written in decision.inputs():
        yield Expression(decision, element, written, "L'entrée", "input")
    for element, written in decision.input_cells():
        yield Expression(
            decision, element, written, "La case", "cell", unary=True, may_be_empty=True
        )
    for element, written in decision.output_cells():
        yield Expression(decision, element, written, "La case", "cell", may_be_empty=True)


def expressions(deployment: Deployment) -> Iterator[Expression]:
    """Every expression under check."""
    for document in deployment.documents:
        for process in document.processes:
            yield from expressions_of_process(process)
    for decision in deployment.decisions():
        yield from expressions_of_decision(decision)


def expressions_of_node(node: Node) -> Iterator[Expression]:
    """Every expression of one node, the flows that leave it left out."""
    element = node.element
    if node.kind == "scriptTask":
        script = element.find(f"{{{BPMN}}}script")
        yield Expression(node, element, text(script), "Le script", "script", is_script=True)
    for name, french in (("preScript", "Le pré-script"), ("postScript", "Le post-script")):
        script = extension(element, name)
        if script is not None:
            english = name.replace("Script", "-script")
            yield Expression(
                node, element, text(script), french, english,
                is_script=True, is_after=name == "postScript",
            )  # fmt: skip
    if node.kind == "serviceTask":
        for parameter in parameters(node):
            written = parameter.get("value", "").strip()
            name = parameter.get("id", "")
            yield Expression(
                node, element, written, f"Le paramètre « {name} »", f'parameter "{name}"',
                may_be_empty=True,
            )  # fmt: skip
    for marker in element.iterchildren(f"{{{BPMN}}}*"):
        if kind(marker).endswith("LoopCharacteristics"):
            yield from _of_loop(node, marker)
    for definition in node.definitions:
        yield from _of_event(node, definition)


def _of_loop(node: Node, marker: etree._Element) -> Iterator[Expression]:
    names = {
        "loopCardinality": ("Le nombre de répétitions", "cardinality"),
        "loopCondition": ("La condition de répétition", "loop condition"),
        "completionCondition": ("La condition de fin", "completion condition"),
    }
    for part in marker.iterchildren(f"{{{BPMN}}}*"):
        if kind(part) in names:
            french, english = names[kind(part)]
            yield Expression(
                node, node.element, text(part), french, english,
                is_after=kind(part) != "loopCardinality",
            )  # fmt: skip


def _of_event(node: Node, definition: etree._Element) -> Iterator[Expression]:
    what = definition_kind(definition)
    if what == "timer":
        written = definition.find(f"{{{BPMN}}}timeDate")
        if written is not None:
            yield Expression(
                node, node.element, text(written), "L'échéance", "timer", is_timer=True
            )
    elif what == "conditional":
        written = definition.find(f"{{{BPMN}}}condition")
        yield Expression(node, node.element, text(written), "La condition", "condition")
    for holder in (definition, _declaration(node.document, definition, what)):
        for name in ("messagePayload", "payloadExpression"):
            for part in () if holder is None else holder.iter(f"{{{SPIFF}}}{name}"):
                yield Expression(node, node.element, text(part), "Le contenu", "payload")


def _declaration(
    document: Document, definition: etree._Element, what: str
) -> etree._Element | None:
    return document.referred(definition, f"{what}Ref")
