"""The standard functions, by the tables of the standard."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from workflow.feel import FeelRange, evaluate
from workflow.feel.builtins import BUILTINS

D = Decimal

CASES: list[tuple[str, Any]] = [
    ('number("1 000,5", " ", ",")', D("1000.5")),
    ('number("1.000", ".", ".")', None),
    ('string({a: [1, "b"]})', '{a: [1, "b"]}'),
    ('substring("foobar", -3, 2)', "ba"),
    ('substring("\\U01F40Eab", 2)', "ab"),
    ('substring("abc", 0)', None),
    ('string length("\\U01F40E")', D(1)),
    ('upper case(["bob"])', "BOB"),
    ('substring before("foobar", "bar")', "foo"),
    ('substring after("foobar", "ob")', "ar"),
    ('starts with("foobar", "fo") and ends with("foobar", "ar")', True),
    ('string join(["a", null, "c"], "-")', "a-c"),
    ('split("John Doe;x", "[;\\s]")', ["John", "Doe", "x"]),
    ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', "[1=ab][2=]cd"),
    ('matches("foobar", "^FO*b", "i")', True),
    ("list contains([1, null], null)", True),
    ('[min([3, 1]), max(3, 1), min([]), max([1, "a"])]', [D(1), D(3), None, None]),
    ("[sum(1, 2), mean([1, 2]), product([2, 3]), median([1, 9, 2])]", [D(3), D("1.5"), D(6), D(2)]),
    ("decimal(stddev([2, 4, 7, 5]), 3)", D("2.082")),
    ("mode([6, 1, 9, 6, 1])", [D(1), D(6)]),
    ("[all([true, null]), any([false, null]), all([]), any([])]", [None, None, True, False]),
    ("sublist([4, 5, 6], -2, 1)", [D(5)]),
    ("insert before([1, 3], 2, 2)", [D(1), D(2), D(3)]),
    ("remove([1, 2], -1)", [D(1)]),
    ("list replace([1, 2], function(item, new) item > 1, 9)", [D(1), D(9)]),
    ("index of([1, 2, 1], 1)", [D(1), D(3)]),
    ("union([1, 2], [2, 3])", [D(1), D(2), D(3)]),
    ('distinct values([1, 1.0, "1"])', [D(1), "1"]),
    ("flatten([[1, [2]], 3])", [D(1), D(2), D(3)]),
    ("concatenate([1], append([2], 3))", [D(1), D(2), D(3)]),
    ("reverse([1, 2])", [D(2), D(1)]),
    ("[floor(-1.5), ceiling(1.56, 1), round up(1.1, 0)]", [D(-2), D("1.6"), D(2)]),
    ("[round half up(2.5), round half down(2.5), decimal(2.5, 0)]", [D(3), D(2), D(2)]),
    ("[modulo(-5, 3), modulo(5, -3), modulo(1, 0)]", [D(1), D(-1), None]),
    ("[sqrt(16), sqrt(-1), log(0), even(-2), odd(1.5)]", [D(4), None, None, True, False]),
    ("decimal(log(exp(2)), 10)", D(2)),
    ("[before(1, [2..3]), meets([1..2], [2..3]), overlaps([1..2), [2..3])]", [True, True, False]),
    ("[during(2, [1..3]), includes([1..3], [1..3]), finishes(3, [1..3])]", [True, True, True]),
    ("[starts(1, (1..3]), coincides([1..2], [1..2]), after([4..5], (<4))]", [False, True, True]),
    ("[overlaps before([1..5), [4..10]), overlaps after([4..10], [1..5))]", [True, True]),
    ("[met by([2..3], [1..2]), finished by([1..3], 3), started by([1..3], 1)]", [True] * 3),
    ('range("[2..)") = (>= 2)', True),
    ('get value({a: {b: 1}}, ["a", "b"])', D(1)),
    ("get entries({a: 1})", [{"key": "a", "value": D(1)}]),
    ('context([{key: "a", value: 1}, {key: "a", value: 2}])', None),
    ('context put({a: {b: 1}}, ["a", "c"], 2)', {"a": {"b": D(1), "c": D(2)}}),
    ("context merge([{a: 1}, {a: 2, b: 3}])", {"a": D(2), "b": D(3)}),
    ("abs(n: -1)", D(1)),
    ("abs(number: -1)", None),
    ("abs(1, 2)", None),
]


@pytest.mark.parametrize(("expression", "value"), CASES, ids=[case[0] for case in CASES])
def test_a_standard_function_gives_what_the_standard_says(expression: str, value: Any) -> None:
    assert evaluate(expression) == value


@pytest.mark.parametrize(
    ("text", "pattern", "flags", "found"),
    [
        ("abracadabra", "bra", "", True),
        ("abracadabra", "^a.*a$", "", True),
        ("a\nb", "a.b", "", False),
        ("a\nb", "a.b", "s", True),
        ("a\nb", "^b$", "m", True),
        ("hello world", "hello\\ sworld", "x", True),
        ("a.b", "a.b", "q", True),
        ("axb", "a.b", "q", False),
        ("abab", r"(ab)\1", "", True),
        ("h", r"(.)\2", "", None),
        ("Éa", r"^\p{Lu}\w$", "", True),
        ("b", "[a-z-[aeiou]]", "", True),
        ("e", "[a-z-[aeiou]]", "", False),
        ("aaa", "^a{2,3}?$", "", True),
        ("x", "a{3,2}", "", None),
        ("x", "(?=x)", "", None),
        ("x", "[", "", None),
        ("x", "x", "z", None),
        ("\u212a", "k", "i", True),
    ],
)
def test_a_pattern_is_one_of_xpath(text: str, pattern: str, flags: str, found: bool | None) -> None:
    context = {"t": text, "p": pattern, "f": flags}
    assert evaluate("matches(t, p, f)", context) is found


def test_every_function_of_the_standard_is_there() -> None:
    expected = """
        date;date and time;time;number;string;duration;years and months duration;not;substring
        string length;upper case;lower case;substring before;substring after;replace;contains
        starts with;ends with;matches;split;string join;list contains;list replace;count;min;max
        sum;mean;all;any;sublist;append;concatenate;insert before;remove;reverse;index of;union
        distinct values;flatten;product;median;stddev;mode;decimal;floor;ceiling;round up
        round down;round half up;round half down;abs;modulo;sqrt;log;exp;odd;even;is;range
        before;after;meets;met by;overlaps;overlaps before;overlaps after;finishes;finished by
        includes;during;starts;started by;coincides;day of year;day of week;month of year
        week of year;now;today;sort;get value;get entries;context;context put;context merge
    """
    names = {name.strip() for line in expected.splitlines() for name in line.split(";")} - {""}
    assert names == set(BUILTINS)


def test_a_range_can_be_written_as_text() -> None:
    assert evaluate('range("[1..3)")') == FeelRange(D(1), D(3), True, False)
