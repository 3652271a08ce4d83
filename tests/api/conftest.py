"""What the tests of the API share: a world on a real SQLite database."""

from __future__ import annotations

from pathlib import Path

import pytest
from api_world import World, open_world

from workflow.db import Database
from workflow.scenarios import Procedure


@pytest.fixture
def world(sqlite_database: Database, tmp_path: Path, procedure: Procedure) -> World:
    """A world of its own for each test."""
    return open_world(sqlite_database, procedure, tmp_path / "proofs")


@pytest.fixture
def world_on_each_database(database: Database, tmp_path: Path, procedure: Procedure) -> World:
    """A world on SQLite, then one on PostgreSQL."""
    return open_world(database, procedure, tmp_path / "proofs")
