"""Where files lie, outside the database: named by their SHA-256, immutable, kept once.

Proofs, evidence and documents share one store: a folder, or a bucket (`s3_store`). A table that
names a stored file calls its column `content_key`: the sweep finds by that name which files are
wanted (see `engine.file_sweep`).
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from workflow.errors import LimitExceeded, NotFound

LARGEST_FILE = 512 * 1024 * 1024
PIECE = 1024 * 1024
KEY_LENGTH = 64


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as stored; `key` finds it again, `size` is in bytes."""

    key: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """A file as the store lists it; `modified_at` is the store's own instant."""

    key: str
    size: int
    modified_at: datetime


class FileStore(ABC):
    """A store of files.

    `scratch` is a folder of this machine (or shared by the nodes) for what is not stored yet:
    unfinished uploads, files held for a preview.
    """

    scratch: Path

    @abstractmethod
    def put(self, content: bytes | Iterable[bytes], *, largest: int = LARGEST_FILE) -> StoredFile:
        """Store a content, whole or in pieces; raises LimitExceeded beyond `largest` bytes.

        Call it before the transaction that names the file, which must not wait for a disk. The
        file is complete before it bears its name, so that a crash leaves no half file under it;
        a transaction that is undone may leave a file that nobody names: the sweep tells.
        """

    @abstractmethod
    def put_file(self, path: Path, sha256: str) -> StoredFile:
        """Store a whole file of `scratch` whose hash is known; `path` stays where it is."""

    @abstractmethod
    def open(self, key: str) -> BinaryIO:
        """A stored file, to read from any position; raises NotFound."""

    @abstractmethod
    def size(self, key: str) -> int | None:
        """How many bytes a stored file has; None when there is none."""

    @abstractmethod
    def entries(self) -> Iterator[StoredEntry]:
        """Every stored file."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Forget a file that nobody names; for the sweep only."""

    def exists(self, key: str) -> bool:
        """Whether a file is stored under that key."""
        return self.size(key) is not None


class FolderStore(FileStore):
    """A folder of files; `scratch` lies within it unless another is given."""

    def __init__(self, path: Path | str, scratch: Path | str | None = None) -> None:
        self.path = Path(path)
        self.scratch = self.path / ".uploads" if scratch is None else Path(scratch)

    def put(self, content: bytes | Iterable[bytes], *, largest: int = LARGEST_FILE) -> StoredFile:
        """See `FileStore.put`."""
        with incoming(self.path, content, largest) as (written, stored):
            self._name(written, stored.key)
            return stored

    def put_file(self, path: Path, sha256: str) -> StoredFile:
        """See `FileStore.put_file`; on one file system nothing is copied."""
        target = self._at(sha256)
        size = path.stat().st_size
        if not target.exists():
            linked = self.path / f".incoming-{sha256}-{os.getpid()}"
            linked.unlink(missing_ok=True)
            self.path.mkdir(parents=True, exist_ok=True)
            try:
                linked.hardlink_to(path)
            except OSError:
                # Another file system, or one without links.
                return self.put(pieces_of(path), largest=size)
            self._name(linked, sha256)
        return StoredFile(sha256, sha256, size)

    def open(self, key: str) -> BinaryIO:
        """See `FileStore.open`."""
        try:
            return self._at(key).open("rb")
        except FileNotFoundError as missing:
            raise missing_file(key) from missing

    def size(self, key: str) -> int | None:
        """See `FileStore.size`."""
        try:
            return self._at(key).stat().st_size
        except FileNotFoundError:
            return None

    def entries(self) -> Iterator[StoredEntry]:
        """See `FileStore.entries`."""
        for path in sorted(self.path.glob("[0-9a-f][0-9a-f]/*")):
            if is_key(path.name) and path.is_file():
                found = path.stat()
                at = datetime.fromtimestamp(found.st_mtime, UTC)
                yield StoredEntry(path.name, found.st_size, at)

    def delete(self, key: str) -> None:
        """See `FileStore.delete`."""
        self._at(key).unlink(missing_ok=True)

    def _name(self, written: Path, key: str) -> None:
        target = self._at(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        written.replace(target)
        _fsync_folder(target.parent)

    def _at(self, key: str) -> Path:
        return self.path / require_key(key)[:2] / key


@contextmanager
def incoming(
    folder: Path, content: bytes | Iterable[bytes], largest: int
) -> Iterator[tuple[Path, StoredFile]]:
    """A content written whole to a folder and to disk; removed again unless it was moved.

    Gives where, and what it is. Raises LimitExceeded.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".incoming-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            pieces = (content,) if isinstance(content, bytes) else content
            digest, size = _write(file, pieces, largest)
        yield Path(name), StoredFile(digest, digest, size)
    finally:
        Path(name).unlink(missing_ok=True)


def is_key(text: str) -> bool:
    """Whether a text may be the key of a stored file."""
    return len(text) == KEY_LENGTH and set(text) <= set("0123456789abcdef")


def require_key(key: str) -> str:
    """The key, when it is one; raises NotFound."""
    if not is_key(key):
        raise NotFound(f"Expected the key of a stored file but found {key!r}. Check it.")
    return key


def missing_file(key: str) -> NotFound:
    """What is said of a file that the store has lost."""
    return NotFound(f"Expected the stored file {key} but it is missing. Restore it from a backup.")


def pieces_of(path: Path) -> Iterator[bytes]:
    """A file's content, one piece after the other."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def sha256_of(file: BinaryIO) -> str:
    """The SHA-256 of what is left to read, without holding it in memory."""
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _write(file: BinaryIO, content: Iterable[bytes], largest: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for piece in content:
        size += len(piece)
        if size > largest:
            raise LimitExceeded(
                f"Expected a file of at most {largest} bytes but found more. Send a smaller one."
            )
        digest.update(piece)
        file.write(piece)
    file.flush()
    os.fsync(file.fileno())
    return digest.hexdigest(), size


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
