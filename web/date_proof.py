"""What proves a date, beside its sum: rule, exact start, way of counting, suspensions, version.

And, for a date that a change of the campaign moved: the act, its basis, the sum that stood
before. Reads what was stored with the date; nothing is counted again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from web.campaign_words import COUNTINGS, delay_name, delay_words, rule_text
from web.language import _, _n
from web.words import date_words, duration_words, instant_words
from workflow.clock import in_utc
from workflow.delay import Delay
from workflow.explanation import Explanation


@dataclass(frozen=True)
class DateProof:
    """Facts of a date as sentences; `moved` are those of the act that moved it, if any."""

    facts: list[str]
    moved: list[str]


def date_proof(stored: Mapping[str, Any], now: datetime, language: str) -> DateProof:
    """The facts behind a stored sum, told at `now` in `language`."""
    sum_ = Explanation.from_json(stored)
    facts = [
        _rule(sum_),
        _start(sum_, now, language),
        _("Manière de compter : %(words)s.", words=COUNTINGS[sum_.counting]),
        *_holds(sum_, now, language),
        _effect_at(sum_, now, language),
        _version(stored),
    ]
    return DateProof([fact for fact in facts if fact], _moved(stored, now, language))


def _rule(sum_: Explanation) -> str:
    text = rule_text(sum_.rule)
    if not text:
        return _("Règle : %(name)s.", name=delay_name(sum_.rule))
    return _("Règle (%(source)s) : %(text)s", source=sum_.source, text=text)


def _start(sum_: Explanation, now: datetime, language: str) -> str:
    if sum_.start is None:
        return _("Le décompte n'a pas commencé.")
    return _("Départ : %(start)s.", start=_moment(sum_.start, now, language))


def _holds(sum_: Explanation, now: datetime, language: str) -> list[str]:
    """Suspensions; those of a sum in hours or of a clock stand in the sum itself already."""
    if not sum_.counted_days:
        return []
    return [
        _(
            "Suspendu du %(start)s au %(end)s, soit %(length)s non comptés.",
            start=_moment(gap.start, now, language),
            end=_moment(gap.end, now, language),
            length=duration_words(gap.end - gap.start, language),
        )
        for gap in sum_.suspensions
        if gap.end is not None
    ]


def _effect_at(sum_: Explanation, now: datetime, language: str) -> str:
    if sum_.fires_at is None:
        return ""
    when = _moment(sum_.fires_at, now, language)
    return _("Effet : %(when)s, heure de Paris.", when=when)


def _version(stored: Mapping[str, Any]) -> str:
    version = stored.get("campaign_version")
    if version is None:
        return ""
    return _("Calculé avec la version %(version)s des paramètres.", version=version)


def _moved(stored: Mapping[str, Any], now: datetime, language: str) -> list[str]:
    change = stored.get("change")
    if not change:
        return []
    # A reminder comes at its hour: what it calls its last day is the day before.
    hidden = {"last_day": None} if stored.get("before") else {}
    before, after = {**change["replaced"], **hidden}, {**stored, **hidden}
    act = _(
        "Date déplacée par la modification nº %(number)s des paramètres. Fondement : %(basis)s",
        number=change["number"],
        basis=change["basis"],
    )
    old = _(
        "Avant : %(delay)s, %(date)s.",
        delay=_delay(before),
        date=_date(before, now, language),
    )
    new = _(
        "Maintenant : %(delay)s, %(date)s.",
        delay=_delay(after),
        date=_date(after, now, language),
    )
    return [act if act.endswith((".", "!", "?")) else f"{act}.", old, new]


def _delay(stored: Mapping[str, Any]) -> str:
    if stored.get("remaining") is not None:
        return _n("%(num)s jour restant", "%(num)s jours restants", stored["remaining"])
    return delay_words(Delay(stored["amount"], stored["unit"], stored["counting"], "reminder"))


def _date(stored: Mapping[str, Any], now: datetime, language: str) -> str:
    if stored.get("last_day"):
        day = date.fromisoformat(stored["last_day"])
        return _(
            "dernier jour %(day)s", day=date_words(day, now, language, weekday=False, year=True)
        )
    if stored.get("fires_at"):
        return _moment(in_utc(datetime.fromisoformat(stored["fires_at"])), now, language)
    return _("pas de date tant que le décompte est suspendu")


def _moment(value: date | datetime | None, now: datetime, language: str) -> str:
    if isinstance(value, datetime):
        return instant_words(value, now, language, weekday=False, near=False, year=True)
    return "" if value is None else date_words(value, now, language, weekday=False, year=True)
