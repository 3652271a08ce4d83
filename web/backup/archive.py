"""The archive of a backup: a zip with a manifest that names every member and its SHA-256."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import orjson

from web.backup.rows import TableContent
from workflow.errors import InvalidInput

FORMAT = "jalon-backup"
VERSION = 1
MANIFEST = "manifest.json"
PIECE = 1024 * 1024
LARGEST_MANIFEST = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileContent:
    """A stored file: its key, which is its SHA-256, and its size in bytes."""

    key: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds; `revision` is the version of its tables."""

    made_at: str
    revision: str
    tables: tuple[TableContent, ...]
    files: tuple[FileContent, ...]

    @property
    def bytes_of_files(self) -> int:
        """How large the files are together."""
        return sum(file.size for file in self.files)

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(table.rows for table in self.tables)


class InvalidBackup(InvalidInput):
    """An archive that is no backup, or not whole any more."""

    code = "invalid_backup"


def table_member(name: str) -> str:
    """Where a table lies in the archive."""
    return f"tables/{name}.jsonl"


def file_member(key: str) -> str:
    """Where a stored file lies in the archive."""
    return f"files/{key[:2]}/{key}"


def write_manifest(archive: zipfile.ZipFile, manifest: Manifest) -> str:
    """Write the manifest, last; returns its SHA-256."""
    document = orjson.dumps(
        {"format": FORMAT, "version": VERSION, **asdict(manifest)}, option=orjson.OPT_INDENT_2
    )
    archive.writestr(MANIFEST, document, zipfile.ZIP_DEFLATED)
    return hashlib.sha256(document).hexdigest()


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """A backup to read, its manifest read and its list of members compared; no content yet.

    Raises InvalidBackup, also while its content is read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _manifest(archive, path)
            _require_members(archive, manifest, path)
            yield archive, manifest
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as fault:
        raise InvalidBackup(
            f"Expected a whole backup but {path} is not: {fault}. Choose another."
        ) from fault


def check(archive: zipfile.ZipFile, manifest: Manifest, path: Path) -> Iterator[int]:
    """Read every member and compare its hash; gives the bytes as they are read.

    Raises InvalidBackup with the name of the first member that was altered.
    """
    expected = {table_member(table.name): table.sha256 for table in manifest.tables}
    expected |= {file_member(file.key): file.key for file in manifest.files}
    for member, sha256 in expected.items():
        digest = hashlib.sha256()
        with archive.open(member) as content:
            for piece in pieces(content):
                digest.update(piece)
                yield len(piece)
        if digest.hexdigest() != sha256:
            raise InvalidBackup(
                f"Expected {member} of {path} as it was saved but it was altered."
                " Choose another backup."
            )


def pieces(content: IO[bytes]) -> Iterator[bytes]:
    """A member's content, one piece after the other."""
    while piece := content.read(PIECE):
        yield piece


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        if archive.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
            raise ValueError("its manifest is too large")
        document: dict[str, Any] = orjson.loads(archive.read(MANIFEST))
        if (document["format"], document["version"]) != (FORMAT, VERSION):
            raise ValueError(f"it is of format {document['format']} {document['version']}")
        return Manifest(
            made_at=str(document["made_at"]),
            revision=str(document["revision"]),
            tables=tuple(
                TableContent(t["name"], tuple(t["columns"]), t["rows"], t["sha256"])
                for t in document["tables"]
            ),
            files=tuple(FileContent(f["key"], f["size"]) for f in document["files"]),
        )
    except (KeyError, ValueError, TypeError) as fault:
        raise InvalidBackup(
            f"Expected the manifest of a backup in {path} but {fault}. Choose another."
        ) from fault


def _require_members(archive: zipfile.ZipFile, manifest: Manifest, path: Path) -> None:
    expected = {MANIFEST, *(table_member(table.name) for table in manifest.tables)}
    expected |= {file_member(file.key) for file in manifest.files}
    found = archive.namelist()
    strange = sorted(expected.symmetric_difference(found))
    if strange or len(found) != len(expected):
        raise InvalidBackup(
            f"Expected the members that the manifest of {path} names but"
            f" {', '.join(strange[:3]) or 'one comes twice'} differs. Choose another backup."
        )
