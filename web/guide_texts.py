"""The texts that guide people: first visits, help of each page, glossary.

They are YAML under `web/guide/`, French and English side by side, for an owner to edit: one file
per role in `visits/`, one per part of the pages in `pages/`, and `glossary.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from web.language import LANGUAGES, language
from web.typography import typographic
from workflow import strict_yaml
from workflow.errors import InvalidInput

FOLDER = Path(__file__).parent / "guide"
Wording = Mapping[str, str]
"""What is said, by language."""


class InvalidGuide(InvalidInput):
    """A text of the guide that is incomplete or misplaced."""

    code = "invalid_guide"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a first visit, tied to an element of a page.

    It is done once one of `opened` was read, or one of `acts` was sent and taken.
    """

    id: str
    page: str
    anchor: str
    opened: frozenset[str]
    acts: frozenset[str]
    title: Wording
    text: Wording


@dataclass(frozen=True, slots=True)
class PageHelp:
    """What one page is for; `words` are keys of the glossary, `keys` its shortcuts."""

    endpoint: str
    title: Wording
    purpose: Wording
    acts: Mapping[str, tuple[str, ...]]
    otherwise: Wording
    words: tuple[str, ...]
    keys: tuple[tuple[str, Wording], ...]
    source: str


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the procedure and what it means."""

    key: str
    word: Wording
    meaning: Wording
    source: str


def said(wording: Wording) -> str:
    """What is said in the reader's language."""
    chosen = language()
    text = wording[chosen if chosen in wording else "fr"]
    return typographic(text) if chosen == "fr" else text


@cache
def visit_of(role: str) -> tuple[Step, ...]:
    """The steps of a role's first visit; none for a role without one. Raises InvalidGuide."""
    file = FOLDER / "visits" / f"{role}.yaml"
    if not file.is_file():
        return ()
    steps = tuple(_step(file, role, given) for given in _read(file))
    if len({step.id for step in steps}) < len(steps):
        raise _invalid(file, "steps that each have a name of their own")
    return steps


@cache
def helps() -> Mapping[str, PageHelp]:
    """The help of every page, by endpoint. Raises InvalidGuide."""
    found: dict[str, PageHelp] = {}
    for file in sorted((FOLDER / "pages").glob("*.yaml")):
        for endpoint, given in _read(file).items():
            if endpoint in found:
                raise _invalid(file, f"{endpoint} to be told of once")
            found[endpoint] = _help(file, endpoint, given)
    return found


@cache
def glossary() -> Mapping[str, Term]:
    """Every word that is explained, by key. Raises InvalidGuide."""
    file = FOLDER / "glossary.yaml"
    return {
        key: Term(
            key,
            _wording(file, given, "word"),
            _wording(file, given, "meaning"),
            str(given.get("source", "")),
        )
        for key, given in _read(file).items()
    }


def _step(file: Path, role: str, given: dict[str, Any]) -> Step:
    page, anchor = given.get("page"), given.get("anchor")
    if not page or not anchor or not given.get("id"):
        raise _invalid(file, "an id, a page and an anchor in each step")
    acts = frozenset(given.get("acts", ()))
    opened = given.get("opened", () if acts else (page,))
    return Step(
        id=f"{role}.{given['id']}",
        page=page,
        anchor=anchor,
        opened=frozenset(opened),
        acts=acts,
        title=_wording(file, given, "title"),
        text=_wording(file, given, "text"),
    )


def _help(file: Path, endpoint: str, given: dict[str, Any]) -> PageHelp:
    words = tuple(given.get("words", ()))
    unknown = sorted(set(words) - set(glossary()))
    if unknown:
        raise _invalid(file, f"words of the glossary in {endpoint}, not {', '.join(unknown)}")
    keys = tuple(given.get("keys", {}).items())
    return PageHelp(
        endpoint=endpoint,
        title=_wording(file, given, "title"),
        purpose=_wording(file, given, "purpose"),
        acts={each: tuple(given[each].get("acts", ())) for each in LANGUAGES},
        otherwise=_wording(file, given, "otherwise"),
        words=words,
        keys=keys,
        source=str(given.get("source", "")),
    )


def _wording(file: Path, given: dict[str, Any], name: str) -> Wording:
    texts = {each: str(given.get(each, {}).get(name, "")).strip() for each in LANGUAGES}
    if not all(texts.values()):
        raise _invalid(file, f"{name} in French and in English in each text")
    return texts


def _read(file: Path) -> Any:
    return strict_yaml.load(file.read_text(encoding="utf-8"))


def _invalid(file: Path, expected: str) -> InvalidGuide:
    return InvalidGuide(f"Expected {expected} but {file.name} says otherwise. Correct the file.")
