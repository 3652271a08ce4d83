"""Evaluating expressions and cells of unary tests: what the rest of the engine calls."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Literal, overload

from workflow.feel import compile_functions, compile_loops, compile_operators, compile_values
from workflow.feel.compile_operators import compile_tests
from workflow.feel.compiler import Compiler, declared_names
from workflow.feel.errors import FeelLimitExceeded
from workflow.feel.limits import Run
from workflow.feel.names import gathered_names
from workflow.feel.parser import parse
from workflow.feel.scopes import Scope, root_value
from workflow.feel.values import check_result

_RULES = (compile_functions, compile_loops, compile_operators, compile_values)
"""The modules whose import registers the compiler's rules."""

Functions = Mapping[str, Callable[..., Any]]
_NO_NAMES: Mapping[str, Any] = {}


def _too_deep() -> FeelLimitExceeded:
    return FeelLimitExceeded(
        "Expected an evaluation that nests less but it goes too deep. Give its recursion an end."
    )


class Expression:
    """A compiled expression; evaluating it changes nothing in it, so it may be shared."""

    __slots__ = ("_evaluate", "source")

    def __init__(self, source: str, names: frozenset[str] = frozenset()) -> None:
        self.source = source
        tree = parse(source, False, names)
        try:
            self._evaluate = Compiler(declared_names(tree)).compile(tree)
        except RecursionError:
            raise _too_deep() from None

    def evaluate(
        self,
        names: Mapping[str, Any],
        *,
        now: dt.datetime | None = None,
        functions: Functions | None = None,
    ) -> Any:
        """The value with these names; null where the standard says so.

        Raises FeelLimitExceeded when it asks for too much, and what a lent function raises.
        """
        run = Run(now, functions)
        try:
            result = self._evaluate(Scope(names, None, run))
            if type(result) is list or type(result) is dict:
                check_result(result, run)
        except RecursionError:
            raise _too_deep() from None
        return result


class UnaryTest:
    """A compiled cell of unary tests."""

    __slots__ = ("_passes", "source")

    def __init__(self, source: str, names: frozenset[str] = frozenset()) -> None:
        self.source = source
        tree = parse(source, True, names)
        try:
            self._passes = compile_tests(tree, Compiler(declared_names(tree)))
        except RecursionError:
            raise _too_deep() from None

    def evaluate(
        self,
        names: Mapping[str, Any],
        *,
        value: Any = None,
        now: dt.datetime | None = None,
        functions: Functions | None = None,
    ) -> bool | None:
        """Whether ``value`` passes the tests; null when it cannot be told."""
        run = Run(now, functions)
        try:
            return self._passes(Scope(names, None, run), root_value(value, run))
        except RecursionError:
            raise _too_deep() from None


@lru_cache(2048)
def compiled_expression(source: str, names: frozenset[str] = frozenset()) -> Expression:
    """The compiled expression, from the cache when it was seen before."""
    return Expression(source, names)


@lru_cache(2048)
def compiled_test(source: str, names: frozenset[str] = frozenset()) -> UnaryTest:
    """The compiled cell, from the cache when it was seen before."""
    return UnaryTest(source, names)


@overload
def compiled(
    expression: str, unary: Literal[False] = False, names: frozenset[str] = ...
) -> Expression: ...


@overload
def compiled(expression: str, unary: Literal[True], names: frozenset[str] = ...) -> UnaryTest: ...


def compiled(
    expression: str, unary: bool = False, names: frozenset[str] = frozenset()
) -> Expression | UnaryTest:
    """The compiled expression or cell; ``names`` are those with operators or keywords inside.

    Raises FeelSyntaxError and FeelLimitExceeded.
    """
    return compiled_test(expression, names) if unary else compiled_expression(expression, names)


def evaluate(
    expression: str,
    context: Mapping[str, Any] | None = None,
    *,
    now: dt.datetime | None = None,
    functions: Functions | None = None,
) -> Any:
    """The value of ``expression`` in ``context``; ``now`` is the instant now() and today() see.

    Raises FeelSyntaxError and FeelLimitExceeded, and what a lent function raises; else null.
    """
    names = _NO_NAMES if context is None else context
    program = compiled_expression(expression, gathered_names(expression, names))
    return program.evaluate(names, now=now, functions=functions)


def unary_test(
    test: str,
    value: Any,
    context: Mapping[str, Any] | None = None,
    *,
    now: dt.datetime | None = None,
    functions: Functions | None = None,
) -> bool | None:
    """Whether ``value`` passes the cell ``test``; null when it cannot be told.

    Raises FeelSyntaxError and FeelLimitExceeded, and what a lent function raises.
    """
    names = _NO_NAMES if context is None else context
    program = compiled_test(test, gathered_names(test, names))
    return program.evaluate(names, value=value, now=now, functions=functions)
