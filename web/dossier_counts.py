"""How many dossiers each value of a filter would leave: one statement, over a bounded list.

Each filter is counted with all the others as they are, over the last dossiers deposited that
fulfil them: a page costs the same however many dossiers there are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import (
    CTE,
    ColumnElement,
    String,
    Text,
    case,
    cast,
    func,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from web.dossier_filters import DATED, DAYS_AHEAD, PHASES, Wanted
from web.dossier_words import ENDS
from workflow.domain import read_mark
from workflow.domain.college import MESSAGE
from workflow.domain.deadline import DeadlineRecord
from workflow.domain.dossier import Dossier
from workflow.domain.instruction_assignment import InstructionAssignment
from workflow.domain.person import OPERATOR_SIDE, Person
from workflow.engine.waiting import HumanTask, MessageWait, Timer

MOST_COUNTED = 1_000
MOST_VALUES = 60
MOST_OF_TAB = 100
VALUE = "counted_value"
"""The column by which a branch is grouped: by name, since its expression holds parameters."""
FILTERS = ("ou", "phase", "operateur", "profil", "campagne", "instructeur", "echeance", "lu")


@dataclass
class Counts:
    """Filter → value → count, and the names of values that are rows of other tables."""

    of: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    names: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])

    @property
    def is_capped(self) -> bool:
        """Whether there are more dossiers than were counted."""
        return any(sum(self.of[name].values()) >= MOST_COUNTED for name in ("campagne", "profil"))


def counted(session: Session, wanted: Wanted) -> Counts:
    """What each filter of the list of dossiers would leave."""
    known = _Bases(wanted)
    counts = Counts()
    branches = [branch for name in FILTERS for branch in _branches(name, known.of(name), wanted)]
    rows: Any = session.execute(union_all(*branches))
    for name, value, label, count in rows:
        for each in _values(name, value) if count else ():
            counts.of[name][each] += count
            if label is not None:
                counts.names[name, each] = label
    places = counts.of["ou"]
    places["closes"] = sum(count for place, count in places.items() if place in ENDS)
    return counts


def counted_tabs(session: Session, wanted: Sequence[Wanted]) -> list[int]:
    """How many dossiers each of some searches finds, `MOST_OF_TAB` at most."""
    if not wanted:
        return []
    columns: list[Any] = []
    for each in wanted:
        found = select(Dossier.id).where(*each.clauses()).limit(MOST_OF_TAB).subquery()
        columns.append(select(func.count()).select_from(found).scalar_subquery())
    return list(session.execute(select(*columns)).one())


class _Bases:
    """The dossiers over which filters are counted: one list for all that are not in use."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.made: dict[str, CTE] = {}

    def of(self, name: str) -> CTE:
        """The dossiers that the other filters leave."""
        key = name if name in self.wanted.conditions else ""
        if key not in self.made:
            query = select(
                Dossier.id,
                Dossier.operator_id,
                Dossier.company_name,
                type_coerce(Dossier.profiles, Text).label("profiles"),
                Dossier.campaign_id,
                Dossier.end,
                Dossier.ended_at,
            ).where(*self.wanted.clauses(but=key))
            newest = query.order_by(Dossier.deposited_at.desc(), Dossier.id.desc())
            self.made[key] = newest.limit(MOST_COUNTED).cte(f"base_{key or 'all'}")
        return self.made[key]


def _branches(name: str, base: CTE, wanted: Wanted) -> Sequence[Any]:
    match name:
        case "ou":
            ends = case((base.c.ended_at.is_(None), "en-cours"), else_=base.c.end)
            side = case((HumanTask.role.in_(sorted(OPERATOR_SIDE)), "operateur"), else_="ans")
            return [_by(name, ends, base), _of_tasks(name, side, base), _of_college(name, base)]
        case "phase":
            return [_of_tasks(name, HumanTask.process_id, base), _of_college(name, base)]
        case "operateur":
            company = func.max(base.c.company_name)
            grouped = _by(name, base.c.operator_id, base, company)
            most = grouped.order_by(func.count().desc()).limit(MOST_VALUES).subquery()
            return [select(most)]
        case "profil":
            return [_by(name, base.c.profiles, base)]
        case "campagne":
            return [_by(name, base.c.campaign_id, base)]
        case "instructeur":
            return [_of_holders(name, base)]
        case "echeance":
            return [_of_dates(name, days, base, wanted) for days in DAYS_AHEAD]
        case _:
            return [_of_unread(name, base, wanted)]


def _by(
    name: str, value: ColumnElement[Any], base: CTE, label: ColumnElement[Any] | None = None
) -> Any:
    told = cast(null(), String) if label is None else label
    return (
        select(
            literal(name).label("filter"),
            cast(value, String).label(VALUE),
            told.label("label"),
            func.count().label("count"),
        )
        .select_from(base)
        .group_by(VALUE)
    )


def _distinct(name: str, value: ColumnElement[Any], of: Any) -> Any:
    return select(
        literal(name),
        cast(value, String).label(VALUE),
        cast(null(), String),
        func.count(of.distinct()),
    )


def _of_tasks(name: str, value: Any, base: CTE) -> Any:
    return (
        _distinct(name, value, base.c.id)
        .select_from(base)
        .join(HumanTask, HumanTask.dossier_id == base.c.id)
        .where(base.c.ended_at.is_(None), HumanTask.closed_at.is_(None), HumanTask.aside.is_(False))
        .group_by(VALUE)
    )


def _of_college(name: str, base: CTE) -> Any:
    return (
        _distinct(name, literal("college"), base.c.id)
        .select_from(base)
        .join(
            MessageWait,
            (MessageWait.message == MESSAGE) & (MessageWait.dossier_id == base.c.id),
        )
    )


def _of_holders(name: str, base: CTE) -> Any:
    held = InstructionAssignment
    return (
        select(
            literal(name),
            cast(held.person_id, String),
            func.max(Person.name),
            func.count(base.c.id.distinct()),
        )
        .select_from(base)
        .join(held, (held.dossier_id == base.c.id) & held.released_at.is_(None))
        .join(Person, Person.id == held.person_id)
        .where(base.c.ended_at.is_(None))
        .group_by(held.person_id)
    )


def _of_dates(name: str, days: int, base: CTE, wanted: Wanted) -> Any:
    return (
        _distinct(name, literal(str(days)), base.c.id)
        .select_from(base)
        .join(Timer, Timer.dossier_id == base.c.id)
        .join(DeadlineRecord, DeadlineRecord.id == Timer.deadline_id)
        .where(
            base.c.ended_at.is_(None),
            Timer.due_at <= wanted.now + timedelta(days=days),
            DeadlineRecord.key.in_(DATED),
        )
    )


def _of_unread(name: str, base: CTE, wanted: Wanted) -> Any:
    person_id = wanted.actor.person_id or 0
    return _by(name, literal("non"), base).where(
        base.c.ended_at.is_(None), read_mark.is_unread(person_id, base.c.id)
    )


_PHASE_OF: Mapping[str, str] = {
    process: phase for phase, processes in PHASES.items() for process in processes
} | {"college": "college"}


def _values(name: str, value: str | None) -> Sequence[str]:
    """The values of a filter that a counted value stands for."""
    if value is None:
        return ()
    if name == "profil":
        return orjson.loads(value)
    if name == "phase":
        return [_PHASE_OF[value]] if value in _PHASE_OF else ()
    return (value,)
