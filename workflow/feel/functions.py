"""Calling: functions of the expression, built-ins, and functions lent by the caller."""

from __future__ import annotations

import inspect
import keyword
from collections.abc import Callable
from typing import Any

from workflow.feel.builtins import BUILTINS
from workflow.feel.errors import FeelLimitExceeded
from workflow.feel.limits import MAX_CALL_DEPTH, Run
from workflow.feel.values import FeelFunction, normalise


def call_function(
    function: FeelFunction, run: Run, positional: list[Any], named: dict[str, Any]
) -> Any:
    """Call a function value; FeelLimitExceeded when calls nest too deep."""
    run.depth += 1
    if run.depth > MAX_CALL_DEPTH:
        raise FeelLimitExceeded(
            f"Expected functions to call one another at most {MAX_CALL_DEPTH} deep but they go on. "
            "Give the recursion an end, or loop."
        )
    try:
        return function.call(run, positional, named)
    finally:
        run.depth -= 1


def call_lent(
    function: Callable[..., Any], run: Run, positional: list[Any], named: dict[str, Any]
) -> Any:
    """Call a function lent by the caller; null when it does not take these arguments.

    An argument named in FEEL reaches the Python parameter of the same name, with an underscore
    for each space and after a Python keyword: ``from`` reaches ``from_``.
    """
    keywords = {_identifier(name): value for name, value in named.items()}
    try:
        inspect.signature(function).bind(*positional, **keywords)
    except TypeError:
        return None
    return normalise(function(*positional, **keywords), run)


def _identifier(name: str) -> str:
    plain = name.replace(" ", "_")
    return plain + "_" if keyword.iskeyword(plain) else plain


def standing_function(name: str, run: Run) -> FeelFunction | None:
    """A lent function or a built-in as a value, or null when there is none of that name."""
    lent = run.functions.get(name) if run.functions else None
    if lent is not None:
        return FeelFunction(
            (), lambda run, positional, named: call_lent(lent, run, positional, named)
        )
    found = BUILTINS.get(name)
    return None if found is None else FeelFunction(found.parameters, found.call)
