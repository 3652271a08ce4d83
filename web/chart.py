"""A chart of bars, drawn on the server: a picture, the same numbers as a table, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 560, 200
LEFT, RIGHT, BOTTOM, TOP = 34, 12, 26, 18
YEAR = len("/2022")
MOST_LABELS = 9
STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Bar:
    """One bar as SVG draws it, in units of the picture."""

    x: float
    y: float
    width: float
    height: float
    label: str
    tick: str
    """The label under the bar; empty under most of many bars."""
    value: int


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
    """Whether labels are days: the picture leaves their year out."""
    ends_now: bool = False
    """Whether its last bars matter most: a picture that is too wide is scrolled to them."""

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
                if step * scale * 2 >= highest:
                    return step * scale * 2
            scale *= 10

    @property
    def lines(self) -> list[tuple[float, int]]:
        """The lines of the scale: height in the picture, and value."""
        return [(self._y(value), value) for value in (0, self.top // 2, self.top)]

    @property
    def bars(self) -> list[Bar]:
        """The bars from left to right; when there are many, some of their labels are drawn."""
        room = (WIDTH - LEFT - RIGHT) / max(len(self.values), 1)
        every = -(-len(self.values) // MOST_LABELS) or 1
        width = min(room * 0.7, 64)
        return [
            Bar(
                x=round(LEFT + room * place + (room - width) / 2, 1),
                y=self._y(value),
                width=round(width, 1),
                height=round(HEIGHT - BOTTOM - self._y(value), 1),
                label=label,
                value=value,
                tick=self._tick(label) if (len(self.values) - 1 - place) % every == 0 else "",
            )
            for place, (label, value) in enumerate(self.values)
        ]

    def as_csv(self) -> str:
        """The table, for a spreadsheet."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerow([self.heading, self.unit])
        writer.writerows(self.values)
        return text.getvalue()

    def _tick(self, label: str) -> str:
        return label[:-YEAR] if self.is_dated else label

    def _y(self, value: int) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / self.top, 1)
