"""The text twin of a drawn process: its steps in the order of its arrows, its ways out in words.

It is made from the deployed file at each reading, so that it cannot differ from the drawing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from web.procedure_words import said
from web.process_words import attached_words, kind_words
from workflow.engine.spiff import Element, Process

WAS, HERE, NEXT, NEVER = "was", "here", "next", "never"


@dataclass(frozen=True)
class WayOut:
    """An arrow in words: when it is taken, and the step to which it leads."""

    label: str
    number: str
    target_id: str
    target: str


@dataclass(frozen=True)
class Interruption:
    """An event on the border of a step: what happens, and where it leads."""

    element_id: str
    label: str
    kind: str
    interrupting: bool
    state: str
    ways: list[WayOut]


@dataclass(frozen=True)
class TextStep:
    """One element of the drawing in words.

    `number` is its rank ("3", or "3.2" inside a sub-process); `label` is empty when the drawing
    gives none. `state` is "was", "here", "next" or "never", or empty when no dossier is told of.
    """

    number: str
    element_id: str
    label: str
    kind: str
    lane: str
    state: str
    ways: list[WayOut]
    interruptions: list[Interruption]
    by_people: bool = False
    inner: list[TextStep] = field(default_factory=list["TextStep"])


def process_text(process: Process, states: Mapping[str, str] | None = None) -> list[TextStep]:
    """The steps of a process, with the states of a dossier (element → state) when there is one."""
    return _Telling(process, states).steps("")


def states_of(
    process: Process, was: Collection[str], here: Collection[str], may_come: bool
) -> dict[str, str]:
    """Element → state: passed, current, still possible, or neither.

    `may_come` tells, when the process is not under way, that it can still be called.
    """
    here = {*here, *(around for each in here for around in _containers(process, each))}
    untouched = process.elements if may_come else ()
    coming = _after(process, here) if here else set(untouched)
    states = {each: NEXT if each in coming else NEVER for each in process.elements}
    states.update({each: WAS for each in was if each in states})
    states.update({each: HERE for each in here if each in states})
    return states


def _containers(process: Process, element_id: str) -> Iterator[str]:
    element = process.elements.get(element_id)
    while element is not None and element.container:
        yield element.container
        element = process.elements.get(element.container)


class _Telling:
    """One telling of one process."""

    def __init__(self, process: Process, states: Mapping[str, str] | None) -> None:
        self.process = process
        self.states = states or {}
        self.order: dict[str, list[Element]] = {}
        self.numbers: dict[str, str] = {}
        self._number("", "")

    def steps(self, container: str) -> list[TextStep]:
        order = self.order[container]
        following = [*(each.id for each in order[1:]), ""]
        return [self._step(each, after) for each, after in zip(order, following, strict=False)]

    def _number(self, container: str, prefix: str) -> None:
        inside = [e for e in self.process.elements.values() if (e.container or "") == container]
        self.order[container] = _in_order(self.process, inside)
        for rank, element in enumerate(self.order[container], start=1):
            self.numbers[element.id] = f"{prefix}{rank}"
            self._number(element.id, f"{prefix}{rank}.")

    def _step(self, element: Element, following: str) -> TextStep:
        ways = self._ways(element)
        if len(ways) == 1 and not ways[0].label and ways[0].target_id == following:
            ways = []  # the next number says it
        return TextStep(
            number=self.numbers[element.id],
            element_id=element.id,
            label=_label(element),
            kind=kind_words(element, joins=self._joins(element.id)),
            lane=said(self.process.lanes.get(element.role or "", "")),
            state=self.states.get(element.id, ""),
            ways=ways,
            interruptions=[
                self._interruption(each)
                for each in self.process.elements.values()
                if each.attached_to == element.id
            ],
            by_people=element.kind in ("userTask", "manualTask"),
            inner=self.steps(element.id),
        )

    def _interruption(self, element: Element) -> Interruption:
        return Interruption(
            element.id,
            _label(element),
            attached_words(element),
            element.interrupting is not False,
            self.states.get(element.id, ""),
            self._ways(element),
        )

    def _ways(self, element: Element) -> list[WayOut]:
        return [
            WayOut(
                said(flow.label),
                self.numbers.get(flow.target, ""),
                flow.target,
                self._name(flow.target),
            )
            for flow in self.process.flows
            if flow.source == element.id
        ]

    def _name(self, element_id: str) -> str:
        element = self.process.elements[element_id]
        return _label(element) or kind_words(element, joins=self._joins(element_id))

    def _joins(self, element_id: str) -> bool:
        incoming = sum(flow.target == element_id for flow in self.process.flows)
        outgoing = sum(flow.source == element_id for flow in self.process.flows)
        return incoming > 1 and outgoing <= 1


def _label(element: Element) -> str:
    return said(element.label) if element.label != element.id else ""


def _in_order(process: Process, elements: Iterable[Element]) -> list[Element]:
    """Elements of one container so that each stands after those that lead to it, loops apart."""
    told = {each.id: each for each in elements if each.kind != "boundaryEvent"}
    leading = _leading(process)
    starts = [each for each in told if told[each].kind == "startEvent"]
    seen: set[str] = set()
    last_first: list[str] = []
    for start in reversed(starts):
        _visit(start, leading, told, seen, last_first)
    unreached = [each for each in told if each not in seen]
    return [told[each] for each in [*reversed(last_first), *unreached]]


def _visit(
    root: str,
    leading: Mapping[str, list[str]],
    told: Collection[str],
    seen: set[str],
    order: list[str],
) -> None:
    """Adds what an element leads to, then the element: last things first."""
    pending = [(root, False)]
    while pending:
        element_id, is_over = pending.pop()
        if is_over:
            order.append(element_id)
        elif element_id in told and element_id not in seen:
            seen.add(element_id)
            pending.append((element_id, True))
            pending += [(each, False) for each in leading.get(element_id, [])]


def _leading(process: Process) -> dict[str, list[str]]:
    """Element → elements to which it leads, by its arrows and then by the events on its border."""
    found: dict[str, list[str]] = {}
    for flow in process.flows:
        found.setdefault(flow.source, []).append(flow.target)
    for element in process.elements.values():
        if element.attached_to:
            found.setdefault(element.attached_to, []).extend(found.get(element.id, []))
    return found


def _after(process: Process, here: Collection[str]) -> set[str]:
    """What can still come after the current elements."""
    leading = _leading(process)
    for element in process.elements.values():
        if element.attached_to:
            leading.setdefault(element.attached_to, []).append(element.id)
    for element in process.elements.values():
        if element.container:
            leading.setdefault(element.id, []).append(element.container)
            if element.container not in here:
                leading.setdefault(element.container, []).append(element.id)
    found: set[str] = set()
    pending = list(here)
    while pending:
        fresh = set(leading.get(pending.pop(), ())) - found
        found |= fresh
        pending += fresh
    return found
