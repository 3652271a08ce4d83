"""What drafts of tasks and of deposits share: their versions, their size, how they are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from workflow.errors import Conflict, LimitExceeded

LARGEST_DRAFT = 1_000_000
"""Bytes of its JSON."""


class StaleDraft(Conflict):
    """Somebody, or another tab, saved a newer version of the draft."""

    code = "stale_draft"

    def __init__(self, current: int) -> None:
        super().__init__(
            f"Expected revision {current} of the draft but another was given. Read it again: a"
            " newer version was saved meanwhile, and nothing of it was changed."
        )
        self.current = current


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as read: what was typed, who saved it last and when. `id` is its task's."""

    id: str
    revision: int
    answer: dict[str, Any]
    saved_at: datetime
    saved_by: str


def require_current(stored: int | None, seen: int | None, *, is_same_page: bool = False) -> None:
    """Refuse a version that somebody replaced meanwhile; None replaces whatever there is.

    A page never stands in its own way: what it saved last may never have been told to it.
    """
    if seen is not None and seen != (stored or 0) and not is_same_page:
        raise StaleDraft(stored or 0)


def require_size(answer: Mapping[str, Any]) -> None:
    """Refuse what is too long to be saved again and again; raises LimitExceeded."""
    size = len(orjson.dumps(dict(answer), default=str))
    if size > LARGEST_DRAFT:
        raise LimitExceeded(
            f"Expected a draft of at most {LARGEST_DRAFT} bytes but found {size}."
            " Shorten what was typed."
        )
