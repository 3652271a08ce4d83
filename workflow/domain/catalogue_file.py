"""A requirement catalogue as a file: XLSX or CSV bytes become lines of text, nothing else.

Nothing of a file is ever run: a cell that holds a formula is a fault, macros and links are not
read, and what unpacks to more than a catalogue can be is refused before it is read.
"""

from __future__ import annotations

import csv
import io
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import openpyxl
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from workflow.errors import InvalidInput, LimitExceeded

LARGEST_FILE = 5 * 1024 * 1024
LARGEST_UNPACKED = 40 * 1024 * 1024
MOST_PARTS = 300
MOST_SHEETS = 20
MOST_LINES = 10_000
MOST_COLUMNS = 60
LONGEST_CELL = 10_000
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
# What the library finds unusual in a workbook (styles, validations) says nothing of its text.
warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
_FORMULA = re.compile(r"[=+@]|-\S")
_UNREADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    InvalidFileException,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
"""What the library raises on a workbook that is damaged; SyntaxError is its XML parser's."""


@dataclass(frozen=True, slots=True)
class CatalogueFault:
    """One thing wrong, in two languages; its line (from 1) and column as the file shows them."""

    code: str
    line: int | None
    column: str | None
    message: str
    message_en: str

    element: str = field(init=False)
    """The place as programs quote it: ``line 7, Profil``."""

    def __post_init__(self) -> None:
        place = [f"line {self.line}"] if self.line else []
        named = [self.column] if self.column else []
        object.__setattr__(self, "element", ", ".join([*place, *named]))


class InvalidCatalogue(InvalidInput):
    """A catalogue that cannot be imported; `faults` names each fault by line and column."""

    code = "invalid_catalogue"

    def __init__(self, faults: Sequence[CatalogueFault]) -> None:
        self.faults = list(faults)
        first = self.faults[0]
        place = f"{first.element}: " if first.element else ""
        super().__init__(
            f"Expected a catalogue without faults but found {len(self.faults)}; the first:"
            f" {place}{first.message_en} Correct them and import the file again."
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table; `number` counts in the file, from 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(slots=True)
class Sheet:
    """A table as text, with the faults of its cells; `lettered` when its columns have letters."""

    lines: list[Line] = field(default_factory=list[Line])
    faults: list[CatalogueFault] = field(default_factory=list[CatalogueFault])
    lettered: bool = False

    def add(self, number: int, values: Sequence[Any]) -> None:
        """Keep a line unless it is empty."""
        cells = tuple(self._text(number, at, value) for at, value in enumerate(values))
        if any(cells):
            self.lines.append(Line(number, cells))

    def column(self, at: int, heading: str) -> str:
        """A column as the file shows it."""
        return f"{get_column_letter(at + 1)} ({heading})" if self.lettered else heading

    def _text(self, number: int, at: int, value: Any) -> str:
        text = _as_text(value)
        if _FORMULA.match(text):
            self._fault("formula", number, at, *_FORMULA_SAID)
        elif self.lettered and text in ERROR_CODES:
            self._fault("error_value", number, at, *_ERROR_SAID)
        elif len(text) > LONGEST_CELL:
            self._fault("long_cell", number, at, *_LONG_SAID)
        elif not all(sign.isprintable() or sign in "\n\t\u00a0\u202f\u200b" for sign in text):
            self._fault("control_character", number, at, *_CONTROL_SAID)
        return text

    def _fault(self, code: str, number: int, at: int, french: str, english: str) -> None:
        self.faults.append(CatalogueFault(code, number, get_column_letter(at + 1), french, english))


_FORMULA_SAID = (
    "La cellule commence comme une formule. Remplacez-la par sa valeur : rien n'est calculé.",
    "Expected a text but the cell begins like a formula. Replace it by its value.",
)
_ERROR_SAID = (
    "La cellule contient une erreur de calcul. Écrivez la valeur attendue.",
    "Expected a text but the cell holds a calculation error. Write the value.",
)
_LONG_SAID = (
    f"La cellule dépasse {LONGEST_CELL} caractères. Raccourcissez-la.",
    f"Expected at most {LONGEST_CELL} characters but the cell holds more. Shorten it.",
)
_CONTROL_SAID = (
    "La cellule contient un caractère de contrôle invisible. Retapez-la.",
    "Expected printable text but the cell holds a control character. Type it again.",
)


def tables(content: bytes) -> list[Sheet]:
    """The tables of a file; a CSV file has one. Raises InvalidCatalogue or LimitExceeded."""
    if len(content) > LARGEST_FILE:
        raise LimitExceeded(
            f"Expected a catalogue of at most {LARGEST_FILE // 1024 // 1024} MB but the file is"
            " larger. Remove what is not the catalogue."
        )
    if content.startswith(ZIP):
        return _workbook(content)
    if content.startswith(OLE):
        raise refused(
            "not_a_workbook",
            "Le fichier est un ancien classeur .xls, ou il est protégé. Enregistrez-le en .xlsx"
            " sans mot de passe.",
            "Expected an .xlsx workbook but found an old or protected one. Save it as .xlsx.",
        )
    return [_csv(content)]


def refused(code: str, french: str, english: str, line: int | None = None) -> InvalidCatalogue:
    """The refusal of a whole file."""
    return InvalidCatalogue([CatalogueFault(code, line, None, french, english)])


def _workbook(content: bytes) -> list[Sheet]:
    try:
        _require_modest(content)
        book = openpyxl.load_workbook(
            io.BytesIO(content), read_only=True, data_only=False, keep_vba=False, keep_links=False
        )
        try:
            return [_sheet(each) for each in book.worksheets[:MOST_SHEETS]]
        finally:
            book.close()
    except _UNREADABLE as damage:
        if isinstance(damage, (InvalidInput, LimitExceeded)):
            raise
        raise refused(
            "not_a_workbook",
            "Le classeur ne peut pas être lu. Ouvrez-le, puis enregistrez-le en .xlsx.",
            "Expected an .xlsx workbook but it cannot be read. Open it and save it as .xlsx.",
        ) from damage


def _sheet(sheet: Any) -> Sheet:
    read = Sheet(lettered=True)
    # What the sheet says of its size need not be true.
    sheet.reset_dimensions()
    rows = sheet.iter_rows(max_col=MOST_COLUMNS, max_row=MOST_LINES + 1, values_only=True)
    for number, values in enumerate(rows, start=1):
        _require_few_lines(number)
        read.add(number, values)
    return read


def _require_modest(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
        # The library stops reading a part at the size it declares.
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
            raise LimitExceeded(
                f"Expected a workbook that unpacks to at most {LARGEST_UNPACKED // 1024 // 1024} MB"
                " but this one is larger. Keep the sheet of requirements only."
            )
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                _require_plain(packed.read(part))


def _require_plain(part: bytes) -> None:
    """No XML of a workbook declares entities, which may unfold without end."""
    if b"<!" in part.replace(b"<!--", b"").replace(b"<![CDATA[", b"") or b"\0" in part:
        raise refused(
            "unsafe_workbook",
            "Le classeur contient des déclarations XML qu'aucun tableur n'écrit. Enregistrez-le"
            " de nouveau depuis un tableur.",
            "Expected a plain workbook but it declares XML entities. Save it again.",
        )


def _csv(content: bytes) -> Sheet:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content[: fault.start].count(b"\n") + 1
        raise refused(
            "encoding",
            "Le fichier n'est ni un classeur .xlsx ni un texte en UTF-8. Enregistrez-le en"
            " « CSV UTF-8 » ou en .xlsx.",
            "Expected an .xlsx workbook or UTF-8 text but found neither. Save it as CSV UTF-8.",
            line,
        ) from fault
    read = Sheet()
    for number, values in _records(text):
        _require_few_lines(number)
        read.add(number, values[:MOST_COLUMNS])
    return read


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begun = 1
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            raise refused(
                "not_csv",
                "La ligne ne peut pas être lue : un guillemet n'est pas refermé, ou il en manque.",
                "Expected a CSV line but its quotes do not match. Correct them.",
                begun,
            ) from fault
        yield begun, values
        begun = reader.line_num + 1


def _require_few_lines(number: int) -> None:
    if number > MOST_LINES:
        raise LimitExceeded(
            f"Expected at most {MOST_LINES} lines but the file holds more. Delete the empty lines"
            " below the catalogue."
        )


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value).replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_", "").strip()
