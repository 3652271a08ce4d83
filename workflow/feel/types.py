"""``instance of``: whether a value conforms to a type (DMN 10.3.2.9)."""

from __future__ import annotations

from typing import Any

from workflow.feel.limits import Run
from workflow.feel.syntax import FeelType
from workflow.feel.values import FeelFunction, FeelRange, kind

_SIMPLE = frozenset(
    {
        "number",
        "string",
        "boolean",
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
        "function",
        "list",
        "context",
        "range",
    }
)


def conforms(value: Any, wanted: FeelType, run: Run) -> bool | None:
    """Whether ``value`` (null conforms to every type but is an instance of none) is ``wanted``.

    Null when the type is not one of the standard's.
    """
    run.spend(1)
    if wanted.name == "Any" or value is None:
        return True
    if wanted.name == "Null":
        return False
    if wanted.name not in _SIMPLE:
        return None
    if kind(value) != wanted.name:
        return False
    if type(value) is list and wanted.arguments:
        return all(conforms(item, wanted.arguments[0], run) is True for item in value)
    if type(value) is dict:
        return all(
            key in value and conforms(value[key], field, run) is True
            for key, field in wanted.fields
        )
    if type(value) is FeelRange and wanted.arguments:
        ends = (value.start, value.end)
        return all(conforms(end, wanted.arguments[0], run) is True for end in ends)
    if type(value) is FeelFunction and wanted.result is not None:
        return len(value.parameters) == len(wanted.arguments)
    return True
