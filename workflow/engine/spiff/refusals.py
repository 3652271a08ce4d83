"""What the library accepts in silence and then runs wrongly: refused when a diagram is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from lxml import etree

from workflow.engine.spiff.description import FLOW_NODES
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
_TASKS = {kind for kind in FLOW_NODES if kind.endswith("Task")} | {"callActivity", "subProcess"}
_LEFT = FLOW_NODES - {"endEvent"}
"""What a token must be able to leave: the library forgets one that stays."""


@dataclass(frozen=True)
class _Surroundings:
    """What a node is judged against: the rest of its file, and the processes there are."""

    kinds: Mapping[str, str]
    left: Set[str]
    processes: Set[str]


def refuse_unsupported(root: etree._Element, file: str, processes: Iterable[str]) -> None:
    """Raise DiagramUnreadable at the first construct that would not run as it is drawn."""
    around = _Surroundings(
        kinds={node.get("id", ""): local_name(node) for node in root.iter(f"{{{BPMN}}}*")},
        left={flow.get("sourceRef", "") for flow in root.iter(f"{{{BPMN}}}sequenceFlow")},
        processes=set(processes),
    )
    for node in _within_processes(root):
        for check in _CHECKS:
            fault = check(node, local_name(node), around)
            if fault is not None:
                raise DiagramUnreadable(f"Expected {fault}", file=file, element=_named(node))


def _within_processes(root: etree._Element) -> Iterator[etree._Element]:
    """Every element of every process; what stands outside of them is never run."""
    for process in root.iter(f"{{{BPMN}}}process"):
        yield from process.iter(f"{{{BPMN}}}*")


def _nameless(node: etree._Element, kind: str, around: _Surroundings) -> str | None:
    if (kind in FLOW_NODES or kind in ("process", "sequenceFlow")) and not node.get("id"):
        return f"an id for each {kind} but one has none. Give it one."
    return None


def _kind_that_never_runs(node: etree._Element, kind: str, around: _Surroundings) -> str | None:
    if kind in _NEVER:
        remedy = _REMEDIES.get(kind, "Draw it otherwise.")
        return f"nothing of this kind but there is {_NEVER[kind]}. {remedy}"
    if kind == "task":
        return "a task of some type but it has none. Make it a user task."
    if kind == "subProcess" and node.get("triggeredByEvent") == "true":
        return "no event sub-process but there is one. Draw a boundary event."
    if kind == "endEvent" and node.find(f"{{{BPMN}}}signalEventDefinition") is not None:
        return "no signal at an end event but there is one. Throw it before."
    return None


def _many_starts(node: etree._Element, kind: str, around: _Surroundings) -> str | None:
    if kind == "process" and len(node.findall(f"{{{BPMN}}}startEvent")) > 1:
        return "one start event but there are more. Draw one process each."
    return None


def _dead_end(node: etree._Element, kind: str, around: _Surroundings) -> str | None:
    if kind in _LEFT and node.get("id", "") not in around.left:
        return "a flow out of it but there is none. Draw an end event."
    return None


def _unknown_call(node: etree._Element, kind: str, around: _Surroundings) -> str | None:
    called = node.get("calledElement")
    if kind == "callActivity" and called not in around.processes:
        known = ", ".join(sorted(around.processes))
        return f"one of the processes {known} but it calls {called!r}. Name an existing process."
    return None


def _ignored_condition(node: etree._Element, kind: str, around: _Surroundings) -> str | None:
    if kind != "sequenceFlow" or node.find(f"{{{BPMN}}}conditionExpression") is None:
        return None
    if around.kinds.get(node.get("sourceRef", "")) in _TASKS:
        return "conditions on flows out of gateways only. Put a gateway before it."
    return None


_CHECKS: tuple[Callable[[etree._Element, str, _Surroundings], str | None], ...] = (
    _nameless,
    _kind_that_never_runs,
    _many_starts,
    _dead_end,
    _unknown_call,
    _ignored_condition,
)


def _named(node: etree._Element) -> str | None:
    """The id of the drawn element that a node belongs to."""
    for drawn in (node, *node.iterancestors()):
        if drawn.get("id") is not None and not local_name(drawn).endswith("Definition"):
            return drawn.get("id")
    return None
