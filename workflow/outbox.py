"""Effects that leave after the commit: mails, documents, calls to others.

A turn puts rows here inside its transaction; ``deliver`` carries them out afterwards, one at a
time, with a growing pause between tries. After the last try the row stays as an incident:
visible, retryable, never silent.

Rows are due on the machine's clock, as logs and rate limits are: the procedure's clock of a demo
jumps, and a jump must not use up the tries of a server that is down for an hour.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Index, String, Text, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.clock import Clock
from workflow.db import Base, Database, Instant, Json

log = logging.getLogger(__name__)

PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, *(360,) * 12))
"""How long to wait after each failed try, three days in all; then the row is an incident."""
LEASE = timedelta(minutes=10)
"""How long a try may last before another worker may take the row over."""
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""Due whatever the clock says: the procedure's may be ahead of the machine's."""
PER_SWEEP = 100

Deliver = Callable[[Mapping[str, Any]], None]


class OutboxMessage(Base):
    """One effect to carry out after the commit; `kind` is its topic."""

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
    """The other side did not take the effect; it will be tried again.

    `failure` is a stable word for what went wrong, `reply_code` what the other side answered.
    """

    failure = "not_taken"

    def __init__(
        self, sentence: str, *, failure: str | None = None, reply_code: int | None = None
    ) -> None:
        super().__init__(sentence)
        self.failure = failure or self.failure
        self.reply_code = reply_code


class DeliveryRefused(DeliveryFailed):
    """The other side refused for good: an incident at once, without further tries."""

    failure = "refused"


class Unreachable(DeliveryFailed):
    """The other side does not answer: nothing more of this topic is tried in this sweep."""

    failure = "unreachable"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: its number from 1, its instant, and why it failed; `is_last` makes an incident."""

    number: int
    at: datetime
    error: DeliveryFailed | None
    is_last: bool


class Carrier:
    """Who carries one topic out and keeps something of its own about each try.

    A plain function does for a topic with nothing to open, close or note.
    """

    def __call__(self, payload: Mapping[str, Any]) -> None:
        """Carry one effect out; raises DeliveryFailed."""
        raise NotImplementedError

    def note(self, session: Session, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Keep how a try went, in the transaction that settles the row."""

    def close(self) -> None:
        """Give back what the tries of a sweep had opened."""


def put(session: Session, kind: str, payload: Mapping[str, Any], at: datetime) -> None:
    """Queue one effect in the caller's transaction."""
    session.add(
        OutboxMessage(kind=kind, payload=dict(payload), created_at=at, due_at=AT_ONCE, attempts=0)
    )


def deliver(
    database: Database, carriers: Mapping[str, Deliver], clock: Clock, *, limit: int = PER_SWEEP
) -> int:
    """Carry out what is due by the machine's clock; returns how many effects left.

    At most `limit` of each topic, in the order of `carriers`. A row is claimed by counting the
    try first, so that two workers never carry it together. What was carried out is marked at
    once, in one transaction with the carrier's note; only a crash between the other side's
    acceptance and that mark can make an effect happen twice.
    """
    return sum(
        _deliver_topic(database, kind, carriers, clock, limit)
        for kind in _topics(database, carriers, clock.now())
    )


def retry(session: Session, message_id: int) -> OutboxMessage | None:
    """Give an incident all its tries again; None when it is no incident (any more)."""
    changed = session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id, OutboxMessage.incident.is_(True))
        .values(incident=False, attempts=0, due_at=AT_ONCE)
        .returning(OutboxMessage.id)
    ).scalar()
    return None if changed is None else session.get_one(OutboxMessage, changed)


def incidents(
    session: Session, *, after: int = 0, limit: int = PER_SWEEP, kind: str | None = None
) -> list[OutboxMessage]:
    """What was given up, oldest first, beyond the row `after`."""
    query = select(OutboxMessage).where(
        OutboxMessage.incident.is_(True),
        OutboxMessage.delivered_at.is_(None),
        OutboxMessage.id > after,
    )
    if kind is not None:
        query = query.where(OutboxMessage.kind == kind)
    return list(session.scalars(query.order_by(OutboxMessage.id).limit(limit)))


def _topics(database: Database, carriers: Mapping[str, Deliver], now: datetime) -> list[str]:
    due = select(OutboxMessage.kind).where(*_is_due(now)).distinct()
    with database.reading() as session:
        uncarried = sorted(set(session.scalars(due)) - set(carriers))
    return [*carriers, *uncarried]


def _deliver_topic(
    database: Database, kind: str, carriers: Mapping[str, Deliver], clock: Clock, limit: int
) -> int:
    with database.reading() as session:
        due = select(OutboxMessage.id, OutboxMessage.payload, OutboxMessage.attempts).where(
            OutboxMessage.kind == kind, *_is_due(clock.now())
        )
        rows = session.execute(
            due.order_by(OutboxMessage.due_at, OutboxMessage.id).limit(limit)
        ).all()
    carrier, sent = carriers.get(kind), 0
    with ExitStack() as stack:
        if isinstance(carrier, Carrier):
            stack.callback(carrier.close)
        for row in rows:
            if not _claim(database, row.id, row.attempts, clock.now()):
                continue
            error = _tried(carrier, kind, row.payload)
            attempt = _attempt(row.attempts + 1, clock.now(), error)
            _settle(database, row.id, carrier, row.payload, attempt)
            if isinstance(error, Unreachable):
                break
            sent += error is None
    return sent


def _is_due(now: datetime) -> tuple[Any, ...]:
    return (
        OutboxMessage.delivered_at.is_(None),
        OutboxMessage.incident.is_(False),
        OutboxMessage.due_at <= now,
    )


def _claim(database: Database, row_id: int, attempts: int, now: datetime) -> bool:
    with database.transaction() as session:
        claimed = session.execute(
            update(OutboxMessage)
            .where(
                OutboxMessage.id == row_id,
                OutboxMessage.attempts == attempts,
                OutboxMessage.delivered_at.is_(None),
            )
            .values(attempts=attempts + 1, due_at=now + LEASE)
            .returning(OutboxMessage.id)
        ).scalar()
    return claimed is not None


def _tried(carrier: Deliver | None, kind: str, payload: Mapping[str, Any]) -> DeliveryFailed | None:
    if carrier is None:
        return DeliveryFailed(f"Nobody carries {kind!r} here.", failure="uncarried")
    try:
        carrier(payload)
    except DeliveryFailed as failure:
        return failure
    except Exception as fault:
        # One effect's fault must not hold back the others.
        log.exception("An effect of topic %s failed", kind)
        return DeliveryFailed(f"{type(fault).__name__}: {fault}", failure="fault")
    return None


def _attempt(number: int, at: datetime, error: DeliveryFailed | None) -> Attempt:
    given_up = isinstance(error, DeliveryRefused) or number > len(PAUSES)
    return Attempt(number, at, error, is_last=error is not None and given_up)


def _settle(
    database: Database,
    row_id: int,
    carrier: Deliver | None,
    payload: Mapping[str, Any],
    attempt: Attempt,
) -> None:
    values: dict[str, Any] = {"delivered_at": attempt.at, "last_error": None}
    if attempt.error is not None:
        pause = PAUSES[min(attempt.number, len(PAUSES)) - 1]
        values = {
            "last_error": str(attempt.error),
            "incident": attempt.is_last,
            "due_at": attempt.at + pause,
        }
    with database.transaction() as session:
        session.execute(update(OutboxMessage).where(OutboxMessage.id == row_id).values(**values))
        if isinstance(carrier, Carrier):
            carrier.note(session, payload, attempt)
