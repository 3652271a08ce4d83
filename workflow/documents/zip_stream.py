"""A zip sent while it is written: of a dossier of gigabytes, one piece at a time is in memory."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflow.domain.file_store import PIECE, FileStore

LARGE = 2**31 - 1
LONGEST_NAME = 100
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a zip: its path, its hash, and its bytes or the key of a stored file."""

    path: str
    sha256: str
    size: int
    content: bytes | None = None
    key: str = ""


class _Sink(io.RawIOBase):
    """What the zip is written to; cannot be wound back."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes) -> int:  # type: ignore[override]
        self.written.append(bytes(piece))
        return len(piece)

    def take(self) -> bytes:
        taken, self.written = b"".join(self.written), []
        return taken


def stream(entries: Sequence[Entry], store: FileStore) -> Iterator[bytes]:
    """The bytes of a zip of these files, in order."""
    sink = _Sink()
    # Level 0 packs without pressing: proofs are pressed already, and any reader unpacks it.
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=0) as archive:
        for entry in entries:
            with archive.open(entry.path, "w", force_zip64=entry.size > LARGE) as packed:
                for piece in _pieces(entry, store):
                    packed.write(piece)
                    yield sink.take()
    yield sink.take()


def safe_name(name: str) -> str:
    """A file name that every system can unpack: plain letters, no path, nothing reserved."""
    last = re.split(r"[/\\]", name)[-1]
    plain = unicodedata.normalize("NFKD", last).encode("ascii", "ignore").decode()
    kept = re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip(" .-")[-LONGEST_NAME:].lstrip(".-")
    if not kept:
        return "fichier"
    return f"_{kept}" if _RESERVED.fullmatch(kept) else kept


def _pieces(entry: Entry, store: FileStore) -> Iterator[bytes]:
    if entry.content is not None:
        yield entry.content
        return
    with store.open(entry.key) as file:
        while piece := file.read(PIECE):
            yield piece
