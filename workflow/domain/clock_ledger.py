"""Clock ledgers: when a dossier's clocks ran and stood, and why (DSR 4.4, DOMAIN A9).

Intervals follow one another without a gap; the last one is open until the clock is stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow import delay
from workflow.db import Base, Instant
from workflow.delay import Interval
from workflow.domain import convention
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.errors import Conflict

AWAITED_SIGNATURE = "convention"
MOST_INTERVALS = 10_000


class ClockInterval(Base):
    """A time during which a clock ran, or stood for a reason."""

    __tablename__ = "clock_interval"
    __table_args__ = (Index(None, "dossier_id", "clock", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    clock: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    running: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(60))


def start(call: Call, clock: str, reason: str) -> None:
    """Set a clock going; raises Conflict when it was started before."""
    if _last(call, clock) is not None:
        raise Conflict(
            f"Expected clock {clock!r} not to have started but it has. Resume it instead."
        )
    _open(call, clock, True, reason)
    _record(call, AuditKind.CLOCK_STARTED, clock, reason)


def suspend(call: Call, clock: str, reason: str) -> None:
    """Make a running clock stand; raises Conflict when it does not run."""
    last = _last(call, clock)
    if last is None or last.ended_at is not None or not last.running:
        raise Conflict(
            f"Expected clock {clock!r} to run but it does not. Start or resume it first."
        )
    last.ended_at = call.effective_at
    _open(call, clock, False, reason)
    _record(call, AuditKind.CLOCK_SUSPENDED, clock, reason)


def resume(call: Call, clock: str, reason: str) -> None:
    """Set a clock going again if it stands for that very reason; otherwise nothing changes."""
    last = _last(call, clock)
    if last is None or last.ended_at is not None or last.running or last.reason != reason:
        return
    last.ended_at = call.effective_at
    _open(call, clock, True, reason)
    _record(call, AuditKind.CLOCK_RESUMED, clock, reason)


def stop(call: Call, clock: str, reason: str) -> None:
    """End a clock for good; raises Conflict when it is not under way."""
    last = _last(call, clock)
    if last is None or last.ended_at is not None:
        raise Conflict(f"Expected clock {clock!r} to be under way but it is not. Start it first.")
    last.ended_at = call.effective_at
    _record(call, AuditKind.CLOCK_STOPPED, clock, reason)


def stop_all(call: Call, reason: str) -> None:
    """End whatever clocks of the call's dossier are under way: the dossier is over."""
    under_way = select(ClockInterval).where(
        ClockInterval.dossier_id == call.dossier_id, ClockInterval.ended_at.is_(None)
    )
    for interval in call.session.scalars(under_way).all():
        interval.ended_at = call.effective_at
        _record(call, AuditKind.CLOCK_STOPPED, interval.clock, reason)


def await_signature(call: Call, clock: str) -> None:
    """Suspend a running clock when only the operator's signature of the convention is missing.

    [DER] (DESIGN §5): the agency's time does not run while it waits for the operator.
    """
    awaited = convention.find(call.session, call.dossier_id)
    if awaited is not None and awaited.signed_at is None:
        suspend(call, clock, AWAITED_SIGNATURE)


def history(session: Session, dossier_id: int, clock: str) -> Sequence[ClockInterval]:
    """Every interval of a clock in order, running or standing."""
    return session.scalars(
        select(ClockInterval)
        .where(ClockInterval.dossier_id == dossier_id, ClockInterval.clock == clock)
        .order_by(ClockInterval.id)
        .limit(MOST_INTERVALS)
    ).all()


def intervals(session: Session, dossier_id: int, clock: str) -> list[Interval]:
    """When a clock ran; each interval's reason says why it stopped."""
    rows = history(session, dossier_id, clock)
    followed = [*pairwise(rows), (rows[-1], None)] if rows else []
    return [
        Interval(row.started_at, row.ended_at, "" if after is None else after.reason)
        for row, after in followed
        if row.running
    ]


def active_time(session: Session, dossier_id: int, clock: str, until: datetime) -> timedelta:
    """How long a clock has run by `until`."""
    return delay.active_time(intervals(session, dossier_id, clock), until)


def is_running(session: Session, dossier_id: int, clock: str) -> bool:
    """Whether a clock runs now."""
    rows = history(session, dossier_id, clock)
    return bool(rows) and rows[-1].running and rows[-1].ended_at is None


def _last(call: Call, clock: str) -> ClockInterval | None:
    return call.session.scalars(
        select(ClockInterval)
        .where(ClockInterval.dossier_id == call.dossier_id, ClockInterval.clock == clock)
        .order_by(ClockInterval.id.desc())
        .limit(1)
    ).first()


def _open(call: Call, clock: str, running: bool, reason: str) -> None:
    call.session.add(
        ClockInterval(
            dossier_id=call.dossier_id,
            clock=clock,
            started_at=call.effective_at,
            running=running,
            reason=reason,
        )
    )


def _record(call: Call, kind: AuditKind, clock: str, reason: str) -> None:
    call.touched_clocks.add(clock)
    call.record(kind, {"clock": clock, "reason": reason})
