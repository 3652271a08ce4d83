"""Who took which dossier of the queue, and why not the first (DSR 4.4, DOMAIN A8).

The head of the queue is handed to whoever asks for the next one. Taking another needs a reason;
it is recorded and listed, so that equal treatment can be shown afterwards. [règle 60]
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.domain import absence_cover, instruction_queue, interest, notification, suspension
from workflow.domain import dossier as dossiers
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.campaign import Campaign
from workflow.domain.dossier import Dossier
from workflow.domain.instruction_queue import QueueEntry
from workflow.domain.interest import InterestDeclaration
from workflow.domain.person import Person
from workflow.domain.solicitation import Solicitation
from workflow.errors import Conflict, InvalidAnswer, NotAllowed

LONGEST_REASON = 2_000
FEW = 20
MOST_QUEUED = 1_000
TAKEN, ASSIGNED, HANDED_OVER = "taken", "assigned", "handed_over"


class NotTheHead(Conflict):
    """The dossier was the head of the queue a moment ago and is not any more."""


class InstructionAssignment(Base):
    """A dossier in the hands of an instructor; released when given back, handed over or retaken.

    `out_of_order`: another dossier, `instead_of`, stood before it. `reason` is null when the
    dossier was instructed through its task without having been taken. `way` says whether it was
    "taken", "assigned" or "handed_over", in the latter cases by `given_by`.
    """

    __tablename__ = "instruction_assignment"
    __table_args__ = (
        Index(None, "dossier_id", "released_at"),
        Index("ix_instruction_assignment_holder", "person_id", "released_at"),
        Index(None, "out_of_order", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    taken_at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str | None] = mapped_column(Text)
    out_of_order: Mapped[bool]
    instead_of: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"))
    released_at: Mapped[datetime | None] = mapped_column(Instant)
    given_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    way: Mapped[str] = mapped_column(String(20), default=TAKEN, server_default=TAKEN)


def head(session: Session, campaign: Campaign, person_id: int | None = None) -> QueueEntry | None:
    """The first dossier under way that nobody has taken and that awaits no answer (A8).

    With a person, those whose interests bar that person are passed over.
    """
    # Nearly always one of the first: the whole queue is read only when none of them is free.
    few = next(free_in_order(session, campaign, person_id, limit=FEW), None)
    return few or next(free_in_order(session, campaign, person_id), None)


def free_in_order(
    session: Session, campaign: Campaign, person_id: int | None = None, *, limit: int = MOST_QUEUED
) -> Iterator[QueueEntry]:
    """What may be handed to a person, head first: each one in turn if all before it are taken."""
    taken = exists().where(
        InstructionAssignment.dossier_id == QueueEntry.dossier_id,
        InstructionAssignment.released_at.is_(None),
    )
    solicited = exists().where(
        Solicitation.dossier_id == QueueEntry.dossier_id, Solicitation.closed_at.is_(None)
    )
    held = suspension.is_held(QueueEntry.dossier_id)
    rows = instruction_queue.in_order(campaign.id).where(~taken, ~solicited, ~held)
    if person_id is None:
        yield from session.scalars(rows.limit(limit))
        return
    declared = interest.has_declared(QueueEntry.dossier_id, person_id)
    free = rows.where(~declared).add_columns(Dossier).limit(limit)
    for entry, dossier in session.execute(free):
        # Only of the Agency's own dossiers must a person declare that there is no conflict.
        own = interest.is_agency(campaign, dossier)
        if not own or interest.bar(session, dossier, campaign, person_id) is None:
            yield entry


def take_next(call: Call) -> InstructionAssignment:
    """Hand the call's dossier to its actor as the head of the queue; NotTheHead when it is not."""
    person_id = interest.require_instructor(call.actor)
    first = head(call.session, call.campaign, person_id)
    if first is None or first.dossier_id != call.dossier_id:
        raise NotTheHead("Expected the head of the queue but it was taken. Ask for the next one.")
    return give(call, person_id, None, first)


def take(call: Call, reason: str) -> InstructionAssignment:
    """Take a chosen dossier; another than the head needs a reason.

    Raises Barred on a declared interest, Conflict when it is not in the queue or awaits its
    operator, InvalidAnswer without the reason it needs.
    """
    person_id = interest.require_instructor(call.actor)
    interest.require_impartial(call)
    dossier = dossiers.of(call)
    _require_takeable(call.session, dossier)
    current = of_dossier(call.session, dossier.id)
    if current is not None and current.person_id == person_id:
        return current
    first = head(call.session, call.campaign, person_id)
    text = reason.strip()
    is_head = current is None and first is not None and first.dossier_id == dossier.id
    if len(text) > LONGEST_REASON or (not text and not is_head):
        raise InvalidAnswer(
            f"Expected a reason of 1 to {LONGEST_REASON} characters, since dossier"
            f" {dossier.number} is not the next one, but found {len(text)}. Write why.",
            {"reason": ["Indiquez pourquoi ce dossier passe avant celui qui le précède."]},
        )
    if current is not None:
        told = {"by": call.actor.name, "reason": notification.reason(text)}
        notification.notify_person(
            call, current.person_id, interest.DECLARING_ROLE, "dossier_taken_back", **told
        )
    return give(call, person_id, text or None, first)


def note_instruction(call: Call) -> None:
    """Keep that a person instructs a dossier which they had not taken: the task stays free.

    Whoever stands in for its absent holder takes nothing over: it is noted for whom they act.
    """
    person_id, dossier_id = call.actor.person_id, call.dossier_id
    if person_id is None or dossier_id is None:
        return
    current = of_dossier(call.session, dossier_id)
    if current is not None and current.person_id == person_id:
        return
    if current is not None:
        cover = absence_cover.acts_for(
            call.session, person_id, current.person_id, dossier_id, call.effective_at
        )
        if cover is not None:
            facts = {"person": cover.person_id, "name": cover.person, "absence": cover.absence_id}
            call.record(AuditKind.QUEUE_ACTED_FOR, facts)
            return
    give(call, person_id, None, head(call.session, call.campaign, person_id))


def declare_interest(call: Call, *, has_conflict: bool, reason: str) -> InterestDeclaration:
    """Declare an interest; whoever declares a conflict gives the dossier back to the queue.

    Raises what `interest.declare` raises.
    """
    declared = interest.declare(call, has_conflict=has_conflict, reason=reason)
    current = of_dossier(call.session, declared.dossier_id)
    if has_conflict and current is not None and current.person_id == declared.person_id:
        current.released_at = call.effective_at
        call.record(AuditKind.QUEUE_RELEASED, {"person": declared.person_id})
    return declared


def of_dossier(session: Session, dossier_id: int) -> InstructionAssignment | None:
    """In whose hands a dossier is."""
    return session.scalars(
        select(InstructionAssignment)
        .where(
            InstructionAssignment.dossier_id == dossier_id,
            InstructionAssignment.released_at.is_(None),
        )
        .order_by(InstructionAssignment.id.desc())
        .limit(1)
    ).first()


def holders(session: Session, dossier_ids: list[int]) -> dict[int, tuple[int, str]]:
    """Who holds each of some dossiers: id and name of the person."""
    rows = session.execute(
        select(InstructionAssignment.dossier_id, Person.id, Person.name)
        .join(Person, Person.id == InstructionAssignment.person_id)
        .where(
            InstructionAssignment.dossier_id.in_(dossier_ids),
            InstructionAssignment.released_at.is_(None),
        )
    )
    return {dossier_id: (person_id, name) for dossier_id, person_id, name in rows}


def held_by(session: Session, person_id: int) -> list[int]:
    """The dossiers of the queue that somebody holds, by id, in the order of their ids."""
    return list(
        session.scalars(
            select(InstructionAssignment.dossier_id)
            .join(QueueEntry, QueueEntry.dossier_id == InstructionAssignment.dossier_id)
            .where(
                InstructionAssignment.person_id == person_id,
                InstructionAssignment.released_at.is_(None),
                QueueEntry.left_at.is_(None),
            )
            .order_by(InstructionAssignment.dossier_id)
            .limit(MOST_QUEUED)
        )
    )


def last_of(session: Session, person_id: int) -> int | None:
    """The dossier that a person took last."""
    return session.scalar(
        select(InstructionAssignment.dossier_id)
        .where(InstructionAssignment.person_id == person_id)
        .order_by(InstructionAssignment.id.desc())
        .limit(1)
    )


def _require_takeable(session: Session, dossier: Dossier) -> None:
    entry = session.get(QueueEntry, dossier.id)
    if entry is None or entry.left_at is not None or dossier.ended_at is not None:
        raise Conflict(
            f"Expected dossier {dossier.number} in the queue but it is not. Take another one."
        )
    solicited = select(Solicitation.id).where(
        Solicitation.dossier_id == dossier.id, Solicitation.closed_at.is_(None)
    )
    if session.scalar(solicited.limit(1)) is not None:
        raise Conflict(
            f"Expected dossier {dossier.number} to wait for the Agency but its operator has a"
            " question to answer. Wait for the answer."
        )


def give(
    call: Call,
    person_id: int,
    reason: str | None,
    first: QueueEntry | None,
    *,
    way: str = TAKEN,
    given_by: int | None = None,
) -> InstructionAssignment:
    """Put the call's dossier into somebody's hands; who may, and whether, was judged before.

    `first` is the head of the queue for that person. A dossier handed over by its holder had its
    turn: that is no departure from the order.
    """
    # Shared until the end: an account that is being closed waits, or is seen closed.
    there = select(Person.is_active).where(Person.id == person_id).with_for_update(read=True)
    if not call.session.scalar(there):
        raise NotAllowed("Expected an open account but it was closed. Choose somebody else.")
    dossier = dossiers.of(call)
    earlier = of_dossier(call.session, dossier.id)
    is_head = first is not None and first.dossier_id == dossier.id
    out_of_order = way != HANDED_OVER and (earlier is not None or not is_head)
    if earlier is not None:
        earlier.released_at = call.effective_at
    taken = InstructionAssignment(
        dossier_id=dossier.id,
        person_id=person_id,
        taken_at=call.effective_at,
        reason=reason,
        out_of_order=out_of_order,
        instead_of=first.dossier_id if first and not is_head and out_of_order else None,
        given_by=given_by,
        way=way,
    )
    call.session.add(taken)
    call.session.flush()  # The head of the queue is read without it from now on.
    facts = {"person": person_id, "instead_of": taken.instead_of, "reason": reason}
    named = {} if way == TAKEN else {"name": call.session.get_one(Person, person_id).name}
    call.record(
        _KINDS[way, out_of_order],
        {**facts, **named} if out_of_order or named else {"person": person_id},
    )
    return taken


_KINDS = {
    (TAKEN, False): AuditKind.QUEUE_TAKEN,
    (TAKEN, True): AuditKind.QUEUE_TAKEN_OUT_OF_ORDER,
    (ASSIGNED, False): AuditKind.QUEUE_ASSIGNED,
    (ASSIGNED, True): AuditKind.QUEUE_ASSIGNED_OUT_OF_ORDER,
    (HANDED_OVER, False): AuditKind.QUEUE_HANDED_OVER,
}
