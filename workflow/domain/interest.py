"""Declared interests of instructors: who may not instruct which dossier.

Members of the Agency take part in the instruction; only a declared conflict bars. When the
Agency itself is the candidate (DSR 4.1.1, point d'attention), nobody instructs without having
declared that there is none. [règles 24 67]
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, Text, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.domain import dossier as dossiers
from workflow.domain.api_token import ApiToken
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.campaign import Campaign
from workflow.domain.dossier import Dossier
from workflow.domain.person import Actor, Person
from workflow.errors import Conflict, InvalidAnswer, NotAllowed

DECLARING_ROLE = "instructor"
SIREN_LENGTH = 9
LONGEST_REASON = 2_000
MOST_DECLARATIONS = 500


class Barred(NotAllowed):
    """An instructor who has declared a conflict, or has not declared that there is none."""


class InterestDeclaration(Base):
    """What one person declared on one dossier; never edited."""

    __tablename__ = "interest_declaration"
    __table_args__ = (Index(None, "dossier_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    has_conflict: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)


def declare(call: Call, *, has_conflict: bool, reason: str) -> InterestDeclaration:
    """Declare a conflict of interest, with its reason, or that there is none.

    Raises NotAllowed without the role, InvalidAnswer without a reason, Conflict after a conflict
    was declared: it bars for good.
    """
    dossier = dossiers.of(call)
    person_id = require_instructor(call.actor)
    text = reason.strip()
    if len(text) > LONGEST_REASON or (has_conflict and not text):
        raise InvalidAnswer(
            f"Expected a reason of 1 to {LONGEST_REASON} characters but found {len(text)}."
            " Write what binds you to this candidate.",
            {"reason": [f"Indiquez le lien, en {LONGEST_REASON} caractères au plus."]},
        )
    if any(row.has_conflict for row in _own(call.session, dossier.id, person_id)):
        raise Conflict(
            f"Expected no conflict declared on dossier {dossier.number} but {call.actor.name} has"
            " declared one. It stands."
        )
    declared = InterestDeclaration(
        dossier_id=dossier.id,
        person_id=person_id,
        has_conflict=has_conflict,
        reason=text,
        at=call.effective_at,
    )
    call.session.add(declared)
    call.session.flush()  # Who reads the bar in the same turn must find it.
    call.record(AuditKind.INTEREST_DECLARED, {"conflict": has_conflict, "reason": text})
    return declared


def require_instructor(actor: Actor) -> int:
    """The id of a person who instructs; raises NotAllowed."""
    if actor.person_id is None or DECLARING_ROLE not in actor.roles:
        raise NotAllowed(
            f"Expected a person who is {DECLARING_ROLE} but {actor.name} is not. Ask one of them."
        )
    return actor.person_id


def require_impartial(call: Call) -> None:
    """Refuse a person whose interests forbid the instruction of the call's dossier (Barred)."""
    if call.actor.person_id is None:
        return
    dossier = dossiers.of(call)
    why = bar(call.session, dossier, call.campaign, call.actor.person_id)
    if why == "declared":
        raise Barred(
            f"Expected an instructor without interest in dossier {dossier.number} but"
            f" {call.actor.name} has declared a conflict of interest. Another one instructs it."
        )
    if why == "undeclared":
        raise Barred(
            f"Expected a declaration of {call.actor.name} on dossier {dossier.number}, whose"
            " candidate is the Agency itself, but there is none. Declare that there is no"
            " conflict, or leave it to another instructor."
        )


def bar(
    session: Session,
    dossier: Dossier,
    campaign: Campaign,
    person_id: int,
    declared: Sequence[InterestDeclaration] | None = None,
) -> str | None:
    """Why a person may not instruct a dossier: "declared", "undeclared", or None when they may.

    `declared`: every declaration on the dossier, when they are read already.
    """
    own = (
        _own(session, dossier.id, person_id)
        if declared is None
        else [row for row in declared if row.person_id == person_id]
    )
    if any(row.has_conflict for row in own):
        return "declared"
    if own or not is_agency(campaign, dossier):
        return None
    return "undeclared" if _has_account(session, person_id) else None


def is_agency(campaign: Campaign, dossier: Dossier) -> bool:
    """Whether the candidate is the Agency itself."""
    return dossier.siret[:SIREN_LENGTH] in campaign.agency_sirens


def has_declared(
    dossier_id: InstrumentedAttribute[int], person_id: int | InstrumentedAttribute[int]
) -> ColumnElement[bool]:
    """The condition that a person has declared a conflict on a dossier."""
    return exists().where(
        InterestDeclaration.dossier_id == dossier_id,
        InterestDeclaration.person_id == person_id,
        InterestDeclaration.has_conflict.is_(True),
    )


def barred_from(session: Session, person_id: int) -> set[int]:
    """The dossiers on which a person has declared a conflict."""
    return set(
        session.scalars(
            select(InterestDeclaration.dossier_id).where(
                InterestDeclaration.person_id == person_id,
                InterestDeclaration.has_conflict.is_(True),
            )
        )
    )


def conflicts_of(
    session: Session, person_ids: Collection[int], dossier_ids: Collection[int]
) -> set[tuple[int, int]]:
    """Which of some people have declared a conflict on which of some dossiers, as ids."""
    rows = session.execute(
        select(InterestDeclaration.person_id, InterestDeclaration.dossier_id).where(
            InterestDeclaration.person_id.in_(sorted(person_ids)),
            InterestDeclaration.dossier_id.in_(sorted(dossier_ids)),
            InterestDeclaration.has_conflict.is_(True),
        )
    )
    return {(person_id, dossier_id) for person_id, dossier_id in rows}


def bars(
    session: Session, dossiers_known: Collection[Dossier], campaign: Campaign, person_id: int
) -> dict[int, str]:
    """Why a person may not instruct some dossiers of a campaign; those they may are left out."""
    ids = [dossier.id for dossier in dossiers_known]
    declared: dict[int, bool] = {}
    for row in session.scalars(
        select(InterestDeclaration).where(
            InterestDeclaration.person_id == person_id, InterestDeclaration.dossier_id.in_(ids)
        )
    ):
        declared[row.dossier_id] = declared.get(row.dossier_id, False) or row.has_conflict
    found = {dossier_id: "declared" for dossier_id, conflict in declared.items() if conflict}
    own = [
        dossier.id
        for dossier in dossiers_known
        if is_agency(campaign, dossier) and dossier.id not in declared
    ]
    if own and _has_account(session, person_id):
        found |= dict.fromkeys(own, "undeclared")
    return found


def of_dossier(session: Session, dossier_id: int) -> list[tuple[InterestDeclaration, str]]:
    """Every declaration on a dossier with the name of who made it, in order."""
    rows = session.execute(
        select(InterestDeclaration, Person.name)
        .join(Person, Person.id == InterestDeclaration.person_id)
        .where(InterestDeclaration.dossier_id == dossier_id)
        .order_by(InterestDeclaration.id)
        .limit(MOST_DECLARATIONS)
    )
    return [(row, name) for row, name in rows]


def _has_account(session: Session, person_id: int) -> bool:
    """Whether a person can declare at all: the fictitious people of scenarios never sign in."""
    signs_in = exists().where(Person.id == person_id, Person.password_hash.is_not(None))
    by_token = exists().where(ApiToken.person_id == person_id)
    return bool(session.scalar(select(or_(signs_in, by_token))))


def _own(session: Session, dossier_id: int, person_id: int) -> Sequence[InterestDeclaration]:
    return session.scalars(
        select(InterestDeclaration)
        .where(
            InterestDeclaration.dossier_id == dossier_id,
            InterestDeclaration.person_id == person_id,
        )
        .limit(MOST_DECLARATIONS)
    ).all()
