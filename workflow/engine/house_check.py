"""When the house last did what must be done regularly, and how it went: one row for each.

A sweep of a worker, a check of the history. Instants are the machine's. The health page reads
them; nothing of the procedure depends on them.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.clock import Clock
from workflow.db import Base, Database, Instant, Json

HISTORY = "history"
WORKER = "worker:"
FORGOTTEN_AFTER = timedelta(days=1)
"""A worker not seen for so long is gone for good: its name holds its process."""


class HouseCheck(Base):
    """The last result of one regular act; `name` says which."""

    __tablename__ = "house_check"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    done_at: Mapped[datetime] = mapped_column(Instant)
    is_sound: Mapped[bool]
    facts: Mapped[dict[str, Any]] = mapped_column(Json)


def note(
    session: Session, name: str, at: datetime, *, is_sound: bool, facts: Mapping[str, Any]
) -> None:
    """Keep how an act went, in place of the time before."""
    found = session.get(HouseCheck, name)
    if found is None:
        session.add(HouseCheck(name=name, done_at=at, is_sound=is_sound, facts=dict(facts)))
        return
    found.done_at, found.is_sound, found.facts = at, is_sound, dict(facts)


def latest(session: Session) -> Sequence[HouseCheck]:
    """Every act known, the latest first."""
    return session.scalars(select(HouseCheck).order_by(HouseCheck.done_at.desc())).all()


@dataclass
class SweepMark:
    """The worker's round that says it came by; at most once in `every`."""

    database: Database
    clock: Clock
    every: timedelta = timedelta(seconds=30)
    name: str = field(default_factory=lambda: f"{WORKER}{socket.gethostname()[:80]}:{os.getpid()}")
    last: datetime | None = None

    def __call__(self) -> None:
        """Keep this sweep, and forget the workers that are gone."""
        now = self.clock.now()
        if self.last is not None and now - self.last < self.every:
            return
        with self.database.transaction() as session:
            if self.last is None:
                gone = HouseCheck.done_at < now - FORGOTTEN_AFTER
                session.execute(delete(HouseCheck).where(HouseCheck.name.startswith(WORKER), gone))
            note(session, self.name, now, is_sound=True, facts={})
        self.last = now
