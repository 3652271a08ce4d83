"""Who opened what: every opening of confidential content, and every refused attempt (DSR 4.7).

One row per opening, inserted and never changed: no chain is locked to read a page. A day that is
over is sealed: the fingerprint of its rows becomes an entry in the chain of the house, so that a
row changed, added or taken away afterwards shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Null,
    ScalarSelect,
    Select,
    String,
    and_,
    func,
    insert,
    null,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow import audit_log, hash_chain
from workflow.audit_log import AuditEntry, Event
from workflow.db import Base, Instant, Json, table_of
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.person import SYSTEM, Actor

WHATS = (
    "dossier",
    "task",
    "proofs",
    "proof",
    "evidence",
    "ssi",
    "history",
    "document",
    "exchanges",
    "session",
    "export",
)
"""What can be opened; `exchanges` are the Agency's own notes, opinions and interests."""
WAYS = ("page", "api", "token")
"""How: a page, the API within a session, the API with a token."""
SETTLES_AFTER = timedelta(hours=1)
"""A day is sealed this long after its end: no request is under way that long."""
MOST_DAYS = 366


class AccessRecord(Base):
    """One opening; `at` is the machine's instant, `procedure_at` that of the procedure's clock."""

    __tablename__ = "access_record"
    __table_args__ = (
        Index(None, "dossier_id", "id"),
        Index(None, "person_id", "id"),
        Index(None, "at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    procedure_at: Mapped[datetime] = mapped_column(Instant)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    person_name: Mapped[str] = mapped_column(String(200))
    roles: Mapped[list[str]] = mapped_column(Json)
    what: Mapped[str] = mapped_column(String(20))
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"))
    address: Mapped[str] = mapped_column(String(300))
    way: Mapped[str] = mapped_column(String(10))
    refused: Mapped[bool]


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Something that a person opened, or was refused; `address` names it within the product."""

    what: str
    address: str
    way: str
    refused: bool = False


@dataclass(frozen=True, kw_only=True)
class AccessFilters:
    """Which openings to list; None leaves a fact open. `until` is exclusive."""

    dossier_id: int | None = None
    person: str | None = None
    what: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    refused: bool | None = None


@dataclass(frozen=True, slots=True)
class DayVerdict:
    """What computing a sealed day again found."""

    day: date
    openings: int
    intact: bool


_ROW = table_of(AccessRecord)


def keep(
    session: Session,
    actor: Actor,
    opening: Opening,
    *,
    dossier: ColumnElement[int] | ScalarSelect[int] | Null | None = None,
    at: datetime,
    procedure_at: datetime,
) -> None:
    """Add one opening: a single insert, in the caller's transaction.

    `dossier` is an expression for the id of the dossier it is about; none when it is about none.
    """
    session.connection().execute(
        insert(_ROW).values(
            at=at,
            procedure_at=procedure_at,
            person_id=actor.person_id,
            person_name=actor.name,
            roles=sorted(actor.roles),
            what=opening.what,
            dossier_id=null() if dossier is None else dossier,
            address=opening.address[:300],
            way=opening.way,
            refused=opening.refused,
        )
    )


def listed(
    session: Session, filters: AccessFilters, *, before: int | None = None, limit: int
) -> Sequence[AccessRecord]:
    """Openings, newest first."""
    query = _filtered(select(AccessRecord), filters)
    if before is not None:
        query = query.where(AccessRecord.id < before)
    return session.scalars(query.order_by(AccessRecord.id.desc()).limit(limit)).all()


def unsealed(session: Session, now: datetime) -> list[date]:
    """The days (UTC) with openings that may be sealed; `now` is the machine's instant."""
    over = (now - SETTLES_AFTER).astimezone(UTC).date()
    sealed = next((day for day, _facts in _seals(session, 1)), None)
    days: list[date] = []
    since = None if sealed is None else _midnight(sealed + timedelta(days=1))
    while len(days) < MOST_DAYS:
        query = select(func.min(AccessRecord.at)).where(AccessRecord.at < _midnight(over))
        first = session.scalar(query if since is None else query.where(AccessRecord.at >= since))
        if first is None:
            break
        days.append(first.astimezone(UTC).date())
        since = _midnight(days[-1] + timedelta(days=1))
    return days


def seal(session: Session, *, at: datetime, procedure_at: datetime) -> list[date]:
    """Seal the days that may be; returns them. The transaction holds the chain of the house."""
    audit_log.serialise(session, audit_log.HOUSE)
    days = unsealed(session, at)
    events = [_seal_of(session, day, procedure_at) for day in days]
    audit_log.append(session, audit_log.HOUSE, events)
    return days


def verdicts(session: Session, *, limit: int = MOST_DAYS) -> list[DayVerdict]:
    """The sealed days computed again, the last one first."""
    return [
        DayVerdict(day, facts["openings"], _bill(session, day) == facts)
        for day, facts in _seals(session, limit)
    ]


def _filtered(query: Select[AccessRecord], filters: AccessFilters) -> Select[AccessRecord]:
    if filters.dossier_id is not None:
        query = query.where(AccessRecord.dossier_id == filters.dossier_id)
    if filters.person:
        query = query.where(AccessRecord.person_name.icontains(filters.person, autoescape=True))
    if filters.what is not None:
        query = query.where(AccessRecord.what == filters.what)
    if filters.since is not None:
        query = query.where(AccessRecord.at >= filters.since)
    if filters.until is not None:
        query = query.where(AccessRecord.at < filters.until)
    if filters.refused is not None:
        query = query.where(AccessRecord.refused.is_(filters.refused))
    return query


def _seals(session: Session, limit: int) -> Iterator[tuple[date, dict[str, Any]]]:
    entries = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.chain == audit_log.HOUSE, AuditEntry.kind == str(AuditKind.ACCESS_SEALED))
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    for entry in entries:
        yield date.fromisoformat(entry.facts["day"]), entry.facts


def _seal_of(session: Session, day: date, now: datetime) -> Event:
    return Event(
        AuditKind.ACCESS_SEALED, _bill(session, day), SYSTEM.person_id, SYSTEM.name, now, now
    )


def _bill(session: Session, day: date) -> dict[str, Any]:
    """The day, how many openings it had, and the fingerprint of them all in order."""
    digest, count = hashlib.sha256(), 0
    rows = session.execute(
        select(_ROW)
        .where(and_(_ROW.c.at >= _midnight(day), _ROW.c.at < _midnight(day + timedelta(days=1))))
        .order_by(_ROW.c.id),
        execution_options={"yield_per": 500},
    )
    for row in rows.mappings():
        digest.update(hash_chain.canonical(_plain(row)) + b"\n")
        count += 1
    return {"day": day.isoformat(), "openings": count, "sha256": digest.hexdigest()}


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {column.name: row[column.name] for column in _ROW.columns}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
