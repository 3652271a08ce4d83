"""The history in sentences: who did what, for each kind of audit entry.

Only facts of the entry itself are told. What answers and comments hold is left to the entry's
payload, which agency people may read on the history page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from web import (
    access_words,
    account_words,
    document_words,
    hand_over_words,
    mail_words,
    process_words,
    proof_words,
    solicitation_words,
)
from web.campaign_words import history_of_change
from web.correction_words import TELLERS as TOLD_BESIDE
from web.dossier_words import CLOCK_REASONS, DECISIONS, FLAGS, end_look
from web.language import _, _n
from web.procedure_words import in_words
from workflow.audit_log import AuditEntry
from workflow.domain.audit_kinds import INTERNAL

Facts = Mapping[str, Any]
Teller = Callable[[Facts], str]

TELLERS: dict[str, Teller] = {
    "dossier:deposited": lambda f: (
        _("Dépose une nouvelle candidature, suite du dossier %(previous)s.", previous=f["previous"])
        if f.get("previous")
        else _("Dépose la candidature.")
    ),
    "dossier:received_out_of_time": lambda f: _("Constate un dépôt hors des dates de la campagne."),
    "dossier:admitted": lambda f: _("Déclare le dossier recevable."),
    "dossier:declared_ineligible": lambda f: _("Déclare le dossier irrecevable."),
    "dossier:exempted": lambda f: _("Constate que l'opérateur est dispensé de référencement."),
    "dossier:rejected": lambda f: _("Rejette la demande, faute de réponse dans le délai."),
    "dossier:abandoned": lambda f: _("Considère la demande comme abandonnée, faute de réponse."),
    "dossier:refused": lambda f: (
        _("Refuse le référencement : des réserves sont bloquantes.")
        if f.get("ground") == "blocking"
        else _("Refuse le référencement : les réserves n'ont pas été levées dans le délai.")
    ),
    "dossier:withdrawn": lambda f: _("Se désiste."),
    "dossier:excluded": lambda f: _("Exclut le dossier de la procédure."),
    "dossier:suspended": lambda f: _("Suspend la procédure."),
    "dossier:resumed": lambda f: _("Reprend la procédure : les dates sont recalculées."),
    "dossier:reopened": lambda f: _(
        "Rouvre le dossier %(previous)s sous le numéro %(number)s.",
        previous=f.get("previous", ""),
        number=f.get("number", ""),
    ),
    "dossier:flagged": lambda f: _("Signale le dossier : %(flag)s.", flag=_flag(f)),
    "dossier:ended": lambda f: _("Clôt la procédure : %(end)s.", end=_end(f)),
    "admissibility:checked": lambda f: _("Consigne le contrôle de recevabilité."),
    **solicitation_words.TELLERS,
    "convention:sent": lambda f: _("Envoie la convention pour signature."),
    "convention:signed": lambda f: _("Signe la convention."),
    "convention:countersigned": lambda f: _("Contresigne la convention : elle est en vigueur."),
    "convention:carried_over": lambda f: _("Reprend la convention de la candidature précédente."),
    **proof_words.TELLERS,
    "proof_file:opened": lambda f: _("Ouvre le dossier de preuves."),
    "proof_file:reminded": lambda f: _("Rappelle la date prévue pour les preuves."),
    "proof_file:submitted": lambda f: _n(
        "Dépose le dossier de preuves : %(num)s preuve.",
        "Dépose le dossier de preuves : %(num)s preuves.",
        int(f.get("proofs") or 0),
    ),
    "proof_file:acknowledged": lambda f: _("Notifie que le dossier de preuves est complet."),
    "queue:entered": lambda f: _("Inscrit le dossier dans la file d'instruction."),
    "queue:deprioritised": lambda f: _("Place le dossier après tous les autres de la file."),
    "queue:reranked": lambda f: _("Donne au dossier le rang de sa réponse."),
    "queue:rank_restored": lambda f: _("Rend au dossier son premier rang."),
    "queue:taken": lambda f: _("Prend le dossier, premier de la file."),
    "queue:taken_out_of_order": lambda f: (
        _("Prend le dossier avant celui qui le précède : %(reason)s", reason=f["reason"])
        if f.get("reason")
        else _("Prend le dossier avant celui qui le précède, sans motif.")
    ),
    **hand_over_words.TELLERS,
    "interest:declared": lambda f: (
        _("Déclare un conflit d'intérêts.")
        if f.get("conflict")
        else _("Déclare n'avoir aucun conflit d'intérêts.")
    ),
    "recusal:declared": lambda f: _(
        "Se déporte de ce dossier à la séance %(number)s.", number=f.get("session")
    ),
    "note:added": lambda f: _("Ajoute une note interne."),
    "note:edited": lambda f: _("Modifie sa note interne."),
    "note:withdrawn": lambda f: _("Retire sa note interne."),
    "note:resolved": lambda f: _("Marque un fil de notes comme résolu."),
    "note:reopened": lambda f: _("Rouvre un fil de notes."),
    "opinion:asked": lambda f: _("Demande l'avis de %(name)s.", name=f.get("of", "")),
    "opinion:answered": lambda f: _("Donne l'avis demandé."),
    "queue:left": lambda f: _("Sort le dossier de la file d'instruction."),
    "clock:started": lambda f: _("Démarre le décompte d'instruction."),
    "clock:suspended": lambda f: _("Suspend le décompte : %(reason)s.", reason=_reason(f)),
    "clock:resumed": lambda f: _("Reprend le décompte d'instruction."),
    "clock:stopped": lambda f: _("Arrête le décompte d'instruction."),
    "verdict:recorded": lambda f: _n(
        "Consigne %(num)s verdict.", "Consigne %(num)s verdicts.", len(f.get("verdicts") or {})
    ),
    "instruction:completed": lambda f: _("Clôt l'instruction."),
    "college:scheduled": lambda f: _("Programme la séance %(number)s.", number=f.get("session")),
    "college:convened": lambda f: _("Convoque la séance %(number)s.", number=f.get("session")),
    "college:rescheduled": lambda f: _("Déplace la prochaine séance du collège."),
    "college:held": lambda f: _("Tient la séance %(number)s.", number=f.get("session")),
    "college:decided": lambda f: _("Décide au collège : %(outcome)s.", outcome=_outcome(f)),
    "decision:notified": lambda f: _("Notifie la décision du collège."),
    "reservation:opened": lambda f: _n(
        "Ouvre la levée de %(num)s réserve.",
        "Ouvre la levée de %(num)s réserves.",
        int(f.get("reservations") or 0),
    ),
    "evidence:attached": lambda f: _(
        "Joint une pièce à la réserve %(number)s : %(name)s.",
        number=f.get("reservation"),
        name=f.get("file_name", ""),
    ),
    "reservation:corrected": lambda f: _("Dépose ses corrections."),
    "reservation:returned": lambda f: _("Demande de compléter les corrections."),
    "reservation:lifting_proposed": lambda f: _("Juge les corrections suffisantes."),
    "reservation:lifted": lambda f: _("Confirme la levée des réserves."),
    "listing:awarded": lambda f: _("Attribue le numéro %(number)s.", number=f.get("number", "")),
    "attestation:issued": lambda f: _("Établit l'attestation de conformité."),
    "listing:published": lambda f: _("Publie le service au registre."),
    "listing:status_changed": lambda f: _(
        "Change l'état du numéro %(number)s au registre.", number=f.get("number", "")
    ),
    "notification:sent": mail_words.notified,
    "notification_template:changed": lambda f: _("Change le texte d'une notification."),
    "notification_template:reset": lambda f: _("Reprend le texte d'origine d'une notification."),
    "mail_preference:changed": lambda f: _("Choisit ses courriels."),
    "mail:declined": lambda f: _("Refuse une information par courriel, depuis un courriel."),
    "outbox:retried": lambda f: _("Relance ce qui n'avait pas pu partir."),
    "deadline:set": lambda f: _("Fixe une date."),
    "task:completed": lambda f: _("Fait : « %(label)s ».", label=in_words(f.get("label", ""))),
    "timer:fired": lambda f: _(
        "Échéance atteinte : « %(label)s ».", label=in_words(f.get("label", ""))
    ),
    "message:received": lambda f: _("Fait avancer la procédure : %(name)s.", name=_message(f)),
    "instance:started": process_words.started,
    "instance:ended": process_words.ended,
    "diagram:deployed": lambda f: _(
        "Met en vigueur %(file)s, version %(version)s.",
        file=f.get("file", ""),
        version=f.get("version", ""),
    ),
    "campaign:changed": history_of_change,
    "campaign:deployed": lambda f: _("Met la campagne en vigueur."),
    "catalogue:imported": lambda f: _(
        "Met en vigueur la version %(version)s des exigences.", version=f.get("version", "")
    ),
    "catalogue:corrected": lambda f: _(
        "Corrige le texte des exigences : version %(version)s, sans en changer ni le périmètre"
        " ni le niveau.",
        version=f.get("version", ""),
    ),
    "demo_clock:advanced": lambda f: _("Avance l'horloge de la démonstration."),
    **account_words.TELLERS,
    **access_words.TELLERS,
    **document_words.TOLD,
    **TOLD_BESIDE,
}

_ENGINE_KINDS = frozenset(
    {
        "task:completed",
        "timer:fired",
        "message:received",
        "instance:started",
        "instance:ended",
        "instance:held",
        "instance:released",
        "notification:sent",
        "deadline:set",
        "proof:attached",
        "proof:removed",
        "dossier:ended",
        "admissibility:checked",
        "queue:left",
        "document:requested",
        "document:issued",
    }
)
_AGENCY_ONLY = frozenset(
    {"verdict:recorded", "reservation:lifting_proposed", "dossier:flagged", "queue:rank_restored"}
) | frozenset(str(kind) for kind in INTERNAL)
TOLD_TO_AGENCY = tuple(sorted(set(TELLERS) - _ENGINE_KINDS))
"""The kinds that the page of a dossier tells: what people would call an event."""
TOLD_TO_OPERATOR = tuple(sorted(set(TELLERS) - _ENGINE_KINDS - _AGENCY_ONLY))


_BY_ITSELF = frozenset(
    {
        "dossier:received_out_of_time",
        "dossier:exempted",
        "dossier:rejected",
        "dossier:abandoned",
        "dossier:refused",
        "dossier:flagged",
        "solicitation:closed",
        "solicitation:reminded",
        "reservation:reminded",
        "queue:rank_given_back",
        "convention:sent",
        "convention:carried_over",
        "proof_file:opened",
        "proof_file:reminded",
        "proof_file:acknowledged",
        "queue:entered",
        "queue:deprioritised",
        "queue:reranked",
        "clock:started",
        "clock:suspended",
        "clock:resumed",
        "clock:stopped",
        "decision:notified",
        "reservation:opened",
        "listing:awarded",
        "listing:published",
        "attestation:issued",
        "convention:reminded",
        "document:issued",
    }
)
"""What the diagram does by itself after someone's act; the log keeps whose act it followed."""
TOOL = "Jalon"


@dataclass(frozen=True)
class Told:
    """One row of a dossier's history: all that one actor did at one instant."""

    at: datetime
    who: str
    sentences: list[str]


def grouped(entries: Sequence[AuditEntry]) -> list[Told]:
    """Entries, newest first, as rows; within a row in the order in which they happened."""
    rows: list[Told] = []
    for entry in entries:
        who = TOOL if entry.kind in _BY_ITSELF else entry.actor_name
        # What follows one act is told around it: the last row or the one before it may match.
        same = next((r for r in rows[-2:] if (r.at, r.who) == (entry.effective_at, who)), None)
        if same is None:
            rows.append(Told(entry.effective_at, who, [sentence(entry)]))
        else:
            same.sentences.insert(0, sentence(entry))
    return rows


def sentence(entry: AuditEntry) -> str:
    """What an entry says; its kind when nobody has written a sentence for it."""
    teller = TELLERS.get(entry.kind)
    if teller is None:
        return entry.kind
    if entry.payload is None:
        return _("Fait dont les données ont été effacées.")
    return teller(entry.facts)


def _flag(facts: Facts) -> str:
    look = FLAGS.get(str(facts.get("flag")))
    return str(look.words).lower() if look else str(facts.get("flag", ""))


def _end(facts: Facts) -> str:
    return str(end_look(str(facts.get("end", ""))).words).lower()


def _reason(facts: Facts) -> str:
    return str(CLOCK_REASONS.get(str(facts.get("reason")), facts.get("reason", "")))


def _outcome(facts: Facts) -> str:
    look = DECISIONS.get(str(facts.get("outcome")))
    return str(look.words).lower() if look else str(facts.get("outcome", ""))


def _message(facts: Facts) -> str:
    names = {
        "withdraw": _("désistement"),
        "withdraw_solicitation": _("retrait de la sollicitation"),
        "exclude": _("exclusion"),
        "college_decided": _("décision du collège"),
        "convene": _("séance extraordinaire"),
    }
    name = str(facts.get("message", ""))
    return names.get(name, name)
