"""Reopening: what is kept and told when the Agency undoes an end that came by itself (A18)."""

from __future__ import annotations

from workflow.domain import dossier as dossiers
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.dossier import Dossier
from workflow.domain.notification import notify, reason
from workflow.domain.phrase import Phrase

_RESTARTS = {
    "abandoned": Phrase("au dépôt des preuves", "the deposit of the proofs"),
    "rejected_no_answer": Phrase("au contrôle de la recevabilité", "the admissibility check"),
}


def tell(call: Call, previous: Dossier, motive: str) -> None:
    """Record the reopening in both histories, and notify it on the call's new dossier."""
    number = dossiers.of(call).number
    facts = {"previous": previous.number, "number": number, "reason": motive}
    call.record(AuditKind.DOSSIER_REOPENED, facts)
    call.record(AuditKind.DOSSIER_REOPENED, facts, dossier_id=previous.id)
    for role in ("operator", "legal_representative"):
        notify(
            call,
            role,
            "reopened",
            previous=previous.number,
            restart=_RESTARTS[previous.end or ""],
            reason=reason(motive),
        )
