"""What can be told of a FEEL expression from its tree, without running it in a dossier."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from workflow.feel import FeelLimitExceeded, FeelSyntaxError, evaluate
from workflow.feel.parser import parse
from workflow.feel.syntax import (
    Call,
    ContextLiteral,
    Filter,
    FunctionDefinition,
    If,
    Literal,
    Name,
    Node,
    children,
)
from workflow.feel.values import YearMonthDuration

ISO_TEXT = re.compile(r"R\d*/.*|-?P(T?\d).*|\d{4}-\d\d-\d\d.*", re.DOTALL)
"""A date, duration or cycle as editors write it, which is not FEEL."""
_READS_THE_CLOCK = frozenset({"now", "today", "deadline"})


def tree(text: str, unary: bool = False) -> Node | None:
    """The tree of ``text``, None when it is not FEEL."""
    try:
        return parse(text, unary)
    except (FeelSyntaxError, FeelLimitExceeded):
        return None


def entries(text: str) -> list[str] | None:
    """The entries of a script, None when it is not a context written out."""
    root = tree(text)
    return [key for key, _ in root.entries] if isinstance(root, ContextLiteral) else None


def walk(node: Node) -> Iterator[Node]:
    """``node`` and all its parts."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(list(children(current))))


def calls_of(node: Node, function: str) -> Iterator[Call]:
    """The calls of ``function`` within ``node``."""
    for part in walk(node):
        if isinstance(part, Call) and part.function == Name(function):
            yield part


def functions_called(node: Node) -> set[str]:
    """The names of the functions called within ``node``."""
    return {
        part.function.text
        for part in walk(node)
        if isinstance(part, Call) and isinstance(part.function, Name)
    }


def outer_functions(node: Node) -> set[str]:
    """The functions called within ``node`` that it does not define itself."""
    own: set[str] = set()
    for part in walk(node):
        if isinstance(part, ContextLiteral):
            own |= {key for key, _ in part.entries}
        elif isinstance(part, FunctionDefinition):
            own |= {parameter.name for parameter in part.parameters}
    return functions_called(node) - own


def names_of_items(node: Node) -> set[str]:
    """The names within filters: they may be entries of the filtered items."""
    filters = [part.condition for part in walk(node) if isinstance(part, Filter)]
    return {name.text for f in filters for name in walk(f) if isinstance(name, Name)}


def outcomes(node: Node) -> Iterator[Node]:
    """The parts of ``node`` that may be its value: the branches of an ``if``, else itself."""
    if isinstance(node, If):
        yield from outcomes(node.then)
        yield from outcomes(node.otherwise)
    else:
        yield node


def is_constant(node: Node) -> bool:
    """Whether the value of ``node`` is the same for every dossier and at every time."""
    functions = functions_called(node)
    names = {part.text for part in walk(node) if isinstance(part, Name)}
    return names <= functions and not functions & _READS_THE_CLOCK


def argument(call: Call, position: int, name: str) -> Node | None:
    """The argument of ``call`` at ``position`` or named ``name``."""
    for index, given in enumerate(call.arguments):
        if given.name == name or (given.name is None and index == position):
            return given.value
    return None


def literal_text(node: Node | None) -> str | None:
    """The string ``node`` writes out, None when it is anything else."""
    if isinstance(node, Literal) and isinstance(node.value, str):
        return node.value
    return None


def constant_value(text: str) -> Any:
    """The value of a constant expression; null when it asks for too much."""
    try:
        return evaluate(text, {})
    except (FeelSyntaxError, FeelLimitExceeded):
        return None


def value_reason(value: Any) -> tuple[str, str]:
    """Why a constant is no deadline, in French and in English."""
    if value is None:
        return "la valeur est nulle", "the value is null"
    if isinstance(value, bool):
        return "c'est un booléen", "it is a boolean"
    if isinstance(value, int | Decimal):
        return "c'est un nombre", "it is a number"
    if isinstance(value, str):
        return "c'est un texte", "it is a text"
    if isinstance(value, dt.timedelta):
        return _duration_reason(value.total_seconds())
    if isinstance(value, YearMonthDuration):
        return _duration_reason(value.months)
    if isinstance(value, dt.date | dt.time):
        return "c'est une date fixe, sans règle du calendrier", "it is a fixed date, of no rule"
    return "ce n'est pas une date", "it is no date"


def _duration_reason(length: float) -> tuple[str, str]:
    if length == 0:
        return "la durée est nulle : elle échoit aussitôt", "the duration is zero: due at once"
    if length < 0:
        return "la durée est négative", "the duration is negative"
    return (
        "c'est une durée, qui ne suit pas le calendrier légal",
        "it is a duration, which does not follow the legal calendar",
    )
