"""The names an expression may use, and the parts of what they name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from workflow.engine.diagram_checks.model import CampaignShape

Parts = frozenset[str] | None
"""The entries a value has; None when they are not declared, and anything goes."""


@dataclass
class Vocabulary:
    """Names known at one point: those kept as variables, and those of the answer at hand."""

    kept: dict[str, Parts] = field(default_factory=dict[str, "Parts"])
    passing: set[str] = field(default_factory=set[str])

    def add(self, name: str, parts: Parts = None) -> bool:
        """Make ``name`` known for good; several declarations add up. Tells whether it is news."""
        if not name:
            return False
        before: Parts = self.kept.get(name, frozenset())
        after = None if before is None or parts is None else before | parts
        is_news = name not in self.kept or after != before
        self.kept[name] = after
        return is_news

    def add_passing(self, names: Iterable[str]) -> bool:
        """Make ``names`` known for this turn. Tells whether one is news."""
        before = len(self.passing)
        self.passing.update(names)
        return len(self.passing) > before

    def knows(self, dotted: str) -> bool:
        """Whether ``deposit.deposited_at`` names something; of its own parts nothing is asked."""
        name, _, rest = dotted.partition(".")
        if name in self.passing:
            return True
        if name not in self.kept:
            return False
        parts = self.kept[name]
        return parts is None or not rest or rest.partition(".")[0] in parts

    def all(self) -> list[str]:
        """Every dotted name, for the remedy's list."""
        kept = [
            f"{name}.{part}" if part else name
            for name, parts in self.kept.items()
            for part in parts or {""}
        ]
        return sorted({*kept, *self.passing})


def constants(campaigns: Sequence[CampaignShape]) -> dict[str, Parts]:
    """What all campaigns define: ``campaign`` with its parts."""
    found = Vocabulary()
    if campaigns:
        for dotted in frozenset.intersection(*(frozenset(c.constants) for c in campaigns)):
            name, _, rest = dotted.partition(".")
            found.add(name, frozenset({rest.partition(".")[0]}) if rest else None)
    return found.kept
