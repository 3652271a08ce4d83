"""Words for dossiers that change hands, absences and acts on many dossiers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel.speaklater import LazyString

from web.language import _, _l

Facts = Mapping[str, Any]


def _why(facts: Facts) -> str:
    """A reason as the end of a sentence."""
    return _(" Motif : %(reason)s", reason=facts["reason"]) if facts.get("reason") else ""


TELLERS: dict[str, Callable[[Facts], str]] = {
    "queue:released": lambda f: (
        _("Rend le dossier à la file, des mains de %(name)s.", name=f["name"]) + _why(f)
        if f.get("name")
        else _("Rend le dossier à la file.")
    ),
    "queue:assigned": lambda f: (
        _("Affecte le dossier, premier de la file, à %(name)s.", name=f.get("name", "")) + _why(f)
    ),
    "queue:assigned_out_of_order": lambda f: (
        _("Affecte le dossier hors de l'ordre de la file, à %(name)s.", name=f.get("name", ""))
        + _why(f)
    ),
    "queue:handed_over": lambda f: (
        _("Confie le dossier à %(name)s.", name=f.get("name", "")) + _why(f)
    ),
    "queue:hand_over_declined": lambda f: _("Décline le dossier.") + _why(f),
    "queue:acted_for": lambda f: _("Agit pour le compte de %(name)s.", name=f.get("name", "")),
    "absence:declared": lambda f: _("Déclare l'absence de %(name)s.", name=f.get("name", "")),
    "absence:ended": lambda f: _("Met fin à l'absence de %(name)s.", name=f.get("name", "")),
    "absence:stand_in_refused": lambda f: _("Refuse de suppléer %(name)s.", name=f.get("name", "")),
    "bulk_act:confirmed": lambda f: _(
        "Lance l'acte groupé nº %(number)s sur %(dossiers)s dossiers.",
        number=f.get("bulk_act", ""),
        dossiers=f.get("dossiers", ""),
    ),
    "bulk_act:finished": lambda f: _(
        "Termine l'acte groupé nº %(number)s : %(done)s faits, %(refused)s refusés.",
        number=f.get("bulk_act", ""),
        done=f.get("done", ""),
        refused=f.get("refused", ""),
    ),
}
"""What the history says of each kind."""

ACT_NAMES: dict[str, LazyString] = {
    "assign": _l("Affecter à…"),
    "hand_over": _l("Confier à…"),
    "give_back": _l("Rendre à la file"),
    "note": _l("Écrire une note interne"),
    "read": _l("Marquer comme lus"),
}
"""Acts on many dossiers, as buttons and lists name them."""

TITLES: dict[str, LazyString] = {
    "assign": _l("affectation de dossiers"),
    "hand_over": _l("dossiers confiés"),
    "give_back": _l("retour dans la file"),
    "note": _l("note interne"),
    "read": _l("lecture"),
}
"""The same acts, as their pages are titled."""
FORESEEN: dict[str, LazyString] = {
    "assign": _l("Sera affecté."),
    "hand_over": _l("Sera confié."),
    "give_back": _l("Retournera dans la file, à son rang."),
    "note": _l("Recevra la note."),
    "read": _l("Sera marqué comme lu."),
}
DONE: dict[str, LazyString] = {
    "assign": _l("Affecté."),
    "hand_over": _l("Confié."),
    "give_back": _l("Rendu à la file."),
    "note": _l("Note ajoutée."),
    "read": _l("Marqué comme lu."),
}
REFUSALS: dict[str, LazyString] = {
    "not_in_queue": _l("Ce dossier n'est pas dans la file d'instruction."),
    "awaits_operator": _l("Personne ne le tient et l'opérateur doit d'abord répondre."),
    "suspended": _l("Personne ne le tient et la procédure est suspendue."),
    "held_already": _l("Cette personne l'a déjà entre les mains."),
    "not_held": _l("Personne ne le tient."),
    "not_its_holder": _l("Il est entre les mains de quelqu'un d'autre."),
    "recipient_barred": _l("Cette personne a déclaré un conflit d'intérêts sur ce dossier."),
    "recipient_undeclared": _l(
        "Le candidat est l'ANS : cette personne doit d'abord déclarer n'avoir aucun conflit."
    ),
    "recipient_unfit": _l("Cette personne n'instruit pas, ou son compte est fermé."),
    "reason_needed": _l("Un motif est nécessaire : l'ordre de la file n'est pas suivi."),
    "not_given": _l("Personne ne vous l'a donné : rendez-le plutôt à la file."),
    "not_allowed": _l("Votre rôle ne le permet pas."),
    "not_found": _l("Ce dossier n'existe pas, ou vous ne le voyez pas."),
    "conflict": _l("La situation a changé entre-temps."),
    "invalid_answer": _l("La réponse ne peut pas être enregistrée ainsi."),
}
"""Why an act on a dossier was refused, by the code of the refusal."""


def refusal(code: str | None) -> str:
    """The sentence of a refusal; the code itself when nobody has written one."""
    return str(REFUSALS.get(code or "", code or ""))
