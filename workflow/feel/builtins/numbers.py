"""Numeric functions (DMN 10.3.4.5)."""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from typing import Any

from workflow.feel.builtins.registry import builtin
from workflow.feel.limits import Run
from workflow.feel.values import NUMBERS

_SMALLEST_SCALE, _LARGEST_SCALE = -6111, 6176


def _rounded(value: Decimal, scale: Decimal | None, rounding: str) -> Decimal | None:
    places = int(scale or 0)
    if not _SMALLEST_SCALE <= places <= _LARGEST_SCALE:
        return None
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent <= places:
        return value
    rounded = value.quantize(Decimal((0, (1,), -places)), rounding, NUMBERS)
    return rounded if rounded else abs(rounded)


@builtin("decimal", "n:number", "scale:number")
def decimal(_: Run, n: Decimal, scale: Decimal) -> Decimal | None:
    return _rounded(n, scale, ROUND_HALF_EVEN)


@builtin("floor", "n:number", "scale:number=")
def floor(_: Run, n: Decimal, scale: Decimal | None) -> Decimal | None:
    return _rounded(n, scale, ROUND_FLOOR)


@builtin("ceiling", "n:number", "scale:number=")
def ceiling(_: Run, n: Decimal, scale: Decimal | None) -> Decimal | None:
    return _rounded(n, scale, ROUND_CEILING)


@builtin("round up", "n:number", "scale:number=")
def round_up(_: Run, n: Decimal, scale: Decimal | None) -> Decimal | None:
    return _rounded(n, scale, ROUND_UP)


@builtin("round down", "n:number", "scale:number=")
def round_down(_: Run, n: Decimal, scale: Decimal | None) -> Decimal | None:
    return _rounded(n, scale, ROUND_DOWN)


@builtin("round half up", "n:number", "scale:number=")
def round_half_up(_: Run, n: Decimal, scale: Decimal | None) -> Decimal | None:
    return _rounded(n, scale, ROUND_HALF_UP)


@builtin("round half down", "n:number", "scale:number=")
def round_half_down(_: Run, n: Decimal, scale: Decimal | None) -> Decimal | None:
    return _rounded(n, scale, ROUND_HALF_DOWN)


@builtin("abs", "n:number|days|months")
def absolute(_: Run, n: Any) -> Any:
    return n.copy_abs() if isinstance(n, Decimal) else abs(n)


@builtin("modulo", "dividend:number", "divisor:number")
def modulo(_: Run, dividend: Decimal, divisor: Decimal) -> Decimal:
    """The remainder with the sign of the divisor."""
    rest = NUMBERS.remainder(dividend, divisor)
    if rest and (rest < 0) != (divisor < 0):
        rest = NUMBERS.add(rest, divisor)
    return rest if rest else abs(rest)


@builtin("sqrt", "number:number")
def square_root(_: Run, number: Decimal) -> Decimal:
    return NUMBERS.sqrt(number)


@builtin("log", "number:number")
def natural_logarithm(_: Run, number: Decimal) -> Decimal | None:
    return NUMBERS.ln(number) if number > 0 else None


@builtin("exp", "number:number")
def exponential(_: Run, number: Decimal) -> Decimal:
    return NUMBERS.exp(number)


@builtin("odd", "number:number")
def odd(_: Run, number: Decimal) -> bool | None:
    return _parity(number, 1)


@builtin("even", "number:number")
def even(_: Run, number: Decimal) -> bool | None:
    return _parity(number, 0)


def _parity(number: Decimal, rest: int) -> bool | None:
    return abs(NUMBERS.remainder(number, Decimal(2))) == rest
