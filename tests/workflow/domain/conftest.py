"""What the domain's tests share: an empty database in memory, and a desk to act from.

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
from workflow.domain import passwords, tables

assert tables.__all__, "create_all knows only the tables that are imported"


@pytest.fixture
def session() -> Iterator[Session]:
    """The one transaction of a test, on an empty database."""
    database = Database("sqlite://")
    database.create_all()
    with database.transaction() as opened:
        yield opened
    database.close()


@pytest.fixture
def desk(session: Session, tmp_path: Path) -> Desk:
    """A desk on 2022-10-03, with the campaign deployed."""
    return Desk.opened(session, tmp_path / "proofs")


@pytest.fixture(autouse=True)
def _cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    )
