"""The grids of ``cells.yaml``: which cell of its lane or sub-process each node stands in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

EMPTY = "."


class CellsFault(Exception):
    """The cells do not fit the diagram; the message says where."""


@dataclass(frozen=True)
class Cell:
    """A block of cells, both ends included."""

    first_column: int
    last_column: int
    first_row: int
    last_row: int

    @property
    def columns(self) -> range:
        return range(self.first_column, self.last_column + 1)

    @property
    def rows(self) -> range:
        return range(self.first_row, self.last_row + 1)


Grid = dict[str, Cell]


def read_cells(path: Path) -> dict[str, dict[str, list[list[str]]]]:
    """Process id → lane or sub-process id → rows of tokens."""
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {
        process: {name: _tokens(text) for name, text in parts.items()}
        for process, parts in loaded.items()
    }


def _tokens(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def grid_of(rows: list[list[str]]) -> Grid:
    """Where each node stands; a name repeated in neighbouring cells spans them."""
    grid: Grid = {}
    for r, row in enumerate(rows):
        for c, name in enumerate(row):
            if name == EMPTY:
                continue
            known = grid.get(name, Cell(c, c, r, r))
            grid[name] = Cell(
                min(c, known.first_column), max(c, known.last_column), known.first_row, r
            )
    return grid


def check_grid(grid: Mapping[str, Cell], nodes: set[str], where: str) -> None:
    """Raises ``CellsFault`` unless the grid names exactly the nodes of its scope."""
    if missing := sorted(nodes - grid.keys()):
        raise CellsFault(f"Expected a cell for {', '.join(missing)} in {where}, but found none.")
    if unknown := sorted(grid.keys() - nodes):
        raise CellsFault(f"Expected nodes of {where}, but found {', '.join(unknown)}.")
