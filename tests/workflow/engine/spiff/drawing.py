"""Draws small diagrams for the tests, as an editor would write them (without the layout)."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from workflow.engine.source_file import SourceFile
from workflow.engine.spiff import Diagrams, parse

NAMESPACES = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" '
    'targetNamespace="http://example.org"'
)
FORMAL = 'xsi:type="bpmn:tFormalExpression"'


def extensions(properties: dict[str, str] | None = None, **texts: str) -> str:
    inside = "".join(
        f"<spiffworkflow:{name}>{escape(text)}</spiffworkflow:{name}>"
        for name, text in texts.items()
    )
    if properties:
        inside += "<spiffworkflow:properties>"
        inside += "".join(
            f'<spiffworkflow:property name="{name}" value="{escape(value)}"/>'
            for name, value in properties.items()
        )
        inside += "</spiffworkflow:properties>"
    return f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>" if inside else ""


def node(kind: str, identifier: str, inside: str = "", **attributes: str) -> str:
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    if "name" not in attributes:
        written += f' name="{identifier}"'
    return f'<bpmn:{kind} id="{identifier}"{written}>{inside}</bpmn:{kind}>'


def start(identifier: str = "start", inside: str = "") -> str:
    return node("startEvent", identifier, inside)


def end(identifier: str, inside: str = "") -> str:
    return node("endEvent", identifier, inside)


def user(
    identifier: str, inside: str = "", form: str | None = None, role: str = "", **texts: str
) -> str:
    properties = {"formJsonSchemaFilename": form} if form else {}
    if role:
        properties["role"] = role
    return node("userTask", identifier, extensions(properties, **texts) + inside)


def script(identifier: str, text: str, **texts: str) -> str:
    inside = extensions(**texts) + f"<bpmn:script>{escape(text)}</bpmn:script>"
    return node("scriptTask", identifier, inside)


def rule(identifier: str, decision: str) -> str:
    return node("businessRuleTask", identifier, extensions(calledDecisionId=decision))


def service(identifier: str, operation: str, result: str = "", **parameters: str) -> str:
    written = "".join(
        f'<spiffworkflow:parameter id="{name}" type="any" value="{escape(text)}"/>'
        for name, text in parameters.items()
    )
    return node(
        "serviceTask",
        identifier,
        "<bpmn:extensionElements>"
        f'<spiffworkflow:serviceTaskOperator id="{operation}" resultVariable="{result}">'
        f"<spiffworkflow:parameters>{written}</spiffworkflow:parameters>"
        "</spiffworkflow:serviceTaskOperator></bpmn:extensionElements>",
    )


def call(identifier: str, process_id: str) -> str:
    return node("callActivity", identifier, calledElement=process_id)


def sub(identifier: str, *parts: str) -> str:
    return node("subProcess", identifier, "".join(parts))


def gateway(identifier: str, kind: str = "exclusive", default: str | None = None) -> str:
    attributes = {"default": default} if default else {}
    return node(f"{kind}Gateway", identifier, **attributes)


def timer(expression: str, tag: str = "timeDate") -> str:
    return (
        f"<bpmn:timerEventDefinition><bpmn:{tag} {FORMAL}>{escape(expression)}</bpmn:{tag}>"
        "</bpmn:timerEventDefinition>"
    )


def message(name: str, payload: str = "", variable: str = "") -> str:
    texts = {}
    if payload:
        texts["messagePayload"] = payload
    if variable:
        texts["messageVariable"] = variable
    return (
        f'<bpmn:messageEventDefinition messageRef="m_{name}">{extensions(**texts)}'
        "</bpmn:messageEventDefinition>"
    )


def error(code: str) -> str:
    return f'<bpmn:errorEventDefinition errorRef="e_{code}"/>'


def condition(expression: str) -> str:
    return (
        f"<bpmn:conditionalEventDefinition><bpmn:condition {FORMAL}>{escape(expression)}"
        "</bpmn:condition></bpmn:conditionalEventDefinition>"
    )


def terminate() -> str:
    return "<bpmn:terminateEventDefinition/>"


def boundary(
    identifier: str,
    attached_to: str,
    event: str,
    interrupting: bool = True,
    properties: dict[str, str] | None = None,
) -> str:
    return node(
        "boundaryEvent",
        identifier,
        extensions(properties) + event,
        attachedToRef=attached_to,
        cancelActivity=str(interrupting).lower(),
    )


def catch(identifier: str, event: str, properties: dict[str, str] | None = None) -> str:
    return node("intermediateCatchEvent", identifier, extensions(properties) + event)


def throw(identifier: str, event: str) -> str:
    return node("intermediateThrowEvent", identifier, event)


def flows(*lines: str) -> str:
    """One per line: "from to" or "from to condition"; ids are f_from_to."""
    drawn = []
    for line in lines:
        source, target, *rest = line.split(" ", 2)
        inside = ""
        if rest:
            inside = (
                f"<bpmn:conditionExpression {FORMAL}>{escape(rest[0])}</bpmn:conditionExpression>"
            )
        drawn.append(
            f'<bpmn:sequenceFlow id="f_{source}_{target}" sourceRef="{source}" '
            f'targetRef="{target}">{inside}</bpmn:sequenceFlow>'
        )
    return "".join(drawn)


def lane(role: str, label: str, *nodes: str) -> str:
    references = "".join(f"<bpmn:flowNodeRef>\n  {n}\n</bpmn:flowNodeRef>" for n in nodes)
    return f'<bpmn:lane id="{role}" name="{label}">{references}</bpmn:lane>'


def process(identifier: str, *parts: str) -> str:
    return f'<bpmn:process id="{identifier}" isExecutable="true">{"".join(parts)}</bpmn:process>'


def document(*parts: str, messages: Iterable[str] = (), errors: Iterable[str] = ()) -> str:
    declared = "".join(f'<bpmn:message id="m_{m}" name="{m}"/>' for m in messages)
    declared += "".join(f'<bpmn:error id="e_{e}" name="{e}" errorCode="{e}"/>' for e in errors)
    return f"<bpmn:definitions {NAMESPACES}>{declared}{''.join(parts)}</bpmn:definitions>"


def table(
    identifier: str, policy: str, inputs: list[str], outputs: list[str], rules: list[list[str]]
) -> str:
    def cell(tag: str, text: str) -> str:
        return f"<{tag}><text>{escape(text)}</text></{tag}>"

    columns = "".join(f"<input>{cell('inputExpression', text)}</input>" for text in inputs)
    columns += "".join(f'<output name="{name}"/>' for name in outputs)
    for written in rules:
        cells = [cell("inputEntry", text) for text in written[: len(inputs)]]
        cells += [cell("outputEntry", text) for text in written[len(inputs) :]]
        columns += f"<rule>{''.join(cells)}</rule>"
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" '
        f'namespace="http://example.org"><decision id="{identifier}" name="{identifier}">'
        f'<decisionTable hitPolicy="{policy}">{columns}</decisionTable></decision></definitions>'
    )


def read(
    *processes: str,
    messages: Iterable[str] = (),
    errors: Iterable[str] = (),
    tables: Iterable[str] = (),
) -> Diagrams:
    """Parse processes drawn in one file."""
    drawn = document(*processes, messages=messages, errors=errors)
    return parse(
        [SourceFile("test.bpmn", drawn.encode())],
        [SourceFile(f"{number}.dmn", text.encode()) for number, text in enumerate(tables)],
    )
