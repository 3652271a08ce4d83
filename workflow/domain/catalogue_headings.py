"""The headings and the words of a requirement catalogue: the published REM's and our own.

Headings are read whatever their accents, case and spaces (DSR 3.2: « Exigence conditionnelle »,
« Profil »).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from workflow.domain.requirement import TYPES

_NUMBER = r"(?:n|no|nr|num|numero|id|identifiant|reference|ref|code)"
_HEADINGS: Mapping[str, str] = {
    "code": rf"id|code|identifiant|{_NUMBER} (?:d |de )?(?:l )?exigence",
    "statement": r"statement|enonce(?: de l exigence)?|libelle(?: de l exigence)?|exigence",
    "type": r"type|(?:exigence )?conditionnelle(?: oui non| o n)?",
    "profile": r"profile|profils?",
    "verification_scenario": r"verification scenario|scenarios?(?: de (?:verification|test))?",
    "version": r"version",
    "source": r"source",
}
_PROOF = re.compile(r"(?:preuves?|proof)(?: attendue| demandee)?(?: (?P<place>\d{1,2}))?")
_PROOF_NUMBER = re.compile(rf"{_NUMBER} (?:de )?(?:la )?preuve(?: (?P<place>\d{{1,2}}))?")
_PROOF_TEXT = re.compile(r"proof (?P<place>\d{1,2}) text")
REQUIRED = {
    "code": "N° exigence",
    "statement": "Énoncé",
    "type": "Exigence conditionnelle",
    "profile": "Profil",
}
TYPE_WORDS: Mapping[str, str] = {
    **{name: name for name in TYPES},
    **dict.fromkeys(("", "non", "n", "no", "false", "systematique"), "mandatory"),
    **dict.fromkeys(("oui", "o", "yes", "true", "x", "conditionnelle", "si"), "conditional"),
    **dict.fromkeys(("preconisation", "recommandation", "peut"), "recommendation"),
}
_KIND_WORDS = (
    ("test_report", r"rapports? (?:de |d )?(?:tests?|essais?)|test reports?|resultats? de tests?"),
    ("capture", r"captures?|copies? d ecran|screenshots?"),
    ("video", r"videos?|films?"),
    ("log", r"logs?|journal|journaux|traces?"),
    ("document", r"documents?|documentation|attestations?|homologations?|contrats?|certificats?"),
    ("file", r"fichiers?|files?|exports?"),
)
NO_PROOF = ("", "-", "—", "–", "n/a", "sans objet")


def fold(text: str) -> str:
    """A heading or a choice without accents, case, punctuation or double spaces."""
    plain = unicodedata.normalize("NFKD", text.replace("№", "n "))
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", letters.casefold()).split())


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is read: what it holds, and for a proof which one."""

    at: int
    holds: str
    place: int = 0


def column_of(at: int, heading: str) -> Column | None:
    """What a heading announces; None when it is not one of a catalogue."""
    folded = fold(heading)
    for holds, pattern in _HEADINGS.items():
        if re.fullmatch(pattern, folded):
            return Column(at, holds)
    strict = re.fullmatch(r"proof_\d{1,2}", heading.strip()) is not None
    for holds, pattern in (
        ("proof_kind" if strict else "proof", _PROOF),
        ("proof_number", _PROOF_NUMBER),
        ("proof_text", _PROOF_TEXT),
    ):
        found = pattern.fullmatch(folded)
        if found:
            return Column(at, holds, int(found["place"] or 1))
    return None


def kind_of(text: str) -> str:
    """The kind of a proof described in words: the one named first, a file when none is."""
    folded = fold(text)
    found: list[tuple[int, int, str]] = []
    for rank, (kind, words) in enumerate(_KIND_WORDS):
        hit = re.search(rf"\b(?:{words})\b", folded)
        if hit:
            found.append((hit.start(), rank, kind))
    return min(found)[2] if found else "file"
