"""Charts drawn on the server: a picture, the same numbers as a table, and as CSV.

Weeks stand side by side as columns, other labels one under the other as lines. A picture has no
width of its own: along its breadth everything is in percent, so that it fills a phone as well as
a desk's screen and its letters keep their size.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

HEIGHT, BOTTOM, TOP = 200, 26, 20
"""Of a picture of columns, in pixels: the whole, under the columns, above the highest one."""
FULL = 100.0
YEAR = len("/2022")
MOST_LABELS = 8
MOST_NUMBERS = 13
STEPS = (10, 15, 20, 25, 30, 40, 50)
"""Tenths of a round number, for the middle of a scale."""


@dataclass(frozen=True)
class Column:
    """One column as SVG draws it: across in percent, upwards in pixels."""

    x: float
    y: float
    width: float
    height: float
    label: str
    tick: str
    """The label under the column; empty under most of many columns."""
    is_spare: bool
    """Whether its label is left out where there is little room."""
    is_now: bool
    value: int

    @property
    def middle(self) -> float:
        """Where its number and its label stand."""
        return round(self.x + self.width / 2, 2)


@dataclass(frozen=True)
class Line:
    """One line: what it is, how long it is drawn, in percent, and what it says."""

    label: str
    width: float
    words: str


@dataclass(frozen=True)
class Chart:
    """Numbers by label, under a title that says what is counted; `key` names it in addresses."""

    key: str
    title: str
    heading: str
    """What the labels are: the first column of the table."""
    unit: str
    """What is counted: the second column."""
    values: Sequence[tuple[str, int]]
    note: str = ""
    is_dated: bool = False
    """Whether labels are days: drawn as columns, without their year."""
    ends_now: bool = False
    """Whether the last column is the present week, which is not over."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for _label, value in self.values)

    @property
    def top(self) -> int:
        """The end of the scale: a round number above the highest value."""
        highest = max((value for _label, value in self.values), default=0)
        scale = 1
        while True:
            for step in STEPS:
                middle, rest = divmod(step * scale, 10)
                if not rest and middle * 2 >= highest:
                    return middle * 2
            scale *= 10

    @property
    def scale(self) -> list[tuple[float, int]]:
        """The lines of the scale: height in the picture, and value."""
        return [(self._y(value), value) for value in (0, self.top // 2, self.top)]

    @property
    def has_numbers(self) -> bool:
        """Whether there is room for a number above each column."""
        return len(self.values) <= MOST_NUMBERS

    @property
    def columns(self) -> list[Column]:
        """The columns from left to right; when there are many, some of their labels are drawn."""
        room = FULL / max(len(self.values), 1)
        every = -(-len(self.values) // MOST_LABELS) or 1
        width = room * 0.7
        last = len(self.values) - 1
        return [
            Column(
                x=round(room * place + (room - width) / 2, 2),
                y=self._y(value),
                width=round(width, 2),
                height=round(HEIGHT - BOTTOM - self._y(value), 1),
                label=label,
                tick=label[:-YEAR] if (last - place) % every == 0 else "",
                is_spare=(last - place) // every % 2 == 1,
                is_now=self.ends_now and place == last,
                value=value,
            )
            for place, (label, value) in enumerate(self.values)
        ]

    @property
    def lines(self) -> list[Line]:
        """The lines from the first to the last."""
        return _lines([(label, value, str(value)) for label, value in self.values])

    def as_csv(self) -> str:
        """The table, for a spreadsheet."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerow([self.heading, self.unit])
        writer.writerows(self.values)
        return text.getvalue()

    def _y(self, value: int) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / self.top, 1)


def lines_of_time(times: Sequence[tuple[str, timedelta, str]]) -> list[Line]:
    """Lines as long as the times: label, time, and the time in words."""
    return _lines([(label, time.total_seconds(), words) for label, time, words in times])


def _lines(values: Sequence[tuple[str, float, str]]) -> list[Line]:
    longest = max((value for _label, value, _words in values), default=0) or 1
    return [Line(label, round(FULL * value / longest, 2), words) for label, value, words in values]
