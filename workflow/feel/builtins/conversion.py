"""Conversion functions (DMN 10.3.4.1) and ``not`` (10.3.4.2)."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from workflow.feel.builtins.registry import builtin
from workflow.feel.limits import Run
from workflow.feel.temporal import (
    offset_zone,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
    zone,
)
from workflow.feel.text import text_of
from workflow.feel.values import YearMonthDuration, number

_NUMBER = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_MAX_DIGITS = 400


@builtin("date", "from:string|date|datetime")
def date_from(_: Run, value: Any) -> dt.date | None:
    if isinstance(value, str):
        return parse_date(value)
    return value.date() if isinstance(value, dt.datetime) else value


@builtin("date", "year:number", "month:number", "day:number")
def date_of(_: Run, year: Decimal, month: Decimal, day: Decimal) -> dt.date:
    return dt.date(int(year), int(month), int(day))


@builtin("time", "from:string|time|datetime|date")
def time_from(_: Run, value: Any) -> dt.time | None:
    if isinstance(value, str):
        return parse_time(value)
    if isinstance(value, dt.datetime):
        return value.timetz()
    return dt.time(tzinfo=dt.UTC) if isinstance(value, dt.date) else value


@builtin("time", "hour:number", "minute:number", "second:number", "offset:days?=")
def time_of(
    _: Run, hour: Decimal, minute: Decimal, second: Decimal, offset: dt.timedelta | None
) -> dt.time | None:
    tz = None if offset is None else offset_zone(offset)
    if offset is not None and tz is None:
        return None
    return _clock(hour, minute, second, tz)


def _clock(hour: Decimal, minute: Decimal, second: Decimal, tz: dt.tzinfo | None) -> dt.time:
    if second < 0:
        raise ValueError("Expected a second of the clock but it is negative.")
    micros = int(second % 1 * 1_000_000)
    return dt.time(int(hour), int(minute), int(second), micros, tz)


@builtin("date and time", "from:string|datetime|date")
def date_time_from(_: Run, value: Any) -> dt.datetime | None:
    if isinstance(value, str):
        return parse_date_time(value)
    return value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())


@builtin("date and time", "date:date|datetime", "time:time")
def date_time_at(_: Run, date: dt.date, time: dt.time) -> dt.datetime:
    day = date.date() if isinstance(date, dt.datetime) else date
    return dt.datetime.combine(day, time)


_PARTS = tuple(f"{part}:number" for part in ("year", "month", "day", "hour", "minute", "second"))


@builtin("date and time", *_PARTS, "offset:days?=")
def date_time_with_offset(_: Run, *parts: Any) -> dt.datetime | None:
    year, month, day, hour, minute, second, offset = parts
    time = time_of(_, hour, minute, second, offset)
    return None if time is None else dt.datetime.combine(date_of(_, year, month, day), time)


@builtin("date and time", *_PARTS, "timezone:string")
def date_time_in_zone(_: Run, *parts: Any) -> dt.datetime | None:
    year, month, day, hour, minute, second, name = parts
    tz = zone(name)
    if tz is None:
        return None
    return dt.datetime.combine(date_of(_, year, month, day), _clock(hour, minute, second, tz))


@builtin("number", "from:string")
def number_from(run: Run, text: str) -> Decimal | None:
    run.check_text(len(text))
    return number(text) if len(text) < _MAX_DIGITS and _NUMBER.fullmatch(text) else None


@builtin("number", "from:string", "grouping separator:string?", "decimal separator:string?")
def number_written_as(
    run: Run, text: str, grouping: str | None, separator: str | None
) -> Decimal | None:
    if grouping not in (None, " ", ",", ".") or separator not in (None, ",", "."):
        return None
    if grouping is not None and grouping == separator:
        return None
    plain = text.replace(grouping, "") if grouping else text
    if separator and separator != ".":
        if "." in plain:
            return None
        plain = plain.replace(separator, ".")
    return number_from(run, plain)


@builtin("string", "from:any?")
def string_from(run: Run, value: Any) -> str | None:
    return None if value is None else text_of(value, run)


@builtin("duration", "from:string|days|months")
def duration_from(_: Run, value: Any) -> dt.timedelta | YearMonthDuration | None:
    return parse_duration(value) if isinstance(value, str) else value


@builtin("years and months duration", "from:date|datetime", "to:date|datetime")
def months_between(_: Run, start: dt.date, end: dt.date) -> YearMonthDuration:
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        months -= 1
    elif months < 0 and end.day > start.day:
        months += 1
    return YearMonthDuration(months)


@builtin("not", "negand:boolean")
def opposite(_: Run, negand: bool) -> bool:
    return not negand
