"""Reminders: a date told beforehand, so that nobody loses a right by surprise.

[DER] The DSR states no reminder: none moves a clock or a legal date. Each is a delay of the
campaign that says how long before another it comes; the amount 0 turns it off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from workflow.business_days import Calendar
from workflow.clock import in_utc, paris_midnight
from workflow.delay import Delay, DueDate
from workflow.explanation import Explanation


def _before(step: str, amount: int, unit: str, counting: str, source: str) -> dict[str, Any]:
    return {
        "amount": amount,
        "unit": unit,
        "counting": counting,
        "effect": "reminder",
        "source": source,
        "before": step,
    }


REMINDERS: Mapping[str, Mapping[str, Any]] = {
    "admissibility_solicitation_reminder": _before(
        "admissibility_solicitation", 2, "day", "business", "DSR 4.2"
    ),
    "solicitation_deprioritise_reminder": _before(
        "solicitation_deprioritise", 4, "hour", "elapsed", "DSR 4.4"
    ),
    "solicitation_delay_reminder": _before("solicitation_delay", 1, "day", "calendar", "DSR 4.4"),
    "solicitation_abandon_reminder": _before(
        "solicitation_abandon", 7, "day", "calendar", "DSR 4.4"
    ),
    "solicitation_abandon_last_reminder": _before(
        "solicitation_abandon", 2, "day", "calendar", "DSR 4.4"
    ),
    "reservation_lifting_reminder": _before("reservation_lifting", 7, "day", "calendar", "DSR 4.5"),
    "reservation_lifting_last_reminder": _before(
        "reservation_lifting", 2, "day", "calendar", "DSR 4.5"
    ),
}
"""[DER] How long before each step of DSR 4.2, 4.4 and 4.5 the operator is reminded of it."""


def faults_of(delays: Mapping[str, Delay]) -> list[str]:
    """What keeps reminders from being counted back from the delay they come before."""
    return [
        f"delays.{key}: Expected `before` to name a delay that counts {delay.counting} time but"
        f" found {delay.before!r}. Name one that counts alike, and that is no reminder itself."
        for key, delay in delays.items()
        if delay.before and not _fits(delay, delays.get(delay.before))
    ]


def _fits(delay: Delay, step: Delay | None) -> bool:
    countable = delay.counting in ("elapsed", "calendar", "business")
    return step is not None and not step.before and countable and step.counting == delay.counting


def due_before(delay: Delay, step: DueDate, start: datetime | date, calendar: Calendar) -> DueDate:
    """When a reminder comes before a `step` that was counted from `start`.

    The amount is what is then left: hours to the instant, or days up to the midnight of the last
    one. No `fires_at` when less than that was left at the start, or when the amount is 0.
    """
    told = replace(step.sum, **_terms(delay), last_day=None, fires_at=None, counted_days=())
    if not delay.amount or step.fires_at is None:
        return DueDate(None, None, told)
    if step.last_day is None:
        fires_at = step.fires_at - delay.length
        return _from(start, DueDate(None, fires_at, replace(told, fires_at=fires_at)))
    left = _last_days(step.last_day, delay, calendar)
    day = left[0] - timedelta(days=1)
    fires_at = paris_midnight(left[0])
    told = replace(told, counted_days=tuple(left), last_day=day, fires_at=fires_at)
    return _from(start, DueDate(day, fires_at, told))


def _terms(delay: Delay) -> dict[str, Any]:
    return {
        "rule": delay.key,
        "source": delay.source,
        "amount": delay.amount,
        "unit": delay.unit,
        "effect": delay.effect,
        "before": delay.before,
        "remaining": None,
        "skipped_days": (),
        "postponed_from": None,
    }


def _last_days(last_day: date, delay: Delay, calendar: Calendar) -> list[date]:
    """The days that are left, last one included, as the delay counts them."""
    left: list[date] = []
    day = last_day
    while len(left) < delay.amount:
        if delay.counting == "calendar" or calendar.is_business_day(day):
            left.insert(0, day)
        day -= timedelta(days=1)
    return left


def _from(start: datetime | date, found: DueDate) -> DueDate:
    """No reminder at or before the start of what it reminds of."""
    begun = in_utc(start) if isinstance(start, datetime) else paris_midnight(start)
    if found.fires_at is not None and found.fires_at > begun:
        return found
    return DueDate(None, None, _never(found.sum))


def never(found: DueDate) -> DueDate:
    """A reminder that does not come: its hour is over before it is set."""
    return DueDate(None, None, _never(found.sum))


def _never(told: Explanation) -> Explanation:
    return replace(told, counted_days=(), last_day=None, fires_at=None)
