"""Bringing a backup back into an empty place, on either database, with every hash checked.

Nothing is written before the whole archive was read and found as it was saved. Rows come back in
one transaction, which ends only when every table, reference, chain and file is as it was.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Table, func, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from web.backup import rows
from web.backup.archive import (
    InvalidBackup,
    Manifest,
    check,
    file_member,
    opened,
    pieces,
    table_member,
)
from web.backup.saving import Advance
from workflow import audit_log
from workflow.db import Database
from workflow.domain.file_store import FileStore
from workflow.errors import Conflict

Upgrade = Callable[[str, str], None]
"""Brings the tables at an address to a version: `upgrade(url, revision)`."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back, and how many chains of the history were computed again."""

    manifest: Manifest
    chains: int


def restore(
    path: Path, database: Database, files: FileStore, upgrade: Upgrade, advance: Advance
) -> Restored:
    """Bring a backup back into an empty place; returns what was verified.

    Raises InvalidBackup when anything differs from what was saved, and Conflict when the place
    is not empty; then nothing of it is kept there but files that no row names.
    """
    with opened(path) as (archive, manifest):
        total = sum(member.file_size for member in archive.infolist())
        for size in check(archive, manifest, path):
            advance("Empreintes", size, total)
        require_empty(database, files)
        clear(database)
        upgrade(database.url, manifest.revision)
        with database.transaction() as session:
            tables = _load(session, archive, manifest, path, advance)
            chains = _verify_chains(session, path)
            _put_files(archive, manifest, files, path, advance)
            _require_named(session, tables, files, path)
    upgrade(database.url, "head")
    return Restored(manifest, chains)


def require_empty(database: Database, files: FileStore) -> None:
    """Refuse a place where something is; raises Conflict."""
    with database.engine.connect() as connection:
        for table in rows.tables_of(connection).values():
            if connection.scalar(select(func.count()).select_from(table)):
                raise Conflict(
                    f"Expected an empty place but table {table.name} has rows. Set"
                    " JALON_DATABASE_URL to a new place, or add --replace to lose what is there."
                )
    if next(iter(files.entries()), None) is not None:
        raise Conflict(
            "Expected an empty place but files are stored there. Set JALON_PROOFS_FOLDER (or"
            " JALON_FILE_STORE) to a new place, or add --replace to lose what is there."
        )


def clear(database: Database) -> None:
    """Take all tables away."""
    with database.transaction() as session:
        connection = session.connection()
        tables = rows.tables_of(connection)
        if not database.is_sqlite:
            for name in (*tables, rows.REVISION_TABLE):
                connection.execute(sql(f'DROP TABLE IF EXISTS "{name}" CASCADE'))
            return
        connection.execute(sql("PRAGMA defer_foreign_keys=ON"))
        for name in (*tables, rows.REVISION_TABLE):
            connection.execute(sql(f'DROP TABLE IF EXISTS "{name}"'))


def _load(
    session: Session, archive: zipfile.ZipFile, manifest: Manifest, path: Path, advance: Advance
) -> Mapping[str, Table]:
    connection = session.connection()
    tables = rows.tables_of(connection)
    if set(tables) != {held.name for held in manifest.tables}:
        raise InvalidBackup(
            f"Expected the tables of version {manifest.revision} in {path} but found others."
            " Choose another backup."
        )
    rows.defer_references(connection, tables.values())
    for held in manifest.tables:
        with archive.open(table_member(held.name)) as given:
            rows.load(connection, tables[held.name], held.columns, given)
        advance("Tables", 1, len(manifest.tables))
    rows.check_references(connection, tables.values())
    rows.advance_counters(connection, tables.values())
    for held in manifest.tables:
        found = rows.content_of(connection, tables[held.name])
        if (found.rows, found.sha256) != (held.rows, held.sha256):
            raise InvalidBackup(
                f"Expected the rows of {held.name} as they were saved in {path} but they came"
                " back otherwise. Choose another backup."
            )
    return tables


def _verify_chains(session: Session, path: Path) -> int:
    names = set(audit_log.chains(session))
    names |= {
        audit_log.chain_of(number) for number in session.scalars(sql("SELECT id FROM dossier"))
    }
    for name in sorted(names):
        found = audit_log.verify(session, name)
        if found.broken_at is not None:
            raise InvalidBackup(
                f"Expected a whole history but chain {name} of {path} is broken at entry"
                f" {found.broken_at}. Choose another backup."
            )
    return len(names)


def _put_files(
    archive: zipfile.ZipFile, manifest: Manifest, files: FileStore, path: Path, advance: Advance
) -> None:
    for file in manifest.files:
        with archive.open(file_member(file.key)) as content:
            stored = files.put(pieces(content), largest=file.size)
        if stored.key != file.key:
            raise InvalidBackup(
                f"Expected the file {file.key} of {path} as it was saved but it came back"
                " otherwise. Choose another backup."
            )
        advance("Fichiers", 1, len(manifest.files))


def _require_named(
    session: Session, tables: Mapping[str, Table], files: FileStore, path: Path
) -> None:
    for key in rows.named_files(session.connection(), tables.values()):
        if not files.exists(key):
            raise InvalidBackup(
                f"Expected the file {key} in {path}, which a row names, but it is missing."
                " Choose another backup."
            )
