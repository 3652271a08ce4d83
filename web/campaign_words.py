"""The parameters of a campaign in words: delays, their rules, the college, what changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from web.holiday_words import zone_name
from web.language import LazyString, _, _l, _n, language
from web.words import date_words, instant_words, table_date
from workflow.clock import PARIS
from workflow.delay import Delay
from workflow.domain.campaign_parameters import Campaign, in_language

DELAYS: dict[str, LazyString] = {
    "admissibility_check": _l("Contrôle de recevabilité"),
    "admissibility_solicitation": _l("Réponse aux questions sur la recevabilité"),
    "admissibility_solicitation_reminder": _l("Rappel avant le rejet"),
    "solicitation_deprioritise": _l("Réponse à une sollicitation, avant la perte du rang"),
    "solicitation_deprioritise_reminder": _l("Rappel avant la perte du rang"),
    "solicitation_delay": _l("Réponse à une sollicitation, avant un retard important"),
    "solicitation_delay_reminder": _l("Rappel avant le retard important"),
    "solicitation_abandon": _l("Réponse à une sollicitation, avant l'abandon"),
    "solicitation_abandon_reminder": _l("Premier rappel avant l'abandon"),
    "solicitation_abandon_last_reminder": _l("Dernier rappel avant l'abandon"),
    "instruction": _l("Instruction et décision"),
    "reservation_lifting": _l("Corrections des réserves"),
    "reservation_lifting_reminder": _l("Premier rappel avant le refus"),
    "reservation_lifting_last_reminder": _l("Dernier rappel avant le refus"),
    "proof_reminder": _l("Rappel de la date prévue pour les preuves"),
    "convention_reminder": _l("Premier rappel de la convention à signer"),
    "convention_last_reminder": _l("Dernier rappel de la convention à signer"),
    "closing": _l("Clôture des dépôts"),
    "college": _l("Séance du collège"),
}
RULES: dict[str, LazyString] = {
    "admissibility_check": _l(
        "La complétude et l'éligibilité sont contrôlées dans cette durée, à titre indicatif."
    ),
    "admissibility_solicitation": _l("Sans réponse dans ce délai, la demande est rejetée."),
    "solicitation_deprioritise": _l(
        "Sans réponse dans ce délai, l'instruction du dossier est dépriorisée."
    ),
    "solicitation_delay": _l("Passé ce délai sans réponse, un retard important est à prévoir."),
    "solicitation_abandon": _l(
        "Sans réponse dans ce délai, la demande est considérée comme abandonnée."
    ),
    "instruction": _l(
        "L'instruction et l'attribution tiennent dans ce délai, à titre purement indicatif, à"
        " compter de la notification de la réception du dossier complet."
    ),
    "reservation_lifting": _l(
        "Les corrections sont apportées dans ce délai à compter de la notification de la décision,"
        " sous peine de refus."
    ),
    "closing": _l("Le candidat dépose sa candidature avant la clôture."),
    "college": _l("Le collège technique se tient de manière hebdomadaire."),
}
"""What the DSR says of each delay, without its length: that is the campaign's."""
DERIVED = "DER"
"""The source of a delay that no text sets."""
WEEKDAYS: dict[str, LazyString] = {
    "monday": _l("lundi"),
    "tuesday": _l("mardi"),
    "wednesday": _l("mercredi"),
    "thursday": _l("jeudi"),
    "friday": _l("vendredi"),
    "saturday": _l("samedi"),
    "sunday": _l("dimanche"),
}
UNITS: dict[str, LazyString] = {"day": _l("jours"), "hour": _l("heures")}
COUNTINGS: dict[str, LazyString] = {
    "elapsed": _l("heures écoulées, jusqu'à l'instant exact"),
    "calendar": _l("jours du calendrier"),
    "business": _l("jours ouvrés"),
    "active": _l("temps décompté, hors suspensions"),
}
EFFECTS: dict[str, LazyString] = {
    "legal": _l("effet de droit"),
    "indicative": _l("indicatif"),
    "reminder": _l("simple rappel"),
}
STATUSES: dict[str, tuple[LazyString, str, str]] = {
    "kept": (_l("inchangée"), "ring", "mute"),
    "later": (_l("plus tard"), "check", "done"),
    "shortened": (_l("plus tôt"), "warn", "wait"),
    "past": (_l("déjà passée"), "cross", "alert"),
    "standing": (_l("décompte suspendu"), "pause", "wait"),
    "dropped": (_l("rappel sans objet"), "minus", "mute"),
}
"""Where a date goes: words, mark, tone."""
_FIELDS: dict[str, LazyString] = {
    "opens_at": _l("Ouverture des dépôts"),
    "closes_at.instant": _l("Clôture des dépôts"),
    "closes_at.basis": _l("Texte qui fixe la clôture"),
    "closed_days": _l("Jours de fermeture de l'Agence"),
    "holidays": _l("Jours fériés"),
    "college.weekday": _l("Collège, jour"),
    "college.time": _l("Collège, heure"),
    "college.quorum": _l("Collège, quorum"),
    "college.partners": _l("Collège, partenaires invités"),
    "college.on_closed_day": _l("Collège, jour fermé"),
    "profiles": _l("Profils"),
    "name": _l("Nom de la campagne"),
    "agency_sirens": _l("SIREN de l'Agence"),
}
_DELAY_FIELDS: dict[str, LazyString] = {
    "amount": _l("durée"),
    "unit": _l("unité"),
    "counting": _l("manière de compter"),
    "effect": _l("effet"),
    "source": _l("source"),
}


@dataclass(frozen=True)
class ChangeLine:
    """One thing that a change changes, in words."""

    name: str
    before: str
    after: str


def delay_name(key: str) -> str:
    """A delay's name; its key when it has none."""
    return str(DELAYS.get(key, key))


def rule_text(key: str) -> str:
    """What the DSR says of a delay; empty when it says nothing."""
    return str(RULES.get(key, ""))


def delay_words(delay: Delay) -> str:
    """A delay in words: *5 jours ouvrés*, *24 heures écoulées*, *42 jours décomptés*."""
    if not delay.amount:
        return _("jamais") if delay.before else _("le jour même")
    if delay.unit == "hour":
        return _n("%(num)s heure", "%(num)s heures", delay.amount)
    return {
        "business": _n("%(num)s jour ouvré", "%(num)s jours ouvrés", delay.amount),
        "calendar": _n("%(num)s jour du calendrier", "%(num)s jours du calendrier", delay.amount),
        "active": _n(
            "%(num)s jour, hors suspensions", "%(num)s jours, hors suspensions", delay.amount
        ),
        "elapsed": _n("%(num)s jour exact", "%(num)s jours exacts", delay.amount),
    }[delay.counting]


def reminder_words(delay: Delay) -> str:
    """When a reminder comes: before the date that it recalls, or after what it counts from."""
    length = delay_words(delay)
    if not delay.amount:
        return length
    return (
        _("%(delay)s avant", delay=length) if delay.before else _("%(delay)s après", delay=length)
    )


def source_words(delay: Delay) -> str:
    """The text that sets a delay; the Agency's own choice where no text says it."""
    return _("choix de l'ANS") if delay.source in (None, "", DERIVED) else delay.source


def history_of_change(facts: Mapping[str, Any]) -> str:
    """A change of the campaign, as the history of a dossier or of the house tells it."""
    said = _("Change des paramètres de la campagne.")
    if facts.get("basis"):
        said = _(
            "Change des paramètres de la campagne. Fondement : %(basis)s", basis=facts["basis"]
        )
        said = said if said.endswith((".", "!", "?")) else f"{said}."
    moved, kept = len(facts.get("moved") or ()), len(facts.get("kept") or ())
    if moved:
        said += " " + _n("%(num)s date en cours suit.", "%(num)s dates en cours suivent.", moved)
    if kept:
        said += " " + _n(
            "%(num)s date en cours est maintenue.", "%(num)s dates en cours sont maintenues.", kept
        )
    return said


def change_line(change: Mapping[str, Any], campaign: Campaign) -> ChangeLine:
    """One difference between two versions of the parameters, in words.

    `campaign` says in what unit and how an amount is counted.
    """
    path = str(change["path"])
    values = (change.get("before"), change.get("after"))
    delay = _delay_of(path, campaign)
    if delay is not None and all(type(value) is int for value in values):
        told = [delay_words(replace(delay, amount=value)) for value in values]
    else:
        told = [_value(path, value) for value in values]
    return ChangeLine(field_name(path), *told)


def _delay_of(path: str, campaign: Campaign) -> Delay | None:
    """The delay of which a path names the amount."""
    head, _dot, rest = path.partition(".")
    key, _dot, field = rest.partition(".")
    return campaign.delays.get(key) if (head, field) == ("delays", "amount") else None


def field_name(path: str) -> str:
    """A parameter by its path: a delay and what of it, or a field of the form."""
    if path in _FIELDS:
        return str(_FIELDS[path])
    head, _dot, rest = path.partition(".")
    if head == "delays":
        key, _dot, field = rest.partition(".")
        return f"{delay_name(key)}, {_DELAY_FIELDS.get(field, field)}" if field else delay_name(key)
    return path


def _value(path: str, value: Any) -> str:
    if value is None or value == []:
        return _("rien")
    if path in ("closes_at.instant", "opens_at"):
        return _instant(str(value))
    if path == "closed_days":
        return ", ".join(table_date(date.fromisoformat(str(day))) for day in value)
    if path == "college.weekday":
        return str(WEEKDAYS.get(str(value), value))
    if path == "holidays":
        return zone_name(str(value))
    last = path.rpartition(".")[2]
    if path.startswith("delays.") and last in ("unit", "counting", "effect"):
        words = {"unit": UNITS, "counting": COUNTINGS, "effect": EFFECTS}[last]
        return str(words.get(str(value), value))
    if isinstance(value, Mapping):
        return in_language(value, language()) or ", ".join(f"{k} {v}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _instant(text: str) -> str:
    moment = datetime.fromisoformat(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=PARIS)
    return instant_words(aware, aware, language(), weekday=False, near=False, year=True)


def moment_words(last_day: date | None, due_at: datetime | None, now: datetime) -> str:
    """A date of a dossier: its last day, or its hour; in words when it has none."""
    if last_day is not None:
        return date_words(last_day, now, language(), weekday=False, year=True)
    if due_at is None:
        return _("sans date")
    return instant_words(due_at, now, language(), weekday=False, near=False, year=True)
