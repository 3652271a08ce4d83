"""When an operator may add proofs: before the submission, then only in answer to a question.

After the deposit in one go the proof file is read-only (DSR 4.3, 4.4); what a reservation asks
for is evidence, with rules of its own.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from workflow.domain import dossier as dossiers
from workflow.domain import solicitation
from workflow.domain.dossier import Dossier
from workflow.domain.person import Actor
from workflow.domain.solicitation import Solicitation
from workflow.errors import Conflict

INSTRUCTION = "instruction"


def solicitation_open_on(session: Session, dossier: Dossier) -> Solicitation | None:
    """The instructor's solicitation in whose answer files are added now."""
    if dossier.complete_received_at is None or dossier.ended_at is not None:
        return None
    found = solicitation.open_of(session, dossier.id)
    return found if found is not None and found.kind == INSTRUCTION else None


def is_open(session: Session, dossier: Dossier) -> bool:
    """Whether files may be added now."""
    return takes_files(dossier, solicitation_open_on(session, dossier))


def takes_files(dossier: Dossier, solicited: Solicitation | None) -> bool:
    """Whether files may be added, given the solicitation in whose answer they would be."""
    if dossier.proof_file_opened_at is None or dossier.ended_at is not None:
        return False
    return dossier.complete_received_at is None or solicited is not None


def require_open(session: Session, dossier: Dossier, actor: Actor) -> Solicitation | None:
    """Refuse unless the actor may add proofs now; gives the solicitation they would answer.

    Raises NotAllowed or NotFound to others than its operator, Conflict when it is not open.
    """
    dossiers.require_party(session, dossier.id, "operator", actor)
    if dossier.proof_file_opened_at is None or dossier.ended_at is not None:
        raise Conflict(
            f"Expected the proof file of dossier {dossier.number} to be open but it is not."
            " Proofs are taken once the dossier is admissible."
        )
    if dossier.complete_received_at is None:
        return None
    found = solicitation_open_on(session, dossier)
    if found is None:
        raise Conflict(
            f"Expected a proof file to submit but dossier {dossier.number} has submitted its own."
            " Additions are made in answer to a solicitation."
        )
    return found
