"""The values an instance keeps, and what one branch changed in them.

A stored value is never modified in place: every task owns its top-level mapping, and what lies
below may be shared between branches without any of them seeing another one's changes.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from workflow.engine.spiff.faults import NotStorable
from workflow.feel import YearMonthDuration

LARGEST_EXACT_INTEGER = 2**53
DEEPEST_VALUE = 40
_PLAIN = (bool, dt.date, dt.time, dt.timedelta, YearMonthDuration)


def storable(value: Any, name: str = "value", depth: int = 0) -> Any:
    """A copy of a value that an instance can keep.

    Raises NotStorable on any other type, on keys that start with "~" or "@" (reserved), and
    on nesting beyond ``DEEPEST_VALUE``.
    """
    if value is None or isinstance(value, _PLAIN):
        return value
    if isinstance(value, str):
        return _text(value, name)
    if isinstance(value, int | float | Decimal):
        return _number(value, name)
    if depth >= DEEPEST_VALUE:
        raise NotStorable(
            f"Expected {name!r} to nest at most {DEEPEST_VALUE} levels but it goes deeper. "
            "Keep the document in a table and its number here."
        )
    if isinstance(value, Mapping):
        return {_key(key, name): storable(held, key, depth + 1) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item, name, depth + 1) for item in value]
    raise NotStorable(
        f"Expected text, numbers, dates, durations, lists or contexts in {name!r} "
        f"but it holds {type(value).__name__}. Return one of these."
    )


def storable_variables(values: Mapping[str, Any]) -> dict[str, Any]:
    """Copies of named values, ready to become variables."""
    return {_key(name, "variables"): storable(value, name) for name, value in values.items()}


def _text(value: str, name: str) -> str:
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise NotStorable(
                f"Expected text in {name!r} but it holds half a character. Type it again."
            ) from None
    return value


def _number(value: int | float | Decimal, name: str) -> int | float | Decimal:
    """Whole numbers as int where JSON is exact, else as Decimal; fractions as they are."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise NotStorable(f"Expected a finite number in {name!r} but it is {value}.")
        whole = value.as_tuple().exponent == 0 and abs(value) < LARGEST_EXACT_INTEGER
        return int(value) if whole else value
    if isinstance(value, float) and not math.isfinite(value):
        raise NotStorable(f"Expected a finite number in {name!r} but it is {value}.")
    if isinstance(value, int) and abs(value) >= LARGEST_EXACT_INTEGER:
        return Decimal(value)
    return value


def _key(key: Any, name: str) -> str:
    if not isinstance(key, str):
        raise NotStorable(f"Expected text as a key of {name!r} but it is {key!r}. Use text.")
    if key[:1] in ("~", "@"):
        raise NotStorable(
            f"Expected the keys of {name!r} not to start with ~ or @ but one is {key!r}. "
            "Rename it: these marks are reserved."
        )
    return _text(key, name)


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same in type and in writing: 1, 1.0 and true all differ."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dt.datetime):
        return one == other and str(one.tzinfo) == str(other.tzinfo)
    if isinstance(one, Decimal):
        return one.as_tuple() == other.as_tuple()
    return one == other


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The variables that are new or different afterwards."""
    return {
        name: value
        for name, value in after.items()
        if name not in before or not same(before[name], value)
    }


class Absent:
    """Stands for a variable that did not exist."""


ABSENT = Absent()


class EndedBranches:
    """What branches that ended early changed, kept until the last branch ends.

    A branch that never touched a variable must not undo another branch's change of it, so each
    change is kept with the value it replaced.
    """

    def __init__(self, kept: Mapping[str, tuple[Any, Any]] | None = None) -> None:
        self.kept: dict[str, tuple[Any, Any]] = dict(kept or {})

    def absorb(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Keep what an ended branch changed since it left the others."""
        for name, value in changes(before, after).items():
            replaced = self.kept[name][0] if name in self.kept else before.get(name, ABSENT)
            self.kept[name] = (replaced, value)

    def over(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The variables of a later branch completed with what ended ones changed."""
        result = dict(data)
        for name, (replaced, value) in self.kept.items():
            if same(result.get(name, ABSENT), replaced):
                result[name] = value
        return result
