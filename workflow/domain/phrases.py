"""What notifications say of facts, in French with its English: delays, days, instants, motives."""

from __future__ import annotations

from datetime import date, datetime

from workflow.clock import PARIS
from workflow.delay import Delay
from workflow.domain.campaign import Campaign
from workflow.domain.phrase import Phrase


def in_both(fact: object) -> Phrase:
    """A fact as texts name it; instants and days as Paris reads them, other text as it is."""
    if isinstance(fact, Phrase):
        return fact
    if isinstance(fact, datetime):
        local = fact.astimezone(PARIS)
        return Phrase(
            f"{local:%d/%m/%Y} à {local.hour}\u00a0h\u00a0{local:%M}",
            local.strftime("%d/%m/%Y at %H:%M (Paris time)"),
        )
    if isinstance(fact, date):
        return Phrase(*[fact.strftime("%d/%m/%Y")] * 2)
    return Phrase(str(fact), str(fact))


def delay_named(campaign: Campaign, key: str) -> Phrase:
    """One of the campaign's delays, as a sentence names it."""
    delay = campaign.delays[key]
    return Phrase(in_french(delay), delay_in_english(delay))


def days_named(days: int) -> Phrase:
    """A number of days, as a sentence names it."""
    return Phrase(days_in_french(days), days_in_english(days))


def in_french(delay: Delay) -> str:
    """A delay as a sentence names it: « 5 jours ouvrés », « 24 heures », « 6 semaines »."""
    if delay.unit == "hour":
        return f"{delay.amount}\u00a0heure{_s(delay.amount)}"
    if delay.counting == "business":
        return f"{delay.amount}\u00a0jour{_s(delay.amount)} ouvré{_s(delay.amount)}"
    if delay.amount % 7 == 0 and delay.amount:
        return f"{delay.amount // 7}\u00a0semaine{_s(delay.amount // 7)}"
    return days_in_french(delay.amount)


def days_in_french(days: int) -> str:
    """A number of days: « 1 jour », « 12 jours »."""
    return f"{days}\u00a0jour{_s(days)}"


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


def typeset(text: str) -> str:
    """French typography: no-break spaces before double signs, inside quotes, after numbers."""
    for sign in (" :", " ;", " ?", " !", " »"):
        text = text.replace(sign, "\u00a0" + sign[1:])
    return text.replace("« ", "«\u00a0").replace("nº ", "nº\u00a0").replace("DSR ", "DSR\u00a0")


def _s(count: int) -> str:
    return "s" if count > 1 else ""


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
