"""What notifications say of facts, in French with its English: delays, days, instants, motives."""

from __future__ import annotations

from datetime import date, datetime

from workflow.clock import PARIS
from workflow.delay import Delay


class Phrase(str):
    """A French phrase that knows its English."""

    __slots__ = ("english",)
    english: str

    def __new__(cls, french: str, english: str) -> Phrase:
        """The phrase; it is its French wherever no English is asked for."""
        phrase = super().__new__(cls, french)
        phrase.english = english
        return phrase


def in_both(fact: object) -> Phrase:
    """A fact as texts name it; instants and days as Paris reads them, other text as it is."""
    if isinstance(fact, Phrase):
        return fact
    if isinstance(fact, datetime):
        local = fact.astimezone(PARIS)
        return Phrase(
            local.strftime("%d/%m/%Y à %H\u00a0h\u00a0%M"),
            local.strftime("%d/%m/%Y at %H:%M (Paris time)"),
        )
    if isinstance(fact, date):
        return Phrase(*[fact.strftime("%d/%m/%Y")] * 2)
    return Phrase(str(fact), str(fact))


def delay_in_english(delay: Delay) -> str:
    """A delay as a sentence names it: “5 business days”, “24 hours”, “6 weeks”."""
    if delay.unit == "hour":
        return _counted(delay.amount, "hour")
    if delay.counting == "business":
        return _counted(delay.amount, "business day")
    if delay.amount % 7 == 0 and delay.amount:
        return _counted(delay.amount // 7, "week")
    return days_in_english(delay.amount)


def days_in_english(days: int) -> str:
    """A number of days: “1 day”, “12 days”."""
    return _counted(days, "day")


def reason(text: str | None) -> Phrase:
    """A motive as the end of a sentence; nothing without one. The words are kept as typed."""
    if not text or not text.strip():
        return Phrase("", "")
    return Phrase(f" Motif\u00a0: {text.strip()}", f" Reason: {text.strip()}")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
