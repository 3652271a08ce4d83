"""Places: an element stands where the engine looks for it, and once where one is read."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from workflow.engine.diagram_checks.deployment import Deployment
from workflow.engine.diagram_checks.graph import EVENTS, FLOW_NODES, Document
from workflow.engine.diagram_checks.reading import BPMN, SPIFF, kind, namespace
from workflow.engine.diagram_checks.rule import Finding, rule
from workflow.engine.diagram_checks.tables import TableDocument

_TOP = frozenset({"definitions"})
_BODIES = frozenset({"process", "subProcess", "transaction", "adHocSubProcess"})
_MULTIPLE = frozenset({"multiInstanceLoopCharacteristics"})
_EVENT_DEFINITIONS = frozenset(
    f"{name}EventDefinition"
    for name in (
        "cancel", "compensate", "conditional", "error", "escalation",
        "link", "message", "signal", "terminate", "timer",
    )
)  # fmt: skip
_AROUND: dict[str, frozenset[str]] = {
    **dict.fromkeys(("collaboration", "message", "error", "escalation", "signal"), _TOP),
    **dict.fromkeys(("dataStore", "correlationProperty"), _TOP),
    **dict.fromkeys(("dataInputAssociation", "dataOutputAssociation"), FLOW_NODES),
    "ioSpecification": FLOW_NODES | {"process"},
    **dict.fromkeys(FLOW_NODES | {"sequenceFlow"}, _BODIES),
    **dict.fromkeys(("dataObject", "dataObjectReference", "dataStoreReference"), _BODIES),
    **dict.fromkeys(_EVENT_DEFINITIONS, EVENTS),
    **dict.fromkeys(("incoming", "outgoing"), FLOW_NODES),
    **dict.fromkeys(("timeDate", "timeDuration", "timeCycle"), frozenset({"timerEventDefinition"})),
    **dict.fromkeys(("loopCardinality", "completionCondition"), _MULTIPLE),
    **dict.fromkeys(("participant", "messageFlow"), frozenset({"collaboration"})),
    "laneSet": _BODIES,
    "childLaneSet": frozenset({"lane"}),
    "lane": frozenset({"laneSet", "childLaneSet"}),
    "flowNodeRef": frozenset({"lane"}),
    "condition": frozenset({"conditionalEventDefinition"}),
    "conditionExpression": frozenset({"sequenceFlow"}),
    "loopCondition": frozenset({"standardLoopCharacteristics"}),
    "script": frozenset({"scriptTask"}),
    "standardLoopCharacteristics": FLOW_NODES,
    "multiInstanceLoopCharacteristics": FLOW_NODES,
}
"""What may stand around an element of BPMN, for those whose place has a meaning."""

_TEXTS = frozenset(
    {
        "timeDate", "condition", "conditionExpression", "script", "loopCardinality",
        "completionCondition", "loopCondition", "calledDecisionId", "preScript", "postScript",
        "messagePayload",
    }
)  # fmt: skip
"""Elements whose text is an expression: one each, and nothing but text in it."""
_ONCE = (
    _TEXTS
    | {"extensionElements", "standardLoopCharacteristics", "multiInstanceLoopCharacteristics"}
    | {"properties", "serviceTaskOperator"}
)


@rule("misplaced_element")
def misplaced_elements(deployment: Deployment) -> Iterator[Finding]:
    """An element stands within one that reads it: elsewhere it is run by accident, or ignored."""
    for document in deployment.documents:
        for element in document.root.iterdescendants(f"{{{BPMN}}}*"):
            parent = element.getparent()
            # Under the root, unsupported_element says what may stand there.
            if parent is None or parent is document.root or kind(element) not in _AROUND:
                continue
            around = _AROUND[kind(element)]
            if namespace(parent) != BPMN or kind(parent) not in around:
                places = ", ".join(sorted(around))
                yield Finding(
                    document,
                    element,
                    f"L'élément « {kind(element)} » n'est pas à sa place dans « {kind(parent)} ».",
                    f"Retirez-le, ou remettez-le dans un élément parmi : {places}.",
                    f'The element "{kind(element)}" is out of place within "{kind(parent)}".',
                    f"Remove it, or put it back into one of: {places}.",
                )


@rule("repeated_element")
def repeated_elements(deployment: Deployment) -> Iterator[Finding]:
    """What is read once is written once, and an expression is plain text."""
    for document in deployment.documents:
        for element in document.root.iter(f"{{{BPMN}}}*", f"{{{SPIFF}}}*"):
            again = kind(element) in _ONCE and _follows_its_like(element)
            if again or (kind(element) in _TEXTS and len(element)):
                yield _read_in_part(document, element)
    for table in deployment.tables:
        for element in table.root.iter("{*}text"):
            if len(element) or _follows_its_like(element):
                yield _read_in_part(table, element)


def _read_in_part(document: Document | TableDocument, element: etree._Element) -> Finding:
    return Finding(
        document,
        element,
        f"L'élément « {kind(element)} » est écrit deux fois, ou contient autre chose que du texte.",
        "Gardez-en un seul, sans élément à l'intérieur.",
        f'The element "{kind(element)}" is written twice, or holds more than text.',
        "Keep one only, without an element inside.",
    )


def _follows_its_like(element: etree._Element) -> bool:
    return next(element.itersiblings(element.tag, preceding=True), None) is not None
