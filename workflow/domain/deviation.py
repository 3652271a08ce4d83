"""Dossiers taken or assigned before one that preceded them: equal treatment, as auditors read it.

[règle 60]
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.dossier import Dossier
from workflow.domain.instruction_assignment import InstructionAssignment
from workflow.domain.person import Person


@dataclass(frozen=True)
class Deviation:
    """One dossier taken out of order, as auditors read it."""

    assignment: InstructionAssignment
    dossier: Dossier
    person: str
    passed_over: str | None


def deviations(session: Session, *, before: int | None = None, limit: int = 200) -> list[Deviation]:
    """Every dossier taken out of order, newest first."""
    query = (
        select(InstructionAssignment, Dossier, Person.name)
        .join(Dossier, Dossier.id == InstructionAssignment.dossier_id)
        .join(Person, Person.id == InstructionAssignment.person_id)
        .where(InstructionAssignment.out_of_order.is_(True))
    )
    if before is not None:
        query = query.where(InstructionAssignment.id < before)
    rows = session.execute(query.order_by(InstructionAssignment.id.desc()).limit(limit)).all()
    others = {row.instead_of for row, _dossier, _name in rows}
    found = session.execute(select(Dossier.id, Dossier.number).where(Dossier.id.in_(others)))
    numbers: dict[int | None, str] = {row.id: row.number for row in found}
    return [
        Deviation(row, dossier, name, numbers.get(row.instead_of)) for row, dossier, name in rows
    ]
