"""Which dossier a page may show to whom; strangers are told that there is none."""

from __future__ import annotations

from sqlalchemy.orm import Session

from workflow.domain import dossier as dossiers
from workflow.domain.dossier import Dossier
from workflow.domain.person import Actor
from workflow.domain.proof import READERS
from workflow.errors import NotAllowed, NotFound


def is_agency(actor: Actor) -> bool:
    """Whether someone acts for the Agency in some role."""
    return actor.is_agency


def visible_dossier(session: Session, number: str, actor: Actor) -> Dossier:
    """The dossier of a number that this person may read; raises NotFound."""
    dossier = dossiers.find_by_number(session, number)
    if dossier is None:
        raise NotFound(f"Expected a dossier {number!r} but there is none. Check the number.")
    return dossiers.visible_to(session, dossier.id, actor)


def require_agency(actor: Actor) -> None:
    """Refuse the operators' side; raises NotAllowed."""
    if not is_agency(actor):
        raise NotAllowed(
            f"Expected a person of the Agency but {actor.name} is not. This page is not yours."
        )


def require_proof_reader(dossier: Dossier, actor: Actor) -> None:
    """Refuse those who may not read a dossier's proofs (DSR 4.7)."""
    if actor.operator_id != dossier.operator_id and not actor.roles & READERS:
        raise NotAllowed(
            f"Expected someone who may read proofs but {actor.name} may not: they are"
            " confidential (DSR 4.7)."
        )
