"""The drawing of a .bpmn file (BPMN Diagram Interchange): its planes, shapes, edges and labels."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from lxml import etree

from workflow.engine.outlines import Bounds, Outline, Point, circle, diamond, rectangle

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"

CONTAINERS = frozenset({"participant", "lane"})


@dataclass(frozen=True)
class Shape:
    """A drawn node, lane or pool."""

    element: str
    kind: str
    bounds: Bounds
    outline: Outline
    scopes: frozenset[str]
    """The sub-processes and the process that hold it."""
    host: str | None
    """The activity a boundary event sits on."""


@dataclass(frozen=True)
class Edge:
    """A drawn connection."""

    element: str
    source: str | None
    target: str | None
    points: tuple[Point, ...]

    @property
    def segments(self) -> list[tuple[Point, Point]]:
        return list(pairwise(self.points))


@dataclass(frozen=True)
class Plane:
    """One drawing surface; a collapsed sub-process has its own."""

    shapes: dict[str, Shape]
    edges: dict[str, Edge]
    labels: dict[str, Bounds]


def elements_by_id(root: etree._Element) -> dict[str, etree._Element]:
    """Every BPMN element that has an id."""
    return {e.get("id", ""): e for e in root.iter(BPMN + "*") if e.get("id")}


def kind_of(element: etree._Element) -> str:
    """The local name of an element: userTask, exclusiveGateway…"""
    return etree.QName(element).localname


def is_node(element: etree._Element) -> bool:
    """Whether an element must have a shape."""
    kind = kind_of(element)
    named = kind in {"task", "callActivity", "subProcess", "transaction", "adHocSubProcess"}
    return named or kind in CONTAINERS or kind.endswith(("Task", "Event", "Gateway"))


def read_plane(plane: etree._Element, elements: dict[str, etree._Element]) -> Plane:
    """One drawing surface; shapes and edges of unknown elements are left out."""
    shapes, edges, labels = {}, {}, {}
    for drawn in plane:
        name = drawn.get("bpmnElement", "")
        element = elements.get(name)
        if element is None:
            continue
        if (label := drawn.find(f"{BPMNDI}BPMNLabel/{DC}Bounds")) is not None:
            labels[name] = _bounds(label)
        bounds = drawn.find(DC + "Bounds")
        if drawn.tag == BPMNDI + "BPMNShape" and bounds is not None:
            shapes[name] = _shape(element, _bounds(bounds))
        elif drawn.tag == BPMNDI + "BPMNEdge":
            points = tuple(
                Point(float(p.get("x", 0)), float(p.get("y", 0)))
                for p in drawn.iter(DI + "waypoint")
            )
            edges[name] = Edge(name, element.get("sourceRef"), element.get("targetRef"), points)
    return Plane(shapes, edges, labels)


def _point(element: etree._Element) -> Point:
    return Point(float(element.get("x", 0)), float(element.get("y", 0)))


def _bounds(element: etree._Element) -> Bounds:
    x, y, width, height = (float(element.get(key, 0)) for key in ("x", "y", "width", "height"))
    return Bounds(x, y, width, height)


def _shape(element: etree._Element, bounds: Bounds) -> Shape:
    kind = kind_of(element)
    outline = (
        circle(bounds)
        if kind.endswith("Event")
        else diamond(bounds)
        if kind.endswith("Gateway")
        else rectangle(bounds)
    )
    scopes = frozenset(a.get("id", "") for a in element.iterancestors(BPMN + "*"))
    return Shape(element.get("id", ""), kind, bounds, outline, scopes, element.get("attachedToRef"))
