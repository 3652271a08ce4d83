"""Plane geometry of a diagram: bounds, outlines of shapes, and how segments meet. Pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from typing import NamedTuple


class Point(NamedTuple):
    """A point of the drawing."""

    x: float
    y: float


class Bounds(NamedTuple):
    """A rectangle by its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def centre(self) -> Point:
        return Point(self.x + self.width / 2, self.y + self.height / 2)


@dataclass(frozen=True)
class Outline:
    """The border of a shape as a reader sees it: a circle, a diamond or a rectangle."""

    signed_distance: Callable[[Point], float]
    """Pixels from the border, negative inside."""
    breakpoints: Callable[[Point, Point], list[Point]]
    """Points of a segment among which the deepest one lies."""

    def distance(self, point: Point) -> float:
        """Pixels between a point and the border, whether inside or outside."""
        return abs(self.signed_distance(point))

    def pierced(self, start: Point, end: Point, margin: float) -> bool:
        """Whether a segment goes more than ``margin`` pixels inside."""
        candidates = [start, end, *self.breakpoints(start, end)]
        return min(map(self.signed_distance, candidates)) < -margin


def circle(bounds: Bounds) -> Outline:
    """The outline of an event."""
    centre, radius = bounds.centre, min(bounds.width, bounds.height) / 2

    def signed_distance(point: Point) -> float:
        return hypot(point.x - centre.x, point.y - centre.y) - radius

    return Outline(signed_distance, lambda p, q: [_closest(centre, p, q)])


def diamond(bounds: Bounds) -> Outline:
    """The outline of a gateway; distances are those of the Manhattan metric, halved."""
    centre, half = bounds.centre, min(bounds.width, bounds.height) / 2

    def signed_distance(point: Point) -> float:
        return (abs(point.x - centre.x) + abs(point.y - centre.y) - half) / 2

    return Outline(signed_distance, lambda p, q: _cuts(p, q, [centre.x], [centre.y]))


def rectangle(bounds: Bounds) -> Outline:
    """The outline of a task, a sub-process or a label."""

    def signed_distance(point: Point) -> float:
        outside_x = max(bounds.x - point.x, point.x - bounds.right)
        outside_y = max(bounds.y - point.y, point.y - bounds.bottom)
        if outside_x > 0 and outside_y > 0:
            return hypot(outside_x, outside_y)
        return max(outside_x, outside_y)

    return Outline(signed_distance, lambda p, q: _deepest_in_rectangle(bounds, p, q))


def overlaps(one: Bounds, two: Bounds, margin: float) -> bool:
    """Whether two rectangles share more than ``margin`` pixels in both directions."""
    shared_x = min(one.right, two.right) - max(one.x, two.x)
    shared_y = min(one.bottom, two.bottom) - max(one.y, two.y)
    return shared_x > margin and shared_y > margin


def inside(inner: Bounds, outer: Bounds) -> bool:
    """Whether a rectangle lies entirely in another one."""
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.right <= outer.right
        and inner.bottom <= outer.bottom
    )


def meeting_point(p: Point, q: Point, r: Point, s: Point) -> Point | None:
    """Where the segments pq and rs meet; None if they do not, or are parallel."""
    ax, ay, bx, by = q.x - p.x, q.y - p.y, s.x - r.x, s.y - r.y
    determinant = ax * by - ay * bx
    if abs(determinant) < 1e-9:
        return None
    along = ((r.x - p.x) * by - (r.y - p.y) * bx) / determinant
    across = ((r.x - p.x) * ay - (r.y - p.y) * ax) / determinant
    if 0 <= along <= 1 and 0 <= across <= 1:
        return Point(p.x + along * ax, p.y + along * ay)
    return None


def overlap_length(p: Point, q: Point, r: Point, s: Point) -> float:
    """Pixels that two segments share when they lie on one line, else 0."""
    length = hypot(q.x - p.x, q.y - p.y)
    if length < 1e-9:
        return 0.0
    ux, uy = (q.x - p.x) / length, (q.y - p.y) / length
    if any(abs((t.x - p.x) * uy - (t.y - p.y) * ux) > 1.0 for t in (r, s)):
        return 0.0
    low, high = sorted((t.x - p.x) * ux + (t.y - p.y) * uy for t in (r, s))
    return max(0.0, min(high, length) - max(low, 0.0))


def _at(p: Point, q: Point, ratio: float) -> Point:
    return Point(p.x + ratio * (q.x - p.x), p.y + ratio * (q.y - p.y))


def _closest(point: Point, p: Point, q: Point) -> Point:
    """The point of the segment pq nearest to a point."""
    squared = (q.x - p.x) ** 2 + (q.y - p.y) ** 2
    if squared == 0:
        return p
    ratio = ((point.x - p.x) * (q.x - p.x) + (point.y - p.y) * (q.y - p.y)) / squared
    return _at(p, q, min(1.0, max(0.0, ratio)))


def _cuts(p: Point, q: Point, xs: list[float], ys: list[float]) -> list[Point]:
    """Where the segment pq meets vertical lines xs and horizontal lines ys."""
    ratios = [(x - p.x) / (q.x - p.x) for x in xs if p.x != q.x]
    ratios += [(y - p.y) / (q.y - p.y) for y in ys if p.y != q.y]
    return [_at(p, q, ratio) for ratio in ratios if 0 <= ratio <= 1]


def _deepest_in_rectangle(bounds: Bounds, p: Point, q: Point) -> list[Point]:
    """The crossings with the borders and the middle of the part between each two of them."""
    cuts = _cuts(p, q, [bounds.x, bounds.right], [bounds.y, bounds.bottom])
    ends = sorted([p, q, *cuts])
    middles = [_at(a, b, 0.5) for a, b in pairwise(ends)]
    return [*cuts, *middles, *_cuts(p, q, [bounds.centre.x], [bounds.centre.y])]
