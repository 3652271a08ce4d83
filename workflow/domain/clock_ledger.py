"""Clock ledgers: when a dossier's clocks ran and stood, and why (DSR 4.4, DOMAIN A9).

Intervals follow one another without a gap; the last one is open until the clock is stopped.
[règles 62 63]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import ForeignKey, Index, Interval, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.delay import Interval as RunningInterval
from workflow.domain import convention
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.errors import Conflict

AWAITED_SIGNATURE = "convention"
MOST_INTERVALS = 10_000
RECENT_INTERVALS = 40


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
    ran_before: Mapped[timedelta] = mapped_column(Interval)
    """How long the clock had run when this interval began: no sum grows with the ledger."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The last running intervals of a clock, the time it ran before them, and its start."""

    intervals: list[RunningInterval]
    before: timedelta
    start: datetime | None


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
    _open(call, clock, False, reason, last)
    _record(call, AuditKind.CLOCK_SUSPENDED, clock, reason)


def resume(call: Call, clock: str, reason: str) -> None:
    """Set a clock going again if it stands for that very reason; otherwise nothing changes."""
    last = _last(call, clock)
    if last is None or last.ended_at is not None or last.running or last.reason != reason:
        return
    last.ended_at = call.effective_at
    _open(call, clock, True, reason, last)
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


def intervals(session: Session, dossier_id: int, clock: str) -> list[RunningInterval]:
    """When a clock ran, from its start; each interval's reason says why it stopped."""
    return _running(history(session, dossier_id, clock))


def recent(session: Session, dossier_id: int, clock: str) -> Ledger:
    """The end of a clock's ledger, enough to go on counting however long the ledger is."""
    rows = _latest(session, dossier_id, clock, RECENT_INTERVALS)[::-1]
    first = session.scalar(
        select(ClockInterval.started_at)
        .where(ClockInterval.dossier_id == dossier_id, ClockInterval.clock == clock)
        .order_by(ClockInterval.id)
        .limit(1)
    )
    return Ledger(_running(rows), rows[0].ran_before if rows else timedelta(0), first)


def _running(rows: Sequence[ClockInterval]) -> list[RunningInterval]:
    followed = [*pairwise(rows), (rows[-1], None)] if rows else []
    return [
        RunningInterval(row.started_at, row.ended_at, "" if after is None else after.reason)
        for row, after in followed
        if row.running
    ]


def active_time(session: Session, dossier_id: int, clock: str, until: datetime) -> timedelta:
    """How long a clock has run by `until`, an instant at or after its last change."""
    for last in _latest(session, dossier_id, clock, 1):
        return _ran_by(last, until)
    return timedelta(0)


def is_running(session: Session, dossier_id: int, clock: str) -> bool:
    """Whether a clock runs now."""
    rows = _latest(session, dossier_id, clock, 1)
    return bool(rows) and rows[0].running and rows[0].ended_at is None


def _ran_by(interval: ClockInterval, until: datetime) -> timedelta:
    if not interval.running:
        return interval.ran_before
    return interval.ran_before + ((interval.ended_at or until) - interval.started_at)


def _latest(
    session: Session, dossier_id: int | None, clock: str, count: int
) -> Sequence[ClockInterval]:
    return session.scalars(
        select(ClockInterval)
        .where(ClockInterval.dossier_id == dossier_id, ClockInterval.clock == clock)
        .order_by(ClockInterval.id.desc())
        .limit(count)
    ).all()


def _last(call: Call, clock: str) -> ClockInterval | None:
    return next(iter(_latest(call.session, call.dossier_id, clock, 1)), None)


def _open(
    call: Call, clock: str, running: bool, reason: str, last: ClockInterval | None = None
) -> None:
    call.session.add(
        ClockInterval(
            dossier_id=call.dossier_id,
            clock=clock,
            started_at=call.effective_at,
            running=running,
            reason=reason,
            ran_before=_ran_by(last, call.effective_at) if last else timedelta(0),
        )
    )


def _record(call: Call, kind: AuditKind, clock: str, reason: str) -> None:
    call.touched_clocks.add(clock)
    call.record(kind, {"clock": clock, "reason": reason})
