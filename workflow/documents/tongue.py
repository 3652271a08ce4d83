"""The language of a copy: its words, days and sizes.

Documents of the procedure are French. What is only read (the export of a dossier, a reading copy
of a receipt) is written in the language of whoever asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Literal

from babel.messages.pofile import read_po

from workflow.documents import words

Language = Literal["fr", "en"]
CATALOGUE = Path(__file__).with_name("en.po")


@dataclass(frozen=True)
class Tongue:
    """One of the two languages of copies; texts are given in French."""

    language: Language

    def say(self, french: str, **facts: object) -> str:
        """A text in this language, filled with facts; KeyError on one without an English."""
        said = french if self.language == "fr" else english()[french]
        return said.format(**facts) if facts else said

    def known(self, stored: str) -> str:
        """A stored text in this language when it has an English, else as it is."""
        return stored if self.language == "fr" else english().get(stored, stored)

    def attempt(self, rank: int) -> str:
        """Which candidature of a service a dossier is."""
        return self.say("première") if rank == 1 else self.say("{rank}e", rank=rank)

    @property
    def day(self) -> Callable[[str | None], str]:
        """A day from its ISO text."""
        return words.day if self.language == "fr" else words.english_day

    @property
    def instant(self) -> Callable[[str | None], str]:
        """An instant of Paris from its ISO text."""
        return words.instant if self.language == "fr" else words.english_instant

    @property
    def size(self) -> Callable[[int], str]:
        """A number of octets."""
        return partial(words.size, language=self.language)


FRENCH, IN_ENGLISH = Tongue("fr"), Tongue("en")


def tongue_of(language: str) -> Tongue:
    """The language of a copy; French unless English is asked for."""
    return IN_ENGLISH if language == "en" else FRENCH


@cache
def english() -> Mapping[str, str]:
    """French text of a copy → its English."""
    with CATALOGUE.open("rb") as file:
        return {str(each.id): str(each.string) for each in read_po(file) if each.id}
