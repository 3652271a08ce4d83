"""A table with a catalogue's headings: its cells by what they hold, and the faults found in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from workflow.domain.catalogue_file import CatalogueFault, Line, Sheet
from workflow.domain.catalogue_headings import NO_PROOF, REQUIRED, Column


class Table:
    """The lines below a line of headings; `faults` begins with those of headings and cells."""

    def __init__(
        self,
        sheet: Sheet,
        head: Line,
        lines: Sequence[Line],
        columns: Sequence[Column | None],
    ) -> None:
        self.sheet, self.head, self.lines = sheet, head, lines
        self.columns = [each for each in columns if each]
        self._at = {(each.holds, each.place): each.at for each in reversed(self.columns)}
        self.unread = tuple(
            heading
            for heading, found in zip(head.cells, columns, strict=True)
            if heading and found is None
        )
        self.faults: list[CatalogueFault] = []
        self.misses_headings = False
        self._headings()
        self._cells()

    def _headings(self) -> None:
        held = [(each.holds, each.place) for each in self.columns]
        missing = [name for holds, name in REQUIRED.items() if (holds, 0) not in held]
        self.misses_headings = bool(missing)
        for name in missing:
            self.fault(
                "missing_column",
                self.head.number,
                name,
                f"La colonne « {name} » manque. Ajoutez-la à la ligne d'en-tête.",
                f"Expected the column « {name} » but found none. Add it to the headings.",
            )
        for each in self.columns:
            if held.index((each.holds, each.place)) != self.columns.index(each):
                self.fault(
                    "duplicate_column",
                    self.head.number,
                    self._named(each),
                    "Cette colonne est déjà donnée. Gardez-en une.",
                    "Expected each column once but found it again. Keep one.",
                )

    def _cells(self) -> None:
        named = {each.at: self._named(each) for each in self.columns}
        for fault in self.sheet.faults:
            at = _column_index(fault.column)
            if fault.line is not None and fault.line >= self.head.number and at in named:
                self.faults.append(replace(fault, column=named[at]))

    def cell(self, line: Line, holds: str, place: int = 0) -> str:
        """A cell by what its column holds; empty without that column."""
        at = self._at.get((holds, place), len(line.cells))
        return line.cells[at] if at < len(line.cells) else ""

    def proof_cell(self, line: Line, holds: str, place: int) -> str:
        """A cell about a proof; the signs for "none" are read as empty."""
        text = self.cell(line, holds, place)
        return "" if text.casefold() in NO_PROOF else text

    def required(self, line: Line, holds: str) -> str:
        """A cell that must not be empty."""
        text = self.cell(line, holds)
        if not text:
            self.fault_at(
                "missing_text",
                line,
                holds,
                "La cellule est vide. Remplissez-la.",
                "Expected a text but the cell is empty. Write one.",
            )
        return text

    def _named(self, column: Column) -> str:
        return self.sheet.column(column.at, self.head.cells[column.at])

    def fault_at(
        self, code: str, line: Line, holds: str, french: str, english: str, place: int = 0
    ) -> None:
        """Keep a fault of one cell."""
        named = next(
            self._named(each) for each in self.columns if (each.holds, each.place) == (holds, place)
        )
        self.fault(code, line.number, named, french, english)

    def fault(
        self, code: str, line: int | None, column: str | None, french: str, english: str
    ) -> None:
        """Keep a fault."""
        self.faults.append(CatalogueFault(code, line, column, french, english))


def _column_index(letters: str | None) -> int:
    index = 0
    for letter in letters or "":
        index = index * 26 + ord(letter) - 64
    return index - 1
