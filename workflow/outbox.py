"""Effects that leave after the commit: mails, documents, calls to others.

A turn puts rows here inside its transaction; ``deliver`` sends them afterwards, one
transaction each, with a growing pause between tries. After the last try the row stays as an
incident: visible, retryable, never silent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index, Select, String, Text, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Database, Instant, Json

PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720))
"""How long to wait after each failed try; after the last one the row is an incident."""

Deliver = Callable[[Mapping[str, Any]], None]


class OutboxMessage(Base):
    """One effect to carry out after the commit."""

    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_message_due", "delivered_at", "incident", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[datetime | None] = mapped_column(Instant)
    last_error: Mapped[str | None] = mapped_column(Text)
    incident: Mapped[bool] = mapped_column(default=False)


class DeliveryFailed(Exception):
    """The other side did not take the message; it will be tried again."""


def put(session: Session, kind: str, payload: Mapping[str, Any], at: datetime) -> None:
    """Queue one effect in the caller's transaction."""
    session.add(
        OutboxMessage(kind=kind, payload=dict(payload), created_at=at, due_at=at, attempts=0)
    )


def deliver(
    database: Database, carriers: Mapping[str, Deliver], now: datetime, *, limit: int = 100
) -> int:
    """Carry out what is due, each row in its own transaction; returns how many left.

    A row is claimed by counting the try first, so that two workers never send it together.
    """
    sent = 0
    with database.reading() as session:
        due = session.scalars(_due(now).limit(limit)).all()
        rows = [(row.id, row.kind, row.payload, row.attempts) for row in due]
    for row_id, kind, payload, attempts in rows:
        if not _claim(database, row_id, attempts, now):
            continue
        try:
            _carrier(carriers, kind)(payload)
        except (DeliveryFailed, OSError) as failure:
            _postpone(database, row_id, attempts, str(failure))
            continue
        with database.transaction() as session:
            session.execute(
                update(OutboxMessage)
                .where(OutboxMessage.id == row_id)
                .values(delivered_at=now, last_error=None)
            )
        sent += 1
    return sent


def _carrier(carriers: Mapping[str, Deliver], kind: str) -> Deliver:
    if kind not in carriers:
        raise DeliveryFailed(f"Nobody carries {kind!r} here: known are {sorted(carriers)}.")
    return carriers[kind]


def _due(now: datetime) -> Select[OutboxMessage]:
    return (
        select(OutboxMessage)
        .where(
            OutboxMessage.delivered_at.is_(None),
            OutboxMessage.incident.is_(False),
            OutboxMessage.due_at <= now,
        )
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
    )


def _claim(database: Database, row_id: int, attempts: int, now: datetime) -> bool:
    pause = PAUSES[min(attempts, len(PAUSES) - 1)]
    with database.transaction() as session:
        claimed = session.execute(
            update(OutboxMessage)
            .where(
                OutboxMessage.id == row_id,
                OutboxMessage.attempts == attempts,
                OutboxMessage.delivered_at.is_(None),
            )
            .values(attempts=attempts + 1, due_at=now + pause)
            .returning(OutboxMessage.id)
        ).scalar()
    return claimed is not None


def _postpone(database: Database, row_id: int, attempts: int, error: str) -> None:
    with database.transaction() as session:
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == row_id)
            .values(last_error=error, incident=attempts + 1 > len(PAUSES))
        )
