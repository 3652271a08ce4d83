"""The list of rules: what each asks, in short, and where the DSR says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracing.tags import FIRST, LAST, Fault
from workflow import strict_yaml

_RULE_KEYS = {"rule", "dsr", "text", "reason", "limit"}


@dataclass(frozen=True)
class Rule:
    """One rule, in our words.

    `reason` says why nothing of the project shows it; `limit`, beside an example, what of the
    rule lies outside the software.
    """

    number: int
    dsr: str
    text: str
    reason: str = ""
    limit: str = ""


@dataclass(frozen=True)
class Chapter:
    """The rules of one part of the checklist."""

    id: str
    title: str
    rules: tuple[Rule, ...]


def read_chapters(path: Path) -> tuple[Chapter, ...]:
    """The chapters of ``rules.yaml``; raises Fault unless they hold each rule once, in order."""
    document = strict_yaml.load(path.read_text(encoding="utf-8"))
    chapters = tuple(_chapter(chapter) for chapter in document["chapters"])
    numbers = [rule.number for chapter in chapters for rule in chapter.rules]
    if numbers != list(range(FIRST, LAST + 1)):
        raise Fault(
            f"{path.name}: Expected the rules {FIRST} to {LAST}, each once and in order, but found"
            f" {numbers}. Correct the list."
        )
    return chapters


def _chapter(written: Mapping[str, Any]) -> Chapter:
    return Chapter(written["id"], written["title"], tuple(map(_rule, written["rules"])))


def _rule(written: Mapping[str, Any]) -> Rule:
    unknown = set(written) - _RULE_KEYS
    texts = {key: written.get(key, "") for key in ("dsr", "text", "reason", "limit")}
    empty = [key for key in ("dsr", "text") if not texts[key]]
    empty += [key for key in ("reason", "limit") if key in written and not texts[key]]
    if unknown or empty or not all(isinstance(text, str) for text in texts.values()):
        raise Fault(
            f"Rule {written.get('rule')}: Expected texts under dsr and text, and at most reason or"
            f" limit, but found {dict(written)!r}. Correct the entry."
        )
    return Rule(written["rule"], **texts)
