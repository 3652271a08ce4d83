"""List functions (DMN 10.3.4.4) that give lists or look into them, and ``sort`` (10.3.4.8)."""

from __future__ import annotations

from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from workflow.feel.builtins.aggregates import extreme
from workflow.feel.builtins.registry import builtin
from workflow.feel.comparison import equal, order
from workflow.feel.limits import Run
from workflow.feel.values import FeelFunction


@builtin("list contains", "list:list", "element:any?")
def list_contains(run: Run, items: list[Any], element: Any) -> bool:
    run.spend(len(items))
    return any(equal(item, element, run) is True for item in items)


@builtin("count", "list:list")
def count(_: Run, items: list[Any]) -> Decimal:
    return Decimal(len(items))


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
    if extreme(run, items, -1) is None and items:
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
