"""French typography: apostrophes, guillemets and the spaces that never break a line.

Applied to fixed sentences (through `web.language`) and, as the filter `typo`, to French text
that comes from forms and diagrams. What a person typed is never touched.
"""

from __future__ import annotations

import re
from functools import lru_cache

NO_BREAK = "\u00a0"
NARROW = "\u202f"

_MONTHS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
_UNITS = (
    "h|j|min|s|jours?|heures?|minutes?|semaines?|mois|ans?|questions?|dossiers?|pièces?|octets?"
    "|Ko|Mo|Go"
)
_NUMBER = r"(\d|%\(\w+\)[sd])"
_TAG = re.compile(r"(<[^>]+>)")

# Between letters, after a variable of gettext, or after the s of several.
_APOSTROPHE = re.compile(r"(?<=[A-Za-zÀ-ÿ])'(?=[A-Za-z])|(?<=\)s)'(?=s\b)|(?<=s)'(?= )")

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"'"), "’"),
    (re.compile(rf"«[ {NO_BREAK}]?"), f"«{NO_BREAK}"),
    (re.compile(r" »"), f"{NO_BREAK}»"),
    # "%(" opens a variable of gettext, it is no percentage.
    (re.compile(r" ([;?!]|%(?!\())"), rf"{NARROW}\1"),
    (re.compile(r" :"), f"{NO_BREAK}:"),
    (re.compile(rf"{_NUMBER} h (?=\d|%\()"), rf"\1{NO_BREAK}h{NO_BREAK}"),
    (re.compile(rf"{_NUMBER} ({_UNITS})\b"), rf"\1{NO_BREAK}\2"),
    (re.compile(r"\bn° "), f"n°{NO_BREAK}"),
    (re.compile(r"\bDSR (?=\d)"), f"DSR{NO_BREAK}"),
    (re.compile(rf"\b(\d{{1,2}}|1er) ({_MONTHS})\b"), rf"\1{NO_BREAK}\2"),
)


@lru_cache(maxsize=4096)  # A page says the same fixed sentences again and again.
def typographic(text: str) -> str:
    """`text` as a French typesetter would set it; tags of HTML are left alone.

    >>> typographic("Pourquoi cette date ?") == "Pourquoi cette date\\u202f?"
    True
    """
    pieces = _TAG.split(text)
    return "".join(piece if piece.startswith("<") else _set(piece) for piece in pieces)


def english(text: str) -> str:
    """`text` with the apostrophes of an English typesetter; tags of HTML are left alone.

    >>> english("the operator's proofs") == "the operator\\u2019s proofs"
    True
    """
    if "'" not in text:
        return text
    pieces = _TAG.split(text)
    return "".join(
        piece if piece.startswith("<") else _APOSTROPHE.sub("’", piece) for piece in pieces
    )


def _set(piece: str) -> str:
    for pattern, replacement in _RULES:
        piece = pattern.sub(replacement, piece)
    return piece
