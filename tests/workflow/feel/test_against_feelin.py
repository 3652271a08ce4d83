"""Our FEEL and the one that form-js and the modelers use give the same answers.

Expressions are well typed, as an author writes them, over facts of which some are null. Left out,
because feelin departs there from the standard or from exact numbers:

* operands of different types: ``"1" = 1`` is null but ``(1) != (true)`` is true, ``(1) > (true)``
  throws;
* ``x in [1..5] and …`` without parentheses round the test, which it reads otherwise;
* null conditions of some and every, and null items of lists, which it counts as false;
* ``between`` with a null end, where it forgets that false and null is false, and ranges that run
  downwards, which it reads upwards;
* division and powers, whose digits are those of binary numbers;
* years and months between two dates, which it gives with fractions of a month.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from workflow.feel import evaluate

BATCH = Path(__file__).with_name("feelin_batch.mjs")
FEELIN = Path(__file__).parents[3] / "node_modules" / "@bpmn-io" / "feelin"

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not FEELIN.is_dir(),
    reason="SKIPPED: node or @bpmn-io/feelin is missing; run `npm ci` to compare with it",
)

CONTEXT = {
    "amount": 7,
    "rate": 0.5,
    "debt": -3,
    "city": "Lyon",
    "name": "Exemple SAS",
    "open": True,
    "late": False,
    "scores": [3, 1, 2, 3],
    "words": ["a", "bc", "a"],
    "missing": None,
    "company": {"size": 12, "name": "Exemple"},
}


def joined(template: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda found: template.format(*found))


small = st.integers(0, 20).map(str)
number_leaf = small | st.sampled_from(["amount", "rate", "debt", "company.size", "2.5"])
text_leaf = st.sampled_from(["city", "name", "company.name", '"Lyon"', '""', '"é a"'])
boolean_leaf = st.sampled_from(["open", "late", "true", "false"])
bounds = st.lists(st.integers(0, 20), min_size=2, max_size=2).map(lambda b: map(str, sorted(b)))
maybe_number = number_leaf | st.just("missing")


@cache
def numbers(depth: int) -> st.SearchStrategy[str]:
    if depth == 0:
        return number_leaf
    n, lists = numbers(depth - 1), number_lists(depth - 1)
    return st.one_of(
        number_leaf,
        joined("({} + {})", n, n),
        joined("({} - {})", n, n),
        joined("({} * {})", number_leaf, n),
        joined("(-{})", n),
        joined("(if {} then {} else {})", booleans(depth - 1), n, n),
        joined("sum(append({}, {}))", lists, n),
        joined("max(append({}, {}))", lists, n),
        joined("min({}, {})", n, n),
        joined("count({})", lists),
        joined("abs({})", n),
        joined("floor({})", n),
        joined("modulo({}, 4)", n),
        joined("string length({})", texts(depth - 1)),
    )


@cache
def texts(depth: int) -> st.SearchStrategy[str]:
    if depth == 0:
        return text_leaf
    t = texts(depth - 1)
    return st.one_of(
        text_leaf,
        joined("({} + {})", t, t),
        joined("upper case({})", t),
        joined("lower case({})", t),
        joined("substring before({}, {})", t, st.just('"o"')),
        joined("(if {} then {} else {})", booleans(depth - 1), t, t),
        joined('string join([{}, {}], "-")', t, t),
    )


@cache
def booleans(depth: int) -> st.SearchStrategy[str]:
    comparator = st.sampled_from(["<", "<=", ">", ">=", "=", "!="])
    ordering = st.sampled_from(["<", "<=", ">", ">="])
    if depth == 0:
        return boolean_leaf
    n, t, b = numbers(depth - 1), texts(depth - 1), booleans(depth - 1)
    return st.one_of(
        boolean_leaf,
        joined("({} {} {})", n, comparator, n),
        joined("({} {} {})", maybe_number, ordering, maybe_number),
        joined("({} {} {})", t, st.sampled_from(["=", "!="]), t),
        joined("({} and {})", b, b),
        joined("({} or {})", b, b),
        joined("not({})", b),
        joined("({} in [{}])", n, bounds.map("..".join)),
        joined("({} in ({}, < {}))", n, small, small),
        joined("({} between {})", n, bounds.map(" and ".join)),
        joined("contains({}, {})", t, t),
        joined("starts with({}, {})", t, t),
        joined("list contains({}, {})", number_lists(depth - 1), n),
        joined("(some x in {} satisfies (x > {}))", number_lists(depth - 1), n),
        joined("(every x in {} satisfies (x < {}))", number_lists(depth - 1), n),
    )


@cache
def number_lists(depth: int) -> st.SearchStrategy[str]:
    if depth == 0:
        return st.sampled_from(["scores", "[1, 2, 3]", "[5]"])
    n, found = numbers(depth - 1), number_lists(depth - 1)
    return st.one_of(
        st.just("scores"),
        joined("[{}, {}]", n, n),
        joined("(for x in {} return (x + {}))", found, n),
        joined("{}[item > {}]", found, n),
        joined("append({}, {})", found, n),
        joined("concatenate({}, {})", found, found),
        joined("reverse({})", found),
        joined("distinct values({})", found),
        joined("sort({}, function(a, b) a < b)", found),
    )


EXPRESSIONS = st.one_of(numbers(3), texts(3), booleans(3), number_lists(3))


def plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return [plain(item) for item in value] if isinstance(value, list) else value


def feelin_values(expressions: list[str]) -> list[dict[str, Any]]:
    done = subprocess.run(
        ["node", str(BATCH)],
        input=json.dumps([[expression, CONTEXT] for expression in expressions]),
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    return json.loads(done.stdout)


def generated(count: int) -> list[str]:
    """``count`` expressions, gathered first so that one node process answers for them all."""
    found: list[str] = []

    @settings(
        max_examples=count,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(EXPRESSIONS)
    def gather(expression: str) -> None:
        found.append(expression)

    gather()
    return found


@pytest.mark.slow
def test_authors_expressions_mean_the_same_here_and_in_the_browser() -> None:
    expressions = generated(1500)
    different = [
        f"{expression}\n  ours {ours!r}\n  theirs {answer}"
        for expression, answer in zip(expressions, feelin_values(expressions), strict=True)
        if (ours := plain(evaluate(expression, CONTEXT))) != answer.get("value", ...)
    ]
    assert not different, f"{len(different)} differ\n" + "\n".join(different[:8])
