"""A diagram check reads off an expression what it needs and what it calls."""

from __future__ import annotations

import pytest

from workflow.feel import CallArgument, calls, dotted_names, free_names


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("a + b.c", {"a", "b"}),
        ("for x in xs, y in x.z return x + y + w", {"xs", "w"}),
        ("some x in xs satisfies x > limit", {"xs", "limit"}),
        ("{a: b, c: a + d}.c", {"b", "d"}),
        ("function(a) a + k", {"k"}),
        ("count(xs) + sum([1])", {"xs"}),
        ('deadline("k", sent.at).fires_at', {"sent"}),
        ("lines[amount > 3].label", {"lines"}),
        ("sort(xs, abs)", {"xs"}),
        ("x instance of number", {"x"}),
        ("full name = other name", {"full name", "other name"}),
        ("now() + delay", {"delay"}),
    ],
)
def test_the_names_an_expression_needs_are_found(expression: str, names: set[str]) -> None:
    assert free_names(expression) == names


def test_the_value_under_test_is_no_name() -> None:
    assert free_names("? > limit, not_before", unary=True) == {"limit", "not_before"}


def test_the_paths_an_expression_reads_are_found() -> None:
    expression = "campaign.opens_at + dossier.owner.name + x + {a: {b: 1}}.a.b + f(p.q)"
    assert dotted_names(expression) == {"campaign.opens_at", "dossier.owner.name", "p.q"}


def test_a_check_sees_which_deadline_a_timer_asks_for() -> None:
    found = calls('deadline("solicitation_abandon", from: sent . at).fires_at + abs(1)')
    assert [call.name for call in found] == ["deadline", "abs"]
    assert found[0].arguments == (
        CallArgument(None, '"solicitation_abandon"', True, "solicitation_abandon"),
        CallArgument("from", "sent . at", False, None),
    )
