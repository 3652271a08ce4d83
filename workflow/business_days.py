"""Business days: Monday to Friday, less public holidays and the Agency's own closures.

A business day is a « jour ouvré » (DSR 4.2, DOMAIN A1). Public holidays come from
jours-feries-france under the names of the labour code (art. L. 3133-1 and L. 3422-2). [règle 53]
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from jours_feries_france import JoursFeries

from workflow.errors import InvalidInput

# New Caledonia, French Polynesia, Wallis and Futuna and Saint-Pierre are left out on purpose:
# the library accepts them but does not know the days of their own statutes.
ZONES = {
    "metropole": "Métropole",
    "alsace_moselle": "Alsace-Moselle",
    "guadeloupe": "Guadeloupe",
    "guyane": "Guyane",
    "la_reunion": "La Réunion",
    "martinique": "Martinique",
    "mayotte": "Mayotte",
    "saint_barthelemy": "Saint-Barthélémy",
    "saint_martin": "Saint-Martin",
}
# The present list of public holidays has held since 8 May came back in 1982.
FIRST_YEAR = 1982
LAST_YEAR = 2199
AGENCY_CLOSURE = "fermeture de l'Agence"
_WEEKEND = {5: "samedi", 6: "dimanche"}
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SkippedDay:
    """A day that a delay in business days does not count, and why (in French)."""

    date: date
    reason: str


@dataclass(frozen=True)
class Calendar:
    """Which days are business days: a zone of public holidays and extra closed days.

    Raises InvalidInput on an unknown zone or a closed day that is not a date; every method
    raises it on a day outside FIRST_YEAR–LAST_YEAR.
    """

    holidays: str = "metropole"
    closed_days: Collection[date] = ()

    def __post_init__(self) -> None:
        if self.holidays not in ZONES:
            raise InvalidInput(
                f"Expected a zone of public holidays among {', '.join(ZONES)} but found"
                f" {self.holidays!r}. Choose one of them."
            )
        for day in self.closed_days:
            _require_date(day)
        object.__setattr__(self, "closed_days", frozenset(self.closed_days))

    def is_business_day(self, day: date) -> bool:
        """Whether the Agency works on `day`."""
        return self.closed_reason(day) is None

    def closed_reason(self, day: date) -> str | None:
        """Why `day` is closed, in French, or None when it is a business day.

        The reason most particular to the day is given: a holiday that falls on a Sunday is
        named as the holiday, since the weekday can be read off the date.
        """
        require_known_day(day)
        holiday = _public_holidays(day.year, self.holidays).get(day)
        if holiday is not None:
            return holiday
        if day.weekday() in _WEEKEND:
            return _WEEKEND[day.weekday()]
        return AGENCY_CLOSURE if day in self.closed_days else None

    def add_business_days(self, start: date, count: int) -> date:
        """The `count`-th business day after `start`, which is not itself counted.

        Zero gives `start`, open or closed. Raises InvalidInput when `count` is negative.
        """
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise InvalidInput(
                f"Expected a whole number of business days, zero or more, but found {count!r}."
                " Delays only run forward: give a positive number."
            )
        require_known_day(start)
        day = start
        for _ in range(count):
            day = self.next_business_day(day + _ONE_DAY)
        return day

    def next_business_day(self, day: date) -> date:
        """The first business day at or after `day`."""
        while not self.is_business_day(day):
            day += _ONE_DAY
        return day

    def previous_business_day(self, day: date) -> date:
        """The last business day at or before `day`."""
        while not self.is_business_day(day):
            day -= _ONE_DAY
        return day

    def skipped_days(self, start: date, end: date) -> list[SkippedDay]:
        """The closed days after `start`, up to and including `end`, in order."""
        days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
        return [
            SkippedDay(day, reason)
            for day in days
            if (reason := self.closed_reason(day)) is not None
        ]


def require_known_day(day: date) -> None:
    """Raises InvalidInput when the public holidays of that day's year are not known."""
    _require_date(day)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidInput(
            f"Expected a day between {FIRST_YEAR} and {LAST_YEAR} but found {day.isoformat()}."
            " Public holidays are not known beyond: check the date."
        )


def _require_date(day: object) -> None:
    # A datetime is a date to Python, but its day depends on a time zone: the caller must choose.
    if not isinstance(day, date) or isinstance(day, datetime):
        raise InvalidInput(
            f"Expected a date but found {day!r}. Give a day without an hour, as 2022-11-01."
        )


@lru_cache(maxsize=512)
def _public_holidays(year: int, zone: str) -> dict[date, str]:
    by_name: dict[str, date] = JoursFeries.for_year(year, ZONES[zone])
    return {day: name for name, day in by_name.items()}
