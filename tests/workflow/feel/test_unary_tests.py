"""An author writes a cell of a decision table; it lets the right values through."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from workflow.feel import FeelSyntaxError, compiled, unary_test


@pytest.mark.parametrize(
    ("test", "value", "passes"),
    [
        ("-", None, True),
        ("> 3", 4, True),
        ("> 3", "4", None),
        ("> 3", None, None),
        ("1, 2", 2, True),
        ("[1..5]", 5, True),
        ("]1..5[", 5, False),
        ("< 3, [10..12)", 11, True),
        ('not("a", "b")', "c", True),
        ('not("a", "b")', "a", False),
        ("not(> 3)", None, None),
        ("null", None, True),
        ("null", 1, False),
        ("true", False, False),
        ("? > 3 and ? < 9", 5, True),
        ('contains(?, "x")', "axb", True),
        ("not(?)", False, True),
        ("limit", 7, True),
        ("> limit", 8, True),
        ("limits", 2, True),
        ('"a"', ["a"], None),
        ("!= 3", 4, True),
        ("= 3", 3, True),
        ("(!= 5)", 4, True),
        ("(!= 5)", 5, False),
        ("(< 5)", 4, True),
        ("every x in ? satisfies x > 0", [1, 2], True),
        ('< @"2022-10-04"', dt.date(2022, 10, 3), True),
    ],
)
def test_a_cell_lets_through_what_it_describes(test: str, value: Any, passes: bool | None) -> None:
    assert unary_test(test, value, {"limit": 7, "limits": [1, 2]}) is passes


def test_a_cell_that_is_not_feel_is_refused() -> None:
    with pytest.raises(FeelSyntaxError):
        unary_test("> ", 1)


def test_a_compiled_cell_is_told_its_value() -> None:
    assert compiled("> limit", unary=True).evaluate({"limit": 3}, value=4) is True


def test_a_cell_may_ask_what_day_it_is() -> None:
    now = dt.datetime(2022, 10, 3, tzinfo=dt.UTC)
    assert unary_test("< today()", dt.date(2022, 10, 2), now=now) is True
