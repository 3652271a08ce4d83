"""Closures for what goes through lists: for, some, every, filters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from workflow.feel import syntax as s
from workflow.feel.compiler import Compiler, Evaluate, compiles
from workflow.feel.limits import Run
from workflow.feel.scopes import Scope
from workflow.feel.values import FeelRange

_FARTHEST = Decimal(10**15)
"""Beyond this, counting in steps of one is no longer exact in the arithmetic used."""

_Iteration = tuple[str, Evaluate, "Evaluate | None"]


@compiles(s.For)
def _for(node: s.For, compiler: Compiler) -> Evaluate:
    iterations = [_iteration(found, compiler) for found in node.iterations]
    body, weight = compiler.compile_weighed(node.body)
    wants_partial = _mentions(node.body, "partial")

    def evaluate(scope: Scope) -> list[Any] | None:
        results: list[Any] = []
        run = scope.run
        for inner in _scopes(iterations, scope):
            if inner is None:
                return None
            run.spend(weight)
            run.check_items(len(results) if wants_partial else 1)
            if wants_partial:
                inner = Scope({"partial": list(results)}, inner, run)
            results.append(body(inner))
        return results

    return evaluate


@compiles(s.Quantified)
def _quantified(node: s.Quantified, compiler: Compiler) -> Evaluate:
    iterations = [_iteration(found, compiler) for found in node.iterations]
    condition, weight = compiler.compile_weighed(node.condition)
    decisive = node.quantifier == "some"

    def evaluate(scope: Scope) -> bool | None:
        result: bool | None = not decisive
        for inner in _scopes(iterations, scope):
            if inner is None:
                return None
            scope.run.spend(weight)
            found = condition(inner)
            if found is decisive:
                return decisive
            if not isinstance(found, bool):
                result = None
        return result

    return evaluate


def _iteration(node: s.Iteration, compiler: Compiler) -> _Iteration:
    end = None if node.end is None else compiler.compile(node.end)
    return node.name, compiler.compile(node.source), end


def _mentions(node: s.Node, name: str) -> bool:
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, s.Name) and current.text == name:
            return True
        pending.extend(s.children(current))
    return False


def _scopes(iterations: list[_Iteration], scope: Scope) -> Iterator[Scope | None]:
    """A scope for each combination, the last variable turning fastest; null for no list."""
    (name, source, end), *others = iterations
    items = (
        _items(source(scope), scope.run)
        if end is None
        else _steps(source(scope), end(scope), scope.run)
    )
    if items is None:
        yield None
        return
    for item in items:
        scope.run.spend(1)
        inner = Scope({name: item}, scope, scope.run)
        if others:
            yield from _scopes(others, inner)
        else:
            yield inner


def _items(value: Any, run: Run) -> Iterable[Any] | None:
    if type(value) is list:
        return value
    if type(value) is not FeelRange:
        return None if value is None else [value]
    backwards = type(value.start) is type(value.end) and (
        type(value.start) in (Decimal, dt.date) and value.start > value.end
    )
    return (
        None
        if backwards
        else _steps(
            value.start,
            value.end,
            run,
            skip_first=not value.start_included,
            skip_last=not value.end_included,
        )
    )


def _steps(
    start: Any, end: Any, run: Run, skip_first: bool = False, skip_last: bool = False
) -> Iterable[Any] | None:
    """Whole numbers or days from ``start`` to ``end``, either way round."""
    if type(start) is Decimal and type(end) is Decimal:
        if max(abs(start), abs(end)) > _FARTHEST:
            return None
        distance, whole = int(end - start), (end - start) % 1 == 0
    elif type(start) is dt.date and type(end) is dt.date:
        distance, whole = (end - start).days, True
    else:
        return None
    last = abs(distance) - (skip_last and whole)
    run.check_items(last + 1)
    sign = -1 if distance < 0 else 1
    return (_step(start, sign * n) for n in range(int(skip_first), last + 1))


def _step(start: Decimal | dt.date, by: int) -> Decimal | dt.date:
    return start + by if isinstance(start, Decimal) else start + dt.timedelta(days=by)


@compiles(s.Filter)
def _filter(node: s.Filter, compiler: Compiler) -> Evaluate:
    source = compiler.compile(node.source)
    condition, weight = compiler.compile_weighed(node.condition)

    def evaluate(scope: Scope) -> Any:
        value = source(scope)
        items = value if type(value) is list else [] if value is None else [value]
        run = scope.run
        if not items:
            position = condition(_item_scope(None, scope))
            return None if type(position) is Decimal else []
        kept: list[Any] = []
        for item in items:
            run.spend(weight)
            found = condition(_item_scope(item, scope))
            if type(found) is Decimal and item is items[0]:
                return _at_position(items, found)
            if found is True:
                kept.append(item)
        return kept

    return evaluate


def _item_scope(item: Any, scope: Scope) -> Scope:
    """Within a filter, ``item`` is the item, and a context's entries have their own names."""
    inner = Scope({"item": item}, scope, scope.run)
    return Scope(item, inner, scope.run) if type(item) is dict else inner


def _at_position(items: list[Any], position: Decimal) -> Any:
    if position != position.to_integral_value():
        return None
    index = int(position)
    if 0 < index <= len(items):
        return items[index - 1]
    return items[index] if -len(items) <= index < 0 else None
