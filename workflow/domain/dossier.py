"""The dossier: one candidature of one service with one main component (DSR 4.2).

What a dossier *is* at a moment is read off what its instance waits for; this table keeps facts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    exists,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant, Json
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.person import OPERATOR_SIDE, Actor
from workflow.errors import Conflict, InvalidInput, NotAllowed, NotFound

FLAGS = ("deprioritised", "significant_delay", "admissibility_overdue", "instruction_overdue")
COMMITMENTS = (
    "commitment_functionality",
    "commitment_sincere_proofs",
    "commitment_process",
    "commitment_no_health_data",
    "commitment_no_security_risk",
)
"""The five commitments of DSR 4.8, each accepted at the deposit."""


class Dossier(Base):
    """The facts of one candidature; instants in UTC, `*_on` are Paris days.

    `end` is the end event its procedure reached. Number: year of the campaign's opening, then
    a counter.
    """

    __tablename__ = "dossier"
    __table_args__ = (
        UniqueConstraint("number"),
        Index(None, "campaign_id", "deposited_at", "id"),
        Index(None, "operator_id", "deposited_at"),
        Index(None, "previous_dossier_id"),
        Index(None, "deposited_at", "id"),
        Index(None, "campaign_id", "ended_at", "deposited_at"),
        Index(None, "campaign_id", "complete_received_at"),
        Index(None, "campaign_id", "decided_at", "ended_at"),
        Index(None, "ended_at", "deposited_at", "id"),
        Index(None, "service_name", "id"),
        Index(None, "company_name", "id"),
        Index(None, "end", "deposited_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20))
    campaign_id: Mapped[str] = mapped_column(String(80))
    campaign_version_id: Mapped[int] = mapped_column(ForeignKey("campaign_version.id"))
    catalogue_version_id: Mapped[int] = mapped_column(ForeignKey("catalogue_version.id"))
    operator_id: Mapped[int] = mapped_column(ForeignKey("operator.id"))
    company_name: Mapped[str] = mapped_column(String(200))
    siret: Mapped[str] = mapped_column(String(14))
    legal_representative_name: Mapped[str] = mapped_column(String(200))
    legal_representative_email: Mapped[str] = mapped_column(String(254))
    legal_representative_phone: Mapped[str] = mapped_column(String(40))
    contact_name: Mapped[str] = mapped_column(String(200))
    service_name: Mapped[str] = mapped_column(String(200))
    service_version: Mapped[str] = mapped_column(String(60))
    dsr: Mapped[str] = mapped_column(String(80))
    profiles: Mapped[list[str]] = mapped_column(Json)
    planned_proof_on: Mapped[date] = mapped_column(Date)
    publication_authorised: Mapped[bool]
    commitments: Mapped[list[str]] = mapped_column(Json)
    attempt: Mapped[int]
    previous_dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"))
    deposited_at: Mapped[datetime] = mapped_column(Instant)
    deposited_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    in_trust_space: Mapped[bool | None]
    component_source: Mapped[str | None] = mapped_column(String(20))
    contract_v2_operator_on: Mapped[date | None] = mapped_column(Date)
    contract_v2_agency_on: Mapped[date | None] = mapped_column(Date)
    admitted_at: Mapped[datetime | None] = mapped_column(Instant)
    proof_file_opened_at: Mapped[datetime | None] = mapped_column(Instant)
    complete_received_at: Mapped[datetime | None] = mapped_column(Instant)
    complete_notified_at: Mapped[datetime | None] = mapped_column(Instant)
    instructed_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    end: Mapped[str | None] = mapped_column(String(40))
    end_reason: Mapped[str | None] = mapped_column(Text)


class Flag(Base):
    """Something worth knowing about a dossier that changes nothing by itself; raised once."""

    __tablename__ = "flag"

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    flag: Mapped[str] = mapped_column(String(40), primary_key=True)
    raised_at: Mapped[datetime] = mapped_column(Instant)


def of(call: Call) -> Dossier:
    """The dossier of a call; raises Conflict in a turn that concerns none."""
    if call.dossier_id is None:
        raise Conflict(
            "Expected a dossier in this turn but there is none yet."
            " Draw this operation after the deposit."
        )
    dossier = get(call.session, call.dossier_id)
    call.kept.add(dossier)
    return dossier


def get(session: Session, dossier_id: int) -> Dossier:
    """A dossier by its id; raises NotFound."""
    dossier = session.get(Dossier, dossier_id)
    if dossier is None:
        raise NotFound(f"Expected dossier {dossier_id} but there is none. Check the number.")
    return dossier


def find_by_number(session: Session, number: str) -> Dossier | None:
    """A dossier by its number, such as 2022-001."""
    return session.scalars(select(Dossier).where(Dossier.number == number.strip())).first()


def named(session: Session, name: object) -> Dossier | None:
    """The dossier that an answer names by its number or its id; None when it names none."""
    if name in (None, ""):
        return None
    if re.fullmatch(r"[0-9]{1,9}", str(name)):
        return session.get(Dossier, int(str(name)))
    return find_by_number(session, str(name))


def visible_to(session: Session, dossier_id: int, actor: Actor) -> Dossier:
    """A dossier that this actor may read; strangers are told that there is none (NotFound)."""
    dossier = get(session, dossier_id)
    if not is_visible(session, dossier_id, actor):
        raise NotFound(f"Expected dossier {dossier_id} but there is none. Check the number.")
    return dossier


def is_visible(session: Session, dossier_id: int, actor: Actor) -> bool:
    """Whether this actor may read a dossier that exists."""
    return actor.is_agency or get(session, dossier_id).operator_id == actor.operator_id


def list_for(
    session: Session,
    actor: Actor,
    *,
    campaign_id: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> Sequence[Dossier]:
    """The dossiers this actor may read, last deposited first."""
    query = select(Dossier).order_by(Dossier.deposited_at.desc(), Dossier.id.desc())
    if not actor.is_agency:
        query = query.where(Dossier.operator_id == actor.operator_id)
    if campaign_id is not None:
        query = query.where(Dossier.campaign_id == campaign_id)
    return session.scalars(query.limit(limit).offset(offset)).all()


def require_party(session: Session, dossier_id: int, role: str, actor: Actor) -> None:
    """Raises unless the actor may act on this dossier in that role.

    Operator-side roles belong to the persons of the dossier's own operator: other operators
    are told that there is no such dossier (NotFound); a missing role is NotAllowed.
    """
    dossier = visible_to(session, dossier_id, actor)
    is_own = actor.operator_id == dossier.operator_id
    if role not in actor.roles or (role in OPERATOR_SIDE and not is_own):
        raise NotAllowed(
            f"Expected the role {role} on dossier {dossier.number} but {actor.name} does not hold"
            " it. Ask someone who does."
        )


def is_flagged(dossier_id: Any, flag: str) -> ColumnElement[bool]:
    """That a flag is raised on the dossier of a column."""
    return exists().where(Flag.dossier_id == dossier_id, Flag.flag == flag)


def flags_of(session: Session, dossier_id: int) -> list[str]:
    """The flags raised on a dossier, in the order in which they were."""
    return list(
        session.scalars(
            select(Flag.flag)
            .where(Flag.dossier_id == dossier_id)
            .order_by(Flag.raised_at, Flag.flag)
            .limit(len(FLAGS))
        )
    )


def raise_flag(call: Call, flag: str) -> bool:
    """Raise a flag on the call's dossier; False when it was raised already.

    Raises InvalidInput on an unknown flag.
    """
    if flag not in FLAGS:
        raise InvalidInput(
            f"Expected a flag among {', '.join(FLAGS)} but found {flag!r}. Choose one of them."
        )
    dossier_id = of(call).id
    if call.session.get(Flag, (dossier_id, flag)) is not None:
        return False
    call.session.add(Flag(dossier_id=dossier_id, flag=flag, raised_at=call.effective_at))
    call.record(AuditKind.DOSSIER_FLAGGED, {"flag": flag})
    return True


def record_end(session: Session, dossier_id: int, end: str, at: datetime) -> None:
    """Keep the end event that a dossier's procedure reached."""
    dossier = get(session, dossier_id)
    dossier.end = end
    dossier.ended_at = at
