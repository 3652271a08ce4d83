"""Whether a file of a known type is whole and harmless to open; nothing is ever unpacked here.

Each check reads a bounded part of the file, whatever its size.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

TAIL = 64 * 1024
MOST_ENTRIES = 10_000
LARGEST_DIRECTORY = 4 * 1024 * 1024
LARGEST_UNPACKED = 4 * 1024**3
MOST_INFLATED = 200
"""How many times larger than itself an archive of some size may become."""
SMALL_UNPACKED = 100 * 1024**2
MOST_PIXELS = 200_000_000
_END_OF_ZIP = b"PK\x05\x06"


class NotWhole(Exception):
    """A file that is damaged, or would not open safely; `about` tells people, in French."""

    def __init__(self, found: str, sentence: str) -> None:
        super().__init__(found)
        self.sentence = sentence

    def about(self, file_name: str) -> str:
        """The sentence, about the file of that name."""
        return f"« {file_name} » {self.sentence}"


def whole_pdf(path: Path) -> None:
    """Refuse a PDF without its end, or whose end points nowhere."""
    broken = NotWhole(
        "Its end is missing, or points nowhere.",
        "est un PDF abîmé ou incomplet. Produisez-le de nouveau et vérifiez qu’il s’ouvre.",
    )
    with path.open("rb") as file:
        start = file.read(1024).find(b"%PDF-")
        size = file.seek(0, 2)
        file.seek(max(0, size - TAIL))
        tail = file.read()
        ends = re.findall(rb"startxref\s+(\d{1,12})\s+%%EOF", tail)
        if start < 0 or not ends:
            raise broken
        offset = int(ends[-1]) + start
        if not 0 < offset < size:
            raise broken
        file.seek(offset)
        table = file.read(64).lstrip()
    if not table.startswith(b"xref") and not re.match(rb"\d{1,10}\s+\d{1,5}\s+obj", table):
        raise broken


def whole_zip(path: Path) -> None:
    """Refuse an archive that is damaged, locked by a password, or a bomb."""
    entries = _entries(path)
    if any(entry.flag_bits & 1 for entry in entries):
        raise NotWhole(
            "It is locked by a password.",
            "est protégé par un mot de passe. Joignez-le sans mot de passe.",
        )
    unpacked = sum(entry.file_size for entry in entries)
    size = path.stat().st_size
    inflated = unpacked > SMALL_UNPACKED and unpacked > MOST_INFLATED * size
    if unpacked > LARGEST_UNPACKED or inflated:
        raise NotWhole(
            f"It would take {unpacked} bytes once opened.",
            "deviendrait démesuré une fois ouvert. Joignez les fichiers un à un.",
        )


def whole_png(path: Path) -> None:
    """Refuse an image without its end, or that no screen could show."""
    with path.open("rb") as file:
        head = file.read(24)
        size = file.seek(0, 2)
        file.seek(max(0, size - TAIL))
        tail = file.read()
    if head[12:16] != b"IHDR" or len(head) < 24 or b"IEND" not in tail:
        raise NotWhole("Its end is missing.", "est une image abîmée. Enregistrez-la de nouveau.")
    width, height = struct.unpack(">II", head[16:24])
    if width * height > MOST_PIXELS:
        raise NotWhole(
            f"It has {width} x {height} pixels.",
            "a des dimensions démesurées. Réduisez l’image.",
        )


def names_in(path: Path) -> frozenset[str]:
    """The names in an archive; none when it cannot be read."""
    try:
        return frozenset(entry.filename for entry in _entries(path))
    except NotWhole:
        return frozenset()


def entries_in(file: BinaryIO) -> list[zipfile.ZipInfo]:
    """What the directory of an archive lists, nothing being unpacked; raises NotWhole."""
    damaged = NotWhole(
        "Its directory cannot be read.", "est une archive abîmée. Produisez-la de nouveau."
    )
    size = file.seek(0, 2)
    file.seek(max(0, size - TAIL - 22))
    tail = file.read()
    at = tail.rfind(_END_OF_ZIP)
    if at < 0 or len(tail) < at + 22:
        raise damaged
    count, directory = (
        struct.unpack("<H", tail[at + 10 : at + 12])[0],
        struct.unpack("<I", tail[at + 12 : at + 16])[0],
    )
    # Beyond these, reading the directory alone would take more than a file of ours needs.
    if count > MOST_ENTRIES or directory > LARGEST_DIRECTORY:
        raise NotWhole(
            f"It has {count} entries.", "contient trop de fichiers. Joignez-les un à un."
        )
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as fault:
        raise damaged from fault


def _entries(path: Path) -> list[zipfile.ZipInfo]:
    with path.open("rb") as file:
        return entries_in(file)


CHECKS: Mapping[str, Callable[[Path], None]] = {
    "pdf": whole_pdf,
    "png": whole_png,
    **dict.fromkeys(("zip", "docx", "xlsx", "odt", "ods"), whole_zip),
}
"""What a file of each type must stand, by the type's name."""
