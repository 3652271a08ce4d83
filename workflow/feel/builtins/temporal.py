"""Date and time functions (DMN 10.3.4.7) and ``is`` (10.3.4.6)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from workflow.feel.builtins.registry import builtin
from workflow.feel.comparison import equal
from workflow.feel.limits import Run
from workflow.feel.temporal import PARIS, utc_offset, zone_name

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@builtin("now")
def now(run: Run) -> dt.datetime | None:
    """The instant of the evaluation in Paris; null when none was given: no clock is read."""
    return None if run.now is None else run.now.astimezone(PARIS)


@builtin("today")
def today(run: Run) -> dt.date | None:
    """The day in Paris at the instant of the evaluation; null when none was given."""
    return None if run.now is None else run.now.astimezone(PARIS).date()


@builtin("day of year", "date:date|datetime")
def day_of_year(_: Run, date: dt.date) -> Decimal:
    return Decimal(date.timetuple().tm_yday)


@builtin("day of week", "date:date|datetime")
def day_of_week(_: Run, date: dt.date) -> str:
    return _DAYS[date.weekday()]


@builtin("month of year", "date:date|datetime")
def month_of_year(_: Run, date: dt.date) -> str:
    return _MONTHS[date.month - 1]


@builtin("week of year", "date:date|datetime")
def week_of_year(_: Run, date: dt.date) -> Decimal:
    """The week's number in ISO 8601."""
    return Decimal(date.isocalendar().week)


@builtin("is", "value1:any?", "value2:any?")
def is_same(run: Run, left: Any, right: Any) -> bool:
    """Whether both are the same value of the same type, zones included."""
    if isinstance(left, (dt.time, dt.datetime)) and type(left) is type(right):
        return (
            left.replace(tzinfo=None) == right.replace(tzinfo=None)
            and utc_offset(left) == utc_offset(right)
            and zone_name(left) == zone_name(right)
        )
    return equal(left, right, run) is True
