"""What is said, in French, about an answer that cannot be kept: what is wrong, then what to do."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from workflow.engine.forms.component import Component

_NARROW = "\u202f"
_FIXED = "\u00a0"


def number(value: int | Decimal) -> str:
    """A number as French writes it: ``20 000``, ``3,5``."""
    return f"{value:,}".replace(",", _NARROW).replace(".", ",")


def quoted(text: str) -> str:
    """A text between French quotation marks."""
    return f"«{_FIXED}{text}{_FIXED}»"


def points(count: int) -> str:
    """A number of points to correct."""
    return f"{number(count)}{_FIXED}point{'s' if count > 1 else ''} à corriger"


def not_saved(faults: int) -> str:
    """The summary over every fault of an answer."""
    return f"La réponse n’est pas enregistrée{_FIXED}: {points(faults)}."


NOT_SAVED_TOO_LARGE = (
    f"La réponse n’est pas enregistrée{_FIXED}: elle dépasse 1{_FIXED}Mo. "
    "Raccourcissez les textes, ou joignez un fichier."
)
NOT_AN_ANSWER = (
    f"La réponse n’est pas enregistrée{_FIXED}: ce n’est pas un ensemble de réponses nommées. "
    "Envoyez un objet dont chaque clé nomme une question."
)
NOT_A_TEXT = "Cette réponse n’est pas un texte. Écrivez-la en toutes lettres."
UNWRITABLE = "Ce texte contient un caractère qui ne s’écrit pas. Retapez-le au clavier."
NOT_AN_EMAIL = (
    "Cette adresse électronique ne peut pas recevoir de message. "
    "Indiquez-la en entier, par exemple prenom.nom@exemple.fr."
)
NOT_A_NUMBER = "Cette réponse n’est pas un nombre. Indiquez-le en chiffres."
NOT_A_DATE = (
    "Cette date n’existe pas ou est mal écrite. "
    "Indiquez l’année, le mois et le jour, par exemple 2022-12-01."
)
NOT_YES_OR_NO = "Cette réponse n’est ni oui ni non. Choisissez l’un des deux."
NOT_A_LIST = "Cette réponse n’est pas une liste. Envoyez une liste, même pour un seul élément."
NOT_A_ROW = "Cette ligne n’est pas un ensemble de réponses nommées. Remplissez ses questions."


def missing(component: Component) -> str:
    """A required answer that was not given; the form may bring its own sentence."""
    return component.properties.get("missing") or (
        f"La réponse à {quoted(component.label or component.key)} manque. Indiquez-la."
    )


def mismatch(component: Component) -> str:
    """A text that does not follow the pattern; the form may bring its own sentence."""
    return component.properties.get("mismatch") or (
        "Ce texte n’a pas la forme attendue. Suivez l’indication de la question."
    )


def too_long(length: int, longest: int) -> str:
    """A text over its limit."""
    return (
        f"Ce texte a {number(length)}{_FIXED}caractères pour {number(longest)} au plus. "
        "Raccourcissez-le."
    )


def too_short(length: int, shortest: int) -> str:
    """A text under its least length."""
    return (
        f"Ce texte a {number(length)}{_FIXED}caractère{'s' if length > 1 else ''} "
        f"pour {number(shortest)} au moins. Complétez-le."
    )


def too_many(count: int, most: int) -> str:
    """A list over its limit."""
    return f"Cette liste a {number(count)}{_FIXED}lignes pour {number(most)} au plus. Réduisez-la."


def not_an_option(value: str, labels: Sequence[str]) -> str:
    """A choice that the form does not offer."""
    shown = value if len(value) <= 40 else value[:39] + "…"
    return f"Le choix {quoted(shown)} n’existe pas. Choisissez parmi{_FIXED}: {', '.join(labels)}."


def too_small(least: Decimal) -> str:
    """A number under its minimum."""
    return f"Ce nombre est trop petit. Indiquez {number(least)} ou plus."


def too_big(most: Decimal) -> str:
    """A number over its maximum."""
    return f"Ce nombre est trop grand. Indiquez {number(most)} ou moins."


def too_many_decimals(digits: int) -> str:
    """A number more precise than asked."""
    if digits == 0:
        return "Ce nombre a des décimales. Indiquez un nombre entier."
    return f"Ce nombre est trop précis. Gardez {number(digits)} décimales au plus."
