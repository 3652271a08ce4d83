"""The arithmetic of a legal delay: from a start to its last day and the instant it fires.

Four ways of counting (DOMAIN A1–A4, A15):

- *elapsed*: the exact instant, start plus amount, week-ends and clock changes included;
- *calendar* and *business*: the start day is not counted, and the delay ends when its last day
  ends in Paris; it fires at that midnight;
- *active*: so much running time of a clock that is suspended and resumed, to the exact instant.

Every result carries its sum, an `Explanation`, so that a date can be shown with its reasons
and proven afterwards. [règles 52 53 61 64 65 66 70]
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, get_args

from workflow.business_days import Calendar, SkippedDay, require_known_day
from workflow.clock import PARIS, UTC, in_utc, paris_date, paris_midnight
from workflow.errors import InvalidInput
from workflow.explanation import Counting, Effect, Explanation, Interval, Unit

__all__ = [
    "Counting",
    "Delay",
    "DueDate",
    "Effect",
    "Explanation",
    "Interval",
    "InvalidDelay",
    "Unit",
    "active_time",
    "days_left",
    "due",
    "due_active",
    "next_session",
]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LONGEST_DELAY = timedelta(days=3660)
_UNITS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
_REQUIRED = ("amount", "unit", "counting")
_OPTIONAL = ("effect", "source", "before")


class InvalidDelay(InvalidInput):
    """A delay of a campaign that cannot be counted."""

    code = "invalid_delay"


@dataclass(frozen=True, slots=True)
class Delay:
    """So many hours or days, and how they are counted.

    `effect` is *legal* (something ends), *indicative* (something is flagged) or *reminder*;
    `source` is the section that states it ("DSR 4.4"); `key` is its name in the campaign.
    `before` names the delay that a reminder comes before: it fires so long before that one's
    end, and never with the amount 0. Raises InvalidDelay, see `parse`.
    """

    amount: int
    unit: Unit
    counting: Counting
    effect: Effect = "legal"
    source: str = ""
    key: str = ""
    before: str = ""

    def __post_init__(self) -> None:
        self._require("unit", self.unit in get_args(Unit), get_args(Unit))
        self._require("counting", self.counting in get_args(Counting), get_args(Counting))
        self._require("effect", self.effect in get_args(Effect), get_args(Effect))
        self._require_amount()
        if not isinstance(self.source, str):
            raise InvalidDelay(
                f"Expected the source of delay {self.key!r} to be text but found {self.source!r}."
                ' Name the document and its section, as "DSR 4.4".'
            )
        self._require_reminder()
        if self.unit == "hour" and self.counting in ("calendar", "business"):
            raise InvalidDelay(
                f"Expected delay {self.key!r} to count {self.counting} time in days but found"
                " hours. Use the unit day, or the counting elapsed."
            )

    @classmethod
    def parse(cls, key: str, mapping: object) -> Delay:
        """The delay that a campaign writes under `key`.

        Raises InvalidDelay on a missing or unknown entry, an unknown unit, counting or effect,
        hours counted in calendar or business time, and an amount that is not a whole number of
        at least 1. Zero is accepted for a reminder in calendar days: on the very date; and for
        one that comes before another delay: then it never comes.
        """
        if not isinstance(mapping, Mapping):
            raise InvalidDelay(
                f"Expected delay {key!r} to have {', '.join(_REQUIRED)} but found {mapping!r}."
                " Write it as {amount: 5, unit: day, counting: business}."
            )
        missing = [name for name in _REQUIRED if name not in mapping]
        unknown = [str(name) for name in mapping if name not in _REQUIRED + _OPTIONAL]
        if missing or unknown:
            found = ", ".join(map(str, mapping)) or "nothing"
            raise InvalidDelay(
                f"Expected delay {key!r} to have {', '.join(_REQUIRED)}, and at most"
                f" {', '.join(_OPTIONAL)} besides, but found {found}."
                f" {'Add' if missing else 'Remove'} {', '.join(missing or unknown)}."
            )
        return cls(**mapping, key=key)

    @property
    def length(self) -> timedelta:
        """The amount as a duration, a day being 24 hours: for elapsed and active time."""
        return self.amount * _UNITS[self.unit]

    def _require(self, name: str, holds: bool, choices: tuple[str, ...]) -> None:
        if not holds:
            raise InvalidDelay(
                f"Expected the {name} of delay {self.key!r} to be one of {', '.join(choices)} but"
                f" found {getattr(self, name)!r}. Choose one of them."
            )

    def _require_reminder(self) -> None:
        if not isinstance(self.before, str) or (self.before and self.effect != "reminder"):
            raise InvalidDelay(
                f"Expected delay {self.key!r} to be a reminder, since it comes before"
                f" {self.before!r}, but its effect is {self.effect!r}. Write effect: reminder."
            )

    def _require_amount(self) -> None:
        on_the_date = self.effect == "reminder" and self.counting == "calendar"
        least = 0 if on_the_date or self.before else 1
        if type(self.amount) is not int or self.amount < least:
            raise InvalidDelay(
                f"Expected the amount of delay {self.key!r} to be a whole number of at least"
                f" {least} but found {self.amount!r}. Write how many {self.unit}s it lasts."
            )
        if self.amount > LONGEST_DELAY // _UNITS[self.unit]:
            raise InvalidDelay(
                f"Expected delay {self.key!r} to last at most {LONGEST_DELAY.days} days but found"
                f" {self.amount} {self.unit}s. Check the amount and its unit."
            )


@dataclass(frozen=True, slots=True)
class DueDate:
    """When a delay ends.

    `last_day` is the last day to act (Paris), None when the delay ends within a day (elapsed,
    active). `fires_at` is the instant (UTC) at which it is over, None while its clock stands.
    """

    last_day: date | None
    fires_at: datetime | None
    sum: Explanation


def due(
    delay: Delay,
    start: datetime | date,
    calendar: Calendar,
    *,
    remaining: int | None = None,
    postponed: bool = False,
) -> DueDate:
    """When an elapsed, calendar or business delay that starts at `start` ends.

    A `start` without an hour is a day in Paris; elapsed delays need an instant. `remaining`
    counts that many days instead of the amount (0: until the midnight of the start day).
    `postponed` moves the last day of a calendar delay that falls on a closed day to the next
    business day: a campaign's choice, off by default (DOMAIN A3).
    Raises InvalidInput (InvalidDelay for what concerns the delay itself).
    """
    if delay.counting == "active":
        raise InvalidDelay(
            f"Expected delay {delay.key!r} to be counted from its start but it counts active time."
            " Ask due_active with the intervals of its clock."
        )
    if delay.counting == "elapsed":
        return _due_elapsed(delay, start, remaining)
    return _due_in_days(delay, start, calendar, remaining, postponed)


def due_active(
    delay: Delay,
    intervals: Iterable[Interval],
    now: datetime,
    *,
    before: timedelta = timedelta(0),
    start: datetime | None = None,
) -> DueDate:
    """When an active delay is exhausted, from the running `intervals` of its clock.

    A long ledger may be given by its last intervals alone, with the running time `before` them,
    shorter than the delay, and the `start` of the clock; the suspensions before are then not in
    the explanation.

    The ledger is read as it stood at `now`: what starts later is not known yet, and what stops
    later still runs. `fires_at` is the exact instant at which the running time reaches the
    amount, past or future; None when the clock stands short of it or has not started.
    Raises InvalidDelay when the delay is not active, InvalidInput when intervals overlap, are
    out of order, or one that is not the last has no end.
    """
    if delay.counting != "active":
        raise InvalidDelay(
            f"Expected delay {delay.key!r} to count active time but it counts {delay.counting}"
            " time. Ask due with its start."
        )
    ledger = _ordered(intervals)
    as_of = in_utc(now)
    known = [interval for interval in ledger if interval.start <= as_of]
    fires_at = _exhausted_at(known, delay.length - before, as_of)
    explanation = Explanation(
        **_terms(delay),
        start=start or (known[0].start if known else None),
        suspensions=_suspensions(known, as_of, fires_at),
        active_time=before + active_time(known, as_of),
        as_of=as_of,
        fires_at=fires_at,
    )
    return DueDate(None, fires_at, explanation)


def active_time(intervals: Iterable[Interval], until: datetime) -> timedelta:
    """How long a clock has run by `until`, from its running `intervals` (see `due_active`)."""
    end = in_utc(until)
    return sum(
        (
            min(interval.end or end, end) - interval.start
            for interval in _ordered(intervals)
            if interval.start < end
        ),
        timedelta(0),
    )


def days_left(delay: Delay, day: date, last_day: date, calendar: Calendar) -> int:
    """The days still to be counted after `day`, up to `last_day`: what `remaining` takes.

    Calendar or business days, as the delay counts. Raises InvalidDelay when it counts neither,
    InvalidInput when `day` is after `last_day`.
    """
    if delay.counting not in ("calendar", "business"):
        raise InvalidDelay(
            f"Expected delay {delay.key!r} to count days but it counts {delay.counting} time."
            " Compare instants instead."
        )
    if day > last_day:
        raise InvalidInput(
            f"Expected a day at or before {last_day.isoformat()} but found {day.isoformat()}."
            " The delay is over: nothing is left of it."
        )
    calendar_days = (last_day - day).days
    if delay.counting == "calendar":
        return calendar_days
    return calendar_days - len(calendar.skipped_days(day, last_day))


def next_session(
    weekday: str, time: str, on_closed_day: str, calendar: Calendar, after: datetime
) -> datetime:
    """The first weekly session strictly after `after`, in UTC (DSR 4.5, DOMAIN P5).

    `weekday` is an English name, `time` is Paris time as HH:MM. A session that would fall on a
    closed day is held on the previous business day, the only rule known for `on_closed_day`; if
    that is not after `after` any more, the next week's session is given.
    Raises InvalidInput on an unknown weekday, time or rule.
    """
    _require_schedule(weekday, time, on_closed_day)
    hour, minute = (int(part) for part in time.split(":"))
    start_day = paris_date(after)
    nominal = start_day + timedelta(days=(WEEKDAYS.index(weekday) - start_day.weekday()) % 7)
    while True:
        day = calendar.previous_business_day(nominal)
        session = datetime(day.year, day.month, day.day, hour, minute, tzinfo=PARIS).astimezone(UTC)
        if session > after:
            return session
        nominal += timedelta(days=7)


def _due_elapsed(delay: Delay, start: datetime | date, remaining: int | None) -> DueDate:
    if not isinstance(start, datetime):
        raise InvalidInput(
            f"Expected the instant from which delay {delay.key!r} elapses but found the day"
            f" {start}. Give the hour too."
        )
    if remaining is not None:
        raise InvalidInput(
            f"Expected no number of remaining days for delay {delay.key!r}, which elapses, but"
            f" found {remaining!r}. Shift its start instead."
        )
    require_known_day(paris_date(start))
    fires_at = in_utc(start) + delay.length
    return DueDate(
        None, fires_at, Explanation(**_terms(delay), start=in_utc(start), fires_at=fires_at)
    )


def _due_in_days(
    delay: Delay,
    start: datetime | date,
    calendar: Calendar,
    remaining: int | None,
    postponed: bool,
) -> DueDate:
    start_day = paris_date(start) if isinstance(start, datetime) else start
    require_known_day(start_day)
    count = delay.amount if remaining is None else _whole_days(delay, remaining)
    if delay.counting == "business":
        counted_to = last_day = calendar.add_business_days(start_day, count)
        skipped = calendar.skipped_days(start_day, last_day)
    else:
        counted_to = start_day + timedelta(days=count)
        last_day = calendar.next_business_day(counted_to) if postponed else counted_to
        # The closed day on which the delay would have ended is passed over, and those behind it.
        skipped = calendar.skipped_days(
            counted_to - timedelta(days=1), last_day - timedelta(days=1)
        )
    fires_at = paris_midnight(last_day + timedelta(days=1))
    explanation = Explanation(
        **_terms(delay),
        start=in_utc(start) if isinstance(start, datetime) else start,
        remaining=remaining,
        counted_days=_counted(delay, start_day, counted_to, skipped),
        skipped_days=tuple(skipped),
        postponed_from=counted_to if counted_to != last_day else None,
        last_day=last_day,
        fires_at=fires_at,
    )
    return DueDate(last_day, fires_at, explanation)


def _terms(delay: Delay) -> dict[str, Any]:
    return {
        "rule": delay.key,
        "source": delay.source,
        "amount": delay.amount,
        "unit": delay.unit,
        "counting": delay.counting,
        "effect": delay.effect,
        "before": delay.before,
    }


def _counted(
    delay: Delay, start_day: date, counted_to: date, skipped: Sequence[SkippedDay]
) -> tuple[date, ...]:
    passed_over = {day.date for day in skipped} if delay.counting == "business" else set[date]()
    days = (start_day + timedelta(days=n) for n in range(1, (counted_to - start_day).days + 1))
    return tuple(day for day in days if day not in passed_over)


def _whole_days(delay: Delay, remaining: int) -> int:
    if type(remaining) is not int or remaining < 0:
        raise InvalidInput(
            f"Expected the days that remain of delay {delay.key!r} to be a whole number, zero or"
            f" more, but found {remaining!r}. Count them with days_left."
        )
    return remaining


def _ordered(intervals: Iterable[Interval]) -> list[Interval]:
    ledger = list(intervals)
    for earlier, later in pairwise(ledger):
        if earlier.end is None or earlier.end > later.start:
            raise InvalidInput(
                "Expected the intervals of a clock to follow one another but found"
                f" {earlier.start.isoformat()} still running at {later.start.isoformat()}."
                " Order them, and end each before the next begins."
            )
    return ledger


def _exhausted_at(known: Sequence[Interval], length: timedelta, as_of: datetime) -> datetime | None:
    left = length
    for interval in known:
        if interval.end is None or interval.end > as_of or interval.end - interval.start >= left:
            return interval.start + left
        left -= interval.end - interval.start
    return None


def _suspensions(
    known: Sequence[Interval], as_of: datetime, fires_at: datetime | None
) -> tuple[Interval, ...]:
    resumptions = [interval.start for interval in known[1:]] + [None]
    gaps = (
        Interval(interval.end, resumed_at, interval.reason)
        for interval, resumed_at in zip(known, resumptions, strict=False)
        if interval.end is not None and interval.end <= as_of and interval.end != resumed_at
    )
    return tuple(gap for gap in gaps if fires_at is None or gap.start < fires_at)


def _require_schedule(weekday: str, time: str, on_closed_day: str) -> None:
    if weekday not in WEEKDAYS:
        raise InvalidInput(
            f"Expected the day of a weekly session to be one of {', '.join(WEEKDAYS)} but found"
            f" {weekday!r}. Choose one of them."
        )
    if not isinstance(time, str) or re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", time) is None:
        raise InvalidInput(
            f"Expected the time of a weekly session as HH:MM but found {time!r}."
            ' Write it between quotes, as "10:00".'
        )
    if on_closed_day != "previous_business_day":
        raise InvalidInput(
            "Expected a session that falls on a closed day to move to previous_business_day but"
            f" found {on_closed_day!r}. Only that rule is known."
        )
