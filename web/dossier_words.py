"""What the pages call the things of the procedure: ends, flags, turns, effects of a date.

A diagram that is redrawn may bring elements that are not listed here; they are then named by
the label they are drawn with.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel.speaklater import LazyString

from web.language import _, _l
from web.procedure_words import in_words
from workflow.domain.reminder import REMINDERS


@dataclass(frozen=True)
class Look:
    """Words with the mark and the tone that repeat them."""

    words: LazyString
    tone: str
    shape: str


ENDS: dict[str, Look] = {
    "listed": Look(_l("Référencé"), "done", "check"),
    "out_of_time": Look(_l("Reçu hors délai"), "alert", "cross"),
    "ineligible": Look(_l("Irrecevable"), "alert", "cross"),
    "exempt_buyer": Look(_l("Dispensé de référencement"), "mute", "minus"),
    "rejected_no_answer": Look(_l("Rejeté faute de réponse"), "alert", "cross"),
    "abandoned": Look(_l("Considéré comme abandonné"), "alert", "cross"),
    "refused_blocking": Look(_l("Refusé : réserves bloquantes"), "alert", "cross"),
    "refused_not_lifted": Look(_l("Refusé : réserves non levées"), "alert", "cross"),
    "withdrawn": Look(_l("Retiré par l'opérateur"), "mute", "minus"),
    "excluded": Look(_l("Exclu"), "alert", "cross"),
}

FLAGS: dict[str, Look] = {
    "deprioritised": Look(_l("Dépriorisé"), "wait", "down"),
    "significant_delay": Look(_l("Retard important"), "wait", "warn"),
    "admissibility_overdue": Look(_l("Contrôle au-delà du délai indicatif"), "wait", "warn"),
    "instruction_overdue": Look(_l("Délai d'instruction dépassé"), "wait", "warn"),
}

TURNS: dict[str, LazyString] = {
    "check_admissibility": _l("L'ANS contrôle la recevabilité"),
    "answer_admissibility_solicitation": _l("L'opérateur répond aux questions sur la recevabilité"),
    "sign_convention": _l("Le représentant légal signe la convention"),
    "countersign_convention": _l("L'ANS contresigne la convention"),
    "submit_proofs": _l("L'opérateur rassemble ses preuves"),
    "instruct_dossier": _l("L'ANS instruit le dossier"),
    "answer_solicitation": _l("L'opérateur répond aux questions sur les preuves"),
    "correct_reservations": _l("L'opérateur corrige les réserves"),
    "verify_corrections": _l("L'ANS vérifie les corrections"),
    "confirm_lifting": _l("Le président du collège confirme la levée des réserves"),
    "hold_session": _l("Le collège tient sa séance"),
    "college_decided": _l("Inscrit au collège, décision attendue"),
}

EFFECTS: dict[str, Look] = {
    "admissibility_solicitation": Look(_l("La demande est rejetée"), "alert", "cross"),
    "solicitation_deprioritise": Look(
        _l("Le rang dans la file n'est plus garanti"), "alert", "diamond"
    ),
    "solicitation_delay": Look(_l("Un retard important est annoncé"), "wait", "warn"),
    "solicitation_abandon": Look(
        _l("La demande est considérée comme abandonnée"), "alert", "cross"
    ),
    "reservation_lifting": Look(_l("Le référencement est refusé"), "alert", "cross"),
    "proof_reminder": Look(_l("Un rappel est envoyé, sans autre effet"), "mute", "ring"),
    "convention_reminder": Look(_l("Un rappel est envoyé, sans autre effet"), "mute", "ring"),
    "convention_last_reminder": Look(_l("Un rappel est envoyé, sans autre effet"), "mute", "ring"),
    "admissibility_check": Look(
        _l("Fin de la durée indicative du contrôle"),
        "mute",
        "warn",
    ),
    "instruction": Look(
        _l("Fin du délai indicatif d'instruction"),
        "mute",
        "warn",
    ),
    "college": Look(_l("La séance s'ouvre"), "mute", "ring"),
}
"""The key of a deadline → what happens when it passes."""

INDICATIVE = frozenset({"admissibility_check", "instruction"})
"""Deadlines that bind nobody: their date is told as *vers le*."""

_WITHOUT_ANSWER: dict[str, LazyString] = {
    "admissibility_solicitation": _l(
        "Sans réponse ce jour-là à minuit, <strong>la demande est rejetée</strong>."
    ),
    "solicitation_deprioritise": _l(
        "Sans réponse à cette heure, <strong>votre rang dans la file n'est plus garanti</strong>."
        " Le dossier n'est pas rejeté pour autant."
    ),
    "solicitation_delay": _l(
        "Sans réponse ce jour-là à minuit, <strong>un retard important est à prévoir</strong>."
        " Le dossier n'est pas rejeté pour autant."
    ),
    "solicitation_abandon": _l(
        "Sans réponse ce jour-là à minuit, la demande est <strong>considérée comme"
        " abandonnée</strong>."
    ),
    "reservation_lifting": _l(
        "Sans corrections ce jour-là à minuit, <strong>le référencement est refusé</strong>."
        " Vous pourrez candidater une nouvelle fois, à partir des preuves."
    ),
    "proof_reminder": _l(
        "C'est la date que vous aviez prévue. Vous n'y êtes pas tenu : <strong>aucun délai n'est"
        " imparti</strong> pour déposer les preuves."
    ),
    "convention_reminder": _l("Un rappel vous sera envoyé. Aucun délai n'est imparti pour signer."),
    "convention_last_reminder": _l(
        "Un dernier rappel vous sera envoyé. Aucun délai n'est imparti pour signer."
    ),
    "admissibility_check": _l(
        "Durée indicative : au-delà, le dossier est signalé, rien d'autre ne se passe."
    ),
    "instruction": _l(
        "Délai indicatif, instruction et décision comprises : au-delà, le dossier est signalé,"
        " rien d'autre ne se passe."
    ),
}


def effect(key: str, label: str) -> Look:
    """What happens when the deadline `key` passes; a timer drawn as `label` when it is unknown."""
    if key in REMINDERS:
        return EFFECTS["proof_reminder"]
    return EFFECTS.get(key) or Look(LazyString(in_words, label), "mute", "ring")


def if_missed(key: str) -> str:
    """The same as a sentence to whoever has to act; empty when there is nothing to say."""
    return str(_WITHOUT_ANSWER.get(key, ""))


def end_look(end: str) -> Look:
    """How a dossier ended."""
    return ENDS.get(end) or Look(LazyString(str, end), "mute", "minus")


def turn_words(element_id: str, label: str) -> str:
    """Whose turn it is and for what, in a sentence."""
    known = TURNS.get(element_id)
    return str(known) if known else in_words(label)


VERDICTS: dict[str, Look] = {
    "conform": Look(_l("Conforme"), "done", "check"),
    "not_conform": Look(_l("Non conforme"), "alert", "cross"),
    "to_clarify": Look(_l("À préciser"), "wait", "diamond"),
    "not_applicable": Look(_l("Sans objet"), "mute", "minus"),
}

DECISIONS: dict[str, Look] = {
    "award": Look(_l("Sans réserve"), "done", "check"),
    "non_blocking": Look(_l("Réserves non bloquantes"), "wait", "diamond"),
    "blocking": Look(_l("Réserves bloquantes"), "alert", "cross"),
}

NATURES: dict[str, LazyString] = {"minor": _l("mineure"), "major": _l("majeure")}

PROOF_KINDS: dict[str, LazyString] = {
    "capture": _l("Capture d'écran"),
    "video": _l("Vidéo"),
    "file": _l("Fichier"),
    "log": _l("Journal"),
    "document": _l("Document"),
    "test_report": _l("Rapport de test"),
}

CLOCK_REASONS: dict[str, LazyString] = {
    "complete_proof_file": _l("dossier de preuves complet"),
    "solicitation": _l("réponse attendue de l'opérateur"),
    "convention": _l("signature de la convention attendue de l'opérateur"),
    "decision": _l("décision notifiée"),
    "suspension": _l("dossier suspendu par l'Agence"),
}

WEEKDAYS: dict[str, LazyString] = {
    "monday": _l("chaque lundi"),
    "tuesday": _l("chaque mardi"),
    "wednesday": _l("chaque mercredi"),
    "thursday": _l("chaque jeudi"),
    "friday": _l("chaque vendredi"),
    "saturday": _l("chaque samedi"),
    "sunday": _l("chaque dimanche"),
}


def questions_title(count: int) -> str:
    """The title of a solicitation that waits for its answer."""
    if count == 1:
        return _("Répondre à la question de l'ANS")
    return _("Répondre aux %(count)s questions de l'ANS", count=count)
