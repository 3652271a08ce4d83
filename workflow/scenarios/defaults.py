"""A valid answer for every form: a scenario writes only what its story is about.

All that is made up here is evidently fictitious.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain import proof, requirement, reservation
from workflow.domain.campaign import Campaign
from workflow.domain.dossier import Dossier
from workflow.domain.siret import is_valid

COMMITMENTS = {
    "commitment_functionality": True,
    "commitment_sincere_proofs": True,
    "commitment_process": True,
    "commitment_no_health_data": True,
    "commitment_no_security_risk": True,
}


def company_of(dossier_name: str) -> str:
    """The fictitious company behind a dossier of a scenario."""
    return f"Opérateur fictif {dossier_name}"


def siret_of(dossier_name: str) -> str:
    """A SIRET with a right key, derived from the dossier's name."""
    number = int.from_bytes(hashlib.sha256(dossier_name.encode()).digest()[:6], "big")
    stem = f"9{number % 10**12:012d}"
    return next(stem + key for key in "0123456789" if is_valid(stem + key))


def deposit(dossier_name: str, campaign: Campaign) -> dict[str, Any]:
    """The deposit of a dossier (DSR 4.2)."""
    return {
        "company_name": company_of(dossier_name),
        "siret": siret_of(dossier_name),
        "legal_representative_name": "Camille Fictif",
        "legal_representative_email": "direction@operateur.example",
        "legal_representative_phone": "01 99 00 00 00",
        "contact_name": "Dominique Fictif",
        "service_name": f"Service fictif {dossier_name}",
        "service_version": "1.0",
        "dsr": campaign.dsr,
        "planned_proof_on": date(campaign.year, 11, 30),
        "publication_authorised": True,
        "profiles": ["general"],
        **COMMITMENTS,
    }


def reapplication(previous: Dossier) -> dict[str, Any]:
    """The deposit that follows a refusal (DOMAIN A17)."""
    return {
        "previous": previous.number,
        "service_version": f"{previous.service_version}.1",
        "planned_proof_on": previous.planned_proof_on,
        "publication_authorised": True,
        **COMMITMENTS,
    }


def _check_admissibility(_session: Session, dossier: Dossier) -> dict[str, Any]:
    return {
        "outcome": "admissible",
        "in_trust_space": True,
        "component_source": "self",
        "contract_v2_operator_on": date(2022, 5, 2),
        "contract_v2_agency_on": date(2022, 5, 9),
        "questions": ["Pouvez-vous préciser ce point ?"],
        "comment": "Contrôle fait sur pièces.",
    }


def _answer(_session: Session, _dossier: Dossier) -> dict[str, Any]:
    return {"answer": "Voici la précision demandée."}


def _accepted(_session: Session, _dossier: Dossier) -> dict[str, Any]:
    return {"accepted": True}


def _submit_proofs(_session: Session, _dossier: Dossier) -> dict[str, Any]:
    return {"third_party_disclaimer": True, "fictitious_data": True, "no_security_risk": True}


def _instruct(session: Session, dossier: Dossier) -> dict[str, Any]:
    verdicts = [
        {"requirement": row.code, "verdict": "conform", "comment": ""}
        for row in requirement.applicable(session, dossier)
    ]
    return {
        "outcome": "complete",
        "verdicts": verdicts,
        "questions": ["Pouvez-vous compléter cette preuve ?"],
        "comment": "Preuves examinées.",
    }


def _corrections(session: Session, dossier: Dossier) -> dict[str, Any]:
    rows = reservation.open_of(session, dossier.id)
    return {
        "corrections": [
            {"reservation": row.number, "explanation": "Correction apportée."} for row in rows
        ]
    }


def _verify(_session: Session, _dossier: Dossier) -> dict[str, Any]:
    return {"outcome": "lifted", "comment": "Corrections vérifiées."}


def _nothing(_session: Session, _dossier: Dossier) -> dict[str, Any]:
    return {}


_OF_FORM: Mapping[str, Callable[[Session, Dossier], dict[str, Any]]] = {
    "check_admissibility": _check_admissibility,
    "answer_admissibility_solicitation": _answer,
    "answer_solicitation": _answer,
    "sign_convention": _accepted,
    "countersign_convention": _accepted,
    "submit_proofs": _submit_proofs,
    "instruct_dossier": _instruct,
    "correct_reservations": _corrections,
    "verify_corrections": _verify,
}

MESSAGES: Mapping[str, dict[str, Any]] = {
    "withdraw": {"reason": "Le service est abandonné."},
    "exclude": {"reason": "Manquement aux engagements."},
    "suspend": {"reason": "Vérification du respect des engagements."},
    "resume": {"reason": "Vérification terminée."},
}


def of_task(session: Session, form_key: str, dossier: Dossier) -> dict[str, Any]:
    """A valid answer to a task's form; empty for a form that asks for nothing."""
    return _OF_FORM.get(form_key, _nothing)(session, dossier)


def attendance(campaign: Campaign) -> list[str]:
    """Members of the college, as many as its quorum."""
    return [f"Membre fictif {rank}" for rank in range(1, campaign.college.quorum + 1)]


def session_of_college(
    members: Sequence[str],
    decisions: Mapping[str, Any],
    numbers: Mapping[str, str],
    first_requirements: Mapping[str, str],
) -> dict[str, Any]:
    """The form of a college session: who is present, and the decisions given by name."""
    return {
        "attendance": list(members),
        "decisions": [
            _decision(numbers[name], decided, first_requirements[name], members)
            for name, decided in decisions.items()
        ],
    }


def _decision(
    number: str, decided: Any, first_requirement: str, members: Sequence[str]
) -> dict[str, Any]:
    given = {"outcome": decided} if isinstance(decided, str) else decided
    reservations = [
        {"requirement": first_requirement, "nature": "minor", "text": item}
        if isinstance(item, str)
        else {"requirement": first_requirement, "nature": "minor", **item}
        for item in given.get("reservations") or _reserved(given["outcome"])
    ]
    reasons = given.get("reasons") or "Au vu des preuves examinées."
    recused = given.get("recused") or []
    return {
        "dossier": number,
        "outcome": given["outcome"],
        "reservations": reservations,
        "reasons": reasons,
        "recused": recused,
        "no_conflict": given.get("no_conflict", [name for name in members if name not in recused]),
    }


def _reserved(outcome: str | None) -> list[Any]:
    """A decision with reservations that names none gets one of the nature it needs."""
    if outcome == "non_blocking":
        return ["Correction mineure à apporter."]
    if outcome == "blocking":
        return [{"nature": "major", "text": "Correction majeure à apporter."}]
    return []


def missing_proofs(session: Session, dossier: Dossier) -> list[tuple[str, int]]:
    """The expected proofs that have no file yet: requirement and position."""
    return [
        (gap.requirement_code, gap.position) for gap in proof.completeness(session, dossier).missing
    ]


def dossier_of(session: Session, dossier_id: int) -> Dossier:
    """A dossier that exists."""
    return session.scalars(select(Dossier).where(Dossier.id == dossier_id)).one()
