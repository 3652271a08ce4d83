"""What time it is: the only reader of the wall clock in the product.

Everything else is handed a `Clock`, or an instant read from one. Instants are UTC-aware
datetimes; the law is counted in Paris (DOMAIN A3, A5).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from workflow.errors import InvalidInput

PARIS = ZoneInfo("Europe/Paris")

__all__ = [
    "PARIS",
    "UTC",
    "Clock",
    "DemoClock",
    "SystemClock",
    "VirtualClock",
    "in_utc",
    "paris_date",
    "paris_midnight",
]


class Clock(Protocol):
    """Tells the present instant."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class VirtualClock:
    """A clock that stands still until it is moved: scenarios, what-if, tests."""

    def __init__(self, instant: datetime) -> None:
        """Set the clock to `instant`; raises InvalidInput when it is naive."""
        self._now = in_utc(instant)

    def now(self) -> datetime:
        return self._now

    def move_to(self, instant: datetime) -> None:
        """Move forward to `instant`, or stay; raises InvalidInput when it is earlier."""
        target = in_utc(instant)
        if target < self._now:
            raise InvalidInput(
                f"Expected an instant at or after {self._now.isoformat()} but found"
                f" {target.isoformat()}. Time only moves forward: give a later instant."
            )
        self._now = target


@dataclass(frozen=True, slots=True)
class DemoClock:
    """Runs at real speed from a chosen instant, plus what its administrator has advanced.

    `started_at_system` is when the demo started by `system`; at that moment the demo clock
    showed `started_at_demo`. `advanced` is the total of all moves forward since.
    """

    started_at_system: datetime
    started_at_demo: datetime
    advanced: timedelta
    system: Clock

    def __post_init__(self) -> None:
        """Raises InvalidInput on naive instants and on a negative advance."""
        object.__setattr__(self, "started_at_system", in_utc(self.started_at_system))
        object.__setattr__(self, "started_at_demo", in_utc(self.started_at_demo))
        if self.advanced < timedelta(0):
            raise InvalidInput(
                f"Expected the demo clock to be advanced by zero or more but found {self.advanced}."
                " Time only moves forward: give a positive duration."
            )

    def now(self) -> datetime:
        return self.started_at_demo + (self.system.now() - self.started_at_system) + self.advanced


def in_utc(instant: datetime) -> datetime:
    """The same instant in UTC; raises InvalidInput when it has no time zone."""
    if instant.utcoffset() is None:
        raise InvalidInput(
            f"Expected an instant with a time zone but found {instant.isoformat()}."
            " Give its offset, for instance +01:00."
        )
    return instant.astimezone(UTC)


def paris_date(instant: datetime) -> date:
    """The day that the calendar on a wall in Paris shows at `instant`."""
    return in_utc(instant).astimezone(PARIS).date()


def paris_midnight(day: date) -> datetime:
    """The instant, in UTC, at which `day` begins in Paris (00:00)."""
    return datetime(day.year, day.month, day.day, tzinfo=PARIS).astimezone(UTC)
