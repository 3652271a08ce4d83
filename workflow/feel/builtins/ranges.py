"""Range functions (DMN 10.3.4.9): how two intervals, or a point and an interval, lie."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from workflow.feel import syntax as s
from workflow.feel.builtins.registry import BUILTINS, builtin
from workflow.feel.comparison import order
from workflow.feel.errors import FeelSyntaxError
from workflow.feel.limits import Run
from workflow.feel.parser import parse
from workflow.feel.values import FeelRange

_MISSING_START = re.compile(r"^[(\]]\s*\.\.")
_MISSING_END = re.compile(r"\.\.\s*[)\[]$")
_TEMPORAL = frozenset({"date", "time", "date and time", "duration"})


class _NoOrder(ValueError):
    """Two ends cannot be compared: the answer is null."""


class _End:
    """One end of a range, with what lies beyond it when it is unbounded."""

    def __init__(self, value: Any, included: bool, infinity: int) -> None:
        self.value = value
        self.included = included
        self.infinity = infinity

    def against(self, other: _End) -> int:
        """-1, 0 or 1 as this end lies before, at or after the other, inclusion aside."""
        if self.infinity or other.infinity:
            return (self.infinity > other.infinity) - (self.infinity < other.infinity)
        found = order(self.value, other.value)
        if found is None:
            raise _NoOrder
        return found


def _start(value: FeelRange) -> _End:
    return _End(value.start, value.start_included, -1 if value.unbounded_start else 0)


def _end(value: FeelRange) -> _End:
    return _End(value.end, value.end_included, 1 if value.unbounded_end else 0)


def _as_range(value: Any) -> FeelRange:
    return value if type(value) is FeelRange else FeelRange(value, value, True, True)


def _starts_first(a: FeelRange, b: FeelRange) -> bool:
    """Whether ``a`` starts no later than ``b``."""
    sign = _start(a).against(_start(b))
    return sign < 0 or (sign == 0 and (a.start_included or not b.start_included))


def _ends_last(a: FeelRange, b: FeelRange) -> bool:
    """Whether ``a`` ends no earlier than ``b``."""
    sign = _end(a).against(_end(b))
    return sign > 0 or (sign == 0 and (a.end_included or not b.end_included))


def _reaches(a: FeelRange, b: FeelRange) -> bool:
    """Whether the end of ``a`` lies within or beyond the start of ``b``."""
    sign = _end(a).against(_start(b))
    return sign > 0 or (sign == 0 and a.end_included and b.start_included)


def before(a: FeelRange, b: FeelRange) -> bool:
    return not _reaches(a, b)


def meets(a: FeelRange, b: FeelRange) -> bool:
    return a.end_included and b.start_included and _end(a).against(_start(b)) == 0


def overlaps(a: FeelRange, b: FeelRange) -> bool:
    return _reaches(a, b) and _reaches(b, a)


def overlaps_before(a: FeelRange, b: FeelRange) -> bool:
    return not _starts_first(b, a) and _reaches(a, b) and _ends_last(b, a)


def overlaps_after(a: FeelRange, b: FeelRange) -> bool:
    return overlaps_before(b, a)


def includes(a: FeelRange, b: FeelRange) -> bool:
    return _starts_first(a, b) and _ends_last(a, b)


def finishes(a: FeelRange, b: FeelRange) -> bool:
    same_end = a.end_included == b.end_included and _end(a).against(_end(b)) == 0
    return same_end and _starts_first(b, a)


def starts(a: FeelRange, b: FeelRange) -> bool:
    same_start = a.start_included == b.start_included and _start(a).against(_start(b)) == 0
    return same_start and _ends_last(b, a)


def coincides(a: FeelRange, b: FeelRange) -> bool:
    return finishes(a, b) and starts(a, b)


_Relation = Callable[[FeelRange, FeelRange], bool]

_POINT = "number|string|boolean|date|time|datetime|days|months"


def _declare(name: str, relation: _Relation, reverse: bool, *shapes: tuple[str, str]) -> None:
    """Register ``name`` for each shape of its two arguments, a point or a range."""
    for shape in shapes:
        parameters = [_parameter(part, shape, i) for i, part in enumerate(shape, 1)]

        def call(_: Run, a: Any, b: Any) -> bool:
            first, second = _as_range(a), _as_range(b)
            return relation(second, first) if reverse else relation(first, second)

        builtin(name, *parameters)(call)


def _parameter(part: str, shape: tuple[str, str], position: int) -> str:
    name = part if shape[0] != shape[1] else f"{part}{position}"
    return f"{name}:{'range' if part == 'range' else _POINT}"


_POINTS, _RANGES = ("point", "point"), ("range", "range")
_POINT_RANGE, _RANGE_POINT = ("point", "range"), ("range", "point")

_declare("before", before, False, _POINTS, _POINT_RANGE, _RANGE_POINT, _RANGES)
_declare("after", before, True, _POINTS, _POINT_RANGE, _RANGE_POINT, _RANGES)
_declare("meets", meets, False, _RANGES)
_declare("met by", meets, True, _RANGES)
_declare("overlaps", overlaps, False, _RANGES)
_declare("overlaps before", overlaps_before, False, _RANGES)
_declare("overlaps after", overlaps_after, False, _RANGES)
_declare("finishes", finishes, False, _POINT_RANGE, _RANGES)
_declare("finished by", finishes, True, _RANGE_POINT, _RANGES)
_declare("includes", includes, False, _RANGE_POINT, _RANGES)
_declare("during", includes, True, _POINT_RANGE, _RANGES)
_declare("starts", starts, False, _POINT_RANGE, _RANGES)
_declare("started by", starts, True, _RANGE_POINT, _RANGES)
_declare("coincides", coincides, False, _POINTS, _RANGES)


@builtin("range", "from:string")
def range_from(run: Run, text: str) -> FeelRange | None:
    """A range written as text, between literals; an excluded end may be left out."""
    text = _MISSING_END.sub("..null)", _MISSING_START.sub("(null..", text.strip()))
    try:
        node = parse(text)
    except FeelSyntaxError:
        return None
    if not isinstance(node, s.RangeLiteral):
        return None
    start, end = _literal(run, node.start), _literal(run, node.end)
    open_start = start is None and not node.start_included
    open_end = end is None and not node.end_included
    if start is None and end is None:
        return None
    if (start is None) > open_start or (end is None) > open_end:
        return None
    if start is not None and end is not None and order(start, end) not in (-1, 0):
        return None
    return FeelRange(start, end, node.start_included, node.end_included, open_start, open_end)


def _literal(run: Run, node: s.Node) -> Any:
    if isinstance(node, s.Literal):
        return node.value
    if isinstance(node, s.Call) and isinstance(node.function, s.Name):
        values = [a.value.value for a in node.arguments if isinstance(a.value, s.Literal)]
        known = node.function.text in _TEMPORAL and len(values) == len(node.arguments)
        return BUILTINS[node.function.text].call(run, values, {}) if known else None
    return None
