"""Instants, days and sizes as documents write them, in French; hours are those of Paris.

Copies that are only read have them in English too.
"""

from __future__ import annotations

from datetime import date, datetime

from workflow.clock import PARIS, UTC

MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
_ENGLISH_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_UNITS = {"fr": ("octets", "Ko", "Mo", "Go"), "en": ("bytes", "KB", "MB", "GB")}


def day(written: str | None) -> str:
    """*3 octobre 2022*, from an ISO day or instant; empty from nothing."""
    if not written:
        return ""
    found = _instant(written).date() if "T" in written else date.fromisoformat(written)
    rank = "1er" if found.day == 1 else str(found.day)
    return f"{rank}\u00a0{MONTHS[found.month - 1]}\u00a0{found.year}"


def instant(written: str | None) -> str:
    """*3 octobre 2022 à 9 h 40*, hour of Paris; empty from nothing."""
    if not written:
        return ""
    at = _instant(written)
    return f"{day(written)} à {at.hour}\u00a0h\u00a0{at:%M}"


def english_day(written: str | None) -> str:
    """*3 October 2022*, from an ISO day or instant; empty from nothing."""
    if not written:
        return ""
    found = _instant(written).date() if "T" in written else date.fromisoformat(written)
    return f"{found.day}\u00a0{_ENGLISH_MONTHS[found.month - 1]}\u00a0{found.year}"


def english_instant(written: str | None) -> str:
    """*3 October 2022 at 09:40*, hour of Paris; empty from nothing."""
    if not written:
        return ""
    return f"{english_day(written)} at {_instant(written):%H:%M}"


def utc(written: str | None) -> str:
    """*2022-10-03 07:40:12 UTC*; empty from nothing."""
    if not written:
        return ""
    return f"{datetime.fromisoformat(written).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def size(octets: int, language: str = "fr") -> str:
    """*12,4 Ko*, or *12.4 KB*."""
    units = _UNITS[language]
    amount, unit = float(octets), 0
    while amount >= 1000 and unit < len(units) - 1:
        amount, unit = amount / 1000, unit + 1
    written = f"{amount:.0f}" if unit == 0 else f"{amount:.1f}"
    return f"{written.replace('.', ',') if language == 'fr' else written}\u00a0{units[unit]}"


def siret(number: str) -> str:
    """*123 456 782 00010*."""
    if len(number) != 14:
        return number
    return "\u00a0".join((number[:3], number[3:6], number[6:9], number[9:]))


def _instant(written: str) -> datetime:
    return datetime.fromisoformat(written).astimezone(PARIS)
