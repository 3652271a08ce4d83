"""Why this date? The sum that a deadline stores, in words and day cells (LOOK §6).

Reads `workflow.explanation.Explanation.as_json`; nothing is counted again here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from babel.dates import format_date

from web.holiday_words import reason_closed
from web.language import _, _l, _n
from web.words import date_words, duration_words, instant_words
from workflow.business_days import AGENCY_CLOSURE
from workflow.clock import paris_date
from workflow.explanation import Explanation

MOST_CELLS = 12

_STARTS = {
    "admissibility_check": _l("candidature déposée"),
    "admissibility_solicitation": _l("questions envoyées"),
    "solicitation_deprioritise": _l("questions envoyées"),
    "solicitation_delay": _l("questions envoyées"),
    "solicitation_abandon": _l("questions envoyées"),
    "instruction": _l("dossier de preuves complet notifié"),
    "reservation_lifting": _l("décision notifiée"),
    "proof_reminder": _l("date prévue par l'opérateur"),
    "convention_reminder": _l("convention envoyée"),
    "convention_last_reminder": _l("convention envoyée"),
}


@dataclass(frozen=True)
class DayCell:
    """One day of the count; `kind` is its class: "", "off", "end" or "now"."""

    kind: str
    weekday: str
    number: int
    note: str
    spoken: str


@dataclass(frozen=True)
class Suspension:
    """A time during which the clock stood."""

    length: str
    note: str


@dataclass(frozen=True)
class DateSum:
    """A date's sum in words; `days` is filled for business days and short counts of days."""

    to_the_hour: bool
    sentence: str
    start: str
    start_note: str
    is_taken_away: bool
    """Whether the delay is counted back from the start: a reminder before the end of another."""
    delay: str
    delay_note: str
    result: str
    result_note: str
    source: str
    days: list[DayCell]
    skipped: str
    suspensions: list[Suspension]


def date_sum(stored: Mapping[str, Any], now: datetime, language: str) -> DateSum:
    """The sum of a stored explanation, told at `now` in `language`."""
    sum_ = Explanation.from_json(stored)
    to_the_hour = sum_.last_day is None
    end = _end_of_other(sum_)
    return DateSum(
        to_the_hour=to_the_hour,
        sentence=_sentence(sum_, now, language),
        start=_moment(end or sum_.start, to_the_hour, now, language),
        start_note=_("fin du délai") if end else _start_note(sum_, to_the_hour),
        is_taken_away=end is not None,
        delay=_delay(sum_),
        delay_note=_delay_note(sum_),
        result=_result(sum_, to_the_hour, now, language),
        result_note=_result_note(sum_, to_the_hour),
        source=_effect_and_source(sum_),
        days=_cells(sum_, now, language),
        skipped=_skipped(sum_, now, language),
        suspensions=[_suspension(gap, now, language) for gap in sum_.suspensions],
    )


def _moment(value: datetime | date | None, to_the_hour: bool, now: datetime, language: str) -> str:
    if value is None:
        return _("pas encore commencé")
    if isinstance(value, datetime) and to_the_hour:
        return instant_words(value, now, language, weekday=False, near=False)
    return date_words(value, now, language, weekday=False)


def _end_of_other(sum_: Explanation) -> date | datetime | None:
    """The end of the delay that a reminder comes before, where it can be told."""
    if not sum_.before:
        return None
    if sum_.counted_days:
        return sum_.counted_days[-1]
    if sum_.unit == "hour" and sum_.fires_at is not None:
        return sum_.fires_at + timedelta(hours=sum_.amount)
    return None


def _what_started(sum_: Explanation) -> str:
    if sum_.remaining is not None and sum_.suspensions:
        return _("reprise du dossier suspendu")
    return str(_STARTS.get(sum_.before or sum_.rule, ""))


def _start_note(sum_: Explanation, to_the_hour: bool) -> str:
    note = _what_started(sum_)
    if to_the_hour or not sum_.counted_days:
        return note
    return _("%(what)s, jour non compté", what=note) if note else _("jour non compté")


def _delay(sum_: Explanation) -> str:
    if sum_.remaining is not None:
        return _n("%(num)s jour restant", "%(num)s jours restants", sum_.remaining)
    if sum_.unit == "hour":
        return _n("%(num)s heure", "%(num)s heures", sum_.amount)
    if sum_.counting == "active" and sum_.amount % 7 == 0:
        return _n("%(num)s semaine", "%(num)s semaines", sum_.amount // 7)
    return _n("%(num)s jour", "%(num)s jours", sum_.amount)


def _result_note(sum_: Explanation, to_the_hour: bool) -> str:
    if to_the_hour:
        return ""
    return _("à minuit") if sum_.before else _("dernier jour, jusqu'à minuit")


def _delay_note(sum_: Explanation) -> str:
    if sum_.before:
        business = sum_.counting == "business"
        return _("ouvrés, avant la fin du délai") if business else _("avant la fin du délai")
    return {
        "elapsed": _("nuits, week-ends et fériés compris"),
        "calendar": _("du calendrier, week-ends et fériés compris"),
        "business": _("ouvrés"),
        "active": _("décomptés, hors suspensions"),
    }[sum_.counting]


def _result(sum_: Explanation, to_the_hour: bool, now: datetime, language: str) -> str:
    if sum_.last_day is not None:
        return date_words(sum_.last_day, now, language, weekday=False)
    if sum_.fires_at is None:
        return _("pas de date tant que le décompte est suspendu")
    return _moment(sum_.fires_at, to_the_hour, now, language)


def _effect_and_source(sum_: Explanation) -> str:
    indicative = {"indicative": _("délai indicatif"), "reminder": _("simple rappel")}
    return ", ".join(part for part in (sum_.source, indicative.get(sum_.effect, "")) if part)


def _sentence(sum_: Explanation, now: datetime, language: str) -> str:
    if not sum_.counted_days or sum_.start is None:
        return ""
    if sum_.before:
        return _("Rappel envoyé quand il reste %(left)s.", left=_delay(sum_))
    start = date_words(sum_.start, now, language)
    count = len(sum_.counted_days)
    if sum_.counting == "business":
        plus = _n("plus %(num)s jour ouvré", "plus %(num)s jours ouvrés", count)
    else:
        plus = _n("plus %(num)s jour du calendrier", "plus %(num)s jours du calendrier", count)
    what = _what_started(sum_) or _("départ")
    return _(
        "%(what)s le %(start)s, %(plus)s. Le jour de départ ne compte pas.",
        what=what[:1].upper() + what[1:],
        start=start,
        plus=plus,
    )


def _cells(sum_: Explanation, now: datetime, language: str) -> list[DayCell]:
    if not sum_.counted_days or sum_.last_day is None or sum_.start is None or sum_.before:
        return []
    start = paris_date(sum_.start) if isinstance(sum_.start, datetime) else sum_.start
    length = (sum_.last_day - start).days + 1
    if length > MOST_CELLS and sum_.counting != "business":
        return []
    days = [start + timedelta(days=n) for n in range(length)]
    return [_cell(day, start, sum_, now, language) for day in days]


def _cell(day: date, start: date, sum_: Explanation, now: datetime, language: str) -> DayCell:
    skipped = {entry.date: entry.reason for entry in sum_.skipped_days}
    name = date_words(day, now, language, year=False)
    if day == start:
        kind, note, said = "", _("départ"), _("jour de départ, non compté")
    elif day in sum_.counted_days:
        rank = sum_.counted_days.index(day) + 1
        kind, note, said = "", str(rank), _("jour %(rank)s", rank=rank)
    else:
        reason = skipped.get(day, "")
        kind, note = "off", _closed_note(day, reason)
        said = _("%(reason)s, non compté", reason=reason_closed(reason) if note else _("week-end"))
    if day == sum_.last_day:
        kind, said = "end", _("%(day)s, dernier jour", day=said)
    elif day == paris_date(now):
        kind, said = f"{kind} now".strip(), _("%(day)s, aujourd'hui", day=said)
    weekday = format_date(day, "EEE", locale=language).rstrip(".")
    return DayCell(kind, weekday, day.day, note, f"{name} : {said}")


def _skipped(sum_: Explanation, now: datetime, language: str) -> str:
    named = [
        f"{date_words(day.date, now, language, year=False)} ({reason_closed(day.reason)})"
        for day in sum_.skipped_days
        if day.date.weekday() < 5
    ]
    if not sum_.skipped_days:
        return ""
    if not named:
        return _("Non comptés, en hachures : les week-ends.")
    return _("Non comptés, en hachures : les week-ends et %(days)s.", days=", ".join(named))


def _closed_note(day: date, reason: str) -> str:
    if day.weekday() > 4:
        return ""
    return _("fermé") if reason == AGENCY_CLOSURE else _("férié")


def _suspension(gap: Any, now: datetime, language: str) -> Suspension:
    start = instant_words(gap.start, now, language, weekday=False, near=False)
    if gap.end is None:
        return Suspension(_("en cours"), _("suspendu depuis le %(start)s", start=start))
    end = instant_words(gap.end, now, language, weekday=False, near=False)
    note = _("suspendu du %(start)s au %(end)s", start=start, end=end)
    return Suspension(duration_words(gap.end - gap.start, language), note)
