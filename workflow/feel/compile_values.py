"""Closures for names, paths, and lists, contexts and ranges written out."""

from __future__ import annotations

from typing import Any

from workflow.feel import syntax as s
from workflow.feel.comparison import order
from workflow.feel.compiler import Compiler, Evaluate, compiles
from workflow.feel.functions import standing_function
from workflow.feel.properties import property_of
from workflow.feel.scopes import Scope, root_value
from workflow.feel.values import SIMPLE, FeelRange


@compiles(s.Name)
def _name(node: s.Name, _: Compiler) -> Evaluate:
    name = node.text

    def evaluate(scope: Scope) -> Any:
        place: Scope | None = scope
        while place is not None:
            if name in place.names:
                value = place.names[name]
                if type(value) in SIMPLE or place.parent is not None:
                    return value
                return root_value(value, scope.run)
            place = place.parent
        return standing_function(name, scope.run)

    return evaluate


@compiles(s.Path)
def _path(node: s.Path, compiler: Compiler) -> Evaluate:
    names = [node.name]
    source = node.source
    while isinstance(source, s.Path):
        names.insert(0, source.name)
        source = source.source
    if isinstance(source, s.Name):
        compiler.nodes += len(names)
        return _path_from_name(source.text, names)
    start = compiler.compile(source)

    def evaluate(scope: Scope) -> Any:
        value = start(scope)
        for name in names:
            value = property_of(value, name, scope.run)
        return value

    return evaluate


def _path_from_name(first: str, names: list[str]) -> Evaluate:
    """A path into the caller's data converts only what it arrives at, not all it passes."""

    def evaluate(scope: Scope) -> Any:
        place = scope
        while first not in place.names:
            if place.parent is None:
                return None
            place = place.parent
        value = place.names[first]
        at_root = place.parent is None
        for name in names:
            if at_root and type(value) is dict:
                value = value.get(name)
                continue
            if at_root:
                value, at_root = root_value(value, scope.run), False
            value = property_of(value, name, scope.run)
        return root_value(value, scope.run) if at_root else value

    return evaluate


@compiles(s.ListLiteral)
def _list(node: s.ListLiteral, compiler: Compiler) -> Evaluate:
    items = [compiler.compile(item) for item in node.items]
    return lambda scope: [item(scope) for item in items]


@compiles(s.ContextLiteral)
def _context(node: s.ContextLiteral, compiler: Compiler) -> Evaluate:
    entries = [(key, compiler.compile(value)) for key, value in node.entries]
    if len({key for key, _ in entries}) < len(entries):
        return lambda scope: None

    def evaluate(scope: Scope) -> dict[str, Any]:
        made: dict[str, Any] = {}
        inner = Scope(made, scope, scope.run)
        for key, value in entries:
            made[key] = value(inner)
        return made

    return evaluate


@compiles(s.RangeLiteral)
def _range(node: s.RangeLiteral, compiler: Compiler) -> Evaluate:
    start, end = compiler.compile(node.start), compiler.compile(node.end)

    def evaluate(scope: Scope) -> FeelRange | None:
        low, high = start(scope), end(scope)
        if low is not None and high is not None and order(low, high) is None:
            return None
        return FeelRange(low, high, node.start_included, node.end_included)

    return evaluate
