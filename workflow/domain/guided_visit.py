"""How far each person's first visit went: its steps, and whether it was put away.

What the steps say is told in `web/guide/visits/`; here stands only which were done or passed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant, Json

DONE = "done"
"""The person opened the page, or did the act, that the step is about."""
PASSED = "passed"
"""The person went on without it."""
LATER = "later"
"""Folded to one line, until the person takes it up again."""
NEVER = "never"
"""Not shown any more, until it is started again from the account."""


class GuidedVisit(Base):
    """One person's visit; without a row, nothing was done yet."""

    __tablename__ = "guided_visit"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    steps: Mapped[dict[str, str]] = mapped_column(Json)
    put_away: Mapped[str | None] = mapped_column(String(10))
    changed_at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class Progress:
    """What a person did of a visit: step → done or passed; `put_away` is LATER, NEVER or None."""

    steps: Mapping[str, str] = field(default_factory=dict[str, str])
    put_away: str | None = None


def progress_of(session: Session, person_id: int) -> Progress:
    """How far a person went."""
    return progress_in(session.get(GuidedVisit, person_id))


def progress_in(row: GuidedVisit | None) -> Progress:
    """What a row says, when it is read already."""
    return Progress() if row is None else Progress(dict(row.steps), row.put_away)


def mark(session: Session, person_id: int, step: str, how: str, at: datetime) -> None:
    """Note that a step is done or passed; what is done stays done."""
    row = _row(session, person_id, at)
    if row.steps.get(step) != DONE:
        row.steps = {**row.steps, step: how}


def put_away(session: Session, person_id: int, how: str | None, at: datetime) -> None:
    """Fold the visit (LATER), end it (NEVER), or show it again (None)."""
    _row(session, person_id, at).put_away = how


def restart(session: Session, person_id: int, at: datetime) -> None:
    """Begin anew, with nothing done."""
    row = _row(session, person_id, at)
    row.steps, row.put_away = {}, None


def _row(session: Session, person_id: int, at: datetime) -> GuidedVisit:
    # Two tabs may begin the visit at the same moment: the second finds the row of the first.
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    first = insert(GuidedVisit).values(person_id=person_id, steps={}, changed_at=at)
    session.execute(first.on_conflict_do_nothing())
    row = session.get_one(GuidedVisit, person_id, with_for_update=True)
    row.changed_at = at
    return row
