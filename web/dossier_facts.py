"""What there is once per dossier, read together; and the messages for which it waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Case, ScalarSelect, case, exists, select
from sqlalchemy.orm import Session, aliased

from workflow.domain import instruction_queue
from workflow.domain.college import CollegeDecision
from workflow.domain.convention import Convention
from workflow.domain.dossier import Dossier
from workflow.domain.instruction_assignment import InstructionAssignment
from workflow.domain.instruction_queue import QueueEntry
from workflow.domain.listing import Listing
from workflow.domain.person import OPERATOR_SIDE, Actor, Person
from workflow.engine import turn
from workflow.engine.instances import Instance
from workflow.engine.waiting import MessageWait

MOST_WAITS = 50


@dataclass(frozen=True)
class Facts:
    """What there is once per dossier: its instance, its papers, its place, in whose hands."""

    instance_id: int
    process_id: str
    deployment_id: int
    projection: bytes
    campaign_version: int
    convention: Convention | None
    listing: Listing | None
    decision: CollegeDecision | None
    queued: QueueEntry | None
    rank: int
    """Its place in the instruction queue, from 1; 0 outside."""
    holder: str | None
    is_followed: bool
    """Whether another dossier follows this one."""


def facts_of(session: Session, dossier: Dossier) -> Facts:
    """What there is once of a dossier, in one statement."""
    following = aliased(Dossier)
    # The state blob is not read: a page needs only what the projection keeps.
    row = session.execute(
        select(
            Instance.id,
            Instance.process_id,
            Instance.deployment_id,
            Instance.projection,
            turn.version_in_force(dossier.campaign_id),
            Convention,
            Listing,
            CollegeDecision,
            QueueEntry,
            _rank(dossier),
            _holder(dossier.id),
            exists().where(following.previous_dossier_id == dossier.id),
        )
        .select_from(Instance)
        .outerjoin(Convention, Convention.dossier_id == Instance.dossier_id)
        .outerjoin(Listing, Listing.dossier_id == Instance.dossier_id)
        .outerjoin(CollegeDecision, CollegeDecision.id == _last_decision(dossier.id))
        .outerjoin(QueueEntry, QueueEntry.dossier_id == Instance.dossier_id)
        .where(Instance.id == _current_instance(dossier.id))
    ).one()
    return Facts(*row)


def waits_of(session: Session, instance_id: int) -> Sequence[MessageWait]:
    """The messages for which an instance waits."""
    return session.scalars(
        select(MessageWait)
        .where(MessageWait.instance_id == instance_id)
        .order_by(MessageWait.message)
        .limit(MOST_WAITS)
    ).all()


def may_send(wait: MessageWait, actor: Actor, dossier: Dossier) -> bool:
    """Whether a person may send a message for which a dossier waits."""
    held = actor.roles & set(wait.roles)
    return bool(held - OPERATOR_SIDE) or bool(held and actor.operator_id == dossier.operator_id)


def _current_instance(dossier_id: int) -> ScalarSelect[int]:
    return (
        select(Instance.id)
        .where(Instance.dossier_id == dossier_id)
        .order_by(Instance.id.desc())
        .limit(1)
        .correlate(None)
        .scalar_subquery()
    )


def _last_decision(dossier_id: int) -> ScalarSelect[int]:
    return (
        select(CollegeDecision.id)
        .where(CollegeDecision.dossier_id == dossier_id)
        .order_by(CollegeDecision.id.desc())
        .limit(1)
        .correlate(None)
        .scalar_subquery()
    )


def _rank(dossier: Dossier) -> Case[int]:
    """Its place in the queue; the queue is not counted for a dossier outside it."""
    is_in = QueueEntry.dossier_id.is_not(None) & QueueEntry.left_at.is_(None)
    return case((is_in, instruction_queue.rank_of(dossier.id, dossier.campaign_id)), else_=0)


def _holder(dossier_id: int) -> ScalarSelect[str]:
    return (
        select(Person.name)
        .join(InstructionAssignment, InstructionAssignment.person_id == Person.id)
        .where(
            InstructionAssignment.dossier_id == dossier_id,
            InstructionAssignment.released_at.is_(None),
        )
        .order_by(InstructionAssignment.id.desc())
        .limit(1)
        .scalar_subquery()
    )
