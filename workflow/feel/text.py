"""How ``string()`` writes a value."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from workflow.feel.limits import Run
from workflow.feel.temporal import date_time_text, duration_text, time_text
from workflow.feel.values import FeelFunction, FeelRange

_BARE_KEY = re.compile(r"[^\W\d]\w*(?: \w+)*")


def number_text(value: Decimal) -> str:
    """Digits only, without an exponent or idle zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def text_of(value: Any, run: Run, depth: int = 0) -> str:
    """``value`` as FEEL writes it; strings within lists and contexts stand in quotes."""
    run.check_depth(depth)
    text = _text(value, run, depth)
    run.check_text(len(text))
    return text


def _text(value: Any, run: Run, depth: int) -> str:
    if isinstance(value, str):
        return value if depth == 0 else _quoted(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(text_of(item, run, depth + 1) for item in value) + "]"
    if isinstance(value, dict):
        return _context_text(value, run, depth)
    if isinstance(value, FeelRange):
        return _range_text(value, run, depth)
    return _simple_text(value)


def _simple_text(value: Any) -> str:
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, dt.datetime):
        return date_time_text(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return time_text(value)
    if isinstance(value, dt.timedelta):
        return duration_text(value)
    if isinstance(value, FeelFunction):
        return f"function({', '.join(value.parameters)})"
    return str(value)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _context_text(value: dict[str, Any], run: Run, depth: int) -> str:
    entries = (
        f"{key if _BARE_KEY.fullmatch(key) else _quoted(key)}: {text_of(item, run, depth + 1)}"
        for key, item in value.items()
    )
    return "{" + ", ".join(entries) + "}"


def _range_text(value: FeelRange, run: Run, depth: int) -> str:
    if value.unbounded_start:
        return f"{'<=' if value.end_included else '<'} {text_of(value.end, run, depth + 1)}"
    if value.unbounded_end:
        return f"{'>=' if value.start_included else '>'} {text_of(value.start, run, depth + 1)}"
    ends = f"{text_of(value.start, run, depth + 1)}..{text_of(value.end, run, depth + 1)}"
    return ("[" if value.start_included else "(") + ends + ("]" if value.end_included else ")")
