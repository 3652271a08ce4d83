"""Time spent: with the Agency, with the operator, and on the clock of the instruction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.clock_ledger import AWAITED_SIGNATURE, ClockInterval
from workflow.domain.dossier import Dossier

INSTRUCTION = "instruction"
AWAITED = frozenset({"solicitation", AWAITED_SIGNATURE})
"""Why a clock stands while the operator holds the dossier."""
MOST_INTERVALS = 20_000


@dataclass(frozen=True)
class ClockFigures:
    """The clock of the instruction: how long it ran, how long it stood, of how many days."""

    active: timedelta
    suspended: timedelta
    days: int
    is_running: bool
    is_over: bool
    reason: str

    def percent(self, part: timedelta) -> float:
        """A part of the indicative delay, in hundredths of the longer of delay and time spent."""
        whole = max(timedelta(days=self.days), self.active + self.suspended)
        return 100 * part / whole if whole else 0

    @property
    def segments(self) -> list[tuple[str, float]]:
        """The bar: counted, beyond the delay, suspended."""
        limit = timedelta(days=self.days)
        counted = min(self.active, limit)
        return [
            ("run", self.percent(counted)),
            ("over", self.percent(self.active - counted)),
            ("stop", self.percent(self.suspended)),
        ]


def time_spent(
    dossier: Dossier,
    periods: Iterable[tuple[datetime, datetime | None]],
    ledger: Sequence[ClockInterval],
    now: datetime,
) -> tuple[timedelta, timedelta]:
    """How long the dossier was with the Agency, and how long with its operator.

    While the clock of the instruction is under way its ledger says who holds the dossier: the
    Agency when it runs, the operator when it stands for want of an answer or a signature
    (DSR 4.4). Before and after, the operator does during `periods`: whenever something is
    expected of its side, in order.
    """
    end = dossier.ended_at or now
    expected = [(opened, closed or end) for opened, closed in periods]
    clocked = [(row.started_at, row.ended_at or end) for row in ledger]
    standing = [(row.started_at, row.ended_at or end) for row in ledger if awaits_operator(row)]
    whole = (dossier.deposited_at, end)
    held = _length(_without(expected, clocked) + standing, whole)
    return max(end - dossier.deposited_at - held, timedelta(0)), held


def awaits_operator(interval: ClockInterval) -> bool:
    """Whether a clock stood because the operator had to act."""
    return not interval.running and interval.reason in AWAITED


Period = tuple[datetime, datetime]


def _without(periods: Sequence[Period], others: Sequence[Period]) -> list[Period]:
    """What is left of some periods when others are taken out."""
    left = list(periods)
    for start, stop in others:
        left = [
            piece
            for begin, end in left
            for piece in ((begin, min(end, start)), (max(begin, stop), end))
            if piece[1] > piece[0]
        ]
    return left


def _length(periods: Sequence[Period], whole: Period) -> timedelta:
    """How long some periods last together within `whole`; what overlaps counts once."""
    length, until = timedelta(0), whole[0]
    for begin, end in sorted(periods):
        start, stop = max(begin, until), min(end, whole[1])
        if stop > start:
            length += stop - start
            until = stop
    return length


def clock_figures(rows: Sequence[ClockInterval], days: int, now: datetime) -> ClockFigures | None:
    """The figures of a clock from its intervals in order; None when it never started."""
    if not rows:
        return None
    spent = [(row, (row.ended_at or now) - row.started_at) for row in rows]
    last = rows[-1]
    return ClockFigures(
        active=sum((length for row, length in spent if row.running), timedelta(0)),
        suspended=sum((length for row, length in spent if not row.running), timedelta(0)),
        days=days,
        is_running=last.running and last.ended_at is None,
        is_over=last.ended_at is not None,
        reason=last.reason,
    )


def clocks_of(session: Session, dossier_ids: Sequence[int]) -> dict[int, list[ClockInterval]]:
    """The intervals of the instruction clocks of some dossiers, in order."""
    found: dict[int, list[ClockInterval]] = {}
    if not dossier_ids:
        return found
    rows = session.scalars(
        select(ClockInterval)
        .where(ClockInterval.dossier_id.in_(dossier_ids), ClockInterval.clock == INSTRUCTION)
        .order_by(ClockInterval.dossier_id, ClockInterval.id)
        .limit(MOST_INTERVALS)
    )
    for row in rows:
        found.setdefault(row.dossier_id, []).append(row)
    return found
