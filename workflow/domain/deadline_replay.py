"""A running date counted again from its own facts, after the parameters it came from changed.

The facts are those of the date as it was first set: its start, the days that remained when it
came back, the times it was held. Days counted before a return or a suspension stay counted.
Counting back and forth therefore gives the first date again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from workflow.business_days import Calendar
from workflow.clock import paris_midnight
from workflow.delay import Delay, DueDate, due
from workflow.domain import deadline
from workflow.domain.campaign import Campaign
from workflow.domain.deadline import DeadlineRecord
from workflow.explanation import Explanation

_DAY = timedelta(days=1)


def counted_again(
    session: Session,
    record: DeadlineRecord,
    campaign: Campaign,
    delay: Delay | None,
    now: datetime,
) -> DueDate | None:
    """The same date under a campaign's parameters; None for one that has not started.

    `delay` is the delay as changed; None when only the calendar did: the date then keeps the
    delay under which it was set.
    """
    if record.key == deadline.COLLEGE:
        return _next_session(session, record, campaign, now)
    if record.key == deadline.CLOSING or (delay is not None and delay.counting == "active"):
        return deadline.compute(
            session,
            campaign=campaign,
            dossier_id=record.dossier_id,
            key=record.key,
            start=record.started_at,
            now=now,
        )
    last_told = Explanation.from_json(record.explanation)
    told = last_told
    if told.remaining is not None or told.suspensions:
        told = Explanation.from_json(_first(session, record).explanation)
    return _counted(told, delay or _terms(last_told), campaign.calendar)


def _next_session(
    session: Session, record: DeadlineRecord, campaign: Campaign, now: datetime
) -> DueDate:
    """The session that follows the last one; a weekday that has passed is next week's."""

    def after(instant: datetime) -> DueDate:
        return deadline.compute(
            session, campaign=campaign, dossier_id=None, key=record.key, start=instant, now=now
        )

    found = after(record.started_at or now)
    is_past = found.fires_at is not None and found.fires_at <= now
    return after(now) if is_past else found


def _first(session: Session, record: DeadlineRecord) -> DeadlineRecord:
    """The date as it stood before changes of the campaign moved it."""
    while record.campaign_change_id is not None and record.replaces_id is not None:
        record = session.get_one(DeadlineRecord, record.replaces_id)
    return record


def _terms(told: Explanation) -> Delay:
    return Delay(told.amount, told.unit, told.counting, told.effect, told.source, told.rule)


def _counted(told: Explanation, delay: Delay, calendar: Calendar) -> DueDate | None:
    if told.start is None:
        return None
    if told.counting == "active":
        return due(delay, told.start, calendar)
    if told.counting == "elapsed":
        return _from_an_instant(told, delay, calendar)
    if delay.counting == "elapsed":
        return _in_hours(told, delay, calendar)
    remaining = told.remaining
    if remaining is not None:
        remaining = max(0, remaining + delay.amount - told.amount)
    found = due(delay, told.start, calendar, remaining=remaining)
    return _with_suspensions(found, told)


def _from_an_instant(told: Explanation, delay: Delay, calendar: Calendar) -> DueDate:
    """From an instant that each suspension shifted by its length."""
    assert told.start is not None
    held = sum(((gap.end or gap.start) - gap.start for gap in told.suspensions), timedelta(0))
    if delay.counting != "elapsed":
        return _with_suspensions(due(delay, told.start + held, calendar), told)
    found = due(delay, told.start, calendar)
    assert found.fires_at is not None
    return _with_suspensions(_firing_at(found, found.fires_at + held), told)


def _in_hours(told: Explanation, delay: Delay, calendar: Calendar) -> DueDate:
    """In hours what was counted in days; those already counted are taken off."""
    start = told.start if isinstance(told.start, datetime) else None
    if start is None:
        assert told.start is not None
        start = paris_midnight(told.start)
    found = due(delay, start, calendar)
    assert found.fires_at is not None
    counted = 0 if told.remaining is None else told.amount - told.remaining
    later = max(start, found.fires_at - counted * _DAY)
    return _with_suspensions(_firing_at(found, later), told)


def _firing_at(found: DueDate, fires_at: datetime) -> DueDate:
    return DueDate(found.last_day, fires_at, replace(found.sum, fires_at=fires_at))


def _with_suspensions(found: DueDate, told: Explanation) -> DueDate:
    return replace(found, sum=replace(found.sum, suspensions=told.suspensions))
