"""The searches that a list offers as tabs: those of the house, one's own, the shared ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, request
from sqlalchemy.orm import Session

from web.list_filters import ALL, Asked
from web.signed_in import actor
from workflow.domain import saved_search
from workflow.domain.saved_search import SORT, SavedSearch

MOST_TABS = 8
"""Searches kept by people that stand above a list; the others have a page."""

Count = Callable[[Mapping[str, str]], int | None]
"""How many rows some filters leave; None when it is not told."""


@dataclass(frozen=True)
class Tab:
    """One search above a list."""

    label: str
    address: str
    count: int | None
    current: bool
    is_least: bool = False
    search: SavedSearch | None = None
    is_default: bool = False


@dataclass(frozen=True)
class Kept:
    """The searches that someone may open on a list."""

    offered: Sequence[tuple[SavedSearch, bool]]

    @classmethod
    def of(cls, session: Session, page: str) -> Kept:
        """Those of whoever reads this."""
        rows = saved_search.offered(session, actor(), page)
        mine = actor().person_id
        # The default first, then one's own, then what others share.
        ordered = sorted(
            rows, key=lambda row: (not row[1], row[0].person_id != mine, row[0].name.casefold())
        )
        return cls(ordered)

    def redirection(self, search: Asked) -> Any | None:
        """The answer that opens the list with one's own default, when nothing is asked.

        A form sends its empty fields too: its address is made short, to be sent to a colleague.
        """
        if not all(request.args.values()) or (ALL in request.args and search.kept):
            return redirect(search.turned(search.turn))
        chosen = next((each for each, is_default in self.offered if is_default), None)
        if chosen is None or any(name not in search.beside for name in request.args):
            return None
        return redirect(search.address(chosen.filters))

    def current(self, search: Asked) -> SavedSearch | None:
        """The search that the address asks for, when it is one of these."""
        return next((row for row, _default in self.offered if row.filters == search.kept), None)

    @property
    def shown(self) -> Sequence[tuple[SavedSearch, bool]]:
        """Those that stand above the list."""
        return self.offered[:MOST_TABS]


def tabs(
    search: Asked,
    house: Sequence[tuple[str, Mapping[str, str]]],
    kept: Kept,
    count: Count,
    *,
    most: int | None = None,
) -> list[Tab]:
    """The tabs above a list, each with how many rows it holds; `most` is what was counted to."""

    def tab(label: str, filters: Mapping[str, str], **facts: Any) -> Tab:
        counted = count({key: value for key, value in filters.items() if key != SORT})
        return Tab(
            label,
            search.address(filters),
            counted,
            dict(filters) == search.kept,
            most is not None and counted is not None and counted >= most,
            **facts,
        )

    return [
        *(tab(label, filters) for label, filters in house),
        *(
            tab(row.name, row.filters, search=row, is_default=is_default)
            for row, is_default in kept.shown
        ),
    ]
