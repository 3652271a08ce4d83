"""Dossiers change hands: assigned, handed over, declined, given back to the queue (DSR 4.4).

Nothing legal moves with them: rank, clocks and dates stay, and so does the draft of the task,
which belongs to the task. [règle 60]
"""

from __future__ import annotations

from workflow.domain import absence_cover, custody, instruction_assignment, interest
from workflow.domain import dossier as dossiers
from workflow.domain.absence import ASSIGNING_ROLE, INSTRUCTOR
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.custody import Custody
from workflow.domain.instruction_assignment import ASSIGNED, HANDED_OVER, InstructionAssignment
from workflow.domain.notification import notify_person, reason
from workflow.domain.person import Person
from workflow.errors import Conflict, JalonError, NotAllowed


class NotGiven(Conflict):
    """The dossier was not given by somebody: there is nothing to decline."""

    code = "not_given"


def assign(call: Call, *, to: int | None, why: str) -> InstructionAssignment:
    """Give the call's dossier to an instructor, from the queue or from a colleague's hands.

    Only who assigns may. Another than the head of the queue for that person, or a dossier in
    somebody's hands, needs a reason. Raises NotAllowed and the faults of `custody`.
    """
    require_assigning(call)
    person = custody.require_recipient(call.session, to)
    known = _custody(call)
    head = instruction_assignment.head(call.session, call.campaign, person.id)
    is_next = head is not None and head.dossier_id == known.dossier.id
    bar = _bar(call, person.id)
    _refuse(custody.fault_of_assigning(known, person.id, bar=bar, is_next=is_next, reason=why))
    given = instruction_assignment.give(
        call, person.id, why.strip() or None, head, way=ASSIGNED, given_by=call.actor.person_id
    )
    _tell_former(call, known, why)
    _tell(call, person.id, "dossier_assigned", why)
    return given


def take_back(call: Call, *, why: str) -> None:
    """Put a dossier that somebody holds back into the queue, with a reason; only who assigns."""
    require_assigning(call)
    known = _custody(call)
    _refuse(
        custody.fault_of_giving_back(known, by=known.holder_id, reason=why)
        or custody.fault_of_reason(why, needed=True, number=known.dossier.number)
    )
    release(call, known, why)
    _tell_former(call, known, why)


def give_back(call: Call, *, why: str) -> None:
    """Put one's own dossier back into the queue, at the rank it has kept."""
    known = _custody(call)
    _refuse(custody.fault_of_giving_back(known, by=acting_holder(call, known), reason=why))
    release(call, known, why)
    _tell_former(call, known, why)


def hand_over(call: Call, *, to: int | None, why: str) -> InstructionAssignment:
    """Give one's own dossier to a colleague, who is told and may decline; a reason is kept.

    Its turn had come: it is no departure from the order of the queue.
    """
    person = custody.require_recipient(call.session, to)
    known = _custody(call)
    by = acting_holder(call, known)
    bar = _bar(call, person.id)
    _refuse(custody.fault_of_handing_over(known, person.id, by=by, bar=bar, reason=why))
    given = instruction_assignment.give(
        call, person.id, why.strip(), None, way=HANDED_OVER, given_by=known.holder_id
    )
    _tell_former(call, known, why)
    _tell(call, person.id, "dossier_handed_over", why)
    return given


def decline(call: Call, *, why: str) -> None:
    """Decline what somebody gave: it goes back to the colleague's hands, else to the queue."""
    known = _custody(call)
    _refuse(custody.fault_of_holding(known, call.actor.person_id))
    assignment = known.assignment
    if assignment is None or assignment.given_by is None:
        raise NotGiven(
            f"Expected dossier {known.dossier.number} given by somebody but you took it yourself."
            " Give it back to the queue instead."
        )
    _refuse(custody.fault_of_reason(why, needed=True, number=known.dossier.number))
    giver = assignment.given_by
    call.record(
        AuditKind.QUEUE_HAND_OVER_DECLINED,
        {"person": call.actor.person_id, "given_by": giver, "reason": why.strip()},
    )
    if assignment.way == HANDED_OVER and _may_hold(call, giver):
        instruction_assignment.give(call, giver, why.strip(), None, way=HANDED_OVER)
    else:
        release(call, known, why)
    role = INSTRUCTOR if assignment.way == HANDED_OVER else ASSIGNING_ROLE
    notify_person(call, giver, role, "hand_over_declined", by=call.actor.name, reason=reason(why))


def settle(call: Call, *, holder_id: int, to: int | None, why: str) -> bool:
    """Take a dossier from somebody who leaves: to a colleague where that may be, else the queue.

    For whoever closes an account. True when the colleague has it.
    """
    known = _custody(call)
    if known.holder_id != holder_id:
        return False
    if to is not None and known.in_queue and _may_hold(call, to) and to != known.holder_id:
        instruction_assignment.give(call, to, why, None, way=HANDED_OVER, given_by=known.holder_id)
        _tell(call, to, "dossier_handed_over", why)
        return True
    release(call, known, why)
    return False


def release(call: Call, known: Custody, why: str) -> None:
    """End an assignment: the dossier waits in the queue again, at its rank."""
    if known.assignment is None:
        return
    known.assignment.released_at = call.effective_at
    call.session.flush()  # The head of the queue is read without it from now on.
    facts = {"person": known.holder_id, "name": known.holder, "reason": why.strip() or None}
    call.record(AuditKind.QUEUE_RELEASED, facts)


def acting_holder(call: Call, known: Custody) -> int | None:
    """The holder's id, for the holder and for their stand-in; else the actor's own id."""
    actor_id, holder_id = call.actor.person_id, known.holder_id
    if actor_id is None or holder_id is None or holder_id == actor_id:
        return actor_id
    if INSTRUCTOR not in call.actor.roles:
        return actor_id
    cover = absence_cover.cover_of(call.session, holder_id, call.effective_at)
    return holder_id if cover is not None and cover.stand_in_id == actor_id else actor_id


def require_assigning(call: Call) -> None:
    """Refuse whoever does not assign dossiers (NotAllowed)."""
    if ASSIGNING_ROLE not in call.actor.roles:
        raise NotAllowed(
            f"Expected a person who is {ASSIGNING_ROLE} but {call.actor.name} is not."
            " Ask one of them."
        )


def _custody(call: Call) -> Custody:
    dossier = dossiers.of(call)
    return custody.custodies(call.session, [dossier.id])[dossier.id]


def _bar(call: Call, person_id: int) -> str | None:
    return interest.bar(call.session, dossiers.of(call), call.campaign, person_id)


def _may_hold(call: Call, person_id: int) -> bool:
    person = call.session.get(Person, person_id)
    fit = person is not None and person.is_active and INSTRUCTOR in person.roles
    return fit and _bar(call, person_id) is None


def _tell(call: Call, person_id: int, kind: str, why: str) -> None:
    notify_person(call, person_id, INSTRUCTOR, kind, by=call.actor.name, reason=reason(why))


def _tell_former(call: Call, known: Custody, why: str) -> None:
    """Tell whoever loses a dossier by somebody else's act."""
    former = known.holder_id
    if former is not None and former != call.actor.person_id and known.holder_is_there:
        _tell(call, former, "dossier_taken_back", why)


def _refuse(fault: JalonError | None) -> None:
    if fault is not None:
        raise fault
