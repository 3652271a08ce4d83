"""Evidence of a correction: files that an operator attaches to a reservation (DSR 4.5, P6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.domain import dossier as dossiers
from workflow.domain import file_name as file_names
from workflow.domain import proof, reservation
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.dossier import Dossier
from workflow.domain.file_store import StoredFile
from workflow.domain.file_type import empty
from workflow.domain.person import Actor
from workflow.domain.proof_limits import ANY_KIND, limits_of
from workflow.domain.reservation import Reservation
from workflow.errors import Conflict, NotFound

MOST_FILES = 2_000


class Evidence(Base):
    """A file that shows the correction of one reservation."""

    __tablename__ = "evidence"
    __table_args__ = (Index(None, "dossier_id", "reservation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    reservation_id: Mapped[int] = mapped_column(ForeignKey("reservation.id"))
    file_name: Mapped[str] = mapped_column(String(255))
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
    reserved = require_to_correct(call.session, dossier, number)
    if stored.size == 0:
        raise empty()
    limits_of(call.campaign.parameters).require_size(
        ANY_KIND, stored.size, size_of(call.session, dossier.id)
    )
    evidence = Evidence(
        dossier_id=dossier.id,
        reservation_id=reserved.id,
        file_name=file_names.plain(file_name),
        media_type=file_names.plain_media_type(media_type),
        size=stored.size,
        sha256=stored.sha256,
        content_key=stored.key,
        uploaded_at=call.effective_at,
        uploaded_by=call.actor.person_id,
    )
    call.session.add(evidence)
    call.session.flush()  # The caller shows it by its id.
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


def size_of(session: Session, dossier_id: int) -> int:
    """How many bytes the evidence of a dossier has together."""
    query = select(func.coalesce(func.sum(Evidence.size), 0)).where(
        Evidence.dossier_id == dossier_id
    )
    return int(session.scalar(query) or 0)


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


def require_to_correct(session: Session, dossier: Dossier, number: int) -> Reservation:
    """The reservation of that number, when the operator is asked to correct it; else Conflict."""
    for reserved in reservation.open_of(session, dossier.id):
        if reserved.number == number and may_attach(reserved) and dossier.ended_at is None:
            return reserved
    raise Conflict(
        f"Expected reservation {number} of dossier {dossier.number} to be corrected now but it is"
        " not. Evidence is given while the operator is asked to correct."
    )
