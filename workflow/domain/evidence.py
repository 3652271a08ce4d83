"""Evidence of a correction: files that an operator attaches to a reservation (DSR 4.5, P6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.domain import dossier as dossiers
from workflow.domain import proof, reservation
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.file_store import StoredFile
from workflow.domain.person import Actor
from workflow.domain.reservation import Reservation
from workflow.errors import Conflict, InvalidAnswer, NotFound

MOST_FILES = 2_000


class Evidence(Base):
    """A file that shows the correction of one reservation."""

    __tablename__ = "evidence"
    __table_args__ = (Index(None, "dossier_id", "reservation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content_key: Mapped[str] = mapped_column(String(64))
    uploaded_at: Mapped[datetime] = mapped_column(Instant)
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


def attach(
    call: Call, *, number: int, file_name: str, media_type: str, stored: StoredFile
) -> Evidence:
    """Keep a stored file as evidence for a reservation of the call's dossier.

    `number` is the reservation's in the decision. Raises Conflict unless the operator is asked
    to correct it, InvalidAnswer on an empty or nameless file, NotAllowed to anyone else.
    """
    dossier = dossiers.of(call)
    dossiers.require_party(call.session, dossier.id, "operator", call.actor)
    reserved = _to_correct(call, number)
    if stored.size == 0:
        raise InvalidAnswer(
            "Expected a file with content but found an empty one. Choose another file.",
            {"file": ["Ce fichier est vide."]},
        )
    evidence = Evidence(
        dossier_id=dossier.id,
        reservation_id=reserved.id,
        file_name=proof.plain_name(file_name),
        media_type=proof.plain_media_type(media_type),
        size=stored.size,
        sha256=stored.sha256,
        content_key=stored.key,
        uploaded_at=call.effective_at,
        uploaded_by=call.actor.person_id,
    )
    call.session.add(evidence)
    call.record(
        AuditKind.EVIDENCE_ATTACHED,
        {
            "reservation": number,
            "file_name": evidence.file_name,
            "size": evidence.size,
            "sha256": evidence.sha256,
        },
    )
    return evidence


def may_attach(reserved: Reservation) -> bool:
    """Whether the operator holds the hand: not yet corrected, or asked again since."""
    if reserved.lifted_at is not None:
        return False
    if reserved.corrected_at is None:
        return True
    return reserved.verified_at is not None and reserved.verified_at >= reserved.corrected_at


def of_dossier(session: Session, dossier_id: int) -> Sequence[Evidence]:
    """The evidence given on a dossier, by reservation then in order."""
    return session.scalars(
        select(Evidence)
        .where(Evidence.dossier_id == dossier_id)
        .order_by(Evidence.reservation_id, Evidence.id)
        .limit(MOST_FILES)
    ).all()


def find_readable(session: Session, evidence_id: int, actor: Actor) -> Evidence:
    """A file that this actor may read, as a proof is read (DSR 4.7), else NotFound."""
    found = session.get(Evidence, evidence_id)
    if found is not None:
        dossier = dossiers.visible_to(session, found.dossier_id, actor)
        if actor.roles & proof.READERS or actor.operator_id == dossier.operator_id:
            return found
    raise NotFound(f"Expected evidence {evidence_id} but there is none. Check the number.")


def _to_correct(call: Call, number: int) -> Reservation:
    dossier = dossiers.of(call)
    for reserved in reservation.open_of(call.session, dossier.id):
        if reserved.number == number and may_attach(reserved) and dossier.ended_at is None:
            return reserved
    raise Conflict(
        f"Expected reservation {number} of dossier {dossier.number} to be corrected now but it is"
        " not. Evidence is given while the operator is asked to correct."
    )
