"""An author writes an expression; it means what DMN says."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.feel import FeelRange, FeelSyntaxError, YearMonthDuration, evaluate

D = Decimal


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (".872", D(".872")),
        ("1.2e3", D(1200)),
        (r'"a\"b\n\u00e9 \U01F40E \d"', 'a"b\né \U0001f40e \\d'),
        ("null", None),
        ("[1, [true]]", [D(1), [True]]),
        ('{a: 1, "b c": a + 1}', {"a": D(1), "b c": D(2)}),
        ('@"2022-10-03"', dt.date(2022, 10, 3)),
        ('@"P1Y2M"', YearMonthDuration(14)),
        ('@"-PT36H"', -dt.timedelta(hours=36)),
        ('@"tomorrow"', None),
        ("]1..3]", FeelRange(D(1), D(3), False, True)),
        ("1 /* not */ + 1 // at all", D(2)),
    ],
)
def test_a_literal_stands_for_its_value(expression: str, value: Any) -> None:
    assert evaluate(expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 + 2 * 3 - 4 / 2", D(5)),
        ("2 ** 3 ** 2", D(64)),
        ("-2 ** 2", D(4)),
        ("0.1 + 0.2 = 0.3", True),
        ("1 / 0", None),
        ("0 ** -1", None),
        ("0 ** -0.5", None),
        ('"a" + "b"', "ab"),
        ('"a" + 1', None),
        ("if 1 > 2 then 1 else 2 + 3", D(5)),
        ("1 + if true then 1 else 2", D(2)),
        ("if null then 1 else 2", D(2)),
    ],
)
def test_operators_bind_as_the_standard_orders_them(expression: str, value: Any) -> None:
    assert evaluate(expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("true and null", None),
        ("false and null", False),
        ("true or null", True),
        ("false or null", None),
        ('true and "yes"', None),
        ("not(null)", None),
        ("null = null", True),
        ("null = 1", False),
        ('1 = "1"', None),
        ("1 < null", None),
        ("null in [1..3]", None),
        ("1 between 2 and null", False),
        ("some x in [1, null] satisfies x > 0", True),
        ("every x in [1, null] satisfies x > 0", None),
        ("every x in [] satisfies x > 0", True),
    ],
)
def test_what_is_unknown_stays_unknown_unless_it_cannot_matter(expression: str, value: Any) -> None:
    assert evaluate(expression) is value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("for i in 1..3 return i * 2", [D(2), D(4), D(6)]),
        ("for i in 3..1 return i", [D(3), D(2), D(1)]),
        ("for x in [1, 2], y in [x, 10] return x * y", [D(1), D(10), D(4), D(20)]),
        ("for i in 1..4 return if i = 1 then 1 else partial[-1] + i", [D(1), D(3), D(6), D(10)]),
        ("for i in null return i", None),
        ("[1, 2, 3][item > 1]", [D(2), D(3)]),
        ("[1, 2, 3][-1]", D(3)),
        ("[1, 2, 3][9]", None),
        ('[{a: 1, b: "x"}, {a: 2, b: "y"}][a > 1].b', ["y"]),
        ("[{a: 1}, {b: 2}].a", [D(1), None]),
        ("100[true]", [D(100)]),
        ("1 in (2, < 2)", True),
        ("5 in [[1..3], [4..6]]", True),
    ],
)
def test_lists_are_walked_filtered_and_projected(expression: str, value: Any) -> None:
    assert evaluate(expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("{f: function(a, b) a - b, r: f(b: 1, a: 3)}.r", D(2)),
        ("(function(a) function(b) a + b)(1)(2)", D(3)),
        ("{f: function(n) if n = 0 then 1 else n * f(n - 1), r: f(5)}.r", D(120)),
        ('{f: function(n: number) n, r: f("a")}.r', None),
        ('sort(["b", "a"], function(x, y) x < y)', ["a", "b"]),
        ("{a: abs, r: a(-2)}.r", D(2)),
        ("unheard of(1)", None),
        ('{f: function() external {java: {class: "x"}}, r: f()}.r', None),
    ],
)
def test_functions_are_values_and_see_where_they_were_made(expression: str, value: Any) -> None:
    assert evaluate(expression) == value


@pytest.mark.parametrize(
    ("expression", "context", "value"),
    [
        ('full name + "!"', {"full name": "Ada"}, "Ada!"),
        ("company.legal   form", {"company": {"legal form": "SAS"}}, "SAS"),
        ("Person's age + 1", {"Person's age": 41}, D(42)),
        ("a-b", {"a-b": 9, "a": 5, "b": 1}, D(9)),
        ("a - b", {"a": 5, "b": 1}, D(4)),
        ("{net-gross: 3, r: net-gross + 1}.r", {}, D(4)),
        ("for my day in [1] return my day", {}, [D(1)]),
        ("Income 2022 > 1", {"Income 2022": 2}, True),
        ("date and time", {"date": True, "time": False}, False),
        ('date and time("2022-10-03").day', {}, D(3)),
    ],
)
def test_names_may_hold_spaces_and_signs(
    expression: str, context: dict[str, Any], value: Any
) -> None:
    assert evaluate(expression, context) == value


def test_data_cannot_change_how_a_condition_is_read() -> None:
    assert (
        evaluate("paid and signed", {"paid": True, "signed": False, "paid and signed": True})
        is False
    )


def test_data_cannot_hide_a_standard_function() -> None:
    assert evaluate("count([1]) + sum([1])", {"count": "x", "sum": None}) == 2


def test_numbers_from_outside_become_decimals_and_a_boolean_is_no_number() -> None:
    context = {"a": 1, "b": 0.1, "c": True, "d": float("nan"), "e": [1, (2,)]}
    assert evaluate("a + b", context) == D("1.1")
    assert evaluate("a + c", context) is None
    assert evaluate("d", context) is None
    result = evaluate("e", context)
    assert result == [D(1), [D(2)]]
    assert type(result[0]) is Decimal


@pytest.mark.parametrize(
    "expression", ["", "  ", "1 +", "(1", "a b ) c", '"open', "#", "if a then b", "1 2"]
)
def test_what_is_not_feel_is_refused_with_a_sentence(expression: str) -> None:
    with pytest.raises(FeelSyntaxError, match=r"^Expected FEEL|^Expected a FEEL expression"):
        evaluate(expression)


def test_the_position_of_a_syntax_error_is_told() -> None:
    with pytest.raises(FeelSyntaxError) as refusal:
        evaluate("1 + * 2")
    assert refusal.value.position == 4
    assert refusal.value.code == "feel_syntax"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1 instance of number", True),
        ("null instance of Any", False),
        ("[1] instance of list<number>", True),
        ('[1, "a"] instance of list<number>', False),
        ("{a: {b: 1}} instance of context<a: context<b: number>>", True),
        ('@"P1D" instance of days and time duration', True),
        ("(function(a) a) instance of function<Any> -> Any", True),
        ("[1..2] instance of range<number>", True),
        ("1 instance of unheard", None),
    ],
)
def test_a_value_knows_its_types(expression: str, value: Any) -> None:
    assert evaluate(expression) is value


NUMBERS_OF_ANY_SIZE = st.sampled_from(
    ["0", "-0", "1", "-1", "0.5", "-0.5", "3", "1e6143", "-1e6143", "1e-6143", "99999.9", "-7"]
) | st.decimals(allow_nan=False, allow_infinity=False, min_value=-10000, max_value=10000).map(
    lambda number: f"{number:f}"
)


@given(
    left=NUMBERS_OF_ANY_SIZE,
    operator=st.sampled_from(["+", "-", "*", "/", "**"]),
    right=NUMBERS_OF_ANY_SIZE,
)
def test_a_sum_is_a_finite_number_or_null(left: str, operator: str, right: str) -> None:
    found = evaluate(f"({left}) {operator} ({right})")
    assert found is None or found.is_finite()


@given(
    function=st.sampled_from(
        ["exp", "log", "sqrt", "abs", "sum", "mean", "product", "median", "stddev", "floor"]
    ),
    numbers=st.lists(NUMBERS_OF_ANY_SIZE, min_size=1, max_size=3),
)
def test_a_function_of_numbers_is_a_finite_number_or_null(
    function: str, numbers: list[str]
) -> None:
    found = evaluate(f"{function}({', '.join(numbers)})")
    assert found is None or found.is_finite()
