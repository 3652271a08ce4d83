"""Dossiers taken or assigned before one that preceded them: equal treatment, as auditors read it.

[règle 60]
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from workflow.domain.dossier import Dossier
from workflow.domain.instruction_assignment import InstructionAssignment
from workflow.domain.person import Person


@dataclass(frozen=True)
class Deviation:
    """One dossier taken out of order by `person`, or given to them by `given_by`; `way` says how.

    `passed_over` is the number of the dossier that stood before it; None when it was taken back
    from a colleague. `reason` is None when the dossier was instructed without having been taken.
    """

    id: int
    taken_at: datetime
    reason: str | None
    number: str
    service_name: str
    service_version: str
    company_name: str
    person: str
    given_by: str | None
    way: str
    passed_over: str | None


def deviations(session: Session, *, before: int | None = None, limit: int = 200) -> list[Deviation]:
    """Every dossier taken out of order, newest first."""
    passed_over, giver = aliased(Dossier), aliased(Person)
    query = (
        select(
            InstructionAssignment.id,
            InstructionAssignment.taken_at,
            InstructionAssignment.reason,
            Dossier.number,
            Dossier.service_name,
            Dossier.service_version,
            Dossier.company_name,
            Person.name,
            giver.name,
            InstructionAssignment.way,
            passed_over.number,
        )
        .join(Dossier, Dossier.id == InstructionAssignment.dossier_id)
        .join(Person, Person.id == InstructionAssignment.person_id)
        .outerjoin(giver, giver.id == InstructionAssignment.given_by)
        .outerjoin(passed_over, passed_over.id == InstructionAssignment.instead_of)
        .where(InstructionAssignment.out_of_order.is_(True))
    )
    if before is not None:
        query = query.where(InstructionAssignment.id < before)
    rows = session.execute(query.order_by(InstructionAssignment.id.desc()).limit(limit))
    return [Deviation(*row) for row in rows]
