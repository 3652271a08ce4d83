"""The filters of a list as its address holds them, and how a page shows them.

Everything that is asked stands in the address: a list is sent to a colleague by copying it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flask import request, url_for

from web.language import LazyString, _
from web.whole_number import whole_number
from workflow.domain.saved_search import FILTERS, LONGEST_VALUE, SORT

WORDS = "q"
TURN = "page"
MOST_TURNS = 400
ALL = "vue"
"""Says that a list is to open without the search that is one's own by default."""


@dataclass(frozen=True)
class Option:
    """One value of a filter; `count` is how many rows it would leave, None when not counted."""

    value: str
    label: str
    count: int | None = None
    is_least: bool = False
    """Whether there are more than were counted."""

    @property
    def text(self) -> str:
        """*Convention (12)*."""
        if self.count is None:
            return self.label
        return f"{self.label} ({self.count}{'+' if self.is_least else ''})"


@dataclass(frozen=True)
class Filter:
    """One filter of the form; `is_more` ones stand folded until they are used."""

    name: str
    label: str
    options: Sequence[Option]
    chosen: str
    is_more: bool = False
    usual: str = ""
    """What the list does without it; *Tous* when nothing is said."""

    @property
    def words(self) -> str:
        """The chosen value in words."""
        return next((each.label for each in self.options if each.value == self.chosen), self.chosen)


@dataclass(frozen=True)
class Chip:
    """A filter in use, and the address of the list without it."""

    label: str
    value: str
    address: str


@dataclass(frozen=True)
class Column:
    """The head of a column: its words, where it sorts, and how it is sorted now."""

    label: str
    address: str | None = None
    sorted: str | None = None
    css: str = ""


@dataclass(frozen=True)
class Asked:
    """What an address asks of a list: filters, order, which rows."""

    list: str
    endpoint: str
    filters: Mapping[str, str]
    order: str
    usual_order: str
    turn: int = 1
    beside: Mapping[str, str] = field(default_factory=dict[str, str])
    """What else the address says, such as the campaign of the queue."""

    @property
    def kept(self) -> dict[str, str]:
        """What a saved search of this would keep."""
        usual = self.order == self.usual_order
        return {**self.filters, **({} if usual else {SORT: self.order})}

    def address(self, filters: Mapping[str, str], **more: str | int | None) -> str:
        """The address of the list with these filters; without any it says so."""
        bare = {} if filters or more.get(TURN) else {ALL: "tout"}
        values = {**self.beside, **filters, **bare, **more}
        return url_for(self.endpoint, **{key: value for key, value in values.items() if value})

    def without(self, name: str) -> str:
        """The address of the list without one filter."""
        return self.address({key: value for key, value in self.kept.items() if key != name})

    def sorting(self, usual: str, orders: Sequence[tuple[str, str]]) -> Filter:
        """The order as a choice of the form: phones, where a list has no heads, sort by it."""
        options = [Option(order, label) for order, label in orders]
        chosen = "" if self.order == self.usual_order else self.order
        return Filter(SORT, _("Ordre"), options, chosen, is_more=True, usual=usual)

    @property
    def cleared(self) -> str:
        """The address of the whole list, in the same order."""
        return self.address({} if self.order == self.usual_order else {SORT: self.order})

    def turned(self, turn: int) -> str:
        """The address of other rows of the same list."""
        return self.address(self.kept, **{TURN: turn if turn > 1 else None})

    def column(self, label: str, order: str = "", css: str = "", *, falls: bool = False) -> Column:
        """The head of a column; `falls` ones sort downwards first."""
        if not order:
            return Column(label, css=css)
        name = self.order.removeprefix("-")
        is_sorted = name == order
        down = self.order.startswith("-")
        wanted = order if (down if is_sorted else not falls) else f"-{order}"
        return Column(
            label,
            replace(self, order=wanted).turned(1),
            ("descending" if down else "ascending") if is_sorted else None,
            css,
        )


def asked(
    page: str, endpoint: str, orders: Sequence[str], usual: str, beside: Mapping[str, str]
) -> Asked:
    """What this request asks of a list; an order that there is not is the usual one."""
    given = {name: request.args.get(name, "").strip()[:LONGEST_VALUE] for name in FILTERS[page]}
    order = given.pop(SORT) or usual
    if order.removeprefix("-") not in orders:
        order = usual
    turn = request.args.get(TURN, "")
    return Asked(
        page,
        endpoint,
        {name: value for name, value in given.items() if value},
        order,
        usual,
        min(whole_number(turn) or 1, MOST_TURNS),
        beside,
    )


def chips(search: Asked, filters: Sequence[Filter], words: str | LazyString) -> list[Chip]:
    """The filters in use, each with the address of the list without it."""
    found = [
        Chip(each.label, each.words, search.without(each.name)) for each in filters if each.chosen
    ]
    typed = search.filters.get(WORDS)
    return [Chip(str(words), typed, search.without(WORDS)), *found] if typed else found
