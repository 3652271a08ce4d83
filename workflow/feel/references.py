"""What an expression refers to, read off its tree: for the checks of diagrams and forms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from workflow.feel import syntax as s
from workflow.feel.builtins import BUILTINS
from workflow.feel.parser import parse

_IMPLICIT = frozenset({"?", "item", "partial"})


@dataclass(frozen=True, slots=True)
class CallArgument:
    """An argument as it is written; ``literal`` is its value when it is written out."""

    name: str | None
    source: str
    is_literal: bool
    literal: Any = None


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function by its name."""

    name: str
    arguments: tuple[CallArgument, ...]


def free_names(expression: str, unary: bool = False) -> set[str]:
    """The names an expression takes from its context: the first part of each path.

    Built-ins, called functions and names the expression binds itself are left out; so are those
    within a filter's brackets, where a name may be an entry of the items.
    Raises FeelSyntaxError and FeelLimitExceeded.
    """
    return {path[0] for path in _free_paths(parse(expression, unary), _IMPLICIT)}


def dotted_names(expression: str, unary: bool = False) -> set[str]:
    """The paths of two names or more that an expression reads from its context: ``a.b.c``.

    Raises FeelSyntaxError and FeelLimitExceeded.
    """
    paths = _free_paths(parse(expression, unary), _IMPLICIT)
    return {".".join(path) for path in paths if len(path) > 1}


def calls(expression: str, unary: bool = False) -> list[Call]:
    """Every call of a function by its name, in the order they are written, built-ins included.

    Raises FeelSyntaxError and FeelLimitExceeded.
    """
    return list(_calls(parse(expression, unary), expression))


def _calls(node: s.Node, source: str) -> Iterator[Call]:
    if isinstance(node, s.Call) and isinstance(node.function, s.Name):
        yield Call(
            node.function.text, tuple(_argument(argument, source) for argument in node.arguments)
        )
    for child in s.children(node):
        yield from _calls(child, source)


def _argument(argument: s.Argument, source: str) -> CallArgument:
    start, end = argument.span
    value = argument.value
    literal = isinstance(value, s.Literal)
    return CallArgument(
        argument.name, source[start:end].strip(), literal, value.value if literal else None
    )


def _free_paths(node: s.Node, bound: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """The paths of ``node`` that start with a name not in ``bound``."""
    if isinstance(node, (s.Name, s.Path)):
        yield from _free_path(node, bound)
    elif isinstance(node, s.Call) and isinstance(node.function, s.Name):
        for argument in node.arguments:
            yield from _free_paths(argument, bound)
    elif isinstance(node, s.ContextLiteral):
        for key, value in node.entries:
            yield from _free_paths(value, bound)
            bound |= {key}
    elif isinstance(node, s.Filter):
        yield from _free_paths(node.source, bound)
    elif isinstance(node, (s.For, s.Quantified)):
        yield from _free_in_loop(node, bound)
    elif isinstance(node, s.FunctionDefinition):
        names = {parameter.name for parameter in node.parameters}
        yield from _free_paths(node.body, bound | names)
    elif not isinstance(node, s.FeelType):
        for child in s.children(node):
            yield from _free_paths(child, bound)


def _free_in_loop(node: s.For | s.Quantified, bound: frozenset[str]) -> Iterator[tuple[str, ...]]:
    for iteration in node.iterations:
        yield from _free_paths(iteration.source, bound)
        if iteration.end is not None:
            yield from _free_paths(iteration.end, bound)
        bound |= {iteration.name}
    body = node.body if isinstance(node, s.For) else node.condition
    yield from _free_paths(body, bound)


def _free_path(node: s.Node, bound: frozenset[str]) -> Iterator[tuple[str, ...]]:
    names: list[str] = []
    while isinstance(node, s.Path):
        names.insert(0, node.name)
        node = node.source
    if not isinstance(node, s.Name):
        yield from _free_paths(node, bound)
    elif node.text not in bound and not (node.text in BUILTINS and not names):
        yield (node.text, *names)
