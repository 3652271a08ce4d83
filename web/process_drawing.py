"""A drawn process as SVG, made by the server: what a reader without JavaScript sees of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from web.procedure_words import in_words
from workflow.engine.diagram_interchange import Edge, Plane, Shape
from workflow.engine.outlines import Bounds, Point
from workflow.engine.spiff import Process

MARGIN = 12
LINE = 14
"""Pixels from one line of text to the next."""
LETTER = 6.3
"""Pixels that a letter takes on the average."""
LANE_HEAD = 30
CONTAINERS = ("participant", "lane")
_SIGNS = {
    "timer": "m-9 0a9 9 0 1 1 18 0a9 9 0 1 1 -18 0zm9 -6v6l4 3",
    "message": "m-9 -6h18v12h-18zl9 7 9 -7",
    "error": "m-7 6l4 -12 5 8 5 -9",
    "escalation": "m-6 7l6 -14 6 14 -6 -5z",
    "exclusiveGateway": "m-7 -7l14 14m0 -14l-14 14",
    "parallelGateway": "m0 -10v20m-10 -10h20",
}
"""The event or the gateway → what BPMN draws inside it, from its centre."""


@dataclass(frozen=True)
class Words:
    """A text, broken into lines, centred on a point; `is_upright` false: read from below."""

    lines: list[tuple[float, str]]
    x: float
    is_upright: bool = True
    turn: str = ""


@dataclass(frozen=True)
class Node:
    """A shape: its kind for the style sheet, its outline as a path, its words."""

    kind: str
    path: str
    words: Words | None


@dataclass(frozen=True)
class Drawing:
    """A whole drawing: its box, its lanes and shapes, its arrows with their labels."""

    box: str
    width: int
    nodes: list[Node]
    arrows: list[str]
    labels: list[Words]
    marks: list[str]
    """What stands inside events and gateways: a clock, an envelope, a flash, a cross."""


def drawing_of(process: Process, plane: Plane) -> Drawing:
    """The drawing of a process, its labels in the reader's language."""
    return _Pen(process, plane).drawing()


class _Pen:
    """One drawing of one process."""

    def __init__(self, process: Process, plane: Plane) -> None:
        self.plane = plane
        self.names = {
            **dict(process.lanes),
            **{each.id: each.label for each in process.elements.values() if each.label != each.id},
        }
        self.elements = {each.id: each for each in process.elements.values()}
        self.flows = {(flow.source, flow.target): flow.label for flow in process.flows}

    def drawing(self) -> Drawing:
        shapes = sorted(self.plane.shapes.values(), key=_depth)
        shown = [each for each in shapes if each.kind != "participant"]
        box = _box([each.bounds for each in (*shown, *self._label_bounds())])
        return Drawing(
            f"{box.x:.0f} {box.y:.0f} {box.width:.0f} {box.height:.0f}",
            round(box.width),
            [self._node(each) for each in shown],
            [_path(edge.points) for edge in self.plane.edges.values()],
            [*self._outside_labels(), *self._arrow_labels()],
            [mark for each in shown if (mark := self._mark(each))],
        )

    def _label_bounds(self) -> list[Shape]:
        return [each for each in self.plane.shapes.values() if each.element in self.plane.labels]

    def _node(self, shape: Shape) -> Node:
        return Node(self._kind(shape), _outline(shape), self._words(shape))

    def _kind(self, shape: Shape) -> str:
        if shape.kind.endswith("Gateway"):
            return "gateway"
        if shape.kind in ("endEvent", "lane", "subProcess", "callActivity", "userTask"):
            return shape.kind
        if not shape.kind.endswith("Event"):
            return "task"
        element = self.elements.get(shape.element)
        return "event aside" if element and element.interrupting is False else "event"

    def _mark(self, shape: Shape) -> str:
        element = self.elements.get(shape.element)
        if element is None or not shape.kind.endswith(("Event", "Gateway")):
            return ""
        sign = _SIGNS.get(shape.kind if shape.kind.endswith("Gateway") else element.event or "", "")
        x, y = shape.bounds.centre
        ring = _ring(shape) if shape.kind.startswith(("boundary", "intermediate")) else ""
        return f"{ring}M{x:g} {y:g}{sign}" if sign else ring

    def _words(self, shape: Shape) -> Words | None:
        name = in_words(self.names.get(shape.element, ""))
        bounds = shape.bounds
        if not name or shape.element in self.plane.labels:
            return None
        if shape.kind == "lane":
            x, y = bounds.x + LANE_HEAD / 2, bounds.centre.y
            lines = _lines(name, bounds.height)
            return Words(_centred(lines, y), x, False, f"rotate(-90 {x:.0f} {y:.0f})")
        if shape.kind == "subProcess":
            return Words([(bounds.y + LINE, name)], bounds.centre.x)
        return Words(_centred(_lines(name, bounds.width - 8), bounds.centre.y), bounds.centre.x)

    def _outside_labels(self) -> list[Words]:
        return [
            _below(self.plane.labels[each], in_words(self.names.get(each, "")))
            for each in self.plane.shapes
            if each in self.plane.labels and self.names.get(each)
        ]

    def _arrow_labels(self) -> list[Words]:
        return [
            _below(self.plane.labels[name], in_words(self.flows.get(_ends(edge), "")))
            for name, edge in self.plane.edges.items()
            if name in self.plane.labels and self.flows.get(_ends(edge))
        ]


def _ends(edge: Edge) -> tuple[str, str]:
    return edge.source or "", edge.target or ""


def _below(bounds: Bounds, text: str) -> Words:
    lines = _lines(text, max(bounds.width + 8, 84))
    return Words(
        [(bounds.y + LINE * (rank + 0.8), line) for rank, line in enumerate(lines)],
        bounds.centre.x,
    )


def _centred(lines: Sequence[str], y: float) -> list[tuple[float, str]]:
    first = y - LINE * (len(lines) - 1) / 2 + 4
    return [(round(first + LINE * rank, 1), line) for rank, line in enumerate(lines)]


def _lines(text: str, width: float) -> list[str]:
    room, lines = max(4, int(width / LETTER)), [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > room:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _depth(shape: Shape) -> tuple[int, int]:
    """What holds other things is drawn before them."""
    return (0 if shape.kind in CONTAINERS else 1, 0 if shape.kind == "subProcess" else 1)


def _outline(shape: Shape) -> str:
    x, y, width, height = shape.bounds
    if shape.kind.endswith("Gateway"):
        across, down = width / 2, height / 2
        corners = f"{across:g} {down:g} {-across:g} {down:g} {-across:g} {-down:g}"
        return f"M{x + across:g} {y:g}l{corners}z"
    if shape.kind.endswith("Event"):
        return _circle(x, y + width / 2, width / 2)
    return f"M{x:g} {y:g}h{width:g}v{height:g}h{-width:g}z"


def _ring(shape: Shape) -> str:
    """The second line of an event that does not start or end a drawing."""
    x, y = shape.bounds.centre
    return _circle(x - shape.bounds.width / 2 + 3, y, shape.bounds.width / 2 - 3)


def _circle(x: float, y: float, radius: float) -> str:
    half = f"a{radius:g} {radius:g} 0 1 1"
    return f"M{x:g} {y:g}{half} {2 * radius:g} 0{half} {-2 * radius:g} 0z"


def _path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{point.x:g} {point.y:g}" for point in points)


def _box(found: Sequence[Bounds]) -> Bounds:
    left, top = min(each.x for each in found), min(each.y for each in found)
    right, bottom = max(each.right for each in found), max(each.bottom for each in found)
    return Bounds(left - MARGIN, top - MARGIN, right - left + 2 * MARGIN, bottom - top + 2 * MARGIN)
