"""Where the token stands on the drawn procedure: marks for the diagrams, and their text twin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from web.procedure_words import in_words, said
from web.process_text import HERE, NEXT, TextStep, process_text, states_of
from web.stakes import callers
from workflow.engine.spiff import Diagrams, Element, Process

Place = tuple[str, str]
"""A process and one of its elements."""

MOST_IN_A_LOW_FRAME = 12

TOLD = frozenset(
    {
        "startEvent",
        "endEvent",
        "userTask",
        "serviceTask",
        "businessRuleTask",
        "scriptTask",
        "sendTask",
        "receiveTask",
        "manualTask",
        "callActivity",
        "intermediateCatchEvent",
        "boundaryEvent",
    }
)
ACTS = frozenset({"userTask", "callActivity", "receiveTask", "intermediateCatchEvent"})
"""What a reader may expect; how a process ends is told of its drawing, step by step."""


@dataclass(frozen=True)
class ShownDiagram:
    """One process as it is drawn for a dossier: what was passed, where the token stands."""

    process_id: str
    name: str
    file: str
    was: list[str]
    here: list[str]
    calls: dict[str, str]
    """Call activity → the process it calls."""
    is_large: bool
    """Whether the drawing needs a high frame."""
    process: Process
    states: dict[str, str]

    @cached_property
    def text(self) -> list[TextStep]:
        """The drawing in words, with what was passed, what is current and what can come."""
        return process_text(self.process, self.states)


@dataclass(frozen=True)
class OutlineItem:
    """One step of the path in text; `state` is "was", "here" or "next"."""

    label: str
    state: str
    inner: list[OutlineItem] = field(default_factory=list["OutlineItem"])


def shown_diagrams(
    diagrams: Diagrams, root: str, passed: Mapping[str, Sequence[str]], places: Iterable[Place]
) -> list[ShownDiagram]:
    """The process of an instance and those it calls, in the order in which they are drawn."""
    here = _with_callers(diagrams, root, places)
    shown: list[ShownDiagram] = []
    coming = {root} if here else set[str]()
    for process_id in _reachable(diagrams, root):
        process = diagrams.process(process_id)
        now = [element for each, element in sorted(here) if each == process_id]
        calls = {e.id: e.called_process for e in process.elements.values() if e.called_process}
        was = [each for each in passed.get(process_id, ()) if each not in now]
        is_large = len(process.elements) > MOST_IN_A_LOW_FRAME
        states = states_of(process, was, now, may_come=process_id in coming)
        coming |= {calls[each] for each in calls if states[each] in (HERE, NEXT)}
        drawn = (process_id, in_words(process.name), process.file, was, now, calls, is_large)
        shown.append(ShownDiagram(*drawn, process, states))
    return shown


def outline(
    diagrams: Diagrams, root: str, passed: Mapping[str, Sequence[str]], places: Iterable[Place]
) -> list[OutlineItem]:
    """The path in text: what was passed in order, where the token stands, what can still come."""
    here = _with_callers(diagrams, root, places)
    return [*_items(diagrams, root, passed, here, frozenset()), *_coming(diagrams, root, here)]


def _coming(diagrams: Diagrams, root: str, here: set[Place]) -> list[OutlineItem]:
    """The acts of the process itself that can still come, in the order of its arrows."""
    process = diagrams.process(root)
    current = [element for each, element in here if each == root]
    states = states_of(process, (), current, may_come=False)
    pending, coming = process_text(process, states), list[OutlineItem]()
    while pending:
        step = pending.pop(0)
        pending = [*step.inner, *pending]
        if step.state == NEXT and step.label and process.elements[step.element_id].kind in ACTS:
            coming.append(OutlineItem(step.label, NEXT))
    return coming


def _items(
    diagrams: Diagrams,
    process_id: str,
    passed: Mapping[str, Sequence[str]],
    here: set[Place],
    above: frozenset[str],
) -> list[OutlineItem]:
    elements = diagrams.process(process_id).elements
    current = [element for each, element in sorted(here) if each == process_id]
    order = [each for each in passed.get(process_id, ()) if each not in current] + current
    items: list[OutlineItem] = []
    for element_id in order:
        element = elements.get(element_id)
        if element is None or not _is_told(element):
            continue
        inner: list[OutlineItem] = []
        called = element.called_process
        if called and called in diagrams.process_ids and called not in above:
            inner = _items(diagrams, called, passed, here, above | {process_id})
        items.append(
            OutlineItem(said(element.label), "here" if element_id in current else "was", inner)
        )
    return items


def _is_told(element: Element) -> bool:
    return element.kind in TOLD and element.label != element.id


def _with_callers(diagrams: Diagrams, root: str, places: Iterable[Place]) -> set[Place]:
    found = set(places)
    pending = [process for process, _element in found]
    while pending:
        process_id = pending.pop()
        if process_id == root:
            continue
        fresh = [place for place in callers(diagrams, process_id) if place not in found]
        found.update(fresh)
        pending += [process for process, _element in fresh]
    return found


def _reachable(diagrams: Diagrams, root: str) -> list[str]:
    found: list[str] = []
    pending = [root]
    while pending:
        process_id = pending.pop(0)
        if process_id in found or process_id not in diagrams.process_ids:
            continue
        found.append(process_id)
        elements = diagrams.process(process_id).elements.values()
        pending += [element.called_process for element in elements if element.called_process]
    return found
