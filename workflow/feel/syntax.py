"""The tree of an expression: one class for each form of the FEEL grammar (DMN 10.3.1.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of an expression."""


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, string, boolean, null, date, time or duration written out."""

    value: Any


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name to look up; ``?`` is the value under test."""

    text: str


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    """``[a, b]``."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextLiteral(Node):
    """``{key: a, "other key": b}``; later entries see the earlier ones."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class RangeLiteral(Node):
    """``[a..b]``, with a parenthesis or an outward bracket for an excluded end."""

    start: Node
    end: Node
    start_included: bool
    end_included: bool


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """Operands joined from left to right by operators of one precedence."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """``-a``."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Junction(Node):
    """``a and b and c`` or ``a or b or c``."""

    operator: str
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """``a = b``, ``a < b`` and their kin."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """``a between low and high``, ends included."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class OperatorTest(Node):
    """``< 5``: a test of the value at hand; in an expression, the range of what passes it."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class UnaryTests(Node):
    """Comma-separated tests of one value; ``not(…)`` negates them all."""

    tests: tuple[Node, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Anything(Node):
    """The test ``-``."""


@dataclass(frozen=True, slots=True)
class Membership(Node):
    """``a in b`` or ``a in (b, < c)``."""

    value: Node
    tests: UnaryTests


@dataclass(frozen=True, slots=True)
class FeelType(Node):
    """A type by name, with its element types, its fields or its parameters."""

    name: str
    arguments: tuple[FeelType, ...] = ()
    fields: tuple[tuple[str, FeelType], ...] = ()
    result: FeelType | None = None


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """``a instance of type``."""

    value: Node
    type: FeelType


@dataclass(frozen=True, slots=True)
class If(Node):
    """``if a then b else c``."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iteration(Node):
    """``name in source`` or ``name in source..end``."""

    name: str
    source: Node
    end: Node | None = None


@dataclass(frozen=True, slots=True)
class For(Node):
    """``for x in a, y in b return c``."""

    iterations: tuple[Iteration, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """``some x in a satisfies b`` or ``every …``."""

    quantifier: str
    iterations: tuple[Iteration, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """``a[b]``: the items that satisfy a condition, or the item at a position."""

    source: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Path(Node):
    """``a.name``."""

    source: Node
    name: str


@dataclass(frozen=True, slots=True)
class Argument(Node):
    """One argument of a call; ``span`` is where its source text lies."""

    name: str | None
    value: Node
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``f(a, b)`` or ``f(name: a)``."""

    function: Node
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """A formal parameter, with its type when it has one."""

    name: str
    type: FeelType | None


@dataclass(frozen=True, slots=True)
class FunctionDefinition(Node):
    """``function(a, b) body``; an external one is never run, and is null."""

    parameters: tuple[Parameter, ...]
    body: Node
    external: bool = False


def children(node: Node) -> Iterator[Node]:
    """The direct parts of ``node``, in the order they are written."""
    for field in fields(node):
        yield from _nodes(getattr(node, field.name))


def _nodes(value: Any) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)
