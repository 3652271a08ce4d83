"""What the domain's tests share: an empty database, and a desk to act from.

What the two kinds of database could do differently is told by `test_both_databases.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from desk import Desk
from sqlalchemy.orm import Session

from workflow.db import Database
from workflow.domain import passwords


@pytest.fixture
def session(sqlite_database: Database) -> Iterator[Session]:
    """The one transaction of a test, on an empty database."""
    with sqlite_database.transaction() as opened:
        yield opened


@pytest.fixture
def desk(session: Session, tmp_path: Path) -> Desk:
    """A desk on 2022-10-03, with the campaign deployed."""
    return Desk.opened(session, tmp_path / "proofs")


@pytest.fixture(autouse=True)
def _cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    )
