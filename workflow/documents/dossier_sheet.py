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


def sheet_of(
    session: Session,
    dossier: Dossier,
    profiles: str,
    proofs: Sequence[Proof],
    evidence: Sequence[Evidence],
) -> Sheet:
    """The dossier as it stands; `proofs` and `evidence` are those that the reader may see."""
    sheet = Sheet(f"Dossier {dossier.number}", f"{dossier.service_name}, {dossier.company_name}")
    sheet.section("Candidature").facts(
        [
            ("Opérateur", f"{dossier.company_name}, SIRET {words.siret(dossier.siret)}"),
            ("Représentant légal", dossier.legal_representative_name),
            ("Contact", dossier.contact_name),
            ("Service", f"{dossier.service_name}, version {dossier.service_version}"),
            ("Profils", profiles),
            ("DSR", dossier.dsr),
            ("Candidature", "première" if dossier.attempt == 1 else f"{dossier.attempt}e"),
            ("Preuves prévues le", words.day(dossier.planned_proof_on.isoformat())),
            ("Fin", ENDS.get(dossier.end or "", dossier.end or "")),
        ]
    )
    sheet.section("Dates").facts(
        [(label, _instant(getattr(dossier, name))) for label, name in _MILESTONES]
    )
    _exchanges(sheet, session, dossier)
    _signatures(sheet, session, dossier)
    _files(sheet, proofs, evidence)
    _decision(sheet, session, dossier)
    return sheet


def _exchanges(sheet: Sheet, session: Session, dossier: Dossier) -> None:
    found = session.scalars(
        select(Solicitation)
        .where(Solicitation.dossier_id == dossier.id)
        .order_by(Solicitation.number)
        .limit(MOST_SOLICITATIONS)
    ).all()
    if found:
        sheet.section("Sollicitations")
    for each in found:
        asked = session.scalars(
            select(Question.text)
            .where(Question.solicitation_id == each.id)
            .order_by(Question.position)
        ).all()
        sheet.part(f"Sollicitation {each.number}, du {_instant(each.sent_at)}").list(asked)
        if each.answer:
            sheet.facts([("Réponse du", _instant(each.answered_at))]).text(each.answer)
        else:
            sheet.note("Sans réponse." if each.closed_at else "Réponse attendue.")


def _signatures(sheet: Sheet, session: Session, dossier: Dossier) -> None:
    signatures = convention_signature.of_dossier(session, dossier.id)
    if signatures:
        sheet.section("Convention").facts(
            [
                (f"Signée le {_instant(each.signed_at)}", f"{each.name}, {each.quality}")
                for each in signatures
            ]
        )


def _files(sheet: Sheet, proofs: Sequence[Proof], evidence: Sequence[Evidence]) -> None:
    rows = [
        (f"{each.requirement_code} nº\u00a0{each.position}", each.file_name, each.size, each.sha256)
        for each in proofs
    ]
    rows += [("Correction", each.file_name, each.size, each.sha256) for each in evidence]
    if rows:
        sheet.section("Fichiers déposés").table(
            ("Pour", "Fichier", "Taille", "Empreinte SHA-256"),
            [(where, name, words.size(size), sha256) for where, name, size, sha256 in rows],
            (2.1, 3, 1.2, 4.2),
            exact=(3,),
        )


def _decision(sheet: Sheet, session: Session, dossier: Dossier) -> None:
    decided = college.decision_of(session, dossier.id)
    if decided is not None:
        sheet.section("Décision").facts(
            [
                ("Décision", OUTCOMES.get(decided.outcome, decided.outcome)),
                ("Prise le", _instant(decided.decided_at)),
                ("Motifs", decided.reasons),
            ]
        )
        reserved = college.reservations_of(session, decided.id)
        if reserved:
            sheet.table(
                ("Exigence", "Correction demandée", "Nature", "Corrigée", "Levée"),
                [
                    (
                        each.requirement_code,
                        each.text,
                        NATURE_WORDS.get(each.nature, each.nature),
                        _day(each.corrected_at),
                        _day(each.lifted_at),
                    )
                    for each in reserved
                ],
                (2, 4, 1.5, 2, 2),
            )
    awarded = listing.of_dossier(session, dossier.id)
    if awarded is not None:
        sheet.section("Référencement").facts(
            [("Numéro", awarded.number), ("Depuis le", words.day(awarded.listed_on.isoformat()))]
        )


def _instant(at: datetime | None) -> str:
    return words.instant(None if at is None else at.isoformat())


def _day(at: datetime | None) -> str:
    return words.day(None if at is None else at.isoformat())
