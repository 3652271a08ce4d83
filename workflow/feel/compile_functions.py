"""Closures for calls and for function definitions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workflow.feel import syntax as s
from workflow.feel.builtins import BUILTINS
from workflow.feel.compiler import Compiler, Evaluate, compiles
from workflow.feel.functions import call_function, call_lent
from workflow.feel.limits import Run
from workflow.feel.scopes import Scope
from workflow.feel.types import conforms
from workflow.feel.values import FeelFunction

_Arguments = Callable[[Scope], tuple[list[Any], dict[str, Any]]]


@compiles(s.Call)
def _call(node: s.Call, compiler: Compiler) -> Evaluate:
    arguments = _arguments(node.arguments, compiler)
    if isinstance(node.function, s.Name):
        return _call_by_name(node.function.text, arguments, compiler)
    function = compiler.compile(node.function)

    def evaluate(scope: Scope) -> Any:
        found = function(scope)
        positional, named = arguments(scope)
        if type(found) is not FeelFunction:
            return None
        return call_function(found, scope.run, positional, named)

    return evaluate


def _arguments(given: tuple[s.Argument, ...], compiler: Compiler) -> _Arguments:
    if all(argument.name is None for argument in given):
        plain = [compiler.compile(argument.value) for argument in given]
        return lambda scope: ([value(scope) for value in plain], {})
    closures = [(argument.name, compiler.compile(argument.value)) for argument in given]

    def evaluate(scope: Scope) -> tuple[list[Any], dict[str, Any]]:
        positional = [value(scope) for name, value in closures if name is None]
        return positional, {name: value(scope) for name, value in closures if name is not None}

    return evaluate


def _call_by_name(name: str, arguments: _Arguments, compiler: Compiler) -> Evaluate:
    """The expression's own functions come first; the caller's data never hide a built-in."""
    builtin = BUILTINS.get(name)
    own = name in compiler.declared

    def evaluate(scope: Scope) -> Any:
        run = scope.run
        run.spend(1)
        positional, named = arguments(scope)
        if own:
            found = _bound_within(name, scope)
            if found is not None:
                return call_function(found, run, positional, named)
        if run.functions and name in run.functions:
            return call_lent(run.functions[name], run, positional, named)
        if builtin is not None:
            return builtin.call(run, positional, named)
        found = _bound_at_root(name, scope)
        return None if found is None else call_function(found, run, positional, named)

    return evaluate


def _bound_within(name: str, scope: Scope) -> FeelFunction | None:
    place = scope
    while place.parent is not None:
        if name in place.names:
            found = place.names[name]
            return found if type(found) is FeelFunction else None
        place = place.parent
    return None


def _bound_at_root(name: str, scope: Scope) -> FeelFunction | None:
    place = scope
    while place.parent is not None:
        place = place.parent
    found = place.names.get(name)
    return found if type(found) is FeelFunction else None


@compiles(s.FunctionDefinition)
def _function_definition(node: s.FunctionDefinition, compiler: Compiler) -> Evaluate:
    names = tuple(parameter.name for parameter in node.parameters)
    types = [parameter.type for parameter in node.parameters]
    body, weight = compiler.compile_weighed(node.body)
    if node.external:
        return lambda scope: FeelFunction(names, lambda run, positional, named: None)

    def evaluate(scope: Scope) -> FeelFunction:
        def call(run: Run, positional: list[Any], named: dict[str, Any]) -> Any:
            run.spend(weight)
            values = _bound(names, positional, named)
            if values is None:
                return None
            for value, wanted in zip(values, types, strict=True):
                if wanted is not None and conforms(value, wanted, run) is False:
                    return None
            return body(Scope(dict(zip(names, values, strict=True)), scope, run))

        return FeelFunction(names, call)

    return evaluate


def _bound(
    names: tuple[str, ...], positional: list[Any], named: dict[str, Any]
) -> list[Any] | None:
    """The arguments in the order of the parameters, or null when they do not fit."""
    if not named:
        return positional if len(positional) == len(names) else None
    if positional or named.keys() != set(names):
        return None
    return [named[name] for name in names]
