"""Dates, durations and sizes in words, as LOOK §7 asks; the law is read in Paris.

Pure functions of a value, the present and a language ("fr" or "en"); `web.filters` gives
them to the templates with the present and the reader's language filled in.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from babel.dates import format_date
from babel.numbers import format_decimal

from web.typography import NO_BREAK
from workflow.clock import PARIS, paris_date

_LOCALES = {"fr": "fr_FR", "en": "en_GB"}
_NEAR = {
    "fr": {-1: "hier", 0: "aujourd’hui", 1: "demain"},
    "en": {-1: "yesterday", 0: "today", 1: "tomorrow"},
}
_UNITS = {
    "fr": {"day": ("jour", "jours"), "d": "j", "h": "h", "min": "min"},
    "en": {"day": ("day", "days"), "d": "d", "h": "h", "min": "min"},
}
_SIZES = {"fr": ("octets", "Ko", "Mo", "Go"), "en": ("bytes", "kB", "MB", "GB")}


def date_words(
    day: date | datetime,
    now: datetime,
    language: str = "fr",
    *,
    weekday: bool = True,
    year: bool | None = None,
    near: bool = False,
) -> str:
    """*jeudi 3 novembre 2022*; the year is dropped when it is the present one.

    An instant stands for its day in Paris. `year` forces or forbids the year; `near` says
    yesterday, today and tomorrow by name.
    """
    day = _day(day)
    named = _NEAR[language].get((day - paris_date(now)).days)
    if near and named:
        return named
    with_year = day.year != paris_date(now).year if year is None else year
    pattern = f"{'EEEE ' if weekday else ''}d MMMM{' y' if with_year else ''}"
    words = format_date(day, pattern, locale=_LOCALES[language])
    if language == "fr" and day.day == 1:
        words = words.replace("1 ", "1er ", 1)
    # Between the number of a day and its month no line is broken.
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    return words.replace(f"{number} ", f"{number}{NO_BREAK}", 1)


def time_words(instant: datetime, language: str = "fr", *, seconds: bool = False) -> str:
    """*16 h 20* in French, *16:20* in English; with `seconds`, *16 h 20 min 05 s*."""
    local = instant.astimezone(PARIS)
    if language == "en":
        return f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    words = f"{local.hour} h {local:%M}" + (f" min {local:%S} s" if seconds else "")
    return words.replace(" ", NO_BREAK)


def hour_words(time: str, language: str = "fr") -> str:
    """A time of day that a campaign writes "10:00": *10 h 00* in French."""
    return time if language == "en" else time.replace(":", f"{NO_BREAK}h{NO_BREAK}")


def instant_words(
    instant: datetime,
    now: datetime,
    language: str = "fr",
    *,
    weekday: bool = True,
    year: bool | None = None,
    near: bool = True,
) -> str:
    """*jeudi 3 novembre, 16 h 20*; *aujourd’hui, 16 h 20* when it is near."""
    day = date_words(instant, now, language, weekday=weekday, year=year, near=near)
    return f"{day}, {time_words(instant, language)}"


def remaining_words(until: date | datetime, now: datetime, language: str = "fr") -> str:
    """How long until then: *dans 6 h 40*, *dans 4 jours*; *il y a 3 jours* once it is past.

    A day is counted in days of Paris; an instant in hours below two days.
    """
    if not isinstance(until, datetime):
        return _days_away((until - paris_date(now)).days, language)
    gap = until - now
    if abs(gap) >= timedelta(days=2):
        return _days_away(int(gap / timedelta(days=1)), language)
    words = duration_words(abs(gap), language)
    if abs(gap) >= timedelta(days=1):
        words = f"{abs(gap) // timedelta(hours=1)}{NO_BREAK}{_UNITS[language]['h']}"
    return _before_or_after(words, gap < timedelta(0), language)


def duration_words(duration: timedelta, language: str = "fr") -> str:
    """*16 j 5 h*, *17 h 20*, *25 min*: the two largest parts, rounded down to the minute."""
    unit = _UNITS[language]
    minutes = int(duration.total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        parts = [f"{days} {unit['d']}"] + ([f"{hours} {unit['h']}"] if hours else [])
    elif hours:
        parts = [f"{hours} {unit['h']}"] + ([f"{minutes:02d}"] if minutes else [])
    else:
        parts = [f"{minutes} {unit['min']}"]
    return " ".join(parts).replace(" ", NO_BREAK)


def table_instant(instant: datetime) -> str:
    """*02/11/2022 16:20*, for tables."""
    return f"{instant.astimezone(PARIS):%d/%m/%Y{NO_BREAK}%H:%M}"


def table_date(day: date | datetime) -> str:
    """*02/11/2022*, for tables."""
    return f"{_day(day):%d/%m/%Y}"


def size_words(octets: int, language: str = "fr") -> str:
    """*84 Ko*, *1,2 Mo*: a file's size with at most two figures after rounding."""
    amount, step = float(octets), 0
    while amount >= 1000 and step < len(_SIZES[language]) - 1:
        amount, step = amount / 1000, step + 1
    pattern = "#,##0.#" if step and amount < 10 else "#,##0"
    number = format_decimal(amount, format=pattern, locale=_LOCALES[language])
    return f"{number}{NO_BREAK}{_SIZES[language][step]}"


def siret_words(number: str) -> str:
    """*123 456 782 00010*."""
    return f"{number[:3]} {number[3:6]} {number[6:9]} {number[9:]}" if len(number) == 14 else number


def first_upper(words: str) -> str:
    """The same words as the beginning of a sentence."""
    return words[:1].upper() + words[1:]


def _day(value: date | datetime) -> date:
    return paris_date(value) if isinstance(value, datetime) else value


def _days_away(days: int, language: str) -> str:
    if days in (-1, 0, 1):
        return _NEAR[language][days]
    name = _UNITS[language]["day"][1]
    return _before_or_after(f"{abs(days)}{NO_BREAK}{name}", days < 0, language)


def _before_or_after(words: str, past: bool, language: str) -> str:
    if language == "en":
        return f"{words} ago" if past else f"in {words}"
    return f"il y a {words}" if past else f"dans {words}"
