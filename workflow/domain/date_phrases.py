"""How notifications name dates that a change of the campaign moved, in French and English."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from workflow.domain.phrase import Phrase
from workflow.domain.phrases import in_both

NAMES: dict[str, tuple[str, str]] = {
    "admissibility_check": ("contrôle de recevabilité, durée indicative", "admissibility check"),
    "admissibility_solicitation": (
        "réponse aux questions de recevabilité, avant le rejet",
        "answer to the questions of admissibility, before rejection",
    ),
    "solicitation_deprioritise": (
        "réponse à la sollicitation, avant la perte du rang",
        "answer to the solicitation, before the rank is lost",
    ),
    "solicitation_delay": (
        "réponse à la sollicitation, avant un retard important",
        "answer to the solicitation, before a significant delay",
    ),
    "solicitation_abandon": (
        "réponse à la sollicitation, avant l’abandon",
        "answer to the solicitation, before abandonment",
    ),
    "instruction": ("instruction et décision, délai indicatif", "instruction and decision"),
    "reservation_lifting": (
        "corrections des réserves, avant le refus",
        "corrections of the reservations, before refusal",
    ),
    "proof_reminder": ("rappel de la date prévisionnelle", "reminder of the provisional date"),
    "closing": ("clôture de la campagne", "closing of the campaign"),
    "college": ("séance du collège", "session of the college"),
}
"""A deadline's key → what it is the end of."""
_NO_DATE = Phrase("sans date tant que le décompte est suspendu", "no date while the clock stands")


def name_of(key: str, label: str) -> Phrase:
    """What a date is the end of; a timer drawn as `label` when the key is unknown."""
    return Phrase(*NAMES.get(key, (label, label)))


def date_moved(
    key: str,
    label: str,
    before: date | datetime | None,
    after: date | datetime | None,
    *,
    is_over: bool,
) -> Phrase:
    """One moved date as a line; `is_over` when it takes effect at once."""
    name, old, new = name_of(key, label), _when(before), _when(after)
    over = Phrase(
        " (déjà dépassée : elle prend effet maintenant)", " (over already: it takes effect now)"
    )
    tail = over if is_over else Phrase("", "")
    return Phrase(
        f"{name} : {old} devient {new}{tail}",
        f"{name.english}: {old.english} becomes {new.english}{tail.english}",
    )


def listed(phrases: Iterable[Phrase]) -> Phrase:
    """Phrases as lines of a list."""
    lines = list(phrases)
    return Phrase(
        "\n".join(f"- {line}" for line in lines), "\n".join(f"- {line.english}" for line in lines)
    )


def _when(value: date | datetime | None) -> Phrase:
    return _NO_DATE if value is None else in_both(value)
