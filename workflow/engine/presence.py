"""Who of the Agency is looking at a dossier, or filling in a task, at this moment.

A row says where somebody was last seen; it is worth nothing ninety seconds later, and is then
taken away by the worker. It is no act: it stands in no history, and has a small door of its own,
outside every turn. Operators are never noted, and never told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Row, String, Subquery, case, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.clock import Clock
from workflow.db import Base, Database, Instant
from workflow.domain.person import Actor, Person
from workflow.engine.waiting import HumanTask

LASTS = timedelta(seconds=90)
"""How long after it was last noted a presence is still told."""
MOST_TOLD = 20
AUDITOR = "auditor"


class Presence(Base):
    """Where a person was seen; `seen_at` is the machine's instant, `since` the procedure's."""

    __tablename__ = "presence"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    place: Mapped[str] = mapped_column(String(60), primary_key=True, index=True)
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"), index=True)
    task_id: Mapped[str | None] = mapped_column(String(32), ForeignKey("human_task.id"))
    since: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant, index=True)


@dataclass(frozen=True, slots=True)
class Place:
    """A dossier's pages, or the form of one task (of a dossier or of none)."""

    dossier_id: int | None
    task_id: str | None = None

    @property
    def key(self) -> str:
        """Its name in the table."""
        return f"dossier:{self.dossier_id}" if self.task_id is None else f"task:{self.task_id}"


@dataclass(frozen=True, slots=True)
class Seen:
    """A colleague who is there; `task` is the label of what they fill in."""

    person_id: int
    name: str
    task_id: str | None
    task: str | None
    since: datetime


def is_told_of(actor: Actor) -> bool:
    """Whether someone is noted, and told of others: the people of the Agency alone."""
    return actor.is_agency and actor.operator_id is None and actor.person_id is not None


def note(
    database: Database, actor: Actor, place: Place, *, at: datetime, procedure_at: datetime
) -> None:
    """Keep that someone is there; nothing for whoever is not of the Agency, nor for auditors.

    An inspection is not announced. `at` is the machine's instant, `procedure_at` that of the
    procedure's clock.
    """
    if not is_told_of(actor) or AUDITOR in actor.roles:
        return
    insert = sqlite.insert if database.is_sqlite else postgresql.insert
    fresh = insert(Presence).values(
        person_id=actor.person_id,
        place=place.key,
        dossier_id=place.dossier_id,
        task_id=place.task_id,
        since=procedure_at,
        seen_at=at,
    )
    has_left = Presence.seen_at <= at - LASTS
    with database.transaction() as session:
        session.execute(
            fresh.on_conflict_do_update(
                index_elements=[Presence.person_id, Presence.place],
                set_={
                    "seen_at": at,
                    "since": case((has_left, fresh.excluded.since), else_=Presence.since),
                },
            )
        )


def others(
    session: Session, actor: Actor, place: Place, *, at: datetime, limit: int = MOST_TOLD
) -> list[Seen]:
    """The colleagues on a dossier and its tasks, or at one task; nobody to outsiders."""
    if not is_told_of(actor):
        return []
    there = seen_there(actor, at)
    condition = (
        there.c.place == place.key
        if place.dossier_id is None
        else there.c.dossier_id == place.dossier_id
    )
    return told_of_rows(session.execute(select(there).where(condition).limit(limit)).all())


def seen_there(actor: Actor, at: datetime) -> Subquery:
    """Everybody but this person who is somewhere, for a statement that reads more."""
    return (
        select(
            Presence.person_id,
            Presence.place,
            Presence.dossier_id,
            Presence.task_id,
            Presence.since,
            Person.name,
            HumanTask.label.label("task"),
        )
        .join(Person, Person.id == Presence.person_id)
        .outerjoin(HumanTask, HumanTask.id == Presence.task_id)
        .where(Presence.seen_at > at - LASTS, Presence.person_id != (actor.person_id or 0))
        .subquery("seen")
    )


def told_of_rows(rows: Sequence[Row[Any]]) -> list[Seen]:
    """The same from the rows of a statement that was joined with `seen_there`."""
    return told(
        Seen(row.person_id, row.name, row.task_id, row.task, row.since)
        for row in rows
        if row.person_id is not None
    )


def told(found: Iterable[Seen]) -> list[Seen]:
    """What there is to tell, who came first before: what each fills in, else that they read."""
    unique = sorted(set(found), key=lambda each: (each.since, each.name, each.task_id or ""))
    busy = {each.person_id for each in unique if each.task_id is not None}
    return [each for each in unique if each.task_id is not None or each.person_id not in busy]


class PresenceRound:
    """Takes away those who have left; a round of the worker."""

    def __init__(self, database: Database, system: Clock) -> None:
        self.database = database
        self.system = system

    def __call__(self) -> int:
        """Take them away; returns how many rows."""
        long_ago = Presence.seen_at <= self.system.now() - LASTS
        with self.database.reading() as session:
            if session.scalar(select(Presence.person_id).where(long_ago).limit(1)) is None:
                return 0
        with self.database.transaction() as session:
            gone = session.execute(delete(Presence).where(long_ago).returning(Presence.place))
            return len(gone.all())
