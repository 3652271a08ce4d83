"""What a reader would see as a mistake in the drawing of a BPMN diagram.

The drawing (BPMN DI) changes nothing of the procedure, but a crossing or a hidden label makes
people read another one. ``geometric_faults`` reads the DI of any .bpmn file, ours or one drawn by
hand in an editor, and tells every fault at once. Coordinates are pixels, y grows downwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from lxml import etree

from workflow.engine.diagram_interchange import (
    BPMN,
    BPMNDI,
    CONTAINERS,
    Edge,
    Plane,
    Shape,
    elements_by_id,
    is_node,
    kind_of,
    read_plane,
)
from workflow.engine.outlines import (
    Bounds,
    Point,
    inside,
    meeting_point,
    overlap_length,
    overlaps,
    rectangle,
)

TOUCH = 1.0
"""Pixels under which two things only touch."""
DOCK = 3.0
"""Pixels an edge may end away from the border of its shape; editors round."""


class GeometricFaultKind(StrEnum):
    """The kinds of fault, stable codes for the checks of diagrams."""

    MISSING_SHAPE = "missing_shape"
    MISSING_EDGE = "missing_edge"
    OUTSIDE_CONTAINER = "outside_container"
    SHAPE_OVERLAP = "shape_overlap"
    EDGE_THROUGH_SHAPE = "edge_through_shape"
    EDGE_CROSSING = "edge_crossing"
    EDGE_ON_EDGE = "edge_on_edge"
    LOOSE_EDGE_END = "loose_edge_end"
    LABEL_ON_LABEL = "label_on_label"
    LABEL_ON_SHAPE = "label_on_shape"
    LABEL_ON_EDGE = "label_on_edge"


SENTENCES = {
    GeometricFaultKind.MISSING_SHAPE: "{element} has no shape in the drawing",
    GeometricFaultKind.MISSING_EDGE: "{element} has no edge in the drawing",
    GeometricFaultKind.OUTSIDE_CONTAINER: "{element} is drawn outside {other}, which holds it",
    GeometricFaultKind.SHAPE_OVERLAP: "{element} overlaps {other}",
    GeometricFaultKind.EDGE_THROUGH_SHAPE: "{element} runs through {other}",
    GeometricFaultKind.EDGE_CROSSING: "{element} crosses {other}",
    GeometricFaultKind.EDGE_ON_EDGE: "{element} lies on {other}",
    GeometricFaultKind.LOOSE_EDGE_END: "{element} does not end on the border of {other}",
    GeometricFaultKind.LABEL_ON_LABEL: "the label of {element} lies on the label of {other}",
    GeometricFaultKind.LABEL_ON_SHAPE: "the label of {element} lies on {other}",
    GeometricFaultKind.LABEL_ON_EDGE: "the label of {element} lies on the edge {other}",
}


@dataclass(frozen=True)
class GeometricFault:
    """One fault of the drawing; ``other`` is the second element concerned, if any."""

    element: str
    message: str
    kind: GeometricFaultKind
    other: str | None = None


def geometric_faults(root: etree._Element) -> list[GeometricFault]:
    """Every geometric fault of the diagrams under ``root`` (a bpmn:definitions element)."""
    elements = elements_by_id(root)
    planes = [read_plane(plane, elements) for plane in root.iter(BPMNDI + "BPMNPlane")]
    faults = list(_missing(elements, planes))
    for plane in planes:
        faults += _outside_containers(plane, elements)
        faults += _shape_overlaps(plane)
        faults += _edges_against_shapes(plane)
        faults += _edges_against_edges(plane)
        faults += _label_faults(plane)
    return faults


def _fault(kind: GeometricFaultKind, element: str, other: str | None = None) -> GeometricFault:
    return GeometricFault(
        element, SENTENCES[kind].format(element=element, other=other) + ".", kind, other
    )


def _missing(elements: dict[str, etree._Element], planes: list[Plane]) -> Iterator[GeometricFault]:
    shapes = {name for plane in planes for name in plane.shapes}
    edges = {name for plane in planes for name in plane.edges}
    for name, element in elements.items():
        if is_node(element) and name not in shapes:
            yield _fault(GeometricFaultKind.MISSING_SHAPE, name)
        elif kind_of(element) in {"sequenceFlow", "messageFlow"} and name not in edges:
            yield _fault(GeometricFaultKind.MISSING_EDGE, name)


def _solid(plane: Plane) -> list[Shape]:
    return [s for s in plane.shapes.values() if s.kind not in CONTAINERS]


def _outside_containers(
    plane: Plane, elements: dict[str, etree._Element]
) -> Iterator[GeometricFault]:
    """Nodes outside their lane, pool or sub-process; flows that leave their pool or sub-process."""
    lanes = _lane_of_nodes(elements)
    pools = {e.get("processRef"): e.get("id") for e in elements.values() if e.get("processRef")}
    for name, drawn in [*plane.shapes.items(), *plane.edges.items()]:
        parent = elements[name].getparent()
        scope = parent.get("id", "") if parent is not None else ""
        holders = {lanes.get(name, ""), pools.get(scope, scope)} & plane.shapes.keys()
        for holder in sorted(holders):
            if not all(inside(b, plane.shapes[holder].bounds) for b in _extent(drawn)):
                yield _fault(GeometricFaultKind.OUTSIDE_CONTAINER, name, holder)


def _lane_of_nodes(elements: dict[str, etree._Element]) -> dict[str, str]:
    return {
        (ref.text or "").strip(): name
        for name, element in elements.items()
        if kind_of(element) == "lane"
        for ref in element.iterfind(BPMN + "flowNodeRef")
    }


def _extent(drawn: Shape | Edge) -> list[Bounds]:
    if isinstance(drawn, Shape):
        return [] if drawn.kind == "lane" else [drawn.bounds]
    return [Bounds(point.x, point.y, 0, 0) for point in drawn.points]


def _shape_overlaps(plane: Plane) -> Iterator[GeometricFault]:
    lanes = [s for s in plane.shapes.values() if s.kind == "lane"]
    pools = [s for s in plane.shapes.values() if s.kind == "participant"]
    for group in (_solid(plane), lanes, pools):
        for one, two in combinations(group, 2):
            if not _related(one, two) and overlaps(one.bounds, two.bounds, TOUCH):
                yield _fault(GeometricFaultKind.SHAPE_OVERLAP, one.element, two.element)


def _related(one: Shape, two: Shape) -> bool:
    """One holds the other, or is the boundary event of the other."""
    return (
        one.element in two.scopes
        or two.element in one.scopes
        or one.host == two.element
        or two.host == one.element
    )


def _edges_against_shapes(plane: Plane) -> Iterator[GeometricFault]:
    for edge in plane.edges.values():
        for name, point in zip((edge.source, edge.target), _ends(edge), strict=True):
            shape = plane.shapes.get(name or "")
            if shape is not None and shape.outline.distance(point) > DOCK:
                yield _fault(GeometricFaultKind.LOOSE_EDGE_END, edge.element, shape.element)
        scopes = _scopes_of(plane, edge.element)
        for shape in _solid(plane):
            margin = DOCK if shape.element in (edge.source, edge.target) else TOUCH
            pierced = any(shape.outline.pierced(p, q, margin) for p, q in edge.segments)
            if pierced and shape.element not in scopes:
                yield _fault(GeometricFaultKind.EDGE_THROUGH_SHAPE, edge.element, shape.element)


def _scopes_of(plane: Plane, name: str) -> frozenset[str]:
    """The sub-processes a node or an edge is drawn in."""
    edge = plane.edges.get(name)
    nodes = (edge.source, edge.target) if edge else (name,)
    drawn = [plane.shapes[node] for node in nodes if node in plane.shapes]
    return frozenset[str]().union(*(shape.scopes for shape in drawn))


def _ends(edge: Edge) -> tuple[Point, Point]:
    return (edge.points[0], edge.points[-1]) if edge.points else (Point(0, 0), Point(0, 0))


def _edges_against_edges(plane: Plane) -> Iterator[GeometricFault]:
    for one, two in combinations(plane.edges.values(), 2):
        crossing, lying = _meet(one, two)
        if crossing:
            yield _fault(GeometricFaultKind.EDGE_CROSSING, one.element, two.element)
        if lying:
            yield _fault(GeometricFaultKind.EDGE_ON_EDGE, one.element, two.element)


def _meet(one: Edge, two: Edge) -> tuple[bool, bool]:
    """Whether two edges cross, and whether they lie on each other.

    Two edges into the same target may join before it, as a merge; their common ends may touch.
    """
    merging = one.target is not None and one.target == two.target
    crossing = lying = False
    for p, q in one.segments:
        for r, s in two.segments:
            lying |= overlap_length(p, q, r, s) > TOUCH and not merging
            at = meeting_point(p, q, r, s)
            if at is None or _at_both_ends(at, one, two):
                continue
            joins = merging and any(_near(at, v) for v in (*one.points, *two.points))
            crossing |= not joins
    return crossing, lying


def _near(one: Point, two: Point) -> bool:
    return abs(one.x - two.x) <= TOUCH and abs(one.y - two.y) <= TOUCH


def _at_both_ends(at: Point, one: Edge, two: Edge) -> bool:
    return all(any(_near(at, end) for end in _ends(edge)) for edge in (one, two))


def _label_faults(plane: Plane) -> Iterator[GeometricFault]:
    for (name, one), (other, two) in combinations(plane.labels.items(), 2):
        if overlaps(one, two, TOUCH):
            yield _fault(GeometricFaultKind.LABEL_ON_LABEL, name, other)
    for name, label in plane.labels.items():
        yield from _label_on_shape(plane, name, label)
        yield from _label_on_edge(plane, name, label)


def _label_on_shape(plane: Plane, name: str, label: Bounds) -> Iterator[GeometricFault]:
    scopes = _scopes_of(plane, name)
    for shape in _solid(plane):
        if shape.element not in scopes and overlaps(label, shape.bounds, TOUCH):
            yield _fault(GeometricFaultKind.LABEL_ON_SHAPE, name, shape.element)


def _label_on_edge(plane: Plane, name: str, label: Bounds) -> Iterator[GeometricFault]:
    outline = rectangle(label)
    for edge in plane.edges.values():
        lies = any(outline.pierced(p, q, TOUCH) for p, q in edge.segments)
        if lies and edge.element != name:
            yield _fault(GeometricFaultKind.LABEL_ON_EDGE, name, edge.element)
