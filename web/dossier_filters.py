"""What the list of dossiers can be asked: each filter as a condition, each order as columns.

All of it is read off the engine's waits and the facts of dossiers; nothing is stored for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, exists, false, func, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute

from web.dossier_words import EFFECTS, ENDS
from web.whole_number import whole_number
from workflow.domain import dossier_word, read_mark
from workflow.domain.college import MESSAGE
from workflow.domain.deadline import DeadlineRecord
from workflow.domain.dossier import Dossier
from workflow.domain.instruction_assignment import InstructionAssignment
from workflow.domain.person import OPERATOR_SIDE, Actor
from workflow.engine.waiting import HumanTask, MessageWait, Timer

PHASES: Mapping[str, Sequence[str]] = {
    "recevabilite": ("admissibility",),
    "convention": ("convention",),
    "preuves": ("proof_deposit",),
    "instruction": ("instruction", "instruction_solicitation"),
    "college": (),
    "reserves": ("reservation_lifting",),
}
"""Phase → the processes whose tasks are open meanwhile; the college is waited for by a message."""
DAYS_AHEAD = (2, 5, 10, 30)
_REMIND_ONLY = {"proof_reminder", "convention_reminder", "convention_last_reminder", "college"}
DATED = sorted(set(EFFECTS) - _REMIND_ONLY)
"""The deadlines after which something happens to a dossier; reminders take nothing away."""
UNDER_WAY = "en-cours"
MYSELF = "moi"
USUAL_ORDER = "-depot"
ORDERS = ("depot", "service", "operateur", "echeance")


@dataclass(frozen=True)
class Wanted:
    """What a list is asked for, by whom, when: one condition for each filter."""

    actor: Actor
    now: datetime
    conditions: Mapping[str, ColumnElement[bool]]

    @classmethod
    def of(cls, filters: Mapping[str, str], actor: Actor, now: datetime) -> Wanted:
        """The conditions of an address; a value that means nothing finds nothing."""
        found = {name: condition(name, value, actor, now) for name, value in filters.items()}
        return cls(actor, now, {name: each for name, each in found.items() if each is not None})

    def clauses(self, *, but: str = "") -> list[ColumnElement[bool]]:
        """Every condition, or every other one than `but`, on dossiers that one may read."""
        kept = [each for name, each in self.conditions.items() if name != but]
        return [readable(self.actor), *kept]


def readable(actor: Actor) -> ColumnElement[bool]:
    """The condition that someone may read a dossier."""
    return Dossier.id.is_not(None) if actor.is_agency else Dossier.operator_id == actor.operator_id


def condition(name: str, value: str, actor: Actor, now: datetime) -> ColumnElement[bool] | None:
    """One filter; None for one that is not of conditions."""
    match name:
        case "q":
            return dossier_word.found_by(value)
        case "ou":
            return _standing_at(value)
        case "phase":
            return _in_phase(value)
        case "operateur":
            return _is(Dossier.operator_id, value)
        case "profil":
            return type_coerce(Dossier.profiles, Text).contains(f'"{value}"', autoescape=True)
        case "campagne":
            return Dossier.campaign_id == value
        case "instructeur":
            return _held_by(value, actor)
        case "echeance":
            days = whole_number(value)
            return false() if days is None else _due_within(days, now)
        case "lu":
            return _read(value, actor)
        case _:
            return None


def order(asked: str) -> tuple[list[ColumnElement[bool]], list[Any]]:
    """An order as its columns; by coming date, only the dossiers that have one are listed."""
    clauses: list[ColumnElement[bool]] = []
    match asked.removeprefix("-"):
        case "service":
            column: Any = Dossier.service_name
        case "operateur":
            column = Dossier.company_name
        case "echeance":
            column = (
                select(func.min(Timer.due_at))
                .join(DeadlineRecord, DeadlineRecord.id == Timer.deadline_id)
                .where(Timer.dossier_id == Dossier.id, DeadlineRecord.key.in_(DATED))
                .scalar_subquery()
            )
            clauses = [Dossier.ended_at.is_(None), column.is_not(None)]
        case _:
            column = Dossier.deposited_at
    columns = [column, Dossier.id]
    return clauses, [each.desc() for each in columns] if asked.startswith("-") else columns


def _standing_at(where: str) -> ColumnElement[bool]:
    """That a dossier stands at a task, waits for the college, is under way, or ended somehow."""
    match where:
        case "en-cours":
            return Dossier.ended_at.is_(None)
        case "closes":
            return Dossier.ended_at.is_not(None)
        case "college":
            return _awaits_college()
        case "operateur":
            return _at_task(HumanTask.role.in_(sorted(OPERATOR_SIDE)))
        case "ans":
            return _at_task(HumanTask.role.not_in(sorted(OPERATOR_SIDE)))
        case _ if where in ENDS:
            return Dossier.end == where
        case _:
            return false()


def _in_phase(phase: str) -> ColumnElement[bool]:
    if phase == "college":
        return _awaits_college()
    return _at_task(HumanTask.process_id.in_(PHASES.get(phase, ())))


def _at_task(of: ColumnElement[bool]) -> ColumnElement[bool]:
    is_there = exists().where(
        HumanTask.dossier_id == Dossier.id,
        HumanTask.closed_at.is_(None),
        HumanTask.aside.is_(False),
        of,
    )
    return and_(Dossier.ended_at.is_(None), is_there)


def _awaits_college() -> ColumnElement[bool]:
    is_waiting = exists().where(
        MessageWait.message == MESSAGE, MessageWait.dossier_id == Dossier.id
    )
    return and_(Dossier.ended_at.is_(None), is_waiting)


def _held_by(value: str, actor: Actor) -> ColumnElement[bool]:
    person_id = actor.person_id if value == MYSELF else whole_number(value)
    if not actor.is_agency or person_id is None:
        return false()
    is_held = exists().where(
        InstructionAssignment.dossier_id == Dossier.id,
        InstructionAssignment.person_id == person_id,
        InstructionAssignment.released_at.is_(None),
    )
    return and_(Dossier.ended_at.is_(None), is_held)


def _due_within(days: int, now: datetime) -> ColumnElement[bool]:
    is_due = (
        exists()
        .where(
            Timer.dossier_id == Dossier.id,
            Timer.due_at <= now + timedelta(days=days),
            DeadlineRecord.id == Timer.deadline_id,
            DeadlineRecord.key.in_(DATED),
        )
        .correlate(Dossier)
    )
    return and_(Dossier.ended_at.is_(None), is_due)


def _read(value: str, actor: Actor) -> ColumnElement[bool]:
    if not actor.is_agency or actor.person_id is None or value not in ("oui", "non"):
        return false()
    unread = read_mark.is_unread(actor.person_id, Dossier.id)
    return and_(Dossier.ended_at.is_(None), unread if value == "non" else ~unread)


def _is(column: InstrumentedAttribute[int], value: str) -> ColumnElement[bool]:
    number = whole_number(value)
    return false() if number is None else column == number
