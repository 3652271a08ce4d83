"""What a refusal says, in English: found by the pattern of its French sentence.

The domain says in French what is wrong with an answer, and what to do. `workflow/en.po` holds the
English of each sentence, `{0}`, `{1}`… where the sentence is filled in, so that what raises a
refusal knows nothing of languages. Pieces that fill a sentence are translated too when they can be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

import workflow

REFUSALS = Path(workflow.__file__).with_name("en.po")
_PLACE = re.compile(r"\{(\d)\}")
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " "})


def english_refusal(sentence: str, word: Callable[[str], str | None]) -> str | None:
    """The English of a sentence that refuses something; None when no pattern fits.

    `word` gives the English of a text of a form, which may fill the sentence.
    """
    plain = sentence.translate(_SPACES)
    for pattern, english in _patterns():
        found = pattern.fullmatch(plain)
        if found is not None:
            pieces = [_piece(each, word) for each in found.groups()]
            return _PLACE.sub(lambda place, said=pieces: said[int(place[1])], english)
    return None


def _piece(text: str, word: Callable[[str], str | None]) -> str:
    """What fills a sentence, in English when it is a sentence itself or a list of known words."""
    known = word(text) or (english_refusal(text, word) if " " in text else None)
    if known is not None:
        return known
    parts = text.split(", ")
    return text if len(parts) == 1 else ", ".join(_piece(each, word) for each in parts)


@cache
def _patterns() -> Sequence[tuple[re.Pattern[str], str]]:
    """Each French sentence as a pattern, with its English; the most particular first."""
    with REFUSALS.open("rb") as file:
        known = [(str(each.id), str(each.string)) for each in read_po(file) if each.id]
    known.sort(key=lambda pair: -len(_PLACE.sub("", pair[0])))
    return [(pattern_of(french), english) for french, english in known]


def pattern_of(french: str) -> re.Pattern[str]:
    """A sentence with places as a pattern that takes anything there."""
    fixed = [re.escape(piece) for piece in _PLACE.split(french)[::2]]
    return re.compile("(.*?)".join(fixed), re.DOTALL)
