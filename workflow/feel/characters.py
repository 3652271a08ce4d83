"""Sets of characters in a pattern: literals, ranges, classes such as ``\\d`` or ``\\p{Lu}``."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

Belongs = Callable[[str], bool]

_CATEGORIES = frozenset(
    main + minor
    for main, minors in {
        "L": "ultmo",
        "M": "nce",
        "N": "dlo",
        "P": "cdseifo",
        "Z": "slp",
        "S": "mcko",
        "C": "cfon",
    }.items()
    for minor in ("", *minors)
)


def _word(char: str) -> bool:
    return unicodedata.category(char)[0] not in "PZC"


def _name_start(char: str) -> bool:
    return char in "_:" or unicodedata.category(char)[0] == "L"


def _name_part(char: str) -> bool:
    return char in "_:.-\u00b7" or unicodedata.category(char)[0] in "LM" or char.isdecimal()


_CLASSES: dict[str, Belongs] = {
    "d": lambda char: unicodedata.category(char) == "Nd",
    "s": lambda char: char in " \t\n\r",
    "w": _word,
    "i": _name_start,
    "c": _name_part,
}


def class_of(letter: str) -> Belongs | None:
    """The class that ``\\letter`` names; a capital letter names its complement."""
    found = _CLASSES.get(letter.lower())
    if found is None or letter.islower():
        return found
    return lambda char: not found(char)


def category_of(name: str, negated: bool) -> Belongs | None:
    """The characters of the Unicode category ``name``, or all others."""
    if name not in _CATEGORIES:
        return None
    return lambda char: unicodedata.category(char).startswith(name) != negated


def variants(char: str) -> frozenset[str]:
    """The character in upper and in lower case."""
    found = {char, char.lower(), char.upper(), char.lower().upper(), char.upper().lower()}
    return frozenset(c for c in found if len(c) == 1)


@dataclass(slots=True)
class CharacterSet:
    """What one place of a pattern accepts."""

    characters: set[str] = field(default_factory=set[str])
    ranges: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    classes: list[Belongs] = field(default_factory=list[Belongs])
    negated: bool = False
    without: CharacterSet | None = None
    fold_case: bool = False

    def accepts(self, char: str) -> bool:
        """Whether ``char`` belongs to the set."""
        forms = variants(char) if self.fold_case else (char,)
        found = any(self._holds(form) for form in forms)
        if found == self.negated:
            return False
        return self.without is None or not self.without.accepts(char)

    def _holds(self, char: str) -> bool:
        return (
            char in self.characters
            or any(low <= char <= high for low, high in self.ranges)
            or any(belongs(char) for belongs in self.classes)
        )

    def add(self, char: str) -> None:
        """Take in one character, in both cases when case does not matter."""
        self.characters |= variants(char) if self.fold_case else {char}
