"""The dossiers that fall to somebody for those who are away, by stand-in or by team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain import interest
from workflow.domain.absence_cover import MOST_COVERED, Cover, covers
from workflow.domain.dossier import Dossier
from workflow.domain.instruction_assignment import InstructionAssignment
from workflow.domain.instruction_queue import QueueEntry


@dataclass(frozen=True)
class Covered:
    """A dossier to look after for somebody who is away."""

    dossier: Dossier
    cover: Cover
    for_team: bool
    """Whether it falls to the team, not to a stand-in who was named."""


def covered_by(session: Session, person_id: int, at: datetime) -> list[Covered]:
    """The dossiers that fall to an instructor for those who are away: as stand-in, or as team."""
    away = covers(session, at)
    away.pop(person_id, None)
    if not away:
        return []
    rows = session.execute(
        select(InstructionAssignment.person_id, Dossier)
        .join(Dossier, Dossier.id == InstructionAssignment.dossier_id)
        .join(QueueEntry, QueueEntry.dossier_id == Dossier.id)
        .where(
            InstructionAssignment.person_id.in_(sorted(away)),
            InstructionAssignment.released_at.is_(None),
            QueueEntry.left_at.is_(None),
            Dossier.ended_at.is_(None),
        )
        .order_by(QueueEntry.rank_at, Dossier.id)
        .limit(MOST_COVERED)
    ).all()
    people = {person_id, *(each.stand_in_id for each in away.values() if each.stand_in_id)}
    barred = interest.conflicts_of(session, people, [dossier.id for _holder, dossier in rows])
    found: list[Covered] = []
    for holder_id, dossier in rows:
        cover = away[holder_id]
        stand_in = cover.stand_in_id
        for_team = stand_in is None or (stand_in, dossier.id) in barred
        mine = for_team or stand_in == person_id
        if mine and (person_id, dossier.id) not in barred:
            found.append(Covered(dossier, cover, for_team))
    return found
