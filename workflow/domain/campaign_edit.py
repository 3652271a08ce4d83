"""What is wrong with a change of a running campaign's parameters, said in French field by field.

The parameters as a whole are read by `campaign_parameters`; this comes before, for the fields
that people change.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, get_args

from workflow.clock import PARIS
from workflow.delay import LONGEST_DELAY, WEEKDAYS, Counting, Delay, Effect, Unit
from workflow.domain.campaign_parameters import LARGEST_QUORUM, Campaign, InvalidCampaign

IDENTITY = frozenset({"id", "dsr", "catalogue"})
CHANGEABLE = frozenset(
    {
        "name",
        "opens_at",
        "closes_at",
        "holidays",
        "closed_days",
        "profiles",
        "profile_names",
        "agency_sirens",
        "delays",
        "college",
        "time_zone",
    }
)
MOST_CLOSED_DAYS = 1_000
_DELAY_FIELDS = frozenset({"amount", "unit", "counting", "effect", "source", "before"})
_CLOSING_FIELDS = frozenset({"instant", "basis"})
_COLLEGE_FIELDS = frozenset({"weekday", "time", "on_closed_day", "quorum", "partners"})
_UNKNOWN = "Ce paramètre n’existe pas. Corrigez son nom."
_HOURS = {"hour": 1, "day": 24}


def require_sound(before: Campaign, changes: Mapping[str, Any]) -> None:
    """Refuse a change that cannot be made; raises InvalidCampaign, each fault with its path."""
    faults = faults_of(before, changes)
    if faults:
        raise InvalidCampaign([f"{path}: {sentence}" for path, sentence in faults])


def faults_of(before: Campaign, changes: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every fault of a change: the path of the field, and a sentence."""
    faults: list[tuple[str, str]] = []
    for key in changes:
        if key in IDENTITY:
            faults.append((key, "Ce paramètre fait l’identité de la campagne : il ne change pas."))
        elif key not in CHANGEABLE:
            faults.append((str(key), _UNKNOWN))
    faults += _delay_faults(before, changes.get("delays", {}))
    faults += _closing_faults(before, changes.get("closes_at", {}))
    faults += _closed_day_faults(changes.get("closed_days"))
    faults += _college_faults(changes.get("college", {}))
    return faults


def _delay_faults(before: Campaign, delays: object) -> list[tuple[str, str]]:
    if not isinstance(delays, Mapping):
        return [("delays", "Indiquez les délais à changer, chacun par son nom.")]
    faults: list[tuple[str, str]] = []
    for key, given in delays.items():
        path, old = f"delays.{key}", before.delays.get(str(key))
        if not isinstance(given, Mapping):
            faults.append((path, "Indiquez ce qui change : nombre, unité ou manière de compter."))
            continue
        faults += _unknown(path, given, _DELAY_FIELDS)
        if old is None and not {"amount", "unit", "counting"} <= set(given):
            faults.append((path, "Ce délai n’existe pas dans la campagne. Corrigez son nom."))
            continue
        faults += _one_delay(path, old, given)
    return faults or _reminder_faults(before, delays)


def _reminder_faults(before: Campaign, delays: Mapping[Any, Any]) -> list[tuple[str, str]]:
    """Reminders that would not count like the delay they come before any more."""
    counted = {key: delay.counting for key, delay in before.delays.items()}
    counted |= {str(key): given["counting"] for key, given in delays.items() if "counting" in given}
    return [
        (
            f"delays.{key}.counting",
            "Un rappel se compte comme le délai qu’il précède : changez-les ensemble.",
        )
        for key, delay in before.delays.items()
        if delay.before and counted[key] != counted.get(delay.before)
    ]


def _one_delay(path: str, old: Delay | None, given: Mapping[str, Any]) -> list[tuple[str, str]]:
    kept = {} if old is None else {name: getattr(old, name) for name in _DELAY_FIELDS}
    wanted = {**kept, **given}
    faults = [
        (f"{path}.{name}", sentence)
        for name, choices, sentence in (
            ("unit", get_args(Unit), "Choisissez l’heure ou le jour."),
            ("counting", get_args(Counting), "Choisissez l’une des manières de compter."),
            ("effect", get_args(Effect), "Choisissez l’un des effets."),
        )
        if wanted.get(name, choices[0]) not in choices
    ]
    if faults:
        return faults
    if wanted["unit"] == "hour" and wanted["counting"] in ("calendar", "business"):
        faults.append((f"{path}.unit", "Un délai en jours ne se compte pas en heures."))
    if wanted["counting"] == "active" and old is not None and old.counting != "active":
        sentence = "Ce délai n’a pas de décompte qui se suspende : comptez-le autrement."
        faults.append((f"{path}.counting", sentence))
    return faults + _amount_faults(path, wanted)


def _amount_faults(path: str, wanted: Mapping[str, Any]) -> list[tuple[str, str]]:
    amount = wanted["amount"]
    on_the_date = wanted.get("effect") == "reminder" and wanted["counting"] == "calendar"
    least = 0 if on_the_date or wanted.get("before") else 1
    most = LONGEST_DELAY.days * 24 // _HOURS[wanted["unit"]]
    if type(amount) is int and least <= amount <= most:
        return []
    return [(f"{path}.amount", f"Indiquez un nombre entier de {least} à {most}.")]


def _closing_faults(before: Campaign, closing: object) -> list[tuple[str, str]]:
    if not isinstance(closing, Mapping):
        return [("closes_at", "Indiquez la date de clôture et le texte qui la fixe.")]
    faults = _unknown("closes_at", closing, _CLOSING_FIELDS)
    if "instant" in closing:
        instant = _instant(closing["instant"])
        if instant is None:
            faults.append(("closes_at.instant", "Indiquez une date et une heure."))
        elif instant <= before.opens_at:
            faults.append(("closes_at.instant", "Choisissez une date après l’ouverture."))
    basis = closing.get("basis", before.closes_at.basis)
    if not isinstance(basis, str) or not 0 < len(basis.strip()) <= 80:
        faults.append(("closes_at.basis", "Nommez le texte en 80 caractères au plus."))
    return faults


def _instant(value: object) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=PARIS)
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo is not None else value.replace(tzinfo=PARIS)


def _closed_day_faults(days: object) -> list[tuple[str, str]]:
    if days is None:
        return []
    if not isinstance(days, list) or len(days) > MOST_CLOSED_DAYS or not all(map(_is_day, days)):
        return [("closed_days", "Indiquez des jours, tels que 26/12/2022, un par ligne.")]
    return []


def _is_day(value: object) -> bool:
    if isinstance(value, str):
        try:
            date.fromisoformat(value)
        except ValueError:
            return False
        return True
    return isinstance(value, date) and not isinstance(value, datetime)


def _college_faults(college: object) -> list[tuple[str, str]]:
    if not isinstance(college, Mapping):
        return [("college", "Indiquez le jour, l’heure ou le quorum du collège.")]
    faults = _unknown("college", college, _COLLEGE_FIELDS)
    if college.get("weekday", WEEKDAYS[0]) not in WEEKDAYS:
        faults.append(("college.weekday", "Choisissez un jour de la semaine."))
    if not _is_time(college.get("time", "10:00")):
        faults.append(("college.time", "Indiquez une heure, telle que 10:00."))
    quorum = college.get("quorum", 1)
    if type(quorum) is not int or not 1 <= quorum <= LARGEST_QUORUM:
        sentence = f"Indiquez un nombre entier de 1 à {LARGEST_QUORUM}."
        faults.append(("college.quorum", sentence))
    return faults


def _is_time(value: object) -> bool:
    if not isinstance(value, str) or len(value) != 5:
        return False
    try:
        datetime.strptime(value, "%H:%M")  # noqa: DTZ007
    except ValueError:
        return False
    return True


def _unknown(path: str, given: Mapping[Any, Any], known: frozenset[str]) -> list[tuple[str, str]]:
    return [(f"{path}.{key}", _UNKNOWN) for key in given if key not in known]
