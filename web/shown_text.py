"""A text file shown by pieces of whole lines, whatever its size, and what is found in it.

A stored file never changes: where its lines begin is told once, and remembered by its key.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import BinaryIO

from workflow.domain.file_store import FileStore

PIECE = 32 * 1024
"""Bytes of one piece, at most."""
MOST_LINES = 600
MOST_READ = 64 * 1024 * 1024
"""How far a file is shown and searched; what follows is to be downloaded."""
LONGEST_LINE = 2_000
MOST_HITS = 50
MOST_REMEMBERED = 32
UTF_8, OLDER = "utf-8", "cp1252"
_MARKS = ((codecs.BOM_UTF8, UTF_8), (codecs.BOM_UTF16_LE, "utf-16-le"),
          (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip
_COLOURS = re.compile("\x1b\\[[0-9;]*[A-Za-z]")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that would turn the order of a line around."""


@dataclass(frozen=True, slots=True)
class _Piece:
    offset: int
    size: int
    first_line: int


@dataclass(frozen=True, slots=True)
class TextIndex:
    """Where the pieces of a text lie; `is_guessed` when nothing but its bytes tells the encoding.

    `is_cut`: the file goes on after what is shown.
    """

    encoding: str
    is_guessed: bool
    pieces: tuple[_Piece, ...]
    lines: int
    is_cut: bool

    def piece_of(self, line: int) -> int:
        """The rank, from 0, of the piece in which a line begins."""
        at = bisect_right(self.pieces, line, key=lambda piece: piece.first_line) - 1
        while at > 0 and self.pieces[at].first_line == self.pieces[at - 1].first_line:
            at -= 1  # A very long line goes on over several pieces.
        return max(0, at)


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line as shown; `is_cut` when there is more of it than is shown."""

    number: int
    text: str
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Found:
    """The lines that hold some words; `goes_on_at` is the line to search on from."""

    lines: list[TextLine]
    goes_on_at: int | None


def index_of(store: FileStore, key: str) -> TextIndex:
    """Where the lines of a stored text lie; raises NotFound."""
    with _LOCK:
        if key in _REMEMBERED:
            _REMEMBERED.move_to_end(key)
            return _REMEMBERED[key]
    with store.open(key) as file:
        found = _indexed(file)
    with _LOCK:
        _REMEMBERED[key] = found
        while len(_REMEMBERED) > MOST_REMEMBERED:
            _REMEMBERED.popitem(last=False)
    return found


def lines_of(store: FileStore, key: str, index: TextIndex, rank: int) -> list[TextLine]:
    """The lines of one piece, by its rank from 0; none of a file without a text."""
    if not index.pieces:
        return []
    with store.open(key) as file:
        return list(_lines(_read(file, index, index.pieces[rank]), index.pieces[rank].first_line))


def search(store: FileStore, key: str, index: TextIndex, words: str, start: int = 1) -> Found:
    """The lines from `start` on that hold some words, whatever their capitals."""
    wanted = words.casefold()
    found: list[TextLine] = []
    with store.open(key) as file:
        for piece in index.pieces[index.piece_of(start) :]:
            text = _read(file, index, piece)
            if wanted not in text.casefold():
                continue
            for line in _lines(text, piece.first_line):
                if line.number < start or wanted not in line.text.casefold():
                    continue
                if len(found) == MOST_HITS:
                    return Found(found, line.number)
                found.append(line)
    return Found(found, None)


def _read(file: BinaryIO, index: TextIndex, piece: _Piece) -> str:
    file.seek(piece.offset)
    return file.read(piece.size).decode(index.encoding, "replace")


def _lines(text: str, first: int) -> Iterator[TextLine]:
    texts = text.split("\n")
    if texts[-1] == "":
        texts.pop()
    for number, line in enumerate(texts, start=first):
        shown = line.removesuffix("\r")
        yield TextLine(number, _seen(shown[:LONGEST_LINE]), len(shown) > LONGEST_LINE)


def _seen(line: str) -> str:
    """A line whose every character shows: colours of a terminal go, controls are spelt."""
    plain = _COLOURS.sub("", line)
    return _UNSEEN.sub(lambda mark: f"[U+{ord(mark[0]):04X}]", plain)


def _indexed(file: BinaryIO) -> TextIndex:
    head = file.read(4)
    mark, encoding = next(((m, e) for m, e in _MARKS if head.startswith(m)), (b"", UTF_8))
    width = 2 if encoding.startswith("utf-16") else 1
    end_of_line = "\n".encode(encoding)
    proving = codecs.getincrementaldecoder(encoding)()
    is_sound = True
    offset, line = len(mark), 1
    pieces: list[_Piece] = []
    rest = head[len(mark) :]
    while offset < MOST_READ:
        block = rest + file.read(PIECE - len(rest))
        if not block:
            break
        ends = _line_ends(block, end_of_line, width)
        taken = ends[MOST_LINES - 1 :][:1] or (ends[-1:] if len(block) == PIECE else [len(block)])
        size = taken[0] if taken else _whole_characters(block, width)
        if is_sound:
            is_sound = _is_sound(proving, block[:size])
        pieces.append(_Piece(offset, size, line))
        line += bisect_right(ends, size)
        offset, rest = offset + size, block[size:]
    ended = not pieces or _ends_line(file, pieces[-1], end_of_line)
    return TextIndex(
        encoding if is_sound else OLDER,
        not mark,
        tuple(pieces),
        line - 1 if ended else line,
        bool(rest or file.read(1)) and offset >= MOST_READ,
    )


def _line_ends(block: bytes, end_of_line: bytes, width: int) -> list[int]:
    found = re.finditer(re.escape(end_of_line), block)
    return [each.end() for each in found if each.start() % width == 0]


def _whole_characters(block: bytes, width: int) -> int:
    """How much of a line longer than a piece can be cut off without cutting a character."""
    if width == 2:
        return len(block)
    at = len(block)
    while at > len(block) - 4 and block[at - 1] & 0xC0 == 0x80:
        at -= 1
    return at - 1 if block[at - 1] >= 0xC0 else len(block)


def _is_sound(decoder: codecs.IncrementalDecoder, block: bytes) -> bool:
    try:
        decoder.decode(block)
    except UnicodeDecodeError:
        return False
    return True


def _ends_line(file: BinaryIO, last: _Piece, end_of_line: bytes) -> bool:
    here = file.tell()
    file.seek(last.offset + max(0, last.size - len(end_of_line)))
    ends = file.read(len(end_of_line)) == end_of_line
    file.seek(here)
    return ends


_REMEMBERED: OrderedDict[str, TextIndex] = OrderedDict()
_LOCK = Lock()
