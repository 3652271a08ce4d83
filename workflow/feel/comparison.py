"""Equality and order, with the three values of FEEL logic (DMN 10.3.2.13)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from workflow.feel.limits import Run
from workflow.feel.temporal import utc_offset
from workflow.feel.values import FeelRange, kind

_ORDERED = frozenset(
    {
        "number",
        "string",
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
    }
)
_EPOCH_DAY = dt.date(2000, 1, 2)


def equal(left: Any, right: Any, run: Run) -> bool | None:
    """Whether two values are equal; null when they are of different types."""
    if left is None or right is None:
        return left is right
    if type(left) is not type(right):
        return None
    found = kind(left)
    if found == "list":
        run.spend(1)
        return len(left) == len(right) and all(
            equal(a, b, run) is True for a, b in zip(left, right, strict=True)
        )
    if found == "context":
        run.spend(1)
        return left.keys() == right.keys() and all(
            equal(value, right[key], run) is True for key, value in left.items()
        )
    if found == "range":
        return _equal_ranges(left, right, run)
    if found in ("time", "date and time"):
        return order(left, right) == 0
    if found == "function":
        return None
    return left == right


def _equal_ranges(left: FeelRange, right: FeelRange, run: Run) -> bool:
    same_bounds = (left.start_included, left.end_included) == (
        right.start_included,
        right.end_included,
    ) and (left.unbounded_start, left.unbounded_end) == (
        right.unbounded_start,
        right.unbounded_end,
    )
    return (
        same_bounds
        and equal(left.start, right.start, run) is True
        and equal(left.end, right.end, run) is True
    )


def _instants(left: Any, right: Any) -> tuple[Any, Any] | None:
    """Two times as comparable instants of one day; null when only one has a zone."""
    offsets = utc_offset(left), utc_offset(right)
    if (offsets[0] is None) != (offsets[1] is None):
        return None
    instants = tuple(
        dt.datetime.combine(_EPOCH_DAY, value.replace(tzinfo=None)) - (offset or dt.timedelta())
        for value, offset in zip((left, right), offsets, strict=True)
    )
    return instants[0], instants[1]


def _utc(value: dt.datetime) -> dt.datetime:
    """The instant itself; Python compares two values of one zone by the clock on the wall."""
    try:
        return value.astimezone(dt.UTC)
    except OverflowError:
        return value


def order(left: Any, right: Any) -> int | None:
    """-1, 0 or 1 as ``left`` is before, at or after ``right``; null when they have no order."""
    if type(left) is not type(right):
        return None
    found = kind(left)
    if found not in _ORDERED:
        return None
    if found == "time":
        instants = _instants(left, right)
        if instants is None:
            return None
        left, right = instants
    elif found == "date and time":
        if (left.tzinfo is None) != (right.tzinfo is None):
            return None
        if left.tzinfo is not None:
            left, right = _utc(left), _utc(right)
    return -1 if left < right else 1 if left > right else 0


def contains(interval: FeelRange, value: Any) -> bool | None:
    """Whether ``value`` lies within ``interval``; null when they cannot be compared."""
    above: bool | None = True
    below: bool | None = True
    if not interval.unbounded_start:
        at_start = order(value, interval.start)
        above = None if at_start is None else at_start > -(interval.start_included)
    if not interval.unbounded_end:
        at_end = order(value, interval.end)
        below = None if at_end is None else at_end < interval.end_included
    if above is False or below is False:
        return False
    return None if above is None or below is None else True


def is_member(value: Any, target: Any, run: Run) -> bool | None:
    """Whether ``value`` is in a range, in a list (of values or ranges), or equal to a value."""
    if type(target) is FeelRange and type(value) is not FeelRange:
        return contains(target, value)
    if type(target) is list:
        if type(value) is list and equal(value, target, run):
            return True
        run.spend(len(target))
        return any(
            contains(item, value) is True
            if type(item) is FeelRange and type(value) is not FeelRange
            else equal(value, item, run) is True
            for item in target
        )
    return equal(value, target, run)
