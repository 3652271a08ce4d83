"""Where the labels of events, gateways and flows stand: the first place that is free."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from drawing.model import Diagram, Node
from drawing.places import FLOW_LABEL_WIDTH, LABEL_WIDTH, Places
from drawing.routes import Path
from drawing.text import label_box
from workflow.engine.outlines import Bounds, Point, overlaps, rectangle

NEAR = 4
"""Pixels between a label and what it names."""
SLASH = 16
"""Pixels after which the mark of a default flow is passed."""
SHAPE_COST, LABEL_COST, EDGE_COST, BORDER_COST = 300, 300, 200, 100


@dataclass
class _Page:
    """What is already drawn in one diagram."""

    diagram: Diagram
    places: Places
    routes: dict[str, Path]
    labels: dict[str, Bounds]

    def cost(self, box: Bounds, scope: str) -> float:
        """How much a label in that box would hide."""
        around = self._around(scope)
        shapes = [b for name, b in self.places.shapes.items() if name not in around]
        cost = SHAPE_COST * sum(overlaps(box, bounds, 0) for bounds in shapes)
        cost += LABEL_COST * sum(overlaps(box, other, -2) for other in self.labels.values())
        cost += EDGE_COST * sum(_crossed(box, path) for path in self.routes.values())
        holders = [*self.places.lanes.values(), *(self.places.shapes[name] for name in around)]
        return cost + BORDER_COST * sum(_on_border(box, holder) for holder in holders)

    def _around(self, scope: str) -> set[str]:
        around: set[str] = set()
        while scope in self.diagram.nodes:
            around.add(scope)
            scope = self.diagram.nodes[scope].scope
        return around


def place_labels(diagram: Diagram, places: Places, routes: dict[str, Path]) -> dict[str, Bounds]:
    """A box for the label of every event, gateway and flow that has one."""
    page = _Page(diagram, places, routes, {})
    outside = [n for n in diagram.nodes.values() if n.label and (n.is_event or n.is_gateway)]
    for node in sorted(outside, key=lambda n: (not n.is_gateway, n.host is None)):
        size = label_box(node.label, LABEL_WIDTH)
        _put(page, node.name, node.scope, _beside(node, places.shapes[node.name], size))
    for flow in diagram.flows:
        if flow.label:
            size = label_box(flow.label, FLOW_LABEL_WIDTH)
            boxes = _along(routes[flow.name], size)
            _put(page, flow.name, diagram.nodes[flow.source].scope, boxes)
    return page.labels


def _put(page: _Page, name: str, scope: str, boxes: Iterator[Bounds]) -> None:
    ranked = [(page.cost(box, scope) + rank, box) for rank, box in enumerate(boxes)]
    page.labels[name] = min(ranked)[1]


def _beside(node: Node, shape: Bounds, size: tuple[int, int]) -> Iterator[Bounds]:
    """Places for the label of a node, the best first."""
    width, height = size
    x, y = shape.centre
    below, above = shape.bottom + NEAR, shape.y - NEAR - height
    right, left = shape.right + NEAR, shape.x - NEAR - width
    if node.host is not None:
        spots = [(x + 5, below), (x - 5 - width, below), (right, y + NEAR)]
        spots += [(left, y + NEAR), (x + 5, below + 16), (x - 5 - width, below + 16)]
    else:
        middle = x - width / 2
        vertical = [(middle, below), (middle, above)]
        spots = vertical[::-1] if node.is_gateway else vertical
        spots += [(x - 8 - width, above), (x + 8, above), (x + 8, below), (x - 8 - width, below)]
        spots += [(right, y - height / 2), (left, y - height / 2)]
        spots += [(right - 12, above), (left + 12, above), (right - 12, below), (left + 12, below)]
    return (Bounds(round(spot[0]), round(spot[1]), width, height) for spot in spots)


def _along(path: Path, size: tuple[int, int]) -> Iterator[Bounds]:
    """Places for the label of a flow, near its source first."""
    for start, end in pairwise(path):
        yield from (Bounds(round(x), round(y), *size) for x, y in _along_segment(start, end, size))


def _along_segment(
    start: Point, end: Point, size: tuple[int, int]
) -> Iterator[tuple[float, float]]:
    width, height = size
    if start.y == end.y:
        middle = (start.x + end.x - width) / 2
        near = start.x + SLASH if end.x > start.x else start.x - SLASH - width
        for x in (near, middle):
            yield x, start.y - height - 3
            yield x, start.y + 3
    else:
        middle = (start.y + end.y - height) / 2
        near = start.y + SLASH if end.y > start.y else start.y - SLASH - height
        for y in (near, middle):
            yield start.x + 5, y
            yield start.x - 5 - width, y


def _crossed(box: Bounds, path: Path) -> bool:
    outline = rectangle(box)
    return any(outline.pierced(p, q, 0.0) for p, q in pairwise(path))


def _on_border(box: Bounds, holder: Bounds) -> bool:
    corners = [
        Point(holder.x, holder.y),
        Point(holder.right, holder.y),
        Point(holder.right, holder.bottom),
        Point(holder.x, holder.bottom),
    ]
    return _crossed(box, (*corners, corners[0]))
