"""Values as bytes: JSON, with marks for the types that JSON lacks.

Without them a date would come back as text, every comparison with it would be null, and a
gateway would silently take its default.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from workflow.engine.spiff.timers import Due
from workflow.feel import YearMonthDuration

_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS
_OPTIONS |= orjson.OPT_PASSTHROUGH_DATACLASS


def encode(value: Any) -> bytes:
    """Bytes for a structure of lists, text-keyed contexts and FEEL values."""
    return orjson.dumps(value, default=_marked, option=_OPTIONS)


def decode(content: bytes) -> Any:
    """The structure back, with its types."""
    value = orjson.loads(content)
    return _unmarked(value) if b'{"~' in content else value


def _zone(moment: dt.datetime | dt.time) -> str:
    return f"@{moment.tzinfo.key}" if isinstance(moment.tzinfo, ZoneInfo) else ""


def _marked(value: Any) -> dict[str, Any]:
    match value:
        case dt.datetime():
            return {"~t": value.isoformat() + _zone(value)}
        case dt.date():
            return {"~d": value.isoformat()}
        case dt.time():
            return {"~h": value.isoformat() + _zone(value)}
        case dt.timedelta():
            return {"~p": [value.days, value.seconds, value.microseconds]}
        case YearMonthDuration():
            return {"~m": value.total_months}
        case Decimal():
            return {"~n": str(value)}
        case Due():
            return {"~u": [value.fires_at, value.last_day, value.deadline_id, value.follows]}
    raise TypeError(f"Expected a storable value but got {type(value).__name__}.")


def _date_time(text: str) -> dt.datetime:
    written, _, zone = text.partition("@")
    moment = dt.datetime.fromisoformat(written)
    return moment.astimezone(ZoneInfo(zone)) if zone else moment


def _time(text: str) -> dt.time:
    written, _, zone = text.partition("@")
    moment = dt.time.fromisoformat(written)
    return moment.replace(tzinfo=ZoneInfo(zone)) if zone else moment


_READERS: dict[str, Callable[[Any], Any]] = {
    "~t": _date_time,
    "~d": dt.date.fromisoformat,
    "~h": _time,
    "~p": lambda parts: dt.timedelta(parts[0], parts[1], parts[2]),
    "~m": YearMonthDuration,
    "~n": Decimal,
    "~u": lambda parts: Due(*map(_unmarked, parts)),
}


def _unmarked(value: Any) -> Any:
    if type(value) is list:
        return [_unmarked(item) for item in value]
    if type(value) is not dict:
        return value
    if len(value) == 1:
        (mark, content), *_ = value.items()
        reader = _READERS.get(mark)
        if reader is not None:
            return reader(content)
    return {key: _unmarked(item) for key, item in value.items()}
