"""Dates, times and durations: their ISO text, and what Python's types leave out.

Python knows the years 1 to 9999 and microseconds; a text beyond those is null or cut.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workflow.feel.values import YearMonthDuration

PARIS = ZoneInfo("Europe/Paris")
MICROSECOND = dt.timedelta(microseconds=1)
DAY = dt.timedelta(days=1)

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,20}))?"
    r"(?:(Z)|([+-])(\d\d):(\d\d)(?::(\d\d))?|@([A-Za-z][\w+\-/]{0,60}))?",
    re.ASCII,
)
_DURATION = re.compile(
    r"(-)?P(?:(\d{1,15})Y)?(?:(\d{1,15})M)?(?:(\d{1,15})D)?"
    r"(T(?:(\d{1,15})H)?(?:(\d{1,15})M)?(?:(\d{1,15})(?:\.(\d{0,20}))?S)?)?",
    re.ASCII,
)
_LONGEST_OFFSET = dt.timedelta(hours=18)


@lru_cache(256)
def zone(name: str) -> ZoneInfo | None:
    """The IANA time zone ``name``, or null when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def offset_zone(offset: dt.timedelta) -> dt.tzinfo | None:
    """A zone at a fixed distance from UTC, or null beyond 18 hours."""
    if abs(offset) > _LONGEST_OFFSET:
        return None
    return dt.timezone(offset) if offset else dt.UTC


def parse_date(text: str) -> dt.date | None:
    """``2022-10-03`` as a date, or null."""
    found = _DATE.fullmatch(text)
    if not found:
        return None
    try:
        return dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def parse_time(text: str) -> dt.time | None:
    """``09:00:00``, with an optional offset or ``@Zone/Name``, as a time, or null."""
    found = _TIME.fullmatch(text)
    if not found:
        return None
    hour, minute, second, fraction, utc, sign, off_h, off_m, off_s, name = found.groups()
    tz: dt.tzinfo | None = dt.UTC if utc else None
    if sign:
        if int(off_m) > 59:
            return None
        offset = dt.timedelta(hours=int(off_h), minutes=int(off_m), seconds=int(off_s or 0))
        tz = offset_zone(-offset if sign == "-" else offset)
    elif name:
        tz = zone(name)
    if (sign or name) and tz is None:
        return None
    micros = int((fraction or "0").ljust(6, "0")[:6])
    try:
        return dt.time(int(hour), int(minute), int(second), micros, tz)
    except ValueError:
        return None


def parse_date_time(text: str) -> dt.datetime | None:
    """``2022-10-03T09:00:00`` (or a date alone, for its midnight) as a date and time, or null."""
    day, separator, clock = text.partition("T")
    date = parse_date(day)
    if date is None:
        return None
    if not separator:
        return dt.datetime.combine(date, dt.time())
    if clock.startswith("24:00:00"):
        midnight = parse_time("00" + clock[2:])
        if midnight is None or midnight.microsecond or date == dt.date.max:
            return None
        return dt.datetime.combine(date + DAY, midnight)
    time = parse_time(clock)
    return None if time is None else dt.datetime.combine(date, time)


def parse_duration(text: str) -> dt.timedelta | YearMonthDuration | None:
    """``P1Y2M`` or ``P1DT2H`` as a duration of its kind, or null."""
    found = _DURATION.fullmatch(text)
    if not found or text.endswith(("P", "T")):
        return None
    sign = -1 if found[1] else 1
    years, months, days, clock = found[2], found[3], found[4], found[5]
    if years or months:
        if days or clock:
            return None
        return YearMonthDuration(sign * (12 * int(years or 0) + int(months or 0)))
    micros = int((found[9] or "0").ljust(6, "0")[:6])
    try:
        return sign * dt.timedelta(
            days=int(days or 0),
            hours=int(found[6] or 0),
            minutes=int(found[7] or 0),
            seconds=int(found[8] or 0),
            microseconds=micros,
        )
    except OverflowError:
        return None


def parse_temporal(text: str) -> Any:
    """What ``@"…"`` stands for, or null."""
    if text.startswith(("P", "-P")):
        return parse_duration(text)
    if "T" in text[:14]:
        return parse_date_time(text)
    return parse_time(text) if ":" in text else parse_date(text)


def zone_name(value: dt.time | dt.datetime) -> str | None:
    """The IANA name a value was written with, or null for an offset or a local value."""
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def utc_offset(value: dt.time | dt.datetime) -> dt.timedelta | None:
    """How far from UTC the value is; a bare time in a named zone is read on 1 January 1970."""
    if isinstance(value, dt.time) and isinstance(value.tzinfo, ZoneInfo):
        return value.tzinfo.utcoffset(dt.datetime(1970, 1, 1))  # noqa: DTZ001
    return value.utcoffset()


def _zone_text(value: dt.time | dt.datetime) -> str:
    if value.tzinfo is None:
        return ""
    name = zone_name(value)
    if name:
        return "@" + name
    offset = utc_offset(value) or dt.timedelta()
    if not offset:
        return "Z"
    minutes, seconds = divmod(abs(offset).seconds, 60)
    text = f"{'-' if offset < dt.timedelta() else '+'}{minutes // 60:02}:{minutes % 60:02}"
    return text + (f":{seconds:02}" if seconds else "")


def time_text(value: dt.time | dt.datetime) -> str:
    """``09:00:00`` with its fraction and zone when it has them."""
    fraction = f".{value.microsecond:06}".rstrip("0") if value.microsecond else ""
    return f"{value:%H:%M:%S}{fraction}{_zone_text(value)}"


def date_time_text(value: dt.datetime) -> str:
    """``2022-10-03T09:00:00`` with its fraction and zone when it has them."""
    return f"{value.date().isoformat()}T{time_text(value)}"


def duration_text(value: dt.timedelta) -> str:
    """``P1DT2H3M4.5S``; nothing at all is ``PT0S``."""
    size = abs(value)
    hours, rest = divmod(size.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{size.microseconds:06}".rstrip("0") if size.microseconds else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{seconds}{fraction}S" if seconds or fraction else ""
    text = (f"{size.days}D" if size.days else "") + (f"T{clock}" if clock else "")
    return ("-" if value < dt.timedelta() else "") + "P" + (text or "T0S")


def shift_months(value: dt.date, months: int) -> dt.date | None:
    """``value`` moved by whole months, kept within the shorter month; null beyond year 9999."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        return None
    last = 31 if month == 11 else (dt.date(year, month + 2, 1) - DAY).day
    return value.replace(year=year, month=month + 1, day=min(value.day, last))


def shift(value: dt.datetime, by: dt.timedelta) -> dt.datetime:
    """``value`` after ``by`` has really elapsed, whatever its zone's clock did meanwhile."""
    if value.tzinfo is None:
        return value + by
    return (value.astimezone(dt.UTC) + by).astimezone(value.tzinfo)
