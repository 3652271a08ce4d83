"""What the filters of the queue are called, and which of its views the house offers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from web.dossier_words import FLAGS as FLAG_LOOKS
from web.language import LazyString, _, _l, language
from web.list_filters import Asked, Filter, Option
from workflow.domain.campaign import Campaign
from workflow.domain.queue_view import DAYS_LEFT, FLAGS

HOUSE: tuple[tuple[LazyString, Mapping[str, str]], ...] = (
    (_l("Toute la file"), {}),
    (_l("À prendre"), {"etat": "actif", "pris": "libre"}),
    (_l("Pris par vous"), {"pris": "moi"}),
    (_l("Chez l'opérateur"), {"etat": "operateur"}),
)
"""The views that everybody finds above the queue."""
_STATES: tuple[tuple[str, LazyString], ...] = (
    ("actif", _l("Décompte en cours")),
    ("operateur", _l("Chez l'opérateur")),
    ("suspendu", _l("Procédure suspendue")),
)
_HANDS: tuple[tuple[str, LazyString], ...] = (
    ("libre", _l("Par personne")),
    ("pris", _l("Par quelqu'un")),
    ("moi", _l("Par vous")),
    ("autre", _l("Par un collègue")),
)
_CONFLICTS: tuple[tuple[str, LazyString], ...] = (
    ("non", _l("Aucun de votre part")),
    ("oui", _l("Déclaré par vous")),
)
_READ: tuple[tuple[str, LazyString], ...] = (("non", _l("Non lus")), ("oui", _l("Lus")))


def filters(
    search: Asked,
    campaign: Campaign,
    counts: Mapping[str, Counter[str]],
    people: Mapping[str, str],
) -> list[Filter]:
    """The filters of the queue, each value with how many dossiers it would leave.

    `people`: the names of those who have taken something, by id.
    """

    def one(
        name: str, label: str, values: list[tuple[str, str]], *, is_more: bool = False
    ) -> Filter:
        options = [Option(value, words, counts[name][value]) for value, words in values]
        return Filter(name, label, options, search.filters.get(name, ""), is_more)

    profiles = [(each, campaign.profile_name(each, language())) for each in campaign.profiles]
    named = [
        (each, _("Par %(name)s", name=name))
        for each, name in sorted(people.items(), key=lambda pair: pair[1].casefold())
    ]
    left = [(str(days), _("Moins de %(days)s jours ouvrés", days=days)) for days in DAYS_LEFT]
    return [
        one("etat", _("Décompte"), _said(_STATES)),
        one("pris", _("Pris"), [*_said(_HANDS), *named]),
        one("profil", _("Profil"), profiles),
        one("lu", _("Lecture"), _said(_READ)),
        one("reste", _("Temps restant"), left, is_more=True),
        one(
            "signal",
            _("Signalement"),
            [(flag, str(FLAG_LOOKS[flag].words)) for flag in FLAGS],
            is_more=True,
        ),
        one("conflit", _("Conflit d'intérêts"), _said(_CONFLICTS), is_more=True),
    ]


def sorting(search: Asked) -> Filter:
    """The orders of the queue; without a choice it is the law's."""
    return search.sorting(
        _("Rang (DSR 4.4)"),
        [
            ("-rang", _("Dernier rang d'abord")),
            ("service", _("Service, de A à Z")),
            ("-service", _("Service, de Z à A")),
            ("operateur", _("Opérateur, de A à Z")),
            ("-operateur", _("Opérateur, de Z à A")),
            ("complet", _("Complet depuis le plus longtemps")),
            ("-complet", _("Complet le plus récemment")),
            ("-temps", _("Temps d'instruction le plus long")),
            ("temps", _("Temps d'instruction le plus court")),
        ],
    )


def _said(values: tuple[tuple[str, LazyString], ...]) -> list[tuple[str, str]]:
    return [(value, str(words)) for value, words in values]
