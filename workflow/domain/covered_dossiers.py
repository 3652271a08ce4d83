"""The dossiers that fall to somebody for those who are away, by stand-in or by team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from workflow.clock import paris_date
from workflow.domain import interest
from workflow.domain.absence import Absence, running_on
from workflow.domain.absence_cover import MOST_COVERED, Cover, named, stands_in
from workflow.domain.dossier import Dossier
from workflow.domain.instruction_assignment import InstructionAssignment
from workflow.domain.instruction_queue import QueueEntry
from workflow.domain.person import Person


@dataclass(frozen=True)
class Covered:
    """A dossier to look after for somebody who is away."""

    dossier: Dossier
    cover: Cover
    for_team: bool
    """Whether it falls to the team, not to a stand-in who was named."""


def covered_by(session: Session, person_id: int, at: datetime) -> list[Covered]:
    """The dossiers that fall to an instructor for those who are away: as stand-in, or as team.

    One statement, since a home page asks it.
    """
    day = paris_date(at)
    away, covering = aliased(Person), aliased(Person)
    declared = interest.has_declared
    rows = session.execute(
        select(Dossier, Absence, away.name, covering.name)
        .select_from(Absence)
        .join(away, away.id == Absence.person_id)
        .join(
            InstructionAssignment,
            (InstructionAssignment.person_id == Absence.person_id)
            & InstructionAssignment.released_at.is_(None),
        )
        .join(Dossier, Dossier.id == InstructionAssignment.dossier_id)
        .join(QueueEntry, QueueEntry.dossier_id == Dossier.id)
        .outerjoin(covering, stands_in(covering, day) & ~declared(Dossier.id, covering.id))
        .where(
            running_on(day),
            Absence.person_id != person_id,
            QueueEntry.left_at.is_(None),
            Dossier.ended_at.is_(None),
            or_(covering.id.is_(None), covering.id == person_id),
            ~declared(Dossier.id, person_id),
        )
        .order_by(QueueEntry.rank_at, Dossier.id)
        .limit(MOST_COVERED)
    )
    return [
        Covered(dossier, named(absence, name, stand_in), stand_in is None)
        for dossier, absence, name, stand_in in rows
    ]
