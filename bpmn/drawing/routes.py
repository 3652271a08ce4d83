"""Orthogonal paths of the sequence flows: the plainest one that meets nothing on its way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from drawing.model import Diagram, Flow
from drawing.places import PADDING, TITLE, Places, Scope
from workflow.engine.outlines import (
    Bounds,
    Point,
    meeting_point,
    overlap_length,
)

Path = tuple[Point, ...]

OUTWARD = {"right": (1, 0), "left": (-1, 0), "top": (0, -1), "bottom": (0, 1)}
LEAVE = {"right": 0.0, "bottom": 4.0, "top": 5.0, "left": 8.0}
ENTER = {"left": 0.0, "top": 5.0, "bottom": 4.0, "right": 14.0}
UNDER_LABEL = 6.0
"""An event has its label below."""
BEND, FAULT, CROWDED = 6.0, 1000.0, 60.0
CLEARANCE = 10.0
CHANNEL = 9.0
PASSES = 3


@dataclass(frozen=True)
class Dock:
    """Where a path may leave or reach a shape."""

    point: Point
    side: str


def route(diagram: Diagram, places: Places) -> dict[str, Path]:
    """A path for every flow. Each is chosen again once all the others are known."""
    candidates = {f.name: sorted(_candidates(diagram, places, f)) for f in diagram.flows}
    routes: dict[str, Path] = {}
    for _ in range(PASSES):
        for flow in diagram.flows:
            page = _Page(
                obstacles=_obstacles(diagram, places, flow),
                merging=[routes[f.name] for f in _others(diagram, flow, routes, merging=True)],
                passing=[routes[f.name] for f in _others(diagram, flow, routes, merging=False)],
            )
            routes[flow.name] = _plainest(candidates[flow.name], page)
    return routes


def _plainest(candidates: list[tuple[float, Path]], page: _Page) -> Path:
    """The cheapest path; candidates come in the order of their own cost."""
    best, least = candidates[0][1], float("inf")
    for plain, path in candidates:
        if plain >= least:
            break
        cost = plain + page.trouble(path)
        if cost < least:
            best, least = path, cost
    return best


def _others(
    diagram: Diagram, flow: Flow, routes: dict[str, Path], *, merging: bool
) -> Iterator[Flow]:
    for other in diagram.flows:
        if other.name in routes and other != flow and (other.target == flow.target) == merging:
            yield other


def _obstacles(diagram: Diagram, places: Places, flow: Flow) -> list[Bounds]:
    """The shapes of the scope of a flow; what they hold hides behind them."""
    scope = diagram.nodes[flow.source].scope
    return [places.shapes[n.name] for n in diagram.nodes.values() if n.scope == scope]


@dataclass(frozen=True)
class _Page:
    """What a path has to avoid; paths into the same target may be joined before it."""

    obstacles: list[Bounds]
    merging: list[Path]
    passing: list[Path]

    def trouble(self, path: Path) -> float:
        """What a path would cost in faults and in crowding."""
        cost = FAULT * sum(_pierces(path, bounds) for bounds in self.obstacles)
        cost += CROWDED * sum(_pierces(path[1:-1], _grown(b)) for b in self.obstacles)
        for other in self.passing:
            cost += FAULT * _meetings(path, other, merging=False)
        for other in self.merging:
            cost += FAULT * _meetings(path, other, merging=True)
        return cost + CROWDED * sum(_beside(path, o) for o in [*self.passing, *self.merging])


def _grown(bounds: Bounds) -> Bounds:
    x, y, width, height = bounds
    return Bounds(x - CLEARANCE, y - CLEARANCE, width + 2 * CLEARANCE, height + 2 * CLEARANCE)


def _pierces(path: Path, bounds: Bounds) -> bool:
    """Whether a path of horizontal and vertical segments goes inside a shape."""
    return any(
        min(p.x, q.x) < bounds.right - 1
        and max(p.x, q.x) > bounds.x + 1
        and min(p.y, q.y) < bounds.bottom - 1
        and max(p.y, q.y) > bounds.y + 1
        for p, q in pairwise(path)
    )


def _meetings(path: Path, other: Path, *, merging: bool) -> int:
    count = 0
    for p, q in pairwise(path):
        for r, s in pairwise(other):
            at = meeting_point(p, q, r, s)
            at_ends = at in (path[0], path[-1]) and at in (other[0], other[-1])
            joins = merging and (at in path or at in other)
            count += at is not None and not at_ends and not joins
            count += overlap_length(p, q, r, s) > 0
    return count


def _beside(path: Path, other: Path) -> int:
    """How many segments run side by side, nearer than a reader can tell apart."""
    return sum(_between(p, q, r, s) for p, q in pairwise(path) for r, s in pairwise(other))


def _between(p: Point, q: Point, r: Point, s: Point) -> bool:
    """Whether two parallel segments face each other within the clearance."""
    for along, across in ((0, 1), (1, 0)):
        if p[across] == q[across] and r[across] == s[across]:
            near = abs(p[across] - r[across]) < CLEARANCE
            low = max(min(p[along], q[along]), min(r[along], s[along]))
            high = min(max(p[along], q[along]), max(r[along], s[along]))
            if near and high > low:
                return True
    return False


def _candidates(diagram: Diagram, places: Places, flow: Flow) -> Iterator[tuple[float, Path]]:
    scope = places.scopes[diagram.nodes[flow.source].scope]
    xs = [x + shift for x in scope.column_lines for shift in (0, -CHANNEL, CHANNEL)]
    top, bottom = scope.row_lines[0], scope.row_lines[-1]
    ys = [y + shift for y in scope.row_lines for shift in (-CHANNEL, CHANNEL)]
    ys = [y for y in ys if top < y < bottom]
    source = diagram.nodes[flow.source]
    under_label = source.is_event and source.host is None
    for start in _docks(diagram, places, flow.source):
        for end in _arrivals(diagram, places, flow):
            for path in _paths(start, end, xs, ys):
                length = sum(abs(p.x - q.x) + abs(p.y - q.y) for p, q in pairwise(path))
                sides = LEAVE[start.side] + ENTER[end.side]
                sides += UNDER_LABEL if under_label and start.side == "bottom" else 0
                yield sides + BEND * (len(path) - 2) + length / 50, path


def _arrivals(diagram: Diagram, places: Places, flow: Flow) -> Iterator[Dock]:
    """The docks of the target, and the point of a task right below a boundary event."""
    yield from _docks(diagram, places, flow.target)
    source, target = diagram.nodes[flow.source], diagram.nodes[flow.target]
    x, bounds = places.shapes[flow.source].centre.x, places.shapes[flow.target]
    straight = bounds.x + CLEARANCE < x < bounds.right - CLEARANCE
    if source.host is not None and straight and not (target.is_event or target.is_gateway):
        yield Dock(Point(x, bounds.y), "top")


def _docks(diagram: Diagram, places: Places, name: str) -> Iterator[Dock]:
    bounds, node = places.shapes[name], diagram.nodes[name]
    centre = bounds.centre
    if node.host is not None:
        yield Dock(Point(centre.x, bounds.bottom), "bottom")
        return
    xs, ys = [centre.x], [centre.y]
    if diagram.is_expanded(name):
        scope = places.scopes[node.scope]
        xs += _lines_across(scope, bounds)
        ys += _lines_down(scope, bounds)
    for y in ys:
        yield Dock(Point(bounds.x, y), "left")
        yield Dock(Point(bounds.right, y), "right")
    for x in xs:
        yield Dock(Point(x, bounds.y), "top")
        yield Dock(Point(x, bounds.bottom), "bottom")


def _lines_across(scope: Scope, bounds: Bounds) -> list[float]:
    """Where a wide shape may be reached from above: below the centres of the columns."""
    centres = [round(scope.column_centre(c)) for c in range(len(scope.widths))]
    return [float(x) for x in centres if bounds.x + PADDING < x < bounds.right - PADDING]


def _lines_down(scope: Scope, bounds: Bounds) -> list[float]:
    """Where a high shape may be reached from the side: level with the rows, or below its title."""
    centres = [round(bounds.y + TITLE + PADDING)]
    centres += [round(scope.row_centre(r)) for r in range(len(scope.heights))]
    return [float(y) for y in centres if bounds.y + TITLE < y < bounds.bottom - PADDING]


def _paths(start: Dock, end: Dock, xs: list[float], ys: list[float]) -> Iterator[Path]:
    """Straight, bent once, or bent twice in a channel, each leaving and arriving outward."""
    p, q = start.point, end.point
    leaves_across, arrives_across = OUTWARD[start.side][0] != 0, OUTWARD[end.side][0] != 0
    middles: list[tuple[Point, ...]] = [()]
    if leaves_across and arrives_across:
        middles = [(Point(x, p.y), Point(x, q.y)) for x in map(round, xs)]
    elif not leaves_across and not arrives_across:
        middles = [(Point(p.x, y), Point(q.x, y)) for y in map(round, ys)]
    else:
        middles = [(Point(q.x, p.y) if leaves_across else Point(p.x, q.y),)]
    straight: list[tuple[Point, ...]] = [()] if p.x == q.x or p.y == q.y else []
    for middle in straight + middles:
        path = _without_pauses((p, *middle, q))
        if _goes(path[0], path[1], start.side) and _goes(path[-1], path[-2], end.side):
            yield path


def _without_pauses(path: Path) -> Path:
    kept = [path[0]]
    for point in path[1:]:
        if point != kept[-1]:
            kept.append(point)
    if len(kept) == 1:
        kept.append(path[-1])
    return tuple(kept)


def _goes(start: Point, to: Point, side: str) -> bool:
    """Whether the way from a dock leads out of its shape, far enough to be seen."""
    dx, dy = OUTWARD[side]
    return (to.x - start.x) * dx + (to.y - start.y) * dy >= CLEARANCE
