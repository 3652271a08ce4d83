"""How much one expression may ask for: its length, its nesting, its work, its values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from workflow.feel.errors import FeelLimitExceeded

MAX_SOURCE = 20_000
"""Characters of one expression."""
MAX_NESTING = 60
"""Expressions within expressions."""
MAX_CALL_DEPTH = 60
"""Functions of the expression calling one another."""
MAX_STEPS = 1_000_000
"""Units of work of one evaluation: about one node evaluated, one item or 16 characters made."""
MAX_ITEMS = 100_000
"""Items of one list."""
MAX_TEXT = 200_000
"""Characters of one string."""
MAX_VALUE_DEPTH = 60
"""Lists and contexts within one another, in a value."""


class Run:
    """One evaluation: what it may still spend, the instant it sees, the functions it is lent."""

    __slots__ = ("depth", "functions", "normalised", "now", "steps")

    def __init__(
        self,
        now: dt.datetime | None = None,
        functions: Mapping[str, Callable[..., Any]] | None = None,
    ) -> None:
        self.steps = MAX_STEPS
        self.depth = 0
        self.now = now
        self.functions = functions
        self.normalised: dict[int, Any] | None = None

    def spend(self, steps: int) -> None:
        """Count ``steps`` units of work; refuse once the evaluation has spent its budget."""
        self.steps -= steps
        if self.steps < 0:
            raise FeelLimitExceeded(
                f"Expected an expression that ends within {MAX_STEPS} steps but this one goes on. "
                "Loop over fewer items."
            )

    def check_items(self, count: int) -> None:
        """Refuse a list of ``count`` items when that is too many, before it is built."""
        if count > MAX_ITEMS:
            raise FeelLimitExceeded(
                f"Expected a list of at most {MAX_ITEMS} items but {count} are asked for. "
                "Work on fewer items."
            )
        self.spend(count)

    def check_text(self, length: int) -> None:
        """Refuse a string of ``length`` characters when that is too long, before it is built."""
        if length > MAX_TEXT:
            raise FeelLimitExceeded(
                f"Expected a text of at most {MAX_TEXT} characters but {length} are asked for. "
                "Shorten the text."
            )
        self.spend(1 + length // 16)

    def check_depth(self, depth: int) -> None:
        """Refuse a value whose lists and contexts are nested ``depth`` deep."""
        if depth > MAX_VALUE_DEPTH:
            raise FeelLimitExceeded(
                f"Expected a value nested at most {MAX_VALUE_DEPTH} deep but it goes deeper. "
                "Flatten it."
            )
        self.spend(1)
