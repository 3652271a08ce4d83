"""Days without work in the reader's language: public holidays, week-ends, closures, zones.

The calendar names them in French (`workflow.business_days`), and so do the sums that are stored.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel.speaklater import LazyString

from web.language import _l
from workflow.business_days import ZONES

_NAMES: Mapping[str, LazyString] = {
    "1er janvier": _l("1er janvier"),
    "Vendredi saint": _l("Vendredi saint"),
    "Lundi de Pâques": _l("Lundi de Pâques"),
    "1er mai": _l("1er mai"),
    "8 mai": _l("8 mai"),
    "Ascension": _l("Ascension"),
    "Lundi de Pentecôte": _l("Lundi de Pentecôte"),
    "14 juillet": _l("14 juillet"),
    "Assomption": _l("Assomption"),
    "Toussaint": _l("Toussaint"),
    "11 novembre": _l("11 novembre"),
    "Jour de Noël": _l("Jour de Noël"),
    "2ème jour de Noël": _l("2ème jour de Noël"),
    "Abolition de l'esclavage": _l("Abolition de l'esclavage"),
    "samedi": _l("samedi"),
    "dimanche": _l("dimanche"),
    "fermeture de l'Agence": _l("fermeture de l'Agence"),
}


_COMMON: Mapping[str, LazyString] = {
    "1er janvier": _l("Jour de l'an"),
    "1er mai": _l("Fête du travail"),
    "8 mai": _l("Victoire de 1945"),
    "14 juillet": _l("Fête nationale"),
    "11 novembre": _l("Armistice de 1918"),
}
"""What people call the days that the law names by their date."""


def common_name(reason: str) -> str:
    """Why a day is closed, beside its date: the date is not said twice."""
    return str(_COMMON[reason]) if reason in _COMMON else reason_closed(reason)


def reason_closed(reason: str) -> str:
    """Why a day is closed; a reason that nobody knows stays as it was stored."""
    return str(_NAMES.get(reason.replace("’", "'"), reason))


def zone_name(zone: str) -> str:
    """A zone of public holidays by its name; those overseas have one name for all."""
    return str(_METROPOLE) if zone == "metropole" else ZONES.get(zone, zone)


_METROPOLE = _l("Métropole")
