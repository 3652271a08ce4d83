"""Rows of any table as lines of JSON, and back, the same from SQLite and from PostgreSQL.

Tables are read as the database itself describes them, so that a backup of an earlier version of
the tables is brought back as that version, then upgraded. A line is a list of values in the
order of the columns; instants, days, durations, bytes and decimals are objects of one entry.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import (
    Connection,
    Interval,
    MetaData,
    Select,
    String,
    Table,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy import text as sql
from sqlalchemy.schema import Column

from workflow.engine.tables import METADATA
from workflow.errors import InvalidInput

PER_BATCH = 500
REVISION_TABLE = "alembic_version"
NAMES_A_FILE = "content_key"
"""The column by which any table names a file of the store."""


@dataclass(frozen=True, slots=True)
class TableContent:
    """What a table held: its columns in order, its rows counted, and the hash of their lines."""

    name: str
    columns: tuple[str, ...]
    rows: int
    sha256: str


def tables_of(connection: Connection) -> dict[str, Table]:
    """The tables as they are in the database, by name."""
    found = MetaData()
    found.reflect(connection)
    for name, table in found.tables.items():
        known = METADATA.tables.get(name)
        for column in table.columns:
            # SQLite keeps a duration as an instant: only the code knows that it is none.
            own = None if known is None else known.columns.get(column.name)
            if own is not None and isinstance(own.type, Interval):
                column.type = Interval()
    return {name: found.tables[name] for name in sorted(found.tables) if name != REVISION_TABLE}


def revision_of(connection: Connection) -> str | None:
    """The version of the tables; None before any."""
    if not inspect(connection).has_table(REVISION_TABLE):
        return None
    return connection.scalar(sql(f"SELECT version_num FROM {REVISION_TABLE}"))


def lines(connection: Connection, table: Table) -> Iterator[bytes]:
    """The rows by their key, each as one line; memory stays bounded."""
    query = _in_order(connection, table)
    with connection.execute(query, execution_options={"yield_per": PER_BATCH}) as rows:
        for row in rows:
            yield orjson.dumps([_written(value) for value in row]) + b"\n"


def content_of(connection: Connection, table: Table) -> TableContent:
    """What a table holds, to compare with what it held."""
    digest, count = hashlib.sha256(), 0
    for line in lines(connection, table):
        digest.update(line)
        count += 1
    return TableContent(table.name, tuple(table.columns.keys()), count, digest.hexdigest())


def load(
    connection: Connection, table: Table, columns: tuple[str, ...], given: Iterable[bytes]
) -> None:
    """Put rows back into an empty table; raises InvalidInput on columns that are not its own."""
    unknown = set(columns) ^ set(table.columns.keys())
    if unknown:
        raise InvalidInput(
            f"Expected the columns of {table.name} but {', '.join(sorted(unknown))} differ."
            " Restore with the version of Jalon that made the backup."
        )
    naive = connection.dialect.name == "sqlite"
    rows = (
        {name: _read(value, naive) for name, value in zip(columns, orjson.loads(line), strict=True)}
        for line in given
    )
    while batch := list(islice(rows, PER_BATCH)):
        connection.execute(insert(table), batch)


def defer_references(connection: Connection, tables: Iterable[Table]) -> None:
    """Have references checked at the end: rows come back table by table."""
    if connection.dialect.name == "sqlite":
        connection.execute(sql("PRAGMA defer_foreign_keys=ON"))
        return
    for table, name in _references(connection, tables):
        connection.execute(sql(f'ALTER TABLE "{table}" ALTER CONSTRAINT "{name}" DEFERRABLE'))
    connection.execute(sql("SET CONSTRAINTS ALL DEFERRED"))


def check_references(connection: Connection, tables: Iterable[Table]) -> None:
    """Check the references now, and have them checked at once from now on."""
    if connection.dialect.name == "sqlite":
        broken = connection.execute(sql("PRAGMA foreign_key_check")).first()
        if broken is not None:
            raise InvalidInput(
                f"Expected every reference to lead somewhere but one of {broken[0]} does not."
                " Choose another backup."
            )
        return
    connection.execute(sql("SET CONSTRAINTS ALL IMMEDIATE"))
    for table, name in _references(connection, tables):
        connection.execute(sql(f'ALTER TABLE "{table}" ALTER CONSTRAINT "{name}" NOT DEFERRABLE'))


def advance_counters(connection: Connection, tables: Iterable[Table]) -> None:
    """Have PostgreSQL count new ids on from the highest that came back."""
    if connection.dialect.name == "sqlite":
        return
    for table in tables:
        for column in table.primary_key.columns:
            place = {"place": f'"{table.name}"', "name": column.name}
            counter = connection.scalar(sql("SELECT pg_get_serial_sequence(:place, :name)"), place)
            highest = connection.scalar(select(func.max(column))) if counter else None
            if highest is not None:
                at = {"counter": counter, "highest": highest}
                connection.execute(sql("SELECT setval(:counter, :highest)"), at)


def named_files(connection: Connection, tables: Iterable[Table]) -> Iterator[str]:
    """Every file of the store that some row names."""
    for table in tables:
        if NAMES_A_FILE in table.columns:
            column = table.columns[NAMES_A_FILE]
            with connection.execute(select(column).where(column.is_not(None))) as rows:
                yield from rows.scalars()


def _in_order(connection: Connection, table: Table) -> Select[Any]:
    return select(table).order_by(
        *(_by_bytes(connection, column) for column in table.primary_key.columns)
    )


def _by_bytes(connection: Connection, column: Column[Any]) -> Any:
    # A server sorts texts by its own language otherwise.
    is_text = isinstance(column.type, String) and connection.dialect.name != "sqlite"
    return column.collate("C") if is_text else column


def _references(connection: Connection, tables: Iterable[Table]) -> list[tuple[str, str]]:
    found = inspect(connection)
    return [
        (table.name, str(key["name"]))
        for table in tables
        for key in found.get_foreign_keys(table.name)
    ]


def _written(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime):
        known = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return {"instant": known.isoformat(timespec="microseconds")}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, timedelta):
        return {"microseconds": value // timedelta(microseconds=1)}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    return {"bytes": base64.b64encode(bytes(value)).decode()}


def _read(value: Any, naive: bool) -> Any:
    if not isinstance(value, dict):
        return value
    [(kind, text)] = value.items()
    if kind == "instant":
        instant = datetime.fromisoformat(text).astimezone(UTC)
        return instant.replace(tzinfo=None) if naive else instant
    if kind == "day":
        return date.fromisoformat(text)
    if kind == "microseconds":
        return timedelta(microseconds=text)
    return Decimal(text) if kind == "decimal" else base64.b64decode(text)
