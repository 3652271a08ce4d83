"""How a built-in function is declared, and how arguments meet its parameters.

A parameter is written ``name:kinds``; kinds are separated by ``|``, ``any`` takes everything but
null, ``?`` after it lets null through, ``=`` after it makes the parameter optional, ``*`` before
the name collects the remaining arguments. An argument of the wrong kind makes the result null.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from workflow.feel.limits import Run
from workflow.feel.values import kind

_SHORT = {
    "days": "days and time duration",
    "months": "years and months duration",
    "datetime": "date and time",
}
_MISMATCH = object()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of one overload."""

    name: str
    kinds: frozenset[str]
    nullable: bool
    optional: bool
    collects: bool

    def accept(self, value: Any) -> Any:
        """The value as this parameter takes it, a list of one for its item and the reverse."""
        if value is None:
            return None if self.nullable else _MISMATCH
        found = kind(value)
        if found in self.kinds or "any" in self.kinds:
            return value
        if "list" in self.kinds:
            return [value]
        if found == "list" and len(value) == 1 and kind(value[0]) in self.kinds:
            return value[0]
        return _MISMATCH


def _parameter(text: str) -> Parameter:
    name, _, kinds = text.partition(":")
    return Parameter(
        name=name.lstrip("*"),
        kinds=frozenset(_SHORT.get(k, k) for k in kinds.rstrip("=?").split("|")),
        nullable="?" in kinds,
        optional=kinds.endswith("="),
        collects=name.startswith("*"),
    )


@dataclass(frozen=True, slots=True)
class Overload:
    """One way to call a built-in."""

    parameters: tuple[Parameter, ...]
    function: Callable[..., Any]

    def bind(self, positional: list[Any], named: dict[str, Any]) -> list[Any] | None:
        """The values for the parameters in order, or None when the arguments do not fit."""
        if self.parameters and self.parameters[-1].collects:
            return None if named else self._collect(positional)
        if len(positional) > len(self.parameters):
            return None
        values = list(positional)
        used = 0
        for parameter in self.parameters[len(positional) :] if named else ():
            if parameter.name in named:
                used += 1
                values.append(named[parameter.name])
            elif parameter.optional:
                values.append(_MISMATCH)
            else:
                return None
        if used != len(named) or (positional and named):
            return None
        return self._accepted(values)

    def _accepted(self, values: list[Any]) -> list[Any] | None:
        accepted: list[Any] = []
        for parameter, value in zip(self.parameters, values, strict=False):
            taken = None if value is _MISMATCH else parameter.accept(value)
            if taken is _MISMATCH:
                return None
            accepted.append(taken)
        missing = self.parameters[len(values) :]
        if any(not parameter.optional for parameter in missing):
            return None
        return accepted + [None] * len(missing)

    def _collect(self, positional: list[Any]) -> list[Any] | None:
        fixed = len(self.parameters) - 1
        if len(positional) <= fixed:
            return None
        first = [
            parameter.accept(value)
            for parameter, value in zip(self.parameters, positional[:fixed], strict=False)
        ]
        rest = [self.parameters[-1].accept(value) for value in positional[fixed:]]
        return None if _MISMATCH in first or _MISMATCH in rest else [*first, rest]


@dataclass(slots=True)
class Builtin:
    """A standard function with all the ways to call it."""

    name: str
    overloads: list[Overload] = field(default_factory=list[Overload])

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the first overload's parameters."""
        return tuple(parameter.name for parameter in self.overloads[0].parameters)

    def call(self, run: Run, positional: list[Any], named: dict[str, Any]) -> Any:
        """The result, or null when the arguments fit no overload or have no result."""
        for overload in self.overloads:
            values = overload.bind(positional, named)
            if values is not None:
                try:
                    return overload.function(run, *values)
                except (ArithmeticError, ValueError):
                    return None
        return None


BUILTINS: dict[str, Builtin] = {}


def builtin(name: str, *parameters: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function as one overload of the built-in ``name``; it receives the run first."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        declared = tuple(_parameter(text) for text in parameters)
        BUILTINS.setdefault(name, Builtin(name)).overloads.append(Overload(declared, function))
        return function

    return register
