"""Sums, products and powers of numbers, dates and durations (DMN 10.3.2.11)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from workflow.feel.limits import Run
from workflow.feel.temporal import MICROSECOND, shift, shift_months, utc_offset
from workflow.feel.values import NUMBERS, YearMonthDuration, kind, number

Operation = Callable[[Any, Any], Any]

_LARGEST_MONTHS = 10**12


def _date_plus(date: dt.date, by: dt.timedelta) -> dt.date:
    return (dt.datetime.combine(date, dt.time()) + by).date()


def _time_plus(time: dt.time, by: dt.timedelta) -> dt.time:
    day = dt.datetime.combine(dt.date(2000, 1, 2), time.replace(tzinfo=None))
    return (day + by % dt.timedelta(days=1)).time().replace(tzinfo=time.tzinfo)


def _instant(value: dt.date, like: dt.date) -> dt.datetime:
    """A date as its midnight, in UTC when the other operand has a zone."""
    if isinstance(value, dt.datetime):
        return value
    aware = isinstance(like, dt.datetime) and like.tzinfo is not None
    return dt.datetime.combine(value, dt.time(), dt.UTC if aware else None)


def _elapsed(left: dt.date, right: dt.date) -> dt.timedelta | None:
    a, b = _instant(left, right), _instant(right, left)
    if (a.tzinfo is None) != (b.tzinfo is None):
        return None
    if a.tzinfo is not None:
        return a.astimezone(dt.UTC) - b.astimezone(dt.UTC)
    return a - b


def _between_times(left: dt.time, right: dt.time) -> dt.timedelta | None:
    offsets = utc_offset(left), utc_offset(right)
    if (offsets[0] is None) != (offsets[1] is None):
        return None
    nothing = dt.timedelta()
    day = dt.date(2000, 1, 2)
    a = dt.datetime.combine(day, left.replace(tzinfo=None)) - (offsets[0] or nothing)
    b = dt.datetime.combine(day, right.replace(tzinfo=None)) - (offsets[1] or nothing)
    return a - b


def _months(count: int | Decimal) -> YearMonthDuration | None:
    return YearMonthDuration(int(count)) if abs(count) < _LARGEST_MONTHS else None


def _scaled(duration: dt.timedelta, by: Decimal, operation: Operation) -> dt.timedelta:
    return int(operation(number(duration // MICROSECOND), by)) * MICROSECOND


def _ratio(left: dt.timedelta, right: dt.timedelta) -> Decimal:
    return NUMBERS.divide(number(left // MICROSECOND), number(right // MICROSECOND))


_N, _S, _D, _T, _DT = "number", "string", "date", "time", "date and time"
_DAYS, _MONTHS = "days and time duration", "years and months duration"

_ADDITIONS: dict[tuple[str, str], Operation] = {
    (_N, _N): NUMBERS.add,
    (_DAYS, _DAYS): lambda a, b: a + b,
    (_MONTHS, _MONTHS): lambda a, b: _months(a.total_months + b.total_months),
    (_D, _DAYS): _date_plus,
    (_T, _DAYS): _time_plus,
    (_DT, _DAYS): shift,
    (_D, _MONTHS): lambda a, b: shift_months(a, b.total_months),
    (_DT, _MONTHS): lambda a, b: shift_months(a, b.total_months),
    (_DAYS, _D): lambda a, b: _date_plus(b, a),
    (_DAYS, _T): lambda a, b: _time_plus(b, a),
    (_DAYS, _DT): lambda a, b: shift(b, a),
    (_MONTHS, _D): lambda a, b: shift_months(b, a.total_months),
    (_MONTHS, _DT): lambda a, b: shift_months(b, a.total_months),
}
_SUBTRACTIONS: dict[tuple[str, str], Operation] = {
    (_N, _N): NUMBERS.subtract,
    (_DAYS, _DAYS): lambda a, b: a - b,
    (_MONTHS, _MONTHS): lambda a, b: _months(a.total_months - b.total_months),
    (_D, _DAYS): lambda a, b: _date_plus(a, -b),
    (_T, _DAYS): lambda a, b: _time_plus(a, -b),
    (_DT, _DAYS): lambda a, b: shift(a, -b),
    (_D, _MONTHS): lambda a, b: shift_months(a, -b.total_months),
    (_DT, _MONTHS): lambda a, b: shift_months(a, -b.total_months),
    (_D, _D): _elapsed,
    (_DT, _DT): _elapsed,
    (_D, _DT): _elapsed,
    (_DT, _D): _elapsed,
    (_T, _T): _between_times,
}
_MULTIPLICATIONS: dict[tuple[str, str], Operation] = {
    (_N, _N): NUMBERS.multiply,
    (_DAYS, _N): lambda a, b: _scaled(a, b, NUMBERS.multiply),
    (_N, _DAYS): lambda a, b: _scaled(b, a, NUMBERS.multiply),
    (_MONTHS, _N): lambda a, b: _months(NUMBERS.multiply(number(a.total_months), b)),
    (_N, _MONTHS): lambda a, b: _months(NUMBERS.multiply(a, number(b.total_months))),
}
_DIVISIONS: dict[tuple[str, str], Operation] = {
    (_N, _N): NUMBERS.divide,
    (_DAYS, _N): lambda a, b: _scaled(a, b, NUMBERS.divide),
    (_MONTHS, _N): lambda a, b: _months(NUMBERS.divide(number(a.total_months), b)),
    (_DAYS, _DAYS): _ratio,
    (_MONTHS, _MONTHS): lambda a, b: NUMBERS.divide(number(a.total_months), number(b.total_months)),
}
_POWERS: dict[tuple[str, str], Operation] = {(_N, _N): NUMBERS.power}

_TABLES = {
    "+": _ADDITIONS,
    "-": _SUBTRACTIONS,
    "*": _MULTIPLICATIONS,
    "/": _DIVISIONS,
    "**": _POWERS,
}


def calculate(operator: str, left: Any, right: Any, run: Run) -> Any:
    """``left operator right``, or null when the standard gives it no meaning."""
    kinds = kind(left), kind(right)
    if kinds == (_S, _S) and operator == "+":
        run.check_text(len(left) + len(right))
        return left + right
    operation = _TABLES[operator].get(kinds)
    if operation is None:
        return None
    try:
        result = operation(left, right)
    except (ArithmeticError, ValueError):
        return None
    if type(result) is Decimal:
        return _settled(result)
    return result


def _settled(result: Decimal) -> Decimal | None:
    """One zero only; null for what is no number: zero to a negative power traps nothing."""
    if not result.is_finite():
        return None
    return result if result else abs(result)


def negative(value: Any) -> Any:
    """``-value`` of a number or a duration, or null."""
    if type(value) is Decimal:
        return NUMBERS.minus(value)
    if type(value) in (dt.timedelta, YearMonthDuration):
        try:
            return -value
        except OverflowError:
            return None
    return None
