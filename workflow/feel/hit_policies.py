"""What a table answers when several rules match, or none (DMN 8.2.11)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workflow.feel.builtins.aggregates import maximum, minimum, total
from workflow.feel.comparison import equal
from workflow.feel.errors import DecisionConflict
from workflow.feel.limits import Run

Rows = list[list[Any]]


@dataclass(frozen=True, slots=True)
class HitPolicy:
    """How rows of outputs become an answer: one row, several rows, or a single figure."""

    choose: Callable[[Rows, Rows], Any]
    shape: str
    ranks: bool = False

    def answer(self, rows: Rows, allowed: Rows) -> Any:
        """The row, rows or figure that stand; DecisionConflict when they contradict."""
        return self.choose(rows, allowed)

    def outputs(self, names: list[str], answer: Any) -> dict[str, Any]:
        """The answer by output name."""
        if self.shape == "figure":
            return {names[0]: answer}
        if self.shape == "rows":
            return {name: [row[i] for row in answer] for i, name in enumerate(names)}
        return dict(zip(names, answer or [None] * len(names), strict=True))

    def value(self, names: list[str], answer: Any) -> Any:
        """The answer as the standard shapes it."""
        if self.shape == "figure" or answer is None:
            return answer
        if self.shape == "rows":
            return [_whole(names, row) for row in answer]
        return _whole(names, answer)


def _whole(names: list[str], row: list[Any]) -> Any:
    return row[0] if len(names) == 1 else dict(zip(names, row, strict=True))


def _unique(rows: Rows, _: Rows) -> list[Any] | None:
    if len(rows) > 1:
        raise DecisionConflict("all match", [])
    return rows[0] if rows else None


def _any(rows: Rows, _: Rows) -> list[Any] | None:
    run = Run()
    if any(equal(row, rows[0], run) is not True for row in rows):
        raise DecisionConflict("answer differently", [])
    return rows[0] if rows else None


def _first(rows: Rows, _: Rows) -> list[Any] | None:
    return rows[0] if rows else None


def _all(rows: Rows, _: Rows) -> Rows:
    return rows


def _ranked(rows: Rows, allowed: Rows) -> Rows:
    """The rows by the place of each output in its column's list of allowed values."""
    run = Run()

    def rank(row: list[Any]) -> list[int]:
        return [
            next((i for i, v in enumerate(values) if equal(v, cell, run) is True), len(values))
            for cell, values in zip(row, allowed, strict=True)
        ]

    return sorted(rows, key=rank)


def _priority(rows: Rows, allowed: Rows) -> list[Any] | None:
    return _first(_ranked(rows, allowed), allowed)


def _figures(rows: Rows) -> list[Any]:
    return [row[0] for row in rows]


HIT_POLICIES: dict[tuple[str, str | None], HitPolicy] = {
    ("UNIQUE", None): HitPolicy(_unique, "row"),
    ("ANY", None): HitPolicy(_any, "row"),
    ("FIRST", None): HitPolicy(_first, "row"),
    ("PRIORITY", None): HitPolicy(_priority, "row", ranks=True),
    ("RULE ORDER", None): HitPolicy(_all, "rows"),
    ("OUTPUT ORDER", None): HitPolicy(_ranked, "rows", ranks=True),
    ("COLLECT", None): HitPolicy(_all, "rows"),
    ("COLLECT", "COUNT"): HitPolicy(lambda rows, _: Decimal(len(rows)), "figure"),
    ("COLLECT", "SUM"): HitPolicy(lambda rows, _: total(Run(), _figures(rows)), "figure"),
    ("COLLECT", "MIN"): HitPolicy(lambda rows, _: minimum(Run(), _figures(rows)), "figure"),
    ("COLLECT", "MAX"): HitPolicy(lambda rows, _: maximum(Run(), _figures(rows)), "figure"),
}
"""Every hit policy with its aggregation, by the names DMN files give them."""
