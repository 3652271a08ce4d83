"""What the tests of the engine's doors share."""

from __future__ import annotations

from pathlib import Path

import pytest
from play import Play

from workflow.db import Database
from workflow.scenarios import Procedure


@pytest.fixture
def play(database: Database, procedure: Procedure, tmp_path: Path) -> Play:
    """The procedure in force on an empty database, on a Monday morning of the campaign."""
    return Play(database, procedure, tmp_path / "proofs")
