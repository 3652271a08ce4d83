"""The sum behind a legal date: what was counted, what was not, and why.

Stored with each deadline, shown to whoever asks, kept as proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from workflow.business_days import SkippedDay
from workflow.clock import PARIS, in_utc
from workflow.errors import InvalidInput

Unit = Literal["hour", "day"]
Counting = Literal["elapsed", "calendar", "business", "active"]
Effect = Literal["legal", "indicative", "reminder"]

_WRITTEN_AS_THEY_ARE = ("rule", "source", "amount", "unit", "counting", "effect", "remaining")


@dataclass(frozen=True, slots=True)
class Interval:
    """From `start` to `end` (excluded; None while it lasts), in UTC.

    In a clock ledger it is a time during which the clock runs, and `reason` says why it stopped;
    in an `Explanation` it is the suspension that followed, with that reason.
    Raises InvalidInput on naive instants and when the end comes before the start.
    """

    start: datetime
    end: datetime | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        # Instants of one and the same zone subtract by the wall clock: only UTC is exact.
        object.__setattr__(self, "start", in_utc(self.start))
        if self.end is None:
            return
        object.__setattr__(self, "end", in_utc(self.end))
        if self.end < self.start:
            raise InvalidInput(
                f"Expected an interval to end at or after {self.start.isoformat()} but found"
                f" {self.end.isoformat()}. Exchange its start and its end."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The sum behind a date: what was counted, what was not, and why.

    `start` is an instant (UTC) or a day; None for a clock that has not started. `remaining`
    is the number of days counted instead of `amount`, if any. `before` names the delay whose
    end a reminder comes before; its counted days are those that are then left. `skipped_days` are
    those that a business delay, or a postponement, passed over. For active time, `suspensions` are
    the times not counted, as known at `as_of`, and `active_time` is what had run by then.
    """

    rule: str
    source: str
    amount: int
    unit: Unit
    counting: Counting
    effect: Effect
    start: datetime | date | None
    remaining: int | None = None
    counted_days: tuple[date, ...] = ()
    skipped_days: tuple[SkippedDay, ...] = ()
    postponed_from: date | None = None
    suspensions: tuple[Interval, ...] = ()
    active_time: timedelta | None = None
    as_of: datetime | None = None
    last_day: date | None = None
    fires_at: datetime | None = None
    before: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values; instants as ISO text with the offset of Paris."""
        return {
            "rule": self.rule,
            "source": self.source,
            "amount": self.amount,
            "unit": self.unit,
            "counting": self.counting,
            "effect": self.effect,
            "start": _text(self.start),
            "remaining": self.remaining,
            "counted_days": [day.isoformat() for day in self.counted_days],
            "skipped_days": [
                {"date": day.date.isoformat(), "reason": day.reason} for day in self.skipped_days
            ],
            "postponed_from": _text(self.postponed_from),
            "suspensions": [
                {"start": _text(gap.start), "end": _text(gap.end), "reason": gap.reason}
                for gap in self.suspensions
            ],
            "active_seconds": None
            if self.active_time is None
            else self.active_time.total_seconds(),
            "as_of": _text(self.as_of),
            "last_day": _text(self.last_day),
            "fires_at": _text(self.fires_at),
            **({"before": self.before} if self.before else {}),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Explanation:
        """The explanation that `as_json` wrote; raises InvalidInput on anything else."""
        try:
            return cls(
                **{name: stored[name] for name in _WRITTEN_AS_THEY_ARE},
                start=_moment(stored["start"]),
                counted_days=tuple(date.fromisoformat(day) for day in stored["counted_days"]),
                skipped_days=tuple(
                    SkippedDay(date.fromisoformat(day["date"]), day["reason"])
                    for day in stored["skipped_days"]
                ),
                postponed_from=_day(stored["postponed_from"]),
                suspensions=tuple(
                    Interval(
                        datetime.fromisoformat(gap["start"]), _instant(gap["end"]), gap["reason"]
                    )
                    for gap in stored["suspensions"]
                ),
                active_time=_duration(stored["active_seconds"]),
                as_of=_instant(stored["as_of"]),
                last_day=_day(stored["last_day"]),
                fires_at=_instant(stored["fires_at"]),
                before=stored.get("before", ""),
            )
        except (KeyError, TypeError, ValueError) as fault:
            raise InvalidInput(
                f"Expected the stored sum of a deadline but found something else ({fault!r})."
                " Compute the deadline again."
            ) from fault


def _text(moment: datetime | date | None) -> str | None:
    if isinstance(moment, datetime):
        return moment.astimezone(PARIS).isoformat()
    return None if moment is None else moment.isoformat()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else in_utc(datetime.fromisoformat(text))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _moment(text: str | None) -> datetime | date | None:
    return _instant(text) if text is not None and "T" in text else _day(text)


def _duration(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
