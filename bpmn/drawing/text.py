"""How much room a label takes: estimated, because an editor's font is not known here."""

from __future__ import annotations

LABEL_SIZE = 12.0
"""Pixels of the font of labels, the largest a viewer of ours uses."""
LINE_HEIGHT = 1.2

NARROW = frozenset("iIjlftr.,:;'’|!()[]- ")
WIDE = frozenset("mwMWŒœ")


def text_width(text: str) -> float:
    """Pixels of one line of text at ``LABEL_SIZE``, on the generous side."""
    return LABEL_SIZE * sum(map(_em, text))


def _em(character: str) -> float:
    if character in NARROW:
        return 0.34
    if character in WIDE:
        return 0.9
    return 0.72 if character.isupper() else 0.57


def wrapped(text: str, width: float) -> list[str]:
    """The lines a viewer makes of a text in a box of that width; « ? » never stands alone."""
    lines: list[str] = []
    for word in text.split():
        if lines and word == "?":
            lines[-1] += " ?"
        elif lines and text_width(f"{lines[-1]} {word}") <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines


def label_box(text: str, width: float) -> tuple[int, int]:
    """Width and height of the box of a label wrapped at ``width`` pixels."""
    lines = wrapped(text, width)
    widest = max(map(text_width, lines), default=0.0)
    return round(widest + 6), round(len(lines) * LABEL_SIZE * LINE_HEIGHT)
