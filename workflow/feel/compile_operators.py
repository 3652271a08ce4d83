"""Closures for operators: arithmetic, comparison, logic, membership, choice."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from workflow.feel import syntax as s
from workflow.feel.arithmetic import calculate, negative
from workflow.feel.comparison import contains, equal, is_member, order
from workflow.feel.compiler import Compiler, Evaluate, Test, compiles, uses_input
from workflow.feel.scopes import Scope
from workflow.feel.types import conforms
from workflow.feel.values import FeelRange

_HOLDS: dict[str, Callable[[int], bool]] = {
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
}


@compiles(s.Literal)
def _literal(node: s.Literal, _: Compiler) -> Evaluate:
    value = node.value
    return lambda scope: value


@compiles(s.Chain)
def _chain(node: s.Chain, compiler: Compiler) -> Evaluate:
    first = compiler.compile(node.first)
    rest = [(operator, compiler.compile(operand)) for operator, operand in node.rest]

    def evaluate(scope: Scope) -> Any:
        value = first(scope)
        for operator, operand in rest:
            value = calculate(operator, value, operand(scope), scope.run)
        return value

    return evaluate


@compiles(s.Negation)
def _negation(node: s.Negation, compiler: Compiler) -> Evaluate:
    operand = compiler.compile(node.operand)
    return lambda scope: negative(operand(scope))


@compiles(s.Junction)
def _junction(node: s.Junction, compiler: Compiler) -> Evaluate:
    parts = [compiler.compile(part) for part in node.parts]
    decisive = node.operator == "or"

    def evaluate(scope: Scope) -> bool | None:
        result: bool | None = not decisive
        for part in parts:
            value = part(scope)
            if value is decisive:
                return decisive
            if value is not (not decisive):
                result = None
        return result

    return evaluate


@compiles(s.Comparison)
def _comparison(node: s.Comparison, compiler: Compiler) -> Evaluate:
    left, right = compiler.compile(node.left), compiler.compile(node.right)
    if node.operator == "=":
        return lambda scope: equal(left(scope), right(scope), scope.run)
    if node.operator == "!=":
        return lambda scope: _opposite(equal(left(scope), right(scope), scope.run))
    holds = _HOLDS[node.operator]

    def evaluate(scope: Scope) -> bool | None:
        a, b = left(scope), right(scope)
        if type(a) is Decimal and type(b) is Decimal:
            return holds(-1 if a < b else a > b)
        sign = order(a, b)
        return None if sign is None else holds(sign)

    return evaluate


def _opposite(value: Any) -> bool | None:
    return not value if isinstance(value, bool) else None


@compiles(s.Between)
def _between(node: s.Between, compiler: Compiler) -> Evaluate:
    value = compiler.compile(node.value)
    low, high = compiler.compile(node.low), compiler.compile(node.high)
    return lambda scope: contains(FeelRange(low(scope), high(scope), True, True), value(scope))


@compiles(s.If)
def _if(node: s.If, compiler: Compiler) -> Evaluate:
    condition = compiler.compile(node.condition)
    then, otherwise = compiler.compile(node.then), compiler.compile(node.otherwise)
    return lambda scope: then(scope) if condition(scope) is True else otherwise(scope)


@compiles(s.InstanceOf)
def _instance_of(node: s.InstanceOf, compiler: Compiler) -> Evaluate:
    value, wanted = compiler.compile(node.value), node.type

    def evaluate(scope: Scope) -> bool | None:
        found = value(scope)
        return False if found is None else conforms(found, wanted, scope.run)

    return evaluate


@compiles(s.Membership)
def _membership(node: s.Membership, compiler: Compiler) -> Evaluate:
    value, test = compiler.compile(node.value), compile_tests(node.tests, compiler)
    return lambda scope: test(scope, value(scope))


@compiles(s.OperatorTest)
def _operator_range(node: s.OperatorTest, compiler: Compiler) -> Evaluate:
    """``(< 5)`` as a value: the range of what passes the test."""
    operand, operator = compiler.compile(node.operand), node.operator

    def evaluate(scope: Scope) -> FeelRange | None:
        bound = operand(scope)
        if operator in ("<", "<="):
            return FeelRange(None, bound, False, operator == "<=", unbounded_start=True)
        if operator in (">", ">="):
            return FeelRange(bound, None, operator == ">=", False, unbounded_end=True)
        return FeelRange(bound, bound, True, True) if operator == "=" else None

    return evaluate


def compile_tests(node: s.Node, compiler: Compiler) -> Test:
    """The closure that tells whether a value passes the tests; null when it cannot be told."""
    if not isinstance(node, s.UnaryTests):
        return compile_test(node, compiler)
    tests = [compile_test(test, compiler) for test in node.tests]
    if len(tests) == 1 and not node.negated:
        return tests[0]
    negated = node.negated

    def passes(scope: Scope, value: Any) -> bool | None:
        result: bool | None = False
        for test in tests:
            found = test(scope, value)
            if found is True:
                return not negated
            if found is None:
                result = None
        return None if result is None else negated

    return passes


def compile_test(node: s.Node, compiler: Compiler) -> Test:
    """The closure of one test."""
    if isinstance(node, s.Anything):
        return lambda scope, value: True
    if isinstance(node, s.OperatorTest):
        return _operator_test(node, compiler)
    expression = compiler.compile(node)
    if uses_input(node):
        return _input_test(expression)

    def passes(scope: Scope, value: Any) -> bool | None:
        found = expression(scope)
        if isinstance(found, bool) and value is not None and not isinstance(value, bool):
            return found
        return is_member(value, found, scope.run)

    return passes


def _input_test(expression: Evaluate) -> Test:
    """A test that names ``?``: a boolean is its answer, another value is compared with it."""

    def passes(scope: Scope, value: Any) -> bool | None:
        found = expression(Scope({"?": value}, scope, scope.run))
        if found is None or isinstance(found, bool):
            return found
        return is_member(value, found, scope.run)

    return passes


def _operator_test(node: s.OperatorTest, compiler: Compiler) -> Test:
    operand, operator = compiler.compile(node.operand), node.operator
    if operator == "=":
        return lambda scope, value: equal(value, operand(scope), scope.run)
    if operator == "!=":
        return lambda scope, value: _opposite(equal(value, operand(scope), scope.run))
    holds = _HOLDS[operator]

    def passes(scope: Scope, value: Any) -> bool | None:
        sign = order(value, operand(scope))
        return None if sign is None else holds(sign)

    return passes
