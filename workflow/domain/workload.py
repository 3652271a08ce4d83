"""How much work a campaign makes: what came in, what came out, how old, how long, what is ahead.

Everything is counted over a bounded span, by weeks of Paris that begin on Monday.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from workflow.clock import PARIS, paris_date
from workflow.domain.clock_ledger import ClockInterval
from workflow.domain.college import CollegeDecision
from workflow.domain.dossier import Dossier

WEEKS_BACK = 26
WEEKS_AHEAD = 12
MOST_DOSSIERS = 20_000
MOST_DECISIONS = 500
"""Times are measured over the last decisions, so that a page costs the same for ever."""
MOST_INTERVALS = 10_000
AGES = (7, 14, 28, 56, 112)
"""Upper bounds of the ages of open dossiers, in days; older ones come last."""
TIMES = (7, 14, 28, 42)
"""Upper bounds of the times spent on decided dossiers, in days; longer ones come last."""
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Week:
    """One week: what was deposited, completed and decided."""

    starts_on: date
    deposited: int
    completed: int
    decided: int


@dataclass(frozen=True)
class TimeSpent:
    """Times between complete file and decision, over the last decisions: medians and counts.

    The counts are one number for each bound of TIMES, then the longer ones.
    """

    decisions: int
    agency: timedelta
    operator: timedelta
    agency_counts: list[int]
    operator_counts: list[int]


def monday_of(day: date) -> date:
    """The Monday that begins a day's week."""
    return day - timedelta(days=day.weekday())


def weeks(session: Session, campaign_id: str, now: datetime) -> list[Week]:
    """The last weeks, the present one included: what came in and out in each."""
    last = monday_of(paris_date(now))
    mondays = [last - WEEK * back for back in reversed(range(WEEKS_BACK))]
    columns = (Dossier.deposited_at, Dossier.complete_received_at, Dossier.decided_at)
    counted = [_count_in(campaign_id, column, day) for day in mondays for column in columns]
    found = session.execute(select(*counted)).one()
    width = len(columns)
    return [
        Week(day, *found[at : at + width])
        for day, at in zip(mondays, range(0, len(found), width), strict=True)
    ]


def _count_in(
    campaign_id: str, column: InstrumentedAttribute[Any], monday: date
) -> ScalarSelect[int]:
    """How many dossiers of a campaign reached something in a week: read off an index."""
    first, after = (datetime.combine(day, time(), PARIS) for day in (monday, monday + WEEK))
    return (
        select(func.count())
        .where(Dossier.campaign_id == campaign_id, column >= first, column < after)
        .scalar_subquery()
    )


def ages(session: Session, campaign_id: str, now: datetime) -> list[int]:
    """How many open dossiers are of each age: one number for each bound of AGES, then older."""
    deposited = session.scalars(
        select(Dossier.deposited_at)
        .where(Dossier.campaign_id == campaign_id, Dossier.ended_at.is_(None))
        .limit(MOST_DOSSIERS)
    ).all()
    return _counted([now - instant for instant in deposited], AGES)


def expected_proof_files(
    session: Session, campaign_id: str, now: datetime
) -> list[tuple[date, int]]:
    """How many complete proof files are planned for each week ahead, the present one included.

    A date that has passed counts in the present week: its proof file may come any day.
    """
    first = monday_of(paris_date(now))
    planned = session.scalars(
        select(Dossier.planned_proof_on)
        .where(
            Dossier.campaign_id == campaign_id,
            Dossier.ended_at.is_(None),
            Dossier.complete_received_at.is_(None),
        )
        .limit(MOST_DOSSIERS)
    ).all()
    counts = Counter(max(first, monday_of(day)) for day in planned)
    return [(first + WEEK * ahead, counts[first + WEEK * ahead]) for ahead in range(WEEKS_AHEAD)]


def decisions_by_profile(session: Session, campaign_id: str) -> Mapping[str, Counter[str]]:
    """Profile → how many of the last decisions had each outcome."""
    found: dict[str, Counter[str]] = {}
    rows = session.execute(
        select(Dossier.profiles, CollegeDecision.outcome)
        .join(Dossier, Dossier.id == CollegeDecision.dossier_id)
        .where(Dossier.campaign_id == campaign_id)
        .order_by(CollegeDecision.id.desc())
        .limit(MOST_DECISIONS)
    ).all()
    for profiles, outcome in rows:
        for profile in profiles:
            found.setdefault(profile, Counter())[outcome] += 1
    return found


def time_spent(session: Session, campaign_id: str) -> TimeSpent | None:
    """Where the time of the last decided dossiers went; None before the first decision."""
    decided = session.scalars(
        select(Dossier.id)
        .join(CollegeDecision, CollegeDecision.dossier_id == Dossier.id)
        .where(Dossier.campaign_id == campaign_id)
        .order_by(CollegeDecision.id.desc())
        .limit(MOST_DECISIONS)
    ).all()
    intervals = session.scalars(
        select(ClockInterval)
        .where(ClockInterval.dossier_id.in_(decided), ClockInterval.clock == "instruction")
        .limit(MOST_INTERVALS)
    ).all()
    ran, stood = _sums(intervals, running=True), _sums(intervals, running=False)
    if not ran:
        return None
    waited = [stood.get(dossier_id, timedelta()) for dossier_id in ran]
    return TimeSpent(
        len(ran),
        _median(ran.values()),
        _median(waited),
        _counted(ran.values(), TIMES),
        _counted(waited, TIMES),
    )


def _counted(times: Iterable[timedelta], bounds: Sequence[int]) -> list[int]:
    """How many times are below each bound, in days, and not below the one before; then longer."""
    counts = [0] * (len(bounds) + 1)
    for each in times:
        days = each / timedelta(days=1)
        counts[next((n for n, bound in enumerate(bounds) if days < bound), len(bounds))] += 1
    return counts


def _median(times: Iterable[timedelta]) -> timedelta:
    return timedelta(seconds=median(each.total_seconds() for each in times))


def _sums(intervals: Sequence[ClockInterval], *, running: bool) -> dict[int, timedelta]:
    spent: dict[int, timedelta] = {}
    for each in intervals:
        if each.running == running and each.ended_at is not None:
            length = each.ended_at - each.started_at
            spent[each.dossier_id] = spent.get(each.dossier_id, timedelta()) + length
    return spent
