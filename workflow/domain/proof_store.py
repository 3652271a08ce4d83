"""Where the files of proofs lie: a folder of immutable files named by their SHA-256."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from workflow.errors import LimitExceeded, NotFound

LARGEST_FILE = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as stored; `key` finds it again, `size` is in bytes."""

    key: str
    sha256: str
    size: int


class ProofStore:
    """A folder of files; the same content is kept once."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def put(self, content: bytes | Iterable[bytes], *, largest: int = LARGEST_FILE) -> StoredFile:
        """Store a content, whole or in pieces; raises LimitExceeded beyond `largest` bytes.

        It is called before the transaction that names the file, which must not wait for a disk.

        The file is complete and on disk before it bears its name, so that a crash leaves no
        half file under it. A transaction that is undone may leave a file that nobody names.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        descriptor, written = tempfile.mkstemp(dir=self.path, prefix=".incoming-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                pieces = (content,) if isinstance(content, bytes) else content
                digest, size = _write(file, pieces, largest)
            return self._name(Path(written), digest, size)
        finally:
            Path(written).unlink(missing_ok=True)

    def open(self, key: str) -> BinaryIO:
        """A stored file, to read; raises NotFound."""
        try:
            return self._at(key).open("rb")
        except FileNotFoundError as missing:
            raise NotFound(
                f"Expected the stored file {key} but it is missing. Restore it from a backup."
            ) from missing

    def _name(self, written: Path, digest: str, size: int) -> StoredFile:
        target = self._at(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        written.replace(target)
        _fsync_folder(target.parent)
        return StoredFile(digest, digest, size)

    def _at(self, key: str) -> Path:
        if len(key) != 64 or not set(key) <= set("0123456789abcdef"):
            raise NotFound(f"Expected the key of a stored file but found {key!r}. Check it.")
        return self.path / key[:2] / key


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
