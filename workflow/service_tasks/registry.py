"""What diagrams may call: operation "solicitations.send" is `solicitations.py`, function `send`.

The registry knows every operation's parameters and outputs, so that diagrams can be checked
before they run, and it refuses unknown names loudly.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from types import MappingProxyType
from typing import Any, TypeVar

from workflow.domain import deadline as deadlines
from workflow.domain import tables
from workflow.domain.call import Call, Entry, Message, Start
from workflow.errors import InvalidInput

__all__ = [
    "OPERATIONS",
    "Call",
    "Entry",
    "Message",
    "Operation",
    "Start",
    "UnknownOperation",
    "feel_functions",
    "find",
    "load",
    "operation",
]

TABLES = tables.__all__
"""Imported whole: a row that an operation writes may refer to any of them."""

MODULES = (
    "admissibility",
    "attestations",
    "clock_ledger",
    "college",
    "conventions",
    "corrections",
    "dossiers",
    "instruction",
    "instruction_queue",
    "listings",
    "proofs",
    "reservations",
    "solicitations",
    "support_questions",
)


class UnknownOperation(InvalidInput):
    """A diagram names an operation that does not exist."""

    code = "unknown_operation"


@dataclass(frozen=True)
class Operation:
    """One thing a diagram may have done; `outputs` are keys of its result and their FEEL type."""

    name: str
    parameters: tuple[str, ...]
    required: frozenset[str]
    outputs: Mapping[str, str]
    function: Callable[..., Mapping[str, Any] | None]


_operations: dict[str, Operation] = {}
OPERATIONS: Mapping[str, Operation] = MappingProxyType(_operations)


Registered = TypeVar("Registered", bound=Callable[..., Mapping[str, Any] | None])


def operation(
    name: str, *, outputs: Mapping[str, str] | None = None
) -> Callable[[Registered], Registered]:
    """Register a function under the name that diagrams use.

    Its keyword-only parameters are what a diagram gives it; those with a default are optional.
    """

    def register(function: Registered) -> Registered:
        keywords = [
            parameter
            for parameter in inspect.signature(function).parameters.values()
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY
        ]
        if name in _operations:
            raise InvalidInput(f"Expected one operation {name!r} but found two. Rename one.")
        _operations[name] = Operation(
            name,
            tuple(parameter.name for parameter in keywords),
            frozenset(p.name for p in keywords if p.default is inspect.Parameter.empty),
            MappingProxyType(dict(outputs or {})),
            function,
        )
        return function

    return register


def load() -> Mapping[str, Operation]:
    """Import every module of operations; returns all that are registered."""
    for module in MODULES:
        import_module(f"workflow.service_tasks.{module}")
    return OPERATIONS


def find(name: str) -> Operation:
    """The operation of that name; raises UnknownOperation, naming those that exist."""
    found = OPERATIONS.get(name) or load().get(name)
    if found is None:
        raise UnknownOperation(
            f"Expected an operation among {', '.join(sorted(OPERATIONS))} but found {name!r}."
            " Correct the diagram."
        )
    return found


def feel_functions(call: Call) -> dict[str, Callable[..., Any]]:
    """The functions that expressions may call in a turn, beside FEEL's own."""

    def deadline(key: Any, from_: Any = None, remaining: Any = None) -> dict[str, Any]:
        """`deadline(key, from, remaining)`; FEEL's `from` reaches Python as `from_`."""
        if from_ is not None and not isinstance(from_, date | datetime):
            raise InvalidInput(
                f"Expected a date or an instant from which the deadline runs but found {from_!r}."
                " Give one."
            )
        return deadlines.deadline(
            call.session,
            campaign=call.campaign,
            dossier_id=call.dossier_id,
            instance_id=call.instance_id,
            key=str(key),
            start=from_,
            now=call.effective_at,
            remaining=None if remaining is None else int(remaining),
        ).as_context()

    return {"deadline": deadline}
