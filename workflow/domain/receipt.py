"""Receipts: what the operator deposited, and when it was received (DSR 4.2, 4.4).

A receipt says that something came in, never that it is admissible.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workflow.domain import document, document_facts
from workflow.domain.call import Call
from workflow.domain.dossier import Dossier

if TYPE_CHECKING:
    from workflow.domain.proof import Proof


def of_deposit(call: Call, dossier: Dossier) -> None:
    """Acknowledge a candidature."""
    document.ask(
        call,
        document.DEPOSIT_RECEIPT,
        {
            **document_facts.of(dossier, call.campaign),
            "received_at": dossier.deposited_at,
            "by": call.actor.name,
            "planned_proof_on": dossier.planned_proof_on,
            "publication_authorised": dossier.publication_authorised,
            "commitments": list(dossier.commitments),
            "opens_at": call.campaign.opens_at,
            "closes_at": call.campaign.closes_at.instant,
        },
    )


def of_proof_file(call: Call, dossier: Dossier, proofs: Sequence[Proof]) -> None:
    """Acknowledge the complete proof file, with the hash of each file received."""
    document.ask(
        call,
        document.PROOF_RECEIPT,
        {
            **document_facts.of(dossier, call.campaign),
            "received_at": dossier.complete_received_at,
            "notified_at": dossier.complete_notified_at,
            "by": call.actor.name,
            "files": [
                {
                    "requirement": each.requirement_code,
                    "position": each.position,
                    "name": each.file_name,
                    "size": each.size,
                    "sha256": each.sha256,
                }
                for each in proofs
            ],
        },
    )
