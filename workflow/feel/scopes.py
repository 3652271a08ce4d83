"""Where names get their values: scopes within scopes, the caller's data at the root."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow.feel.limits import Run
from workflow.feel.values import SIMPLE, normalise


class Scope:
    """Names and values of one place; the root holds the caller's data as they were given."""

    __slots__ = ("names", "parent", "run")

    def __init__(self, names: Mapping[str, Any], parent: Scope | None, run: Run) -> None:
        self.names = names
        self.parent = parent
        self.run = run


def root_value(value: Any, run: Run) -> Any:
    """A value of the caller's data as a FEEL value; lists and contexts are converted once."""
    if type(value) in SIMPLE:
        return value
    if not isinstance(value, (list, tuple, Mapping)):
        return normalise(value, run)
    if run.normalised is None:
        run.normalised = {}
    known = run.normalised
    if id(value) not in known:
        known[id(value)] = normalise(value, run)
    return known[id(value)]
