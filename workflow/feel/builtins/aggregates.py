"""List functions (DMN 10.3.4.4) that make one value of many.

Of two stacked declarations the lower one is tried first: one list before many arguments.
"""

from __future__ import annotations

from decimal import Decimal
from functools import reduce
from typing import Any

from workflow.feel.builtins.registry import builtin
from workflow.feel.comparison import order
from workflow.feel.limits import Run
from workflow.feel.values import NUMBERS


def _numbers(run: Run, items: list[Any]) -> list[Decimal] | None:
    run.spend(len(items))
    return items if items and all(type(item) is Decimal for item in items) else None


def extreme(run: Run, items: list[Any], sign: int) -> Any:
    """The smallest item (-1) or the largest (1); null when they have no common order."""
    run.spend(len(items))
    best = items[0] if items else None
    for item in items:
        found = order(item, best)
        if found is None:
            return None
        best = item if found == sign else best
    return best


@builtin("min", "*list:any?")
@builtin("min", "list:list")
def minimum(run: Run, items: list[Any]) -> Any:
    return extreme(run, items, -1)


@builtin("max", "*list:any?")
@builtin("max", "list:list")
def maximum(run: Run, items: list[Any]) -> Any:
    return extreme(run, items, 1)


@builtin("sum", "*list:any?")
@builtin("sum", "list:list")
def total(run: Run, items: list[Any]) -> Decimal | None:
    found = _numbers(run, items)
    return None if found is None else reduce(NUMBERS.add, found, Decimal(0))


@builtin("product", "*list:any?")
@builtin("product", "list:list")
def product(run: Run, items: list[Any]) -> Decimal | None:
    found = _numbers(run, items)
    return None if found is None else reduce(NUMBERS.multiply, found)


@builtin("mean", "*list:any?")
@builtin("mean", "list:list")
def mean(run: Run, items: list[Any]) -> Decimal | None:
    amount = total(run, items)
    return None if amount is None else NUMBERS.divide(amount, Decimal(len(items)))


@builtin("median", "*list:any?")
@builtin("median", "list:list")
def median(run: Run, items: list[Any]) -> Decimal | None:
    found = _numbers(run, items)
    if found is None:
        return None
    ranked, middle = sorted(found), len(found) // 2
    if len(ranked) % 2:
        return ranked[middle]
    return NUMBERS.divide(NUMBERS.add(ranked[middle - 1], ranked[middle]), Decimal(2))


@builtin("stddev", "*list:any?")
@builtin("stddev", "list:list")
def standard_deviation(run: Run, items: list[Any]) -> Decimal | None:
    """Of a sample: the sum of squares is divided by one less than the count."""
    average = mean(run, items)
    if average is None or len(items) < 2:
        return None
    gaps = [NUMBERS.subtract(item, average) for item in items]
    squares = reduce(NUMBERS.add, (NUMBERS.multiply(gap, gap) for gap in gaps))
    return NUMBERS.sqrt(NUMBERS.divide(squares, Decimal(len(items) - 1)))


@builtin("mode", "*list:any?")
@builtin("mode", "list:list")
def mode(run: Run, items: list[Any]) -> list[Decimal] | None:
    if not items:
        return []
    found = _numbers(run, items)
    if found is None:
        return None
    counts: dict[Decimal, int] = {}
    for item in found:
        counts[item] = counts.get(item, 0) + 1
    return sorted(item for item, times in counts.items() if times == max(counts.values()))


def _joined(run: Run, items: list[Any], decisive: bool) -> bool | None:
    run.spend(len(items))
    if any(item is decisive for item in items):
        return decisive
    return not decisive if all(isinstance(item, bool) for item in items) else None


@builtin("all", "*list:any?")
@builtin("all", "list:list")
def all_true(run: Run, items: list[Any]) -> bool | None:
    return _joined(run, items, False)


@builtin("any", "*list:any?")
@builtin("any", "list:list")
def any_true(run: Run, items: list[Any]) -> bool | None:
    return _joined(run, items, True)
