"""The instruction queue: first complete, first served (DSR 4.4, DOMAIN A8, A11).

A deprioritised dossier stands after all others until its operator answers; that answer's
instant is then its rank among all. [règles 60 64]
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, ScalarSelect, Select, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.domain import dossier as dossiers
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.dossier import Dossier
from workflow.domain.notification import notify
from workflow.domain.notification_texts import delay_named
from workflow.errors import Conflict, InvalidAnswer


class QueueEntry(Base):
    """A dossier's place: received, ranked, deprioritised meanwhile, left."""

    __tablename__ = "queue_entry"
    __table_args__ = (Index(None, "left_at", "rank_at"),)

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    received_at: Mapped[datetime] = mapped_column(Instant)
    rank_at: Mapped[datetime] = mapped_column(Instant)
    deprioritised_at: Mapped[datetime | None] = mapped_column(Instant)
    left_at: Mapped[datetime | None] = mapped_column(Instant)


ORDER = (QueueEntry.deprioritised_at.is_not(None), QueueEntry.rank_at, QueueEntry.dossier_id)
"""Who comes first (DSR 4.4, DOMAIN A8)."""


def enter(call: Call) -> None:
    """Queue the call's dossier by the reception of its complete proof file.

    Raises Conflict before that reception, and when it was queued already.
    """
    dossier = dossiers.of(call)
    received_at = dossier.complete_received_at
    if received_at is None:
        raise Conflict(
            f"Expected a complete proof file for dossier {dossier.number} but none was received."
            " Receive it first."
        )
    if call.session.get(QueueEntry, dossier.id) is not None:
        raise Conflict(
            f"Expected dossier {dossier.number} outside the queue but it is in. Leave it there."
        )
    call.session.add(
        QueueEntry(dossier_id=dossier.id, received_at=received_at, rank_at=received_at)
    )
    call.record(AuditKind.QUEUE_ENTERED, {"received_at": received_at})


def deprioritise(call: Call) -> None:
    """Put the call's dossier after all others while it is unanswered; raises the flag once."""
    entry = _entry(call)
    if entry.deprioritised_at is None:
        entry.deprioritised_at = call.effective_at
        call.record(AuditKind.QUEUE_DEPRIORITISED, {"rank_at": entry.rank_at})
    dossiers.raise_flag(call, "deprioritised")
    delay = delay_named(call.campaign, "solicitation_deprioritise")
    notify(call, "operator", "deprioritised", delay=delay)
    notify(call, "instructor", "deprioritised", delay=delay)


def rank_answer(call: Call) -> None:
    """Rank a deprioritised dossier by the instant of its late answer; others keep theirs."""
    entry = _entry(call)
    if entry.deprioritised_at is None:
        return
    entry.rank_at = call.effective_at
    entry.deprioritised_at = None
    call.record(AuditKind.QUEUE_RERANKED, {"rank_at": entry.rank_at})


def give_back_rank(call: Call) -> None:
    """Give a deprioritised dossier the rank it had: its solicitation was withdrawn.

    [DER] The Agency took the question back, so that no want of an answer counts (DOMAIN A8); the
    flag stays as history. A rank earned by an earlier late answer is the one it had.
    """
    entry = _entry(call)
    if entry.deprioritised_at is None:
        return
    entry.deprioritised_at = None
    call.record(AuditKind.QUEUE_RANK_GIVEN_BACK, {"rank_at": entry.rank_at})


def restore_rank(call: Call, reason: str) -> None:
    """Give a dossier its first rank back, with a reason: the process owner's right (A8)."""
    if not reason.strip():
        raise InvalidAnswer(
            "Expected a reason but found none. Write why the rank is restored.",
            {"reason": ["Indiquez le motif."]},
        )
    entry = _entry(call)
    entry.rank_at = entry.received_at
    entry.deprioritised_at = None
    call.record(AuditKind.QUEUE_RANK_RESTORED, {"rank_at": entry.rank_at, "reason": reason.strip()})


def leave(call: Call) -> None:
    """Take the call's dossier out of the queue; raises Conflict when it is not in."""
    _entry(call).left_at = call.effective_at
    call.record(AuditKind.QUEUE_LEFT, {})


def leave_if_queued(call: Call) -> None:
    """Free the place of a dossier that ends, if it holds one."""
    entry = call.session.get(QueueEntry, call.dossier_id)
    if entry is not None and entry.left_at is None:
        leave(call)


def ordered(session: Session, campaign_id: str, *, limit: int = 1000) -> Sequence[QueueEntry]:
    """The queue of a campaign, head first; deprioritised dossiers stand after all others."""
    return session.scalars(in_order(campaign_id).limit(limit)).all()


def in_order(campaign_id: str) -> Select[QueueEntry]:
    """The query of a campaign's queue, head first."""
    return (
        select(QueueEntry)
        .join(Dossier, Dossier.id == QueueEntry.dossier_id)
        .where(
            QueueEntry.left_at.is_(None),
            Dossier.ended_at.is_(None),
            Dossier.campaign_id == campaign_id,
        )
        .order_by(*ORDER)
    )


def rank_of(dossier_id: int, campaign_id: str) -> ScalarSelect[int]:
    """A dossier's place in its campaign's queue, from 1; 0 when it is not in."""
    place = func.row_number().over(order_by=ORDER).label("place")
    places = in_order(campaign_id).order_by(None).with_only_columns(QueueEntry.dossier_id, place)
    counted = places.subquery()
    return (
        select(func.coalesce(func.max(counted.c.place), 0))
        .where(counted.c.dossier_id == dossier_id)
        .scalar_subquery()
    )


def _entry(call: Call) -> QueueEntry:
    entry = call.session.get(QueueEntry, dossiers.of(call).id)
    if entry is None or entry.left_at is not None:
        raise Conflict("Expected the dossier in the queue but it is not. Enter it first.")
    call.kept.add(entry)
    return entry
