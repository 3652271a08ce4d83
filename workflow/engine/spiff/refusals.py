"""What the library accepts in silence and then runs wrongly: refused when a diagram is read."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from workflow.engine.spiff.faults import DiagramUnreadable
from workflow.engine.spiff.files import BPMN, local_name

_NEVER = {
    "adHocSubProcess": "an ad hoc sub-process",
    "transaction": "a transaction",
    "complexGateway": "a complex gateway",
    "linkEventDefinition": "a link event",
    "compensateEventDefinition": "a compensation event",
    "cancelEventDefinition": "a cancel event",
    "timeCycle": "a timer that repeats",
    "timeDuration": "a timer given by a duration",
    "dataInputAssociation": "a data association",
    "dataOutputAssociation": "a data association",
    "ioSpecification": "an input and output specification",
}
_REMEDIES = {
    "timeCycle": "Draw one timer per reminder, with a deadline.",
    "timeDuration": "Use timeDate with deadline(…).",
}
_TASK_KINDS = {
    "userTask",
    "manualTask",
    "scriptTask",
    "serviceTask",
    "sendTask",
    "receiveTask",
    "businessRuleTask",
    "callActivity",
    "subProcess",
}


def refuse_unsupported(root: etree._Element, file: str, processes: Iterable[str]) -> None:
    """Raise DiagramUnreadable at the first construct that would not run as it is drawn."""
    known = set(processes)
    for node in root.iter(f"{{{BPMN}}}*"):
        kind = local_name(node)
        if kind in _NEVER:
            remedy = _REMEDIES.get(kind, "Draw it otherwise.")
            raise _refusal(
                node, file, f"nothing of this kind but there is {_NEVER[kind]}. {remedy}"
            )
        if kind == "task":
            raise _refusal(node, file, "a task of some type but it has none. Make it a user task.")
        if kind == "subProcess" and node.get("triggeredByEvent") == "true":
            raise _refusal(
                node, file, "no event sub-process but there is one. Draw a boundary event."
            )
        if kind == "endEvent" and node.find(f"{{{BPMN}}}signalEventDefinition") is not None:
            raise _refusal(
                node, file, "no signal at an end event but there is one. Throw it before."
            )
        if kind == "callActivity" and node.get("calledElement") not in known:
            raise _refusal(
                node,
                file,
                f"one of the processes {', '.join(sorted(known))} but it calls "
                f"{node.get('calledElement')!r}. Name an existing process.",
            )
        if kind == "sequenceFlow" and _condition_would_be_ignored(node):
            raise _refusal(
                node, file, "conditions on flows out of gateways only. Put a gateway before it."
            )


def _condition_would_be_ignored(flow: etree._Element) -> bool:
    if flow.find(f"{{{BPMN}}}conditionExpression") is None:
        return False
    parent = flow.getparent()
    siblings = parent if parent is not None else []
    source = next((n for n in siblings if n.get("id") == flow.get("sourceRef")), None)
    return source is not None and local_name(source) in _TASK_KINDS


def _refusal(node: etree._Element, file: str, rest: str) -> DiagramUnreadable:
    named = node
    while named.get("id") is None and named.getparent() is not None:
        named = named.getparent()
    if local_name(named).endswith("Definition") and named.getparent() is not None:
        named = named.getparent()
    return DiagramUnreadable(f"Expected {rest}", file=file, element=named.get("id"))
