"""Writing a backup while the tool is in use: one snapshot of all tables, then every file.

A file is stored before the transaction that names it and is never changed: whatever the snapshot
names is there to be copied afterwards.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from web.backup import rows
from web.backup.archive import (
    FileContent,
    Manifest,
    file_member,
    pieces,
    table_member,
    write_manifest,
)
from workflow.db import Database
from workflow.domain.file_store import FileStore
from workflow.errors import Conflict, InvalidInput, NotFound

Advance = Callable[[str, int, int | None], None]
"""Told which phase goes on, by how much, and out of how much when that is known."""


def save(
    database: Database, files: FileStore, path: Path, at: datetime, advance: Advance
) -> tuple[Manifest, str]:
    """Write a backup; returns its manifest and the manifest's SHA-256.

    Raises Conflict when `path` exists, InvalidInput when the database cannot be read or a stored
    file is damaged, NotFound when one is missing.
    """
    if path.exists():
        raise Conflict(f"Expected a new file but {path} exists. Choose another name.")
    written = path.with_name(f".{path.name}.part")
    try:
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            manifest = _content(archive, database, files, at, advance)
            sha256 = write_manifest(archive, manifest)
        with written.open("rb") as whole:
            os.fsync(whole.fileno())
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)
    return manifest, sha256


def _content(
    archive: zipfile.ZipFile, database: Database, files: FileStore, at: datetime, advance: Advance
) -> Manifest:
    with _snapshot(database) as connection:
        revision = rows.revision_of(connection)
        if revision is None:
            raise InvalidInput(
                "Expected a database with tables but found none. Check JALON_DATABASE_URL."
            )
        tables = rows.tables_of(connection)
        done = partial(advance, "Tables", 1, len(tables))
        held = tuple(_save_table(archive, connection, each, done) for each in tables.values())
        named = set(rows.named_files(connection, tables.values()))
    kept = tuple(_save_files(archive, files, advance))
    missing = sorted(named - {file.key for file in kept})
    if missing:
        raise NotFound(
            f"Expected the stored file {missing[0]} but it is missing, with {len(missing) - 1}"
            " others. Restore it from an earlier backup."
        )
    return Manifest(at.isoformat(), revision, held, kept)


@contextmanager
def _snapshot(database: Database) -> Iterator[Connection]:
    """One moment of the whole database, however long it takes to read."""
    try:
        with database.reading() as session:
            yield session.connection()
    except DatabaseError as fault:
        raise InvalidInput(
            f"Expected a database that can be read but {str(fault.orig).strip()}."
            " Check JALON_DATABASE_URL."
        ) from fault


def _save_table(
    archive: zipfile.ZipFile, connection: Connection, table: rows.Table, done: Callable[[], None]
) -> rows.TableContent:
    digest, count = hashlib.sha256(), 0
    with archive.open(table_member(table.name), "w", force_zip64=True) as member:
        for line in rows.lines(connection, table):
            digest.update(line)
            member.write(line)
            count += 1
    done()
    return rows.TableContent(table.name, tuple(table.columns.keys()), count, digest.hexdigest())


def _save_files(
    archive: zipfile.ZipFile, files: FileStore, advance: Advance
) -> Iterator[FileContent]:
    for entry in files.entries():
        digest, size = hashlib.sha256(), 0
        # Proofs are compressed already: trying again only takes time.
        info = zipfile.ZipInfo(file_member(entry.key))
        info.compress_type = zipfile.ZIP_STORED
        with files.open(entry.key) as source, archive.open(info, "w", force_zip64=True) as member:
            for piece in pieces(source):
                digest.update(piece)
                member.write(piece)
                size += len(piece)
        if digest.hexdigest() != entry.key:
            raise InvalidInput(
                f"Expected the stored file {entry.key} as it was deposited but it was altered."
                " Restore it from an earlier backup."
            )
        advance("Fichiers", 1, None)
        yield FileContent(entry.key, size)
