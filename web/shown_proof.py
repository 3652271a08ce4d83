"""How one proof is shown: drawn or played by the browser, as text, as a list, or to be saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zipfile import ZipInfo

from api.stored_file import SHOWN
from web import shown_text
from web.shown_text import Found, TextIndex, TextLine
from workflow.domain.file_store import FileStore
from workflow.domain.proof import Proof
from workflow.domain.stored_content import INFECTED, PENDING, StoredContent
from workflow.domain.whole_file import NotWhole, entries_in

PDF, IMAGE, VIDEO, TEXT, ARCHIVE, SAVED = "pdf", "image", "video", "text", "archive", "saved"
LOST = "lost"
"""Its content is not in the store any more."""
MOST_ENTRIES = 200
LONGEST_WORDS = 100
_TEXTS = frozenset({"application/json", "application/xml", "application/yaml"})
_ZIP = "application/zip"
ENCODINGS: Mapping[str, str] = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
}


@dataclass(frozen=True)
class Asked:
    """Which part of a text is asked for: its rank from 1, chosen lines, words to look for."""

    part: int | None = None
    lines: tuple[int, int] | None = None
    words: str = ""
    since: int = 1


@dataclass(frozen=True)
class ShownText:
    """One part of a text; `part` counts from 1."""

    index: TextIndex
    part: int
    lines: list[TextLine]
    asked: Asked
    found: Found | None

    @property
    def encoding(self) -> str:
        """The name of the encoding, as people write it."""
        return ENCODINGS[self.index.encoding]

    @property
    def parts(self) -> int:
        """How many parts there are."""
        return len(self.index.pieces)

    def is_chosen(self, line: int) -> bool:
        """Whether a line is among those chosen."""
        return self.asked.lines is not None and self.asked.lines[0] <= line <= self.asked.lines[1]

    def part_of(self, line: int) -> int:
        """The part in which a line begins."""
        return self.index.piece_of(line) + 1


@dataclass(frozen=True)
class Entry:
    """A file of an archive, by the archive's own directory."""

    name: str
    size: int
    changed_at: datetime | None
    is_folder: bool


@dataclass(frozen=True)
class ShownProof:
    """A proof with the way it is shown. `withheld` (a state of its scan): it is not.

    `more` entries of an archive are not listed; `fault` says why none is.
    """

    proof: Proof
    way: str
    content: StoredContent | None
    withheld: str | None = None
    text: ShownText | None = None
    entries: list[Entry] = field(default_factory=list[Entry])
    more: int = 0
    fault: str | None = None


def way_of(media_type: str) -> str:
    """How a type of file is shown."""
    if media_type in SHOWN:
        kind = media_type.partition("/")[0]
        return kind if kind in (IMAGE, VIDEO) else PDF
    if media_type.startswith("text/") or media_type in _TEXTS:
        return TEXT
    return ARCHIVE if media_type == _ZIP else SAVED


def withheld(content: StoredContent | None) -> str | None:
    """The state of a scan for which a file is shown to nobody but its sender."""
    state = None if content is None else content.scan_state
    return state if state in (INFECTED, PENDING) else None


def shown_proof(
    store: FileStore, proof: Proof, content: StoredContent | None, asked: Asked
) -> ShownProof:
    """A proof as its page shows it, read from the store by bounded pieces."""
    way = way_of(proof.media_type)
    kept_back = withheld(content)
    if kept_back is not None:
        return ShownProof(proof, way, content, kept_back)
    if store.size(proof.content_key) is None:
        return ShownProof(proof, LOST, content)
    if way == TEXT:
        return ShownProof(proof, way, content, text=_text(store, proof.content_key, asked))
    if way == ARCHIVE:
        return _archive(store, proof, content)
    return ShownProof(proof, way, content)


def _text(store: FileStore, key: str, asked: Asked) -> ShownText:
    index = shown_text.index_of(store, key)
    found = None
    if asked.words:
        found = shown_text.search(store, key, index, asked.words, asked.since)
    part = asked.part or (index.piece_of(asked.lines[0]) + 1 if asked.lines else 1)
    part = max(1, min(part, len(index.pieces)))
    lines = shown_text.lines_of(store, key, index, part - 1)
    return ShownText(index, part, lines, asked, found)


def _archive(store: FileStore, proof: Proof, content: StoredContent | None) -> ShownProof:
    try:
        with store.open(proof.content_key) as file:
            found = entries_in(file)
    except NotWhole as fault:
        return ShownProof(proof, ARCHIVE, content, fault=fault.about(proof.file_name))
    entries = [_entry(each) for each in found[:MOST_ENTRIES]]
    return ShownProof(proof, ARCHIVE, content, entries=entries, more=len(found) - len(entries))


def _entry(found: ZipInfo) -> Entry:
    try:
        changed_at = datetime(*found.date_time)  # noqa: DTZ001 - an archive knows no zone
    except ValueError:
        changed_at = None
    return Entry(found.filename, found.file_size, changed_at, found.is_dir())
