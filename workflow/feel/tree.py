"""What each rule of the grammar becomes, while the text is being parsed."""

from __future__ import annotations

import re
from typing import Any

from lark import Token, Transformer, v_args

from workflow.feel import syntax as s
from workflow.feel.temporal import parse_temporal
from workflow.feel.values import NUMBERS, number

_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|([nrt'\"\\]))", re.ASCII)
_PLAIN_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    if code:
        return chr(int(code, 16)) if int(code, 16) <= 0x10FFFF else "\ufffd"
    return _PLAIN_ESCAPES.get(found[3], found[3])


def _joined_pair(found: re.Match[str]) -> str:
    high, low = found.group()
    return chr(0x10000 + ((ord(high) - 0xD800) << 10) + ord(low) - 0xDC00)


def unquote(text: str) -> str:
    """What a quoted string stands for; an unknown escape keeps its backslash."""
    value = _SURROGATES.sub(_joined_pair, _ESCAPE.sub(_unescaped, text[1:-1]))
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in value)


def _number(text: str) -> Any:
    try:
        return number(text)
    except ArithmeticError:
        return None


def _given(items: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(item for item in items if item is not None)


@v_args(inline=True)
class TreeBuilder(Transformer[Any, s.Node]):
    """One method for each rule or alias of the grammar."""

    def expression_start(self, node: s.Node) -> s.Node:
        return node

    unary_start = expression_start

    def anything(self, _: Token) -> s.Node:
        return s.Anything()

    def negated_tests(self, _: Token, tests: s.UnaryTests) -> s.Node:
        return s.UnaryTests(tests.tests, negated=True)

    def tests(self, *tests: s.Node) -> s.UnaryTests:
        return s.UnaryTests(tests)

    def comparator(self, token: Token) -> str:
        return str(token)

    add_operator = multiply_operator = range_close = quantifier = comparator

    def operator_test(self, operator: str, operand: s.Node) -> s.Node:
        return s.OperatorTest(str(operator), operand)

    def junction(self, first: s.Node, *rest: Any) -> s.Node:
        return s.Junction(str(rest[0]), (first, *rest[1::2]))

    def comparison(self, left: s.Node, operator: str, right: s.Node) -> s.Node:
        return s.Comparison(str(operator), left, right)

    def between(self, value: s.Node, low: s.Node, _: Token, high: s.Node) -> s.Node:
        return s.Between(value, low, high)

    def membership(self, value: s.Node, tests: s.UnaryTests) -> s.Node:
        return s.Membership(value, tests)

    def instance_of(self, value: s.Node, _: Token, wanted: s.FeelType) -> s.Node:
        return s.InstanceOf(value, wanted)

    def chain(self, first: s.Node, *rest: Any) -> s.Node:
        operators = (str(operator) for operator in rest[::2])
        return s.Chain(first, tuple(zip(operators, rest[1::2], strict=True)))

    def negation(self, _: Token, operand: s.Node) -> s.Node:
        if isinstance(operand, s.Literal) and type(operand.value) is type(number(0)):
            return s.Literal(NUMBERS.minus(operand.value))
        return s.Negation(operand)

    def conditional(self, condition: s.Node, then: s.Node, otherwise: s.Node) -> s.Node:
        return s.If(condition, then, otherwise)

    def for_loop(self, iterations: tuple[s.Iteration, ...], body: s.Node) -> s.Node:
        return s.For(iterations, body)

    def quantified(
        self, quantifier: str, iterations: tuple[s.Iteration, ...], condition: s.Node
    ) -> s.Node:
        return s.Quantified(quantifier, iterations, condition)

    def function_definition(
        self, parameters: tuple[s.Parameter, ...] | None, external: Token | None, body: s.Node
    ) -> s.Node:
        return s.FunctionDefinition(parameters or (), body, external is not None)

    def path(self, source: s.Node, name: Token) -> s.Node:
        return s.Path(source, str(name))

    def filter(self, source: s.Node, condition: s.Node) -> s.Node:
        return s.Filter(source, condition)

    def call(self, function: s.Node, arguments: tuple[s.Argument, ...]) -> s.Node:
        return s.Call(function, arguments)

    def number(self, token: Token) -> s.Node:
        return s.Literal(_number(token))

    def string(self, token: Token) -> s.Node:
        return s.Literal(unquote(token))

    def temporal(self, token: Token) -> s.Node:
        return s.Literal(parse_temporal(token[2:-1]))

    def true(self) -> s.Node:
        return s.Literal(True)

    def false(self) -> s.Node:
        return s.Literal(False)

    def null(self) -> s.Node:
        return s.Literal(None)

    def name(self, token: Token) -> s.Node:
        return s.Name(str(token))

    def list_literal(self, items: tuple[s.Node, ...] | None) -> s.Node:
        return s.ListLiteral(items or ())

    def context_literal(self, entries: tuple[tuple[str, s.Node], ...] | None) -> s.Node:
        return s.ContextLiteral(entries or ())

    def range_with_start(self, start: s.Node, end: s.Node, closing: str) -> s.Node:
        return s.RangeLiteral(start, end, True, closing == "]")

    def range_without_start(self, start: s.Node, end: s.Node, closing: str) -> s.Node:
        return s.RangeLiteral(start, end, False, closing == "]")

    def outward_range(self, _: Token, start: s.Node, end: s.Node, closing: str) -> s.Node:
        return s.RangeLiteral(start, end, False, closing == "]")

    def expressions(self, *items: Any) -> tuple[Any, ...]:
        return items

    entries = iterations = parameters = fields = types = expressions

    def entry(self, key: Token, value: s.Node) -> tuple[str, s.Node]:
        return (unquote(key) if key.type == "STRING" else str(key)), value

    def iteration(self, name: Token, source: s.Node, end: s.Node | None) -> s.Iteration:
        return s.Iteration(str(name), source, end)

    def arguments(self, *parts: Any) -> tuple[s.Argument, ...]:
        given = _given(parts)
        edges = [part for part in given if isinstance(part, Token)]
        found = [part for part in given if not isinstance(part, Token)]
        return tuple(
            s.Argument(name, value, (start or before.end_pos or 0, after.start_pos or 0))
            for (name, value, start), before, after in zip(found, edges, edges[1:], strict=False)
        )

    def argument(
        self, name: Token | None, colon: Token | None, value: s.Node
    ) -> tuple[str | None, s.Node, int | None]:
        return (
            (None if name is None else str(name)),
            value,
            None if colon is None else colon.end_pos,
        )

    def parameter(self, name: Token, wanted: s.FeelType | None) -> s.Parameter:
        return s.Parameter(str(name), wanted)

    def named_type(self, name: Token) -> s.FeelType:
        return s.FeelType(str(name))

    def generic_type(self, name: Token, _: Token, element: s.FeelType, __: Token) -> s.FeelType:
        return s.FeelType(str(name), (element,))

    def context_type(self, name: Token, _: Token, fields: Any, __: Token) -> s.FeelType:
        return s.FeelType(str(name), fields=fields)

    def function_type(
        self, _: Token, parameters: tuple[s.FeelType, ...] | None, __: Token, result: s.FeelType
    ) -> s.FeelType:
        return s.FeelType("function", parameters or (), result=result)

    def any_function_type(self) -> s.FeelType:
        return s.FeelType("function")

    def field(self, name: Token, wanted: s.FeelType) -> tuple[str, s.FeelType]:
        return str(name), wanted
