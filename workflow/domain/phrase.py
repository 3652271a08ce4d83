"""A sentence in both languages: it is its French, and knows its English."""

from __future__ import annotations


class Phrase(str):
    """A French phrase that knows its English.

    It is its French wherever no English is asked for: stored, compared, sent by the API.
    """

    __slots__ = ("english",)
    english: str

    def __new__(cls, french: str, english: str) -> Phrase:
        """The phrase in French, with its English."""
        phrase = super().__new__(cls, french)
        phrase.english = english
        return phrase
