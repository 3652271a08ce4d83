"""The database: declarative base, column types, sessions.

SQLite (WAL) is the embedded default, PostgreSQL serves many nodes; the same code runs on both.
Only doors open ``Database.transaction()``; domain verbs take the session and never commit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import DateTime, Dialect, Engine, MetaData, Table, Text, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import StaticPool
from sqlalchemy.types import TypeDecorator

from workflow.errors import InvalidInput

BUSY_TIMEOUT_MS = 10_000
POSTGRESQL = "postgresql+psycopg"


class Instant(TypeDecorator[datetime]):
    """An instant: aware datetime in Python, UTC in the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive datetimes: an instant without a zone is not an instant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"Expected an aware instant but {value!r} has no time zone.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the instant back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _json_default(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"Expected a JSON value but got {type(value).__name__}.")


class Json(TypeDecorator[Any]):
    """A JSON document kept as text: order and types stay as written on both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write the document; dates become ISO text."""
        return None if value is None else orjson.dumps(value, default=_json_default).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read the document back."""
        return None if value is None else orjson.loads(value)


class Base(DeclarativeBase):
    """The root of all tables, with constraint names that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Database:
    """One database and its ways in: reading, searching for work, the transaction of a door."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self._reading = _of_one_instant(self.engine)
        self._writing = self.engine.execution_options(jalon_writes=True)

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for pages and reports; whatever it changes is thrown away.

        All that it reads is of one instant, that of its first statement: a page never shows the
        half of a turn, and a history that goes on meanwhile is not found broken. What was read
        stays readable afterwards: closing, unlike a rollback, expires nothing.
        """
        with Session(self._reading, autoflush=False) as session:
            yield session

    @contextmanager
    def searching(self) -> Iterator[Session]:
        """A session that looks for rows that nobody holds, as they are at each statement.

        Rows cannot be locked as they were at an earlier instant, which is what `reading` shows.
        """
        with Session(self.engine, autoflush=False) as session:
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """The one transaction of a door: committed at the end, undone on any exception."""
        with (
            Session(self._writing, autoflush=True, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def create_all(self) -> None:
        """Create every table that is known (tests and throw-away databases; else Alembic)."""
        Base.metadata.create_all(self.engine)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(_with_driver(url), pool_pre_ping=True)
    in_memory = url in ("sqlite://", "sqlite:///:memory:")
    arguments: dict[str, Any] = {"connect_args": {"check_same_thread": False}}
    if in_memory:
        arguments["poolclass"] = StaticPool
    engine = create_engine(url, **arguments)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        # The driver's own implicit BEGIN would come too late for BEGIN IMMEDIATE.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("jalon_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _of_one_instant(engine: Engine) -> Engine:
    # SQLite reads a transaction of one instant by itself; PostgreSQL only when it is asked to.
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ")


def _with_driver(url: str) -> str:
    """A PostgreSQL address as everybody writes it, with the driver that is installed."""
    kind, separator, place = url.partition("://")
    if not separator or kind not in ("postgresql", "postgres", POSTGRESQL):
        raise InvalidInput(
            f"Expected a database address that begins with sqlite:/// or postgresql:// but found"
            f" {kind!r}. Correct JALON_DATABASE_URL."
        )
    return f"{POSTGRESQL}://{place}"


def table_of(mapped: type[Base]) -> Table:
    """The table behind a mapped class, for statements on the path of every step."""
    table = mapped.__table__
    assert isinstance(table, Table)
    return table
