"""What pages and the history say of the processes beside the procedure of dossiers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from web.language import _, _l
from workflow.domain import correctable, correction

Facts = Mapping[str, Any]

FACTS = {
    "company_name": _l("Dénomination sociale"),
    "contact_name": _l("Contact"),
    "legal_representative_name": _l("Représentant légal"),
    "legal_representative_email": _l("Adresse électronique du représentant légal"),
    "legal_representative_phone": _l("Téléphone du représentant légal"),
    "service_name": _l("Nom du service"),
    "service_version": _l("Version du service"),
    "planned_proof_on": _l("Date prévue pour les preuves"),
    "publication_authorised": _l("Publication de cette date"),
}
STATES = {
    None: (_l("Attend l'accord de l'opérateur"), "pause", "wait"),
    correction.AGREED: (_l("Acceptée, corrigé"), "check", "done"),
    correction.DECLINED: (_l("Refusée"), "cross", "mute"),
    correction.WITHDRAWN: (_l("Retirée"), "minus", "mute"),
    correction.LAPSED: (_l("Sans objet, dossier clos"), "minus", "mute"),
}
"""How a proposal stands: its words, mark and tone."""

TELLERS: Mapping[str, Callable[[Facts], str]] = {
    "instance:held": lambda f: _("Suspend avec le dossier : %(name)s.", name=_process(f)),
    "instance:released": lambda f: _("Reprend avec le dossier : %(name)s.", name=_process(f)),
    "correction:proposed": lambda f: _("Propose de corriger : %(fact)s.", fact=_fact(f)),
    "correction:declined": lambda f: _("Refuse la correction : %(fact)s.", fact=_fact(f)),
    "correction:withdrawn": lambda f: _("Retire la correction : %(fact)s.", fact=_fact(f)),
    "correction:lapsed": lambda f: _("Classe la correction proposée : %(fact)s.", fact=_fact(f)),
    "dossier:corrected": lambda f: _(
        "Accepte la correction : %(fact)s, « %(old)s » devient « %(new)s ».",
        fact=_fact(f),
        old=_value(f, "old"),
        new=_value(f, "new"),
    ),
    "support:asked": lambda f: _("Pose la question %(number)s au support.", number=_question(f)),
    "support:answered": lambda f: _("Répond à la question %(number)s.", number=_question(f)),
    "support:redirected": lambda f: _(
        "Renvoie la question %(number)s vers la voie à suivre.", number=_question(f)
    ),
    "support:asked_again": lambda f: _(
        "Écrit de nouveau dans la question %(number)s.", number=_question(f)
    ),
    "support:closed": lambda f: _("Clôt la question %(number)s.", number=_question(f)),
}


def _fact(facts: Facts) -> str:
    return str(FACTS.get(str(facts.get("fact")), facts.get("fact", ""))).lower()


def _value(facts: Facts, key: str) -> str:
    return str(correctable.in_words(str(facts.get("fact", "")), str(facts.get(key, ""))))


def _question(facts: Facts) -> str:
    return str(facts.get("question", ""))


def _process(facts: Facts) -> str:
    names = {correction.PROCESS: _("correction d'une erreur matérielle")}
    name = str(facts.get("process", ""))
    return names.get(name, name)
