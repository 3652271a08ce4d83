"""What the tests of the API share: a world on a real SQLite database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from api_world import World, open_world

from workflow.db import Database
from workflow.engine import tables
from workflow.scenarios import Procedure


@pytest.fixture
def world(tmp_path: Path, procedure: Procedure) -> Iterator[World]:
    """A world of its own for each test."""
    database = Database(f"sqlite:///{tmp_path / 'jalon.sqlite3'}")
    tables.METADATA.create_all(database.engine)
    yield open_world(database, procedure, tmp_path / "proofs")
    database.close()


@pytest.fixture
def world_on_each_database(database: Database, tmp_path: Path, procedure: Procedure) -> World:
    """A world on SQLite, then one on PostgreSQL."""
    return open_world(database, procedure, tmp_path / "proofs")
