"""Whoever writes an expression, it ends soon, and nothing of Python is within reach."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflow.errors import Conflict
from workflow.feel import (
    FeelFunction,
    FeelLimitExceeded,
    FeelRange,
    FeelSyntaxError,
    YearMonthDuration,
    evaluate,
    unary_test,
)
from workflow.feel.builtins import BUILTINS


@pytest.mark.slow
@pytest.mark.parametrize(
    "expression",
    [
        "x" * 30_000,
        "(" * 500 + "1" + ")" * 500,
        "a" + "[1]" * 3000,
        "- " * 200 + "a",
        "if true then " * 500 + "1" + " else 1" * 500,
        "for i in 1..100000, j in 1..100000 return i",
        "some x in 1..100000, y in 1..100000 satisfies x = -y",
        "for i in 1..1000000 return i",
        "{f: function(x) f(x), r: f(1)}.r",
        "for i in 1..60 return [partial[-1], partial[-1]]",
        "for i in 1..1000 return [partial[-1]]",
        'for i in 1..40 return if i = 1 then "xxxxxxxxxx" else partial[-1] + partial[-1]',
        "distinct values(for i in 1..5000 return i)",
        "sort(for i in 1..20000 return modulo(i * 7919, 10007), function(a, b) a < b)",
        f'matches("{"a" * 5000}", "(a+)+\\1b")',
        'matches("a", "((a{1000}){1000}){1000}")',
        f'matches("a", "{"a" * 2000}")',
    ],
    ids=lambda expression: expression[:30],
)
def test_a_bomb_is_refused(expression: str) -> None:
    with pytest.raises(FeelLimitExceeded, match=r"^Expected .* but .*\.$"):
        evaluate(expression)


@pytest.mark.parametrize(
    "expression",
    ["9 ** 9 ** 9 ** 9 ** 9", "1.0000001 ** 1e30", "exp(1e10)", "1e99999", '@"P9D" * 1e30'],
)
def test_a_number_too_large_is_null(expression: str) -> None:
    assert evaluate(expression) is None


def test_a_pattern_that_ruins_backtracking_is_matched_in_no_time() -> None:
    assert evaluate('matches(t, "^(a|a)*(a*)*$")', {"t": "a" * 500 + "b"}) is False


def test_a_value_from_outside_that_is_too_deep_is_refused() -> None:
    deep: list[Any] = []
    for _ in range(500):
        deep = [deep]
    with pytest.raises(FeelLimitExceeded):
        evaluate("x", {"x": deep})


class Secret:
    """Something of Python that must stay out of reach."""

    token = "secret"

    def __str__(self) -> str:
        return self.token


class Colour(enum.StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    "expression",
    [
        "x.token",
        "x.__class__",
        'get value(x, "token")',
        "string(x)",
        "l.append",
        "m.keys",
        "m.__class__",
        "d.__class__.__mro__",
        '"".format',
        "abs.call",
        "function.__globals__",
        "(function(a) a).__closure__",
        "__import__",
        '__import__("os")',
        'eval("1")',
        "run",
        "scope.names",
        "colour.name",
        "d.isoformat()",
        "[1..2].unbounded start",
    ],
)
def test_nothing_of_python_can_be_reached(expression: str) -> None:
    context = {
        "x": Secret(),
        "l": [1],
        "m": {"a": 1},
        "d": dt.date(2022, 10, 3),
        "colour": Colour.RED,
    }
    try:
        found = evaluate(expression, context)
    except FeelSyntaxError:
        return
    assert found in (None, [None])


def test_a_kind_of_text_is_only_its_text() -> None:
    found = evaluate("colour", {"colour": Colour.RED})
    assert found == "red"
    assert type(found) is str


def test_a_lent_function_gets_values_and_its_refusal_comes_through() -> None:
    def deadline(key: str, from_: dt.date | None = None) -> dict[str, Any]:
        if key == "unheard":
            raise Conflict("Expected a delay but there is none. Name one.")
        return {"key": key, "last_day": from_, "days": 5}

    lent = {"deadline": deadline}
    found = evaluate('deadline("abandon", @"2022-10-03")', {}, functions=lent)
    assert found == {"key": "abandon", "last_day": dt.date(2022, 10, 3), "days": 5}
    assert evaluate('deadline(key: "a", from: @"2022-10-03").days + 1', {}, functions=lent) == 6
    assert evaluate("deadline()", {}, functions=lent) is None
    with pytest.raises(Conflict):
        evaluate('deadline("unheard")', {}, functions=lent)


def test_data_cannot_hide_a_lent_function() -> None:
    assert evaluate("f(1)", {"f": 3}, functions={"f": lambda x: x + 1}) == 2


VALUES = st.sampled_from(
    [
        *("1", "-1", "0", "1.5", "1e6000", "null", "true", "x", "l", "c", "[]", "{}", "[1,2,3]"),
        *("{a:1}", "[1..5]", "(<5)", "abs", '"a"', '"(a*)*"', '@"P1D"', '@"-P999999999D"'),
        *('@"P99999999999Y"', '@"9999-12-31"', '@"0001-01-01T00:00:00Z"', "[[1],[2]]"),
        *('@"9999-12-31T23:59:59@America/New_York"', '@"10:00:00@Europe/Paris"'),
        *("(function(a, b) a < b)", '[@"2020-01-01"..@"2020-01-05"]'),
    ]
)
OPERATORS = st.sampled_from(
    ["+", "-", "*", "/", "**", "<", "=", "!=", ">=", "and", "or", "in", ".."]
)
PROPERTIES = st.sampled_from(["a", "year", "days", "start", "time offset", "timezone", "weekday"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    arguments = st.lists(inner, max_size=3).map(", ".join)
    return st.one_of(
        st.builds("{}({})".format, st.sampled_from(sorted(BUILTINS)), arguments),
        st.builds("({} {} {})".format, inner, OPERATORS, inner),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("({}).{}".format, inner, PROPERTIES),
        st.builds("(for i in {} return {})".format, inner, inner),
        st.builds("(for i in {}..{} return {})".format, inner, inner, inner),
        st.builds("(if {} then {} else {})".format, inner, inner, inner),
    )


EXPRESSIONS = st.recursive(VALUES, _larger, max_leaves=6)
WORDS = st.sampled_from(
    [
        *"1xlc?()[]{},:.+-*/<=",
        *('"a"', "..", "**", "and", "or", "not", "if", "then", "else", "for", "in", "return"),
        *("some", "satisfies", "between", "instance", "of", "function", "null", "item"),
        *('@"P1D"', "abs", "count"),
    ]
)
RESULTS = (
    type(None), bool, str, list, dict, dt.date, dt.time, dt.timedelta, YearMonthDuration,
    FeelRange, FeelFunction,
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=400, suppress_health_check=list(HealthCheck))
@given(EXPRESSIONS | st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=20))
def test_whatever_is_written_gives_a_value_or_one_of_two_refusals(text: str) -> None:
    context = {"x": 5, "l": [1, 2.5], "c": {"a": 1, "b c": [None]}}
    for run in (lambda: evaluate(text, context), lambda: unary_test(text, "a", context)):
        try:
            found = run()
        except (FeelSyntaxError, FeelLimitExceeded):
            continue
        assert isinstance(found, RESULTS) or found.is_finite()
