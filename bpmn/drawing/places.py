"""From cells to pixels: columns and rows as wide and high as what they hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate

from drawing.cells import Cell, Grid, check_grid, grid_of
from drawing.model import Diagram, Node
from drawing.text import label_box, text_width, wrapped
from workflow.engine.outlines import Bounds

EVENT = 36
GATEWAY = 50
TASK_WIDTH, WIDE_TASK_WIDTH, TASK_HEIGHT = 120, 156, 80
TASK_TEXT_MARGIN = 12
BOUNDARY_STEP = 72
BESIDE_MARKER = 36
"""Pixels from the middle of a call activity, whose marker must stay visible."""
LABEL_WIDTH = 98
FLOW_LABEL_WIDTH = 84
COLUMN_GAP, ROW_GAP = 40, 36
TITLE = 30
"""Width of the title band of a pool or a lane, height of that of a sub-process."""
PADDING = 12
ORIGIN_X, ORIGIN_Y = 160, 80


@dataclass
class Scope:
    """The grid of a process or an expanded sub-process, with the lines between its cells."""

    grid: Grid
    widths: list[float]
    heights: list[float]
    above: list[float]
    """Pixels between the top of each row and the centres of its nodes."""
    x: float = 0.0
    y: float = 0.0

    @property
    def width(self) -> float:
        return sum(self.widths)

    @property
    def height(self) -> float:
        return sum(self.heights)

    @property
    def column_lines(self) -> list[float]:
        return [self.x + w for w in accumulate(self.widths, initial=0.0)]

    @property
    def row_lines(self) -> list[float]:
        return [self.y + h for h in accumulate(self.heights, initial=0.0)]

    def column_centre(self, column: int) -> float:
        return self.column_lines[column] + self.widths[column] / 2

    def row_centre(self, row: int) -> float:
        return self.row_lines[row] + self.above[row]


@dataclass
class Places:
    """Where everything stands."""

    shapes: dict[str, Bounds] = field(default_factory=dict[str, Bounds])
    scopes: dict[str, Scope] = field(default_factory=dict[str, Scope])
    lanes: dict[str, Bounds] = field(default_factory=dict[str, Bounds])
    pool: Bounds | None = None


def place(diagram: Diagram, cells: dict[str, list[list[str]]]) -> Places:
    """Bounds of every shape of a diagram whose lanes and sub-processes have cells."""
    places = Places()
    sizes: dict[str, tuple[float, float]] = {}
    inner = [n.name for n in diagram.nodes.values() if diagram.is_expanded(n.name)]
    for name in reversed(inner):
        scope = _measured(diagram, name, grid_of(cells[name]), sizes)
        places.scopes[name] = scope
        sizes[name] = (scope.width + 2 * PADDING, scope.height + TITLE + PADDING)
    lane_rows = [row for lane in diagram.lanes for row in cells[lane]]
    whole = _measured(diagram, diagram.process, grid_of(lane_rows), sizes)
    places.scopes[diagram.process] = whole
    _heighten_for_titles(whole, diagram, cells)
    _leave_margins(whole)
    whole.x, whole.y = ORIGIN_X + 2 * TITLE + PADDING, ORIGIN_Y
    _stand(diagram, diagram.process, places, sizes)
    for name in inner:
        places.scopes[name].x = places.shapes[name].x + PADDING
        places.scopes[name].y = places.shapes[name].y + TITLE
        _stand(diagram, name, places, sizes)
    for node in diagram.nodes.values():
        _stand_boundaries(diagram, node, places)
    _stand_lanes(places, whole, diagram, cells)
    return places


def node_size(diagram: Diagram, node: Node) -> tuple[float, float]:
    """Width and height of a node that holds no others."""
    if node.is_event:
        return EVENT, EVENT
    if node.is_gateway:
        return GATEWAY, GATEWAY
    lines = wrapped(node.label, TASK_WIDTH - TASK_TEXT_MARGIN)
    width = TASK_WIDTH if len(lines) <= 2 else WIDE_TASK_WIDTH
    return max(width, BOUNDARY_STEP * len(diagram.boundaries_of(node.name))), TASK_HEIGHT


def _room(diagram: Diagram, node: Node, size: tuple[float, float]) -> tuple[float, float, float]:
    """Width of a node with its labels, and pixels above and below its centre."""
    width, height = size
    above = below = height / 2
    if node.label and (node.is_event or node.is_gateway):
        label_width, label_height = label_box(node.label, LABEL_WIDTH)
        width = max(width, label_width)
        above += label_height + 4 if node.is_gateway else 0
        below += label_height + 4 if node.is_event else 0
    if node.is_gateway:
        labels = [label_box(f.label, FLOW_LABEL_WIDTH)[0] for f in diagram.flows_from(node.name)]
        width = max(width, GATEWAY + 2 * max(labels, default=0) - COLUMN_GAP)
    if diagram.boundaries_of(node.name):
        below += EVENT / 2 + 8
    return width, above, below


def _measured(
    diagram: Diagram, name: str, grid: Grid, sizes: dict[str, tuple[float, float]]
) -> Scope:
    nodes = diagram.nodes_in(name)
    check_grid(grid, {n.name for n in nodes}, name)
    columns = 1 + max(cell.last_column for cell in grid.values())
    rows = 1 + max(cell.last_row for cell in grid.values())
    widths, above, below = [0.0] * columns, [0.0] * rows, [0.0] * rows
    for node in nodes:
        sizes.setdefault(node.name, node_size(diagram, node))
        cell = grid[node.name]
        width, over, under = _room(diagram, node, sizes[node.name])
        if len(cell.columns) == 1:
            widths[cell.first_column] = max(widths[cell.first_column], width)
        if len(cell.rows) == 1:
            above[cell.first_row] = max(above[cell.first_row], over)
            below[cell.first_row] = max(below[cell.first_row], under)
    scope = Scope(
        grid,
        [w + COLUMN_GAP for w in widths],
        [a + b + ROW_GAP for a, b in zip(above, below, strict=True)],
        [a + ROW_GAP / 2 for a in above],
    )
    for node in nodes:
        _widen_for_span(scope, grid[node.name], _room(diagram, node, sizes[node.name]))
    return scope


def _widen_for_span(scope: Scope, cell: Cell, room: tuple[float, float, float]) -> None:
    """Share out what a node on several columns or rows still lacks."""
    width, above, below = room
    lack = width + COLUMN_GAP - sum(scope.widths[c] for c in cell.columns)
    if len(cell.columns) > 1 and lack > 0:
        for column in cell.columns:
            scope.widths[column] += lack / len(cell.columns)
    lack = above + below + ROW_GAP - sum(scope.heights[r] for r in cell.rows)
    if len(cell.rows) > 1 and lack > 0:
        for row in cell.rows:
            scope.heights[row] += lack / len(cell.rows)
            scope.above[row] += lack / len(cell.rows) / 2


def _heighten_for_titles(scope: Scope, diagram: Diagram, cells: dict[str, list[list[str]]]) -> None:
    """A lane is at least as high as its name is long, the pool likewise."""
    first = 0
    titles = [(diagram.lanes[lane], len(cells[lane])) for lane in diagram.lanes]
    for title, count in [*titles, (diagram.pool_label, 0)]:
        rows = range(first, first + count) if count else range(len(scope.heights))
        lack = text_width(title) + 2 * PADDING - sum(scope.heights[r] for r in rows)
        for row in rows if lack > 0 else ():
            scope.heights[row] += lack / len(rows)
            scope.above[row] += lack / len(rows) / 2
        first += count


def _leave_margins(scope: Scope) -> None:
    """Room for a path between the pool and its first and last rows."""
    scope.heights[0] += PADDING
    scope.above[0] += PADDING
    scope.heights[-1] += PADDING


def _stand(
    diagram: Diagram, name: str, places: Places, sizes: dict[str, tuple[float, float]]
) -> None:
    scope = places.scopes[name]
    for node in diagram.nodes_in(name):
        cell, (width, height) = scope.grid[node.name], sizes[node.name]
        lines, rows = scope.column_lines, scope.row_lines
        x = (lines[cell.first_column] + lines[cell.last_column + 1]) / 2
        if len(cell.columns) > 1 and diagram.boundaries_of(node.name):
            # As wide as its cells, so that each boundary event stands above its target.
            span = lines[cell.last_column + 1] - lines[cell.first_column] - COLUMN_GAP
            width = max(width, span)
        y = scope.row_centre(cell.first_row)
        if len(cell.rows) > 1:
            y = (rows[cell.first_row] + rows[cell.last_row + 1]) / 2
        half_width, half_height = round(width / 2), round(height / 2)
        places.shapes[node.name] = Bounds(
            round(x) - half_width, round(y) - half_height, 2 * half_width, 2 * half_height
        )


def _stand_boundaries(diagram: Diagram, host: Node, places: Places) -> None:
    """Right above their targets when these stand below the host, else spread on its bottom.

    Spread events go right to left as their targets go down, so that their paths do not cross.
    """
    spread: list[tuple[float, str]] = []
    for node in diagram.boundaries_of(host.name):
        flows = diagram.flows_from(node.name)
        target = places.shapes[flows[0].target] if flows else places.shapes[host.name]
        bounds = places.shapes[host.name]
        x = target.centre.x + (BESIDE_MARKER if host.kind == "callActivity" else 0)
        if target.y > bounds.bottom and bounds.x + EVENT / 2 < x < bounds.right - EVENT / 2:
            places.shapes[node.name] = _on_bottom(bounds, x)
        else:
            spread.append((target.centre.y, node.name))
    for rank, (_, name) in enumerate(sorted(spread), start=1):
        bounds = places.shapes[host.name]
        step = min(BOUNDARY_STEP, bounds.width / len(spread))
        middle = (len(spread) + 1) / 2
        places.shapes[name] = _on_bottom(bounds, bounds.centre.x + step * (middle - rank))


def _on_bottom(host: Bounds, x: float) -> Bounds:
    return Bounds(round(x) - EVENT // 2, round(host.bottom) - EVENT // 2, EVENT, EVENT)


def _stand_lanes(
    places: Places, whole: Scope, diagram: Diagram, cells: dict[str, list[list[str]]]
) -> None:
    lines, width = whole.row_lines, round(whole.width + TITLE + 2 * PADDING)
    first = 0
    for lane in diagram.lanes:
        last = first + len(cells[lane])
        top, bottom = round(lines[first]), round(lines[last])
        places.lanes[lane] = Bounds(ORIGIN_X + TITLE, top, width, bottom - top)
        first = last
    height = round(lines[-1]) - ORIGIN_Y
    places.pool = Bounds(ORIGIN_X, ORIGIN_Y, width + TITLE, height)
