"""The papers of a dossier, its third tab: documents, proofs, commitments, and the whole of it."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_login import login_required
from sqlalchemy import select
from sqlalchemy.orm import Session

from web import document_view
from web.access import is_agency, visible_dossier
from web.dossier_head import head_of
from web.dossiers import part
from web.runtime import runtime
from web.signed_in import actor
from workflow.domain import commitment
from workflow.domain.attestation import Attestation
from workflow.domain.convention import Convention
from workflow.domain.dossier import Dossier
from workflow.domain.proof import READERS, Completeness, completeness


@part.get("/dossiers/<number>/documents")
@login_required
def documents(number: str) -> Any:
    """Documents, proofs, the commitments accepted, and the export."""
    who = actor()
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, who)
        convention, attestation = _texts(session, dossier)
        reads_proofs = who.operator_id == dossier.operator_id or bool(who.roles & READERS)
        return render_template(
            "dossiers/documents.html",
            head=head_of(session, dossier, who),
            dossier=dossier,
            documents=document_view.rows_of(session, dossier.id, who),
            convention=convention,
            attestation=attestation,
            may_export=document_view.may_export(dossier.operator_id, who),
            may_see_proofs=reads_proofs and dossier.proof_file_opened_at is not None,
            proof_file=_proof_file(session, dossier) if reads_proofs else None,
            commitments=commitment.of_dossier(session, dossier.id),
            sees_ssi=who.operator_id == dossier.operator_id or is_agency(who),
        )


def _texts(session: Session, dossier: Dossier) -> tuple[Convention | None, Attestation | None]:
    found = session.execute(
        select(Convention, Attestation)
        .select_from(Dossier)
        .outerjoin(Convention, Convention.dossier_id == Dossier.id)
        .outerjoin(Attestation, Attestation.dossier_id == Dossier.id)
        .where(Dossier.id == dossier.id)
    ).one()
    return found[0], found[1]


def _proof_file(session: Session, dossier: Dossier) -> Completeness | None:
    """What the proof file still lacks, until it is submitted: afterwards it lacks nothing."""
    if dossier.proof_file_opened_at is None or dossier.complete_received_at is not None:
        return None
    return completeness(session, dossier)
