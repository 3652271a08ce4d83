"""What stands between the list of rules and a page that may be believed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracing.examples import Example
from tracing.places import Place
from tracing.rules import Chapter


def rule_faults(
    chapters: Sequence[Chapter], places: Sequence[Place], examples: Sequence[Example]
) -> Iterator[str]:
    """Each rule that nothing shows and no reason excuses, and each reason that is not needed."""
    living = {number for place in places for number in place.rules}
    shown = {number for example in examples for number in example.rules}
    for rule in (rule for chapter in chapters for rule in chapter.rules):
        name = f"Rule {rule.number} ({rule.text})"
        if rule.number in shown and rule.reason:
            yield f"{name}: Expected no reason, since an example shows it. Remove the reason."
        if rule.number not in shown and not rule.reason:
            yield f"{name}: Expected an example or a reason but found neither. Add one of them."
        if rule.number in shown and rule.number not in living:
            yield f"{name}: Expected a tagged element but found none. Tag what carries it."
        if rule.number not in shown and rule.limit:
            yield f"{name}: Expected no limit without an example. Write a reason instead."
