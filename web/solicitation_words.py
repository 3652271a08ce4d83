"""What the pages and the history call solicitations: their states, reminders and templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from web.dossier_words import Look
from web.language import _, _l, _n

KINDS = {
    "admissibility": _l("Recevabilité"),
    "instruction": _l("Instruction"),
}

STATES: dict[str, Look] = {
    "sent": Look(_l("Envoyée, pas encore lue"), "wait", "pause"),
    "seen": Look(_l("Lue, réponse attendue"), "wait", "pause"),
    "late": Look(_l("En retard"), "alert", "warn"),
    "answered": Look(_l("Répondue"), "done", "check"),
    "withdrawn": Look(_l("Retirée"), "mute", "minus"),
    "closed": Look(_l("Close sans réponse"), "alert", "cross"),
}
"""State of a solicitation → its words and its mark."""

TELLERS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "solicitation:sent": lambda f: _n(
        "Pose %(num)s question à l'opérateur.",
        "Pose %(num)s questions à l'opérateur.",
        len(f.get("questions") or []),
    ),
    "solicitation:answered": lambda f: _("Répond à la sollicitation."),
    "solicitation:closed": lambda f: _("Clôt la sollicitation restée sans réponse."),
    "solicitation:seen": lambda f: _("Prend connaissance de la sollicitation."),
    "solicitation:reminded": lambda f: _("Rappelle une échéance de la sollicitation."),
    "solicitation:withdrawn": lambda f: (
        _("Retire la sollicitation : %(reason)s", reason=f["reason"])
        if f.get("reason")
        else _("Retire la sollicitation.")
    ),
    "solicitation_template:added": lambda f: _(
        "Ajoute le modèle de question « %(title)s ».", title=f.get("title", "")
    ),
    "solicitation_template:changed": lambda f: _(
        "Change le modèle de question « %(title)s ».", title=f.get("title", "")
    ),
    "solicitation_template:retired": lambda f: _(
        "Retire le modèle de question « %(title)s ».", title=f.get("title", "")
    ),
    "reservation:reminded": lambda f: _("Rappelle le dernier jour pour corriger."),
    "queue:rank_given_back": lambda f: _("Rend au dossier le rang qu'il avait."),
}
