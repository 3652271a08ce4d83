"""A document as blocks, whatever its kind: what `sheet.typ` knows how to draw."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

LONGEST_WORD = 24
"""Longer words may be broken anywhere, so that none leaves its column."""
_LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD},}}")
_BREAK = "\u200b"


@dataclass
class Sheet:
    """A document's title and its blocks, in order; every text is French and inert."""

    title: str
    subtitle: str
    blocks: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def section(self, title: str) -> Sheet:
        """Begin a numbered section."""
        return self._add("section", text=typeset(title))

    def part(self, title: str) -> Sheet:
        """Begin a part of a section, without a number."""
        return self._add("part", text=typeset(title))

    def lead(self, text: str) -> Sheet:
        """The sentence that says it all."""
        return self._add("lead", text=typeset(text))

    def text(self, text: str) -> Sheet:
        """A paragraph for each line that is not empty."""
        for line in text.splitlines():
            if line.strip():
                self._add("text", text=typeset(line.strip()))
        return self

    def note(self, text: str) -> Sheet:
        """A remark, smaller."""
        return self._add("note", text=typeset(text))

    def facts(self, rows: Sequence[tuple[str, str]]) -> Sheet:
        """Labels and values; those without a value are left out."""
        kept = [[typeset(label), typeset(value)] for label, value in rows if value]
        return self._add("facts", rows=kept) if kept else self

    def hashes(self, rows: Sequence[tuple[str, str | None]]) -> Sheet:
        """Labels and values to compare exactly, in fixed-width letters."""
        kept = [[typeset(label), broken(value)] for label, value in rows if value]
        return self._add("hashes", rows=kept) if kept else self

    def list(self, items: Sequence[str]) -> Sheet:
        """Items without an order."""
        return self._add("list", items=[typeset(item) for item in items]) if items else self

    def table(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        *,
        exact: Sequence[int] = (),
    ) -> Sheet:
        """Rows under heads; `widths` are shares, `exact` the columns in fixed-width letters."""
        return self._add(
            "table",
            head=[typeset(text) for text in head],
            rows=[
                [broken(text) if at in exact else typeset(text) for at, text in enumerate(row)]
                for row in rows
            ],
            widths=list(widths),
            exact=list(exact),
        )

    def _add(self, kind: str, **content: Any) -> Sheet:
        self.blocks.append({"kind": kind, **content})
        return self


def typeset(text: str) -> str:
    """A text with the apostrophes and unbreakable spaces of French; long words may be broken."""
    text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    text = re.sub(r"\b(DSR|TLS|article) (?=\d)", "\\1\u00a0", text)
    spaced = re.sub(r" ([;!?%])", "\u202f\\1", text)
    spaced = re.sub(r" ([:»])", "\u00a0\\1", spaced)
    return broken(re.sub(r"« ", "«\u00a0", spaced))


def broken(text: str) -> str:
    """A text whose long words may be broken; nothing is seen of it when they are not."""

    def pieces(word: re.Match[str]) -> str:
        letters = word[0]
        return _BREAK.join(letters[at : at + 8] for at in range(0, len(letters), 8))

    return _LONG_WORD.sub(pieces, text)
