"""In whose hands dossiers are, read for many at once, and what stands against another's hands.

A verb on one dossier and the preview of an act on many judge by the same facts, so that what is
foreseen is what happens, unless somebody acts in between.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, lazyload

from workflow.domain import suspension
from workflow.domain.absence import INSTRUCTOR
from workflow.domain.dossier import Dossier
from workflow.domain.instruction_assignment import LONGEST_REASON, InstructionAssignment
from workflow.domain.instruction_queue import QueueEntry
from workflow.domain.person import Person, PersonRole
from workflow.domain.phrase import Phrase
from workflow.domain.solicitation import Solicitation
from workflow.errors import Conflict, InvalidAnswer, JalonError, NotAllowed


class NotInQueue(Conflict):
    """The dossier is not in the instruction queue: it has no instructor to choose."""

    code = "not_in_queue"


class AwaitsOperator(Conflict):
    """Nobody holds the dossier, and its operator has a question to answer first."""

    code = "awaits_operator"


class Suspended(Conflict):
    """Nobody holds the dossier, and its procedure is suspended."""

    code = "suspended"


class HeldAlready(Conflict):
    """The dossier is in that person's hands already."""

    code = "held_already"


class NotHeld(Conflict):
    """The dossier is in nobody's hands."""

    code = "not_held"


class NotItsHolder(NotAllowed):
    """The dossier is in the hands of somebody else."""

    code = "not_its_holder"


class RecipientBarred(NotAllowed):
    """The person to whom the dossier would go has declared a conflict of interest on it."""

    code = "recipient_barred"


class RecipientUndeclared(NotAllowed):
    """The candidate is the Agency, and that person has not declared that there is no conflict."""

    code = "recipient_undeclared"


class RecipientUnfit(InvalidAnswer):
    """The person to whom the dossier would go does not instruct, or has no account any more."""

    code = "recipient_unfit"


class ReasonNeeded(InvalidAnswer):
    """The act departs from the order of the queue, or takes a dossier out of somebody's hands."""

    code = "reason_needed"


@dataclass(frozen=True)
class Custody:
    """One dossier as far as its hands are concerned."""

    dossier: Dossier
    in_queue: bool
    awaits_operator: bool
    is_suspended: bool
    assignment: InstructionAssignment | None
    holder: str | None
    holder_is_there: bool
    """Whether the holder's account is open."""

    @property
    def holder_id(self) -> int | None:
        """The id of who holds it."""
        return None if self.assignment is None else self.assignment.person_id


def custodies(session: Session, dossier_ids: Collection[int]) -> dict[int, Custody]:
    """Who holds each of some dossiers, in one statement."""
    asked = exists().where(Solicitation.dossier_id == Dossier.id, Solicitation.closed_at.is_(None))
    rows = session.execute(
        select(
            Dossier,
            QueueEntry.left_at,
            QueueEntry.dossier_id.is_not(None),
            asked,
            suspension.is_held(Dossier.id),
            InstructionAssignment,
            Person.name,
            Person.is_active,
        )
        .outerjoin(QueueEntry, QueueEntry.dossier_id == Dossier.id)
        .outerjoin(
            InstructionAssignment,
            (InstructionAssignment.dossier_id == Dossier.id)
            & InstructionAssignment.released_at.is_(None),
        )
        .outerjoin(Person, Person.id == InstructionAssignment.person_id)
        .where(Dossier.id.in_(sorted(set(dossier_ids))))
        .order_by(InstructionAssignment.id)
    )
    return {
        dossier.id: Custody(
            dossier,
            bool(queued) and left_at is None and dossier.ended_at is None,
            bool(solicited),
            bool(held),
            assignment,
            name,
            bool(is_there),
        )
        for dossier, left_at, queued, solicited, held, assignment, name, is_there in rows
    }


def fault_of_assigning(
    custody: Custody, to: int, *, bar: str | None, is_next: bool, reason: str
) -> JalonError | None:
    """What stands against assigning a dossier to an instructor, if anything.

    `is_next`: the dossier is the head of the queue for that person. Another one, or one in
    somebody's hands, needs a reason (DSR 4.4).
    """
    number = custody.dossier.number
    fault = _fault_of_going(custody, to, bar)
    if fault is not None:
        return fault
    if custody.assignment is None and custody.awaits_operator:
        return AwaitsOperator(
            f"Expected dossier {number} to wait for the Agency but its operator has a question to"
            " answer. Wait for the answer."
        )
    if custody.assignment is None and custody.is_suspended:
        return Suspended(
            f"Expected dossier {number} under way but it is suspended. Wait until it is resumed."
        )
    return fault_of_reason(
        reason, needed=custody.assignment is not None or not is_next, number=number
    )


def fault_of_handing_over(
    custody: Custody, to: int, *, by: int | None, bar: str | None, reason: str
) -> JalonError | None:
    """What stands against a holder's handing a dossier over to a colleague, if anything.

    `by` is its holder's id when the actor may act in the holder's place.
    """
    fault = (
        _fault_of_queue(custody)
        or fault_of_holding(custody, by)
        or _fault_of_going(custody, to, bar)
    )
    return fault or fault_of_reason(reason, needed=True, number=custody.dossier.number)


def fault_of_giving_back(custody: Custody, *, by: int | None, reason: str) -> JalonError | None:
    """What stands against giving a dossier back to the queue, if anything."""
    fault = _fault_of_queue(custody) or fault_of_holding(custody, by)
    return fault or fault_of_reason(reason, needed=False, number=custody.dossier.number)


def fault_of_holding(custody: Custody, by: int | None) -> JalonError | None:
    """Refuse whoever does not hold a dossier."""
    number = custody.dossier.number
    if custody.assignment is None:
        return NotHeld(f"Expected dossier {number} in somebody's hands but nobody has it.")
    if custody.holder_id != by:
        return NotItsHolder(
            f"Expected dossier {number} in your hands but {custody.holder} has it. Ask them, or"
            " whoever assigns dossiers."
        )
    return None


def fault_of_reason(reason: str, *, needed: bool, number: str) -> JalonError | None:
    """Refuse a reason that is missing where one is needed, or too long."""
    text = reason.strip()
    if len(text) <= LONGEST_REASON and (text or not needed):
        return None
    return ReasonNeeded(
        f"Expected a reason of 1 to {LONGEST_REASON} characters for dossier {number} but found"
        f" {len(text)}. Write why.",
        {
            "reason": [
                Phrase(
                    f"Indiquez le motif, en {LONGEST_REASON} caractères au plus.",
                    f"Give the reason, in {LONGEST_REASON} characters at most.",
                )
            ]
        },
    )


def instructors(session: Session) -> list[Person]:
    """Everyone who may be given a dossier, by name."""
    instructing = select(PersonRole.person_id).where(PersonRole.role == INSTRUCTOR)
    return list(
        session.scalars(
            select(Person)
            .where(
                Person.id.in_(instructing),
                Person.is_active.is_(True),
                Person.operator_id.is_(None),
            )
            .options(lazyload(Person.granted))
            .order_by(Person.name, Person.id)
            .limit(500)
        )
    )


def require_recipient(session: Session, to: int | None) -> Person:
    """The active instructor to whom a dossier goes; raises RecipientUnfit."""
    person = session.get(Person, to) if to is not None else None
    if person is None or not person.is_active or INSTRUCTOR not in person.roles:
        raise RecipientUnfit(
            f"Expected an active person who is {INSTRUCTOR} but found {to}. Choose one.",
            {
                "to": [
                    Phrase(
                        "Choisissez un instructeur dans la liste.",
                        "Choose an instructor in the list.",
                    )
                ]
            },
        )
    return person


def _fault_of_queue(custody: Custody) -> JalonError | None:
    if custody.in_queue:
        return None
    return NotInQueue(
        f"Expected dossier {custody.dossier.number} in the queue but it is not. Take another one."
    )


def _fault_of_going(custody: Custody, to: int, bar: str | None) -> JalonError | None:
    number = custody.dossier.number
    fault = _fault_of_queue(custody)
    if fault is not None:
        return fault
    if custody.holder_id == to:
        return HeldAlready(f"Expected another than the holder of dossier {number}. It is theirs.")
    if bar == "declared":
        return RecipientBarred(
            f"Expected an instructor without interest in dossier {number} but this one has"
            " declared a conflict of interest. Choose another."
        )
    if bar == "undeclared":
        return RecipientUndeclared(
            f"Expected a declaration on dossier {number}, whose candidate is the Agency itself,"
            " but this person made none. They declare first, or another instructs it."
        )
    return None
