"""The values of FEEL as Python types, and the passage of outside values into them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from workflow.feel.limits import Run

NUMBERS = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[DivisionByZero, InvalidOperation, Overflow],
)
"""IEEE 754 decimal128, the arithmetic of FEEL numbers (DMN 10.3.2.3.1)."""

ZERO = Decimal(0)


@dataclass(frozen=True, order=True, slots=True)
class YearMonthDuration:
    """A years and months duration, as a signed count of months."""

    total_months: int

    @property
    def years(self) -> int:
        """Whole years, with the sign of the duration."""
        whole = abs(self.total_months) // 12
        return whole if self.total_months >= 0 else -whole

    @property
    def months(self) -> int:
        """Months beyond the whole years, with the sign of the duration."""
        rest = abs(self.total_months) % 12
        return rest if self.total_months >= 0 else -rest

    def __neg__(self) -> YearMonthDuration:
        return YearMonthDuration(-self.total_months)

    def __abs__(self) -> YearMonthDuration:
        return YearMonthDuration(abs(self.total_months))

    def __str__(self) -> str:
        years, months = divmod(abs(self.total_months), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
        return ("-" if self.total_months < 0 else "") + "P" + text


@dataclass(frozen=True, slots=True)
class FeelRange:
    """An interval; an end written as ``< 5`` leaves the other one unbounded."""

    start: Any
    end: Any
    start_included: bool
    end_included: bool
    unbounded_start: bool = False
    unbounded_end: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class FeelFunction:
    """A function as a value: its parameters' names and how to call it with their values."""

    parameters: tuple[str, ...]
    call: Callable[[Run, list[Any], dict[str, Any]], Any]


_KINDS: dict[type, str] = {
    Decimal: "number",
    str: "string",
    bool: "boolean",
    dt.date: "date",
    dt.datetime: "date and time",
    dt.time: "time",
    dt.timedelta: "days and time duration",
    YearMonthDuration: "years and months duration",
    list: "list",
    dict: "context",
    FeelRange: "range",
    FeelFunction: "function",
    type(None): "null",
}

SIMPLE: frozenset[type] = frozenset(_KINDS) - {list, dict, Decimal}
"""Types whose values need no normalising."""


def kind(value: Any) -> str:
    """The FEEL type of a normalised value, by its standard name."""
    return _KINDS[type(value)]


def number(value: int | str | Decimal) -> Decimal:
    """``value`` rounded to decimal128."""
    return NUMBERS.create_decimal(value)


def _number_or_null(value: int | float | Decimal) -> Decimal | None:
    if isinstance(value, int):
        return number(value) if value.bit_length() < 20_000 else None
    exact = Decimal(repr(value)) if isinstance(value, float) else value
    return NUMBERS.plus(exact) if exact.is_finite() and abs(exact.adjusted()) < 6000 else None


def normalise(value: Any, run: Run, depth: int = 0) -> Any:
    """``value`` as a FEEL value: numbers as Decimal, sequences as lists, unknown things as null.

    Raises FeelLimitExceeded on a value too deep or too large for the evaluation.
    """
    found = type(value)
    if found in SIMPLE:
        return value
    if isinstance(value, bool):
        return bool(value)
    if isinstance(value, (int, float, Decimal)):
        return _number_or_null(value)
    if isinstance(value, (list, tuple)):
        run.check_depth(depth)
        run.check_items(len(value))
        return [normalise(item, run, depth + 1) for item in value]
    if isinstance(value, Mapping):
        run.check_depth(depth)
        run.check_items(len(value))
        return {
            str.__str__(key): normalise(item, run, depth + 1)
            for key, item in value.items()
            if isinstance(key, str)
        }
    return _plain_subclass(value)


def _plain_subclass(value: Any) -> Any:
    """A subclass of a simple type as that type, so that nothing of it can be called."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, dt.datetime):
        return dt.datetime.combine(value.date(), value.timetz())
    if isinstance(value, dt.date):
        return dt.date(value.year, value.month, value.day)
    if isinstance(value, dt.timedelta):
        return dt.timedelta(value.days, value.seconds, value.microseconds)
    return None


def check_result(value: Any, run: Run, depth: int = 0) -> None:
    """Walk a result; raise FeelLimitExceeded when it is too deep or too large to hand out."""
    if type(value) is list:
        run.check_depth(depth)
        for item in value:
            run.spend(1)
            check_result(item, run, depth + 1)
    elif type(value) is dict:
        run.check_depth(depth)
        for item in value.values():
            run.spend(1)
            check_result(item, run, depth + 1)
