"""What follows a dot: the entries of a context, the parts of dates, durations and ranges.

Only these; no attribute of a Python object can be reached.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from workflow.feel.limits import Run
from workflow.feel.temporal import MICROSECOND, utc_offset, zone_name
from workflow.feel.values import FeelRange, YearMonthDuration, kind

_Property = Callable[[Any], Any]


def _whole(value: dt.timedelta, unit: dt.timedelta, within: int | None = None) -> Decimal:
    count = abs(value) // unit
    count = count % within if within else count
    return Decimal(-count if value < dt.timedelta() else count)


def _seconds(value: dt.timedelta) -> Decimal:
    micros = Decimal(abs(value) // MICROSECOND % 60_000_000) / 1_000_000
    return -micros if value < dt.timedelta() and micros else micros


def _clock_seconds(value: dt.time | dt.datetime) -> Decimal:
    return value.second + Decimal(value.microsecond) / 1_000_000


_DATE: dict[str, _Property] = {
    "year": lambda v: Decimal(v.year),
    "month": lambda v: Decimal(v.month),
    "day": lambda v: Decimal(v.day),
    "weekday": lambda v: Decimal(v.isoweekday()),
}
_TIME: dict[str, _Property] = {
    "hour": lambda v: Decimal(v.hour),
    "minute": lambda v: Decimal(v.minute),
    "second": _clock_seconds,
    "time offset": utc_offset,
    "timezone": zone_name,
}
_DAYS: dict[str, _Property] = {
    "days": lambda v: _whole(v, dt.timedelta(days=1)),
    "hours": lambda v: _whole(v, dt.timedelta(hours=1), 24),
    "minutes": lambda v: _whole(v, dt.timedelta(minutes=1), 60),
    "seconds": _seconds,
}
_MONTHS: dict[str, _Property] = {
    "years": lambda v: Decimal(v.years),
    "months": lambda v: Decimal(v.months),
}
_RANGE: dict[str, _Property] = {
    "start": lambda v: v.start,
    "end": lambda v: v.end,
    "start included": lambda v: v.start_included,
    "end included": lambda v: v.end_included,
}
_NONE: dict[str, _Property] = {}
_PROPERTIES: dict[type, dict[str, _Property]] = {
    dt.date: _DATE,
    dt.time: _TIME,
    dt.datetime: _DATE | _TIME,
    dt.timedelta: _DAYS,
    YearMonthDuration: _MONTHS,
    FeelRange: _RANGE,
}


def property_of(value: Any, name: str, run: Run) -> Any:
    """``value.name``, or null when there is none; of a list, a list of that property of each."""
    if type(value) is dict:
        return value.get(name)
    if type(value) is list:
        run.check_items(len(value))
        return [None if kind(item) == "null" else property_of(item, name, run) for item in value]
    found = _PROPERTIES.get(type(value), _NONE).get(name)
    return None if found is None else found(value)
