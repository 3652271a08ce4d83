"""What a solicitation is: sent, seen, late, answered, withdrawn or closed; read off its dates.

A solicitation is late once its first step has passed without an answer (DSR 4.2, 4.4): derived
from the stored date, never kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import ScalarSelect, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from workflow.domain.deadline import DeadlineRecord
from workflow.domain.solicitation import Solicitation

StateName = Literal["sent", "seen", "late", "answered", "withdrawn", "closed"]

FIRST_STEP = {
    "admissibility": "admissibility_solicitation",
    "instruction": "solicitation_deprioritise",
}
"""Kind of solicitation → the first date at which something is lost without an answer."""


@dataclass(frozen=True, slots=True)
class State:
    """What a solicitation is now, and the first step it was given; `was_late` outlives it."""

    name: StateName
    was_late: bool
    first_step_at: datetime | None
    first_step_day: date | None


def states_of(
    session: Session, dossier_id: int, solicitations: Sequence[Solicitation], now: datetime
) -> dict[int, State]:
    """The states of a dossier's solicitations by id, in one statement."""
    rows = session.execute(
        select(Solicitation.id, DeadlineRecord)
        .join(DeadlineRecord, DeadlineRecord.id == first_step_id())
        .where(Solicitation.dossier_id == dossier_id)
    )
    steps = {row[0]: row[1] for row in rows}
    return {each.id: state_of(each, steps.get(each.id), now) for each in solicitations}


def first_step_id() -> ScalarSelect[int]:
    """The id of the first step of a solicitation, to be joined to a reading of `Solicitation`.

    It is the one that was set last before the next solicitation: a suspension of the dossier may
    have moved it.
    """
    step, later = aliased(DeadlineRecord), aliased(Solicitation)
    next_sent_at = (
        select(func.min(later.sent_at))
        .where(later.dossier_id == Solicitation.dossier_id, later.number > Solicitation.number)
        .correlate(Solicitation)
        .scalar_subquery()
    )
    return (
        select(func.max(step.id))
        .where(
            step.dossier_id == Solicitation.dossier_id,
            step.key == case(FIRST_STEP, value=Solicitation.kind),
            step.effective_at >= Solicitation.sent_at,
            or_(next_sent_at.is_(None), step.effective_at < next_sent_at),
        )
        .correlate(Solicitation)
        .scalar_subquery()
    )


def state_of(found: Solicitation, step: DeadlineRecord | None, now: datetime) -> State:
    """What a solicitation is now, given its first step."""
    first_at = None if step is None else step.fires_at
    until = found.closed_at or now
    late = first_at is not None and until >= first_at
    return State(_name(found, late), late, first_at, None if step is None else step.last_day)


def _name(found: Solicitation, late: bool) -> StateName:
    if found.withdrawn_at is not None:
        return "withdrawn"
    if found.answered_at is not None:
        return "answered"
    if found.closed_at is not None:
        return "closed"
    if late:
        return "late"
    return "sent" if found.seen_at is None else "seen"
