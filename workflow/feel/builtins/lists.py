"""List functions (DMN 10.3.4.4) and ``sort`` (10.3.4.8).

Of two stacked declarations the lower one is tried first: one list before many arguments.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cmp_to_key, reduce
from typing import Any

from workflow.feel.builtins.registry import builtin
from workflow.feel.comparison import equal, order
from workflow.feel.limits import Run
from workflow.feel.values import NUMBERS, FeelFunction


def _numbers(run: Run, items: list[Any]) -> list[Decimal] | None:
    run.spend(len(items))
    return items if items and all(type(item) is Decimal for item in items) else None


def _extreme(run: Run, items: list[Any], sign: int) -> Any:
    run.spend(len(items))
    best = items[0] if items else None
    for item in items:
        found = order(item, best)
        if found is None:
            return None
        best = item if found == sign else best
    return best


@builtin("list contains", "list:list", "element:any?")
def list_contains(run: Run, items: list[Any], element: Any) -> bool:
    run.spend(len(items))
    return any(equal(item, element, run) is True for item in items)


@builtin("count", "list:list")
def count(_: Run, items: list[Any]) -> Decimal:
    return Decimal(len(items))


@builtin("min", "*list:any?")
@builtin("min", "list:list")
def minimum(run: Run, items: list[Any]) -> Any:
    return _extreme(run, items, -1)


@builtin("max", "*list:any?")
@builtin("max", "list:list")
def maximum(run: Run, items: list[Any]) -> Any:
    return _extreme(run, items, 1)


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


def _index(items: list[Any], position: Decimal) -> int | None:
    """Where a 1-based position, or a negative one from the end, lies; null when outside."""
    at = int(position)
    if at == 0 or abs(at) > len(items):
        return None
    return at - 1 if at > 0 else len(items) + at


@builtin("sublist", "list:list", "start position:number", "length:number=")
def sublist(
    run: Run, items: list[Any], position: Decimal, length: Decimal | None
) -> list[Any] | None:
    first = _index(items, position)
    if first is None or (length is not None and not 0 <= int(length) <= len(items) - first):
        return None
    run.check_items(len(items))
    return items[first:] if length is None else items[first : first + int(length)]


@builtin("append", "list:list", "*item:any?")
def append(run: Run, items: list[Any], added: list[Any]) -> list[Any]:
    run.check_items(len(items) + len(added))
    return items + added


@builtin("concatenate", "*list:list")
def concatenate(run: Run, lists: list[list[Any]]) -> list[Any]:
    run.check_items(sum(map(len, lists)))
    return [item for items in lists for item in items]


@builtin("insert before", "list:list", "position:number", "newItem:any?")
def insert_before(run: Run, items: list[Any], position: Decimal, added: Any) -> list[Any] | None:
    at = _index(items, position)
    run.check_items(len(items) + 1)
    return None if at is None else [*items[:at], added, *items[at:]]


@builtin("remove", "list:list", "position:number")
def remove(run: Run, items: list[Any], position: Decimal) -> list[Any] | None:
    at = _index(items, position)
    run.check_items(len(items))
    return None if at is None else items[:at] + items[at + 1 :]


@builtin("list replace", "list:list", "position:number", "newItem:any?")
def replace_at(run: Run, items: list[Any], position: Decimal, added: Any) -> list[Any] | None:
    at = _index(items, position)
    run.check_items(len(items))
    return None if at is None else [*items[:at], added, *items[at + 1 :]]


@builtin("list replace", "list:list", "match:function", "newItem:any?")
def replace_matching(
    run: Run, items: list[Any], match: FeelFunction, added: Any
) -> list[Any] | None:
    found = [match.call(run, [item, added], {}) for item in items]
    run.check_items(len(items))
    if not all(isinstance(answer, bool) for answer in found):
        return None
    return [added if hit else item for hit, item in zip(found, items, strict=True)]


@builtin("reverse", "list:list")
def reverse(run: Run, items: list[Any]) -> list[Any]:
    run.check_items(len(items))
    return items[::-1]


@builtin("index of", "list:list", "match:any?")
def index_of(run: Run, items: list[Any], match: Any) -> list[Decimal]:
    run.check_items(len(items))
    return [Decimal(i) for i, item in enumerate(items, 1) if equal(item, match, run) is True]


@builtin("distinct values", "list:list")
def distinct_values(run: Run, items: list[Any]) -> list[Any]:
    kept: list[Any] = []
    for item in items:
        run.spend(1 + len(kept))
        if not any(equal(item, other, run) is True for other in kept):
            kept.append(item)
    return kept


@builtin("union", "*list:list")
def union(run: Run, lists: list[list[Any]]) -> list[Any]:
    return distinct_values(run, concatenate(run, lists))


@builtin("flatten", "list:list")
def flatten(run: Run, items: list[Any]) -> list[Any]:
    flat: list[Any] = []
    _flatten_into(flat, items, run, 0)
    run.check_items(len(flat))
    return flat


def _flatten_into(flat: list[Any], items: list[Any], run: Run, depth: int) -> None:
    run.check_depth(depth)
    for item in items:
        run.spend(1)
        if type(item) is list:
            _flatten_into(flat, item, run, depth + 1)
        else:
            flat.append(item)


@builtin("sort", "list:list")
def sort_ascending(run: Run, items: list[Any]) -> list[Any] | None:
    if _extreme(run, items, -1) is None and items:
        return None
    run.check_items(len(items))
    return sorted(items, key=cmp_to_key(lambda a, b: order(a, b) or 0))


@builtin("sort", "list:list", "precedes:function")
def sort_by(run: Run, items: list[Any], precedes: FeelFunction) -> list[Any] | None:
    unknown = False

    def compare(left: Any, right: Any) -> int:
        nonlocal unknown
        run.spend(1)
        found = precedes.call(run, [left, right], {})
        unknown = unknown or not isinstance(found, bool)
        if found is True:
            return -1
        return 1 if precedes.call(run, [right, left], {}) is True else 0

    ranked = sorted(items, key=cmp_to_key(compare))
    return None if unknown else ranked
