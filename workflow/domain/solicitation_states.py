"""What a solicitation is: sent, seen, late, answered, withdrawn or closed; read off its dates.

A solicitation is late once its first step has passed without an answer (DSR 4.2, 4.4): derived
from the stored date, never kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.deadline import DeadlineRecord
from workflow.domain.solicitation import Solicitation

StateName = Literal["sent", "seen", "late", "answered", "withdrawn", "closed"]

FIRST_STEP = {
    "admissibility": "admissibility_solicitation",
    "instruction": "solicitation_deprioritise",
}
"""Kind of solicitation → the first date at which something is lost without an answer."""
MOST_DATES = 2_000


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
    steps = _first_steps(session, dossier_id, solicitations)
    return {each.id: _state(each, steps.get(each.id), now) for each in solicitations}


def _state(found: Solicitation, step: DeadlineRecord | None, now: datetime) -> State:
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


def _first_steps(
    session: Session, dossier_id: int, solicitations: Sequence[Solicitation]
) -> dict[int, DeadlineRecord]:
    """The first step of each as set last: a suspension of the dossier may have moved it."""
    if not solicitations:
        return {}
    records = session.scalars(
        select(DeadlineRecord)
        .where(
            DeadlineRecord.dossier_id == dossier_id,
            DeadlineRecord.key.in_(sorted(FIRST_STEP.values())),
        )
        .order_by(DeadlineRecord.id)
        .limit(MOST_DATES)
    ).all()
    in_order = sorted(solicitations, key=lambda each: each.number)
    nexts: list[Solicitation | None] = [*in_order[1:], None]
    return {
        each.id: record
        for each, following in zip(in_order, nexts, strict=True)
        for record in records
        if record.key == FIRST_STEP[each.kind]
        and each.sent_at <= record.effective_at
        and (following is None or record.effective_at < following.sent_at)
    }
