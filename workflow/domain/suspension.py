"""Suspension of a dossier: nothing counts, nothing happens, until it is resumed (DSR 4.8).

The ledger keeps when a dossier was held, as a clock of its own. At the release each date moves
by its rule: hours shift, days are counted again from the day of the release, fixed dates stay.
[règle 79]
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from workflow.clock import paris_date
from workflow.delay import Delay, DueDate, days_left, due
from workflow.domain import clock_ledger, deadline
from workflow.domain import dossier as dossiers
from workflow.domain.call import Call
from workflow.domain.clock_ledger import ClockInterval
from workflow.domain.deadline import Deadline, DeadlineRecord
from workflow.domain.notification import notify, reason
from workflow.errors import Conflict
from workflow.explanation import Explanation, Interval

CLOCK = "suspension"
REASON = "suspension"
MAY_HOLD = frozenset({"process_owner", "signatory", "administrator"})
"""Who may suspend a dossier, and resume it."""
FIXED = frozenset({deadline.COLLEGE, deadline.CLOSING})
"""Dates of the campaign: a suspended dossier does not move them."""


def suspend(call: Call, motive: str) -> None:
    """Begin to hold the call's dossier; its clocks stand, those concerned are told."""
    ran = clock_ledger.active_time(call.session, _dossier_id(call), CLOCK, call.effective_at)
    for interval in _under_way(call):
        if interval.running and interval.clock != CLOCK:
            clock_ledger.suspend(call, interval.clock, REASON)
    call.session.add(
        ClockInterval(
            dossier_id=call.dossier_id,
            clock=CLOCK,
            started_at=call.effective_at,
            running=True,
            reason=REASON,
            ran_before=ran,
        )
    )
    _tell(call, "suspended", motive)


def resume(call: Call, motive: str) -> Interval:
    """Stop holding the call's dossier; the clocks that ran before go on. Returns the time held.

    Raises Conflict when it is not held.
    """
    held = current(call.session, _dossier_id(call))
    if held is None:
        raise Conflict("Expected a suspended dossier but it is under way. Reload its page.")
    held.ended_at = call.effective_at
    for interval in _under_way(call):
        clock_ledger.resume(call, interval.clock, REASON)
    _tell(call, "resumed", motive)
    return Interval(held.started_at, call.effective_at, REASON)


def current(session: Session, dossier_id: int) -> ClockInterval | None:
    """The suspension under way of a dossier, if any."""
    return session.scalars(
        select(ClockInterval).where(
            ClockInterval.dossier_id == dossier_id,
            ClockInterval.clock == CLOCK,
            ClockInterval.ended_at.is_(None),
        )
    ).first()


def is_held(dossier_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """The condition that a dossier is suspended."""
    return exists().where(
        ClockInterval.dossier_id == dossier_id,
        ClockInterval.clock == CLOCK,
        ClockInterval.ended_at.is_(None),
    )


def move(call: Call, record: DeadlineRecord, held: Interval) -> Deadline | None:
    """The date that replaces a stored one after a suspension; None for one that stays.

    Elapsed delays shift by the time held. Of calendar and business delays, the days that were
    left on the day of the suspension are counted again from the day of the release, by the
    terms under which the date was computed.
    """
    told = Explanation.from_json(record.explanation)
    if record.key in FIXED or told.counting == "active" or record.fires_at is None:
        return None
    if record.fires_at <= held.start:
        return None  # A change of the campaign put it before the suspension: nothing is left of it.
    if told.counting == "elapsed":
        found = _shifted(told, record.fires_at, held)
    else:
        found = _counted_again(call, told, held)
    if found.fires_at == record.fires_at:
        return None
    return deadline.keep(
        call.session,
        found,
        campaign=call.campaign,
        dossier_id=record.dossier_id,
        instance_id=record.instance_id,
        key=record.key,
        now=call.effective_at,
        replaces=record,
    )


def _shifted(told: Explanation, fires_at: datetime, held: Interval) -> DueDate:
    later = fires_at + _length(held)
    moved = replace(told, fires_at=later, suspensions=(*told.suspensions, held))
    return DueDate(None, later, moved)


def _counted_again(call: Call, told: Explanation, held: Interval) -> DueDate:
    delay = Delay(told.amount, told.unit, told.counting, told.effect, told.source, told.rule)
    released = held.end or call.effective_at
    last_day = told.last_day or paris_date(released)
    calendar = call.campaign.calendar
    left = days_left(delay, paris_date(held.start), last_day, calendar)
    found = due(delay, released, calendar, remaining=left)
    suspensions = (*told.suspensions, held)
    return replace(found, sum=replace(found.sum, before=told.before, suspensions=suspensions))


def _length(held: Interval) -> timedelta:
    return (held.end or held.start) - held.start


def _under_way(call: Call) -> list[ClockInterval]:
    return list(
        call.session.scalars(
            select(ClockInterval)
            .where(ClockInterval.dossier_id == call.dossier_id, ClockInterval.ended_at.is_(None))
            .order_by(ClockInterval.clock)
        )
    )


def _tell(call: Call, kind: str, motive: str) -> None:
    agency = "instructor" if dossiers.of(call).complete_received_at else "admissibility_officer"
    for role in ("operator", "legal_representative", agency):
        notify(call, role, kind, reason=reason(motive))


def _dossier_id(call: Call) -> int:
    return dossiers.of(call).id
