"""A dossier as one readable document, for its export: a working copy, without a seal.

What is internal to the Agency (notes, opinions, verdicts under way) is not read here, nor is
anything of the SSI questionnaire. [règle 57]
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.documents import words
from workflow.documents.decisions import OUTCOMES
from workflow.documents.sheet import Sheet
from workflow.documents.tongue import FRENCH, Tongue
from workflow.domain import college, convention_signature, listing
from workflow.domain.dossier import Dossier
from workflow.domain.evidence import Evidence
from workflow.domain.minutes import NATURE_WORDS
from workflow.domain.proof import Proof
from workflow.domain.solicitation import Question, Solicitation

MOST_SOLICITATIONS = 500
ENDS = {
    "listed": "référencé",
    "out_of_time": "reçu hors délai",
    "ineligible": "irrecevable",
    "exempt_buyer": "dispensé de référencement",
    "rejected_no_answer": "rejeté faute de réponse",
    "abandoned": "considéré comme abandonné",
    "refused_blocking": "refusé, réserves bloquantes",
    "refused_not_lifted": "refusé, réserves non levées",
    "withdrawn": "retiré par l’opérateur",
    "excluded": "exclu",
}
_MILESTONES = (
    ("Déposé", "deposited_at"),
    ("Recevable", "admitted_at"),
    ("Dossier de preuves complet reçu", "complete_received_at"),
    ("Réception notifiée", "complete_notified_at"),
    ("Instruction close", "instructed_at"),
    ("Décidé au collège", "decided_at"),
    ("Terminé", "ended_at"),
)
_RESERVATION_HEADS = ("Exigence", "Correction demandée", "Nature", "Corrigée", "Levée")


def sheet_of(
    session: Session,
    dossier: Dossier,
    profiles: str,
    proofs: Sequence[Proof],
    evidence: Sequence[Evidence],
    tongue: Tongue = FRENCH,
) -> Sheet:
    """The dossier as it stands; `proofs` and `evidence` are those that the reader may see."""
    say = tongue.say
    sheet = Sheet(f"Dossier {dossier.number}", f"{dossier.service_name}, {dossier.company_name}")
    sheet.section(say("Candidature")).facts(
        [
            (say("Opérateur"), f"{dossier.company_name}, SIRET {words.siret(dossier.siret)}"),
            (say("Représentant légal"), dossier.legal_representative_name),
            ("Contact", dossier.contact_name),
            ("Service", f"{dossier.service_name}, version {dossier.service_version}"),
            (say("Profils"), profiles),
            ("DSR", dossier.dsr),
            (say("Candidature"), tongue.attempt(dossier.attempt)),
            (say("Preuves prévues le"), tongue.day(dossier.planned_proof_on.isoformat())),
            (say("Fin"), tongue.known(ENDS.get(dossier.end or "", dossier.end or ""))),
        ]
    )
    sheet.section("Dates").facts(
        [(say(label), _instant(tongue, getattr(dossier, name))) for label, name in _MILESTONES]
    )
    _exchanges(sheet, session, dossier, tongue)
    _signatures(sheet, session, dossier, tongue)
    _files(sheet, proofs, evidence, tongue)
    _decision(sheet, session, dossier, tongue)
    return sheet


def _exchanges(sheet: Sheet, session: Session, dossier: Dossier, tongue: Tongue) -> None:
    found = session.scalars(
        select(Solicitation)
        .where(Solicitation.dossier_id == dossier.id)
        .order_by(Solicitation.number)
        .limit(MOST_SOLICITATIONS)
    ).all()
    if found:
        sheet.section(tongue.say("Sollicitations"))
    for each in found:
        asked = session.scalars(
            select(Question.text)
            .where(Question.solicitation_id == each.id)
            .order_by(Question.position)
        ).all()
        sent = _instant(tongue, each.sent_at)
        named = tongue.say("Sollicitation {number}, du {sent}", number=each.number, sent=sent)
        sheet.part(named).list(asked)
        if each.answer:
            answered = (tongue.say("Réponse du"), _instant(tongue, each.answered_at))
            sheet.facts([answered]).text(each.answer)
        else:
            sheet.note(tongue.say("Sans réponse." if each.closed_at else "Réponse attendue."))


def _signatures(sheet: Sheet, session: Session, dossier: Dossier, tongue: Tongue) -> None:
    signatures = convention_signature.of_dossier(session, dossier.id)
    if signatures:
        sheet.section("Convention").facts(
            [
                (
                    tongue.say("Signature"),
                    f"{each.name}, {tongue.known(each.quality)},"
                    f" {tongue.say('le {at}', at=_instant(tongue, each.signed_at))}",
                )
                for each in signatures
            ]
        )


def _files(
    sheet: Sheet, proofs: Sequence[Proof], evidence: Sequence[Evidence], tongue: Tongue
) -> None:
    rank = tongue.say("nº")
    rows = [
        (
            f"{each.requirement_code} {rank}\u00a0{each.position}",
            each.file_name,
            each.size,
            each.sha256,
        )
        for each in proofs
    ]
    rows += [("Correction", each.file_name, each.size, each.sha256) for each in evidence]
    if rows:
        sheet.section(tongue.say("Fichiers déposés")).table(
            [tongue.say(head) for head in ("Pour", "Fichier", "Taille", "Empreinte SHA-256")],
            [(where, name, tongue.size(size), sha256) for where, name, size, sha256 in rows],
            (2.1, 3, 1.2, 4.2),
            exact=(3,),
        )


def _decision(sheet: Sheet, session: Session, dossier: Dossier, tongue: Tongue) -> None:
    say = tongue.say
    decided = college.decision_of(session, dossier.id)
    if decided is not None:
        sheet.section(say("Décision")).facts(
            [
                (say("Décision"), tongue.known(OUTCOMES.get(decided.outcome, decided.outcome))),
                (say("Prise le"), _instant(tongue, decided.decided_at)),
                (say("Motifs"), decided.reasons),
            ]
        )
        reserved = college.reservations_of(session, decided.id)
        if reserved:
            sheet.table(
                [say(head) for head in _RESERVATION_HEADS],
                [
                    (
                        each.requirement_code,
                        each.text,
                        tongue.known(NATURE_WORDS.get(each.nature, each.nature)),
                        _day(tongue, each.corrected_at),
                        _day(tongue, each.lifted_at),
                    )
                    for each in reserved
                ],
                (2, 4, 1.5, 2, 2),
            )
    awarded = listing.of_dossier(session, dossier.id)
    if awarded is not None:
        since = tongue.day(awarded.listed_on.isoformat())
        facts = [(say("Numéro"), awarded.number), (say("Depuis le"), since)]
        sheet.section(say("Référencement")).facts(facts)


def _instant(tongue: Tongue, at: datetime | None) -> str:
    return tongue.instant(None if at is None else at.isoformat())


def _day(tongue: Tongue, at: datetime | None) -> str:
    return tongue.day(None if at is None else at.isoformat())
