"""What is expected, of whom, by which date: open tasks with the dates that hang over them.

Reads the engine's waits and the stored deadlines; nothing is computed again here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from web.dossier_words import INDICATIVE, Look, effect, if_missed, questions_title
from web.procedure_words import in_words
from workflow.clock import paris_date
from workflow.domain.deadline import DeadlineRecord
from workflow.domain.dossier import Dossier
from workflow.domain.person import OPERATOR_SIDE, Actor
from workflow.domain.solicitation import Question, Solicitation
from workflow.engine import diagrams as deployed
from workflow.engine.instances import Instance
from workflow.engine.runtime import Runtime
from workflow.engine.spiff import Diagrams
from workflow.engine.waiting import HumanTask, Timer, is_of_roles

MOST_STAKES = 40
MOST_TIMERS = 2_000
MOST_QUESTIONS = 2_000
QUESTION_TASKS = frozenset({"answer_admissibility_solicitation", "answer_solicitation"})
SOON = timedelta(hours=24)

_SOONEST = (HumanTask.due_at.is_(None), HumanTask.due_at, HumanTask.opened_at, HumanTask.id)
Timers = Mapping[int, Sequence[tuple[Timer, DeadlineRecord | None]]]
"""By instance, each timer with the sum of its date."""


@dataclass(frozen=True)
class OpenTask:
    """An open task with its dossier, and the process and deployment of its instance."""

    task: HumanTask
    dossier: Dossier | None
    process_id: str
    deployment_id: int


@dataclass(frozen=True)
class Rung:
    """One date that hangs over a task: what happens then, and the sum behind it."""

    key: str
    at: datetime
    day: date | None
    look: Look
    explanation: Mapping[str, Any] | None

    @property
    def value(self) -> date | datetime:
        """The last day, or the instant when the delay runs to the hour."""
        return self.day or self.at

    @property
    def is_indicative(self) -> bool:
        """Whether nothing but a signal follows."""
        return self.key in INDICATIVE

    @property
    def if_missed(self) -> str:
        """What happens without an act, as a sentence."""
        return if_missed(self.key)


@dataclass(frozen=True)
class Stake:
    """An open task of someone: `rungs` soonest first, `questions` of the solicitation to answer."""

    task: HumanTask
    dossier: Dossier | None
    rungs: list[Rung] = field(default_factory=list[Rung])
    questions: list[str] = field(default_factory=list[str])

    @property
    def title(self) -> str:
        """What is to be done, a verb and its object."""
        return questions_title(len(self.questions)) if self.questions else in_words(self.task.label)

    @property
    def next(self) -> Rung | None:
        """The soonest date."""
        return self.rungs[0] if self.rungs else None

    @property
    def is_of_operator(self) -> bool:
        """Whether the operator's side holds the hand."""
        return self.task.role in OPERATOR_SIDE

    def tone(self, now: datetime) -> str:
        """How the date is shown: in alarm only when a right is lost within a day."""
        soonest = self.next
        if soonest and soonest.look.tone == "alert" and soonest.at - now <= SOON:
            return "alert"
        return "mine"

    def is_last_day(self, now: datetime) -> bool:
        """Whether the last day is today."""
        return self.next is not None and self.next.day == paris_date(now)


def of_actor(
    session: Session, runtime: Runtime, actor: Actor, *, limit: int = MOST_STAKES
) -> list[Stake]:
    """What is expected of someone, soonest date first; of an operator, on its own dossiers."""
    found = tasks_of_actor(session, actor, limit=limit)
    return with_dates(session, runtime, found, _timers_over(session, found))


def tasks_of_actor(
    session: Session,
    actor: Actor,
    *,
    limit: int = MOST_STAKES,
    where: Sequence[ColumnElement[bool]] = (),
    first: ColumnElement[bool] | None = None,
) -> list[OpenTask]:
    """The open tasks of someone, without the dates that hang over them; those `first` first."""
    conditions: list[ColumnElement[bool]] = [
        is_of_roles(actor.roles),
        HumanTask.closed_at.is_(None),
        *where,
    ]
    if not actor.is_agency:
        conditions.append(Dossier.operator_id == actor.operator_id)
    found = _open_tasks(session, conditions, limit, first)
    return [each for each in found if _may_act(each, actor)]


def of_dossiers(
    session: Session, runtime: Runtime, dossier_ids: Sequence[int], *, limit: int = 400
) -> list[Stake]:
    """Everything that the procedure of some dossiers expects, whoever has to act.

    Without the questions to answer: a list says whose turn it is.
    """
    found = tasks_of_dossiers(session, dossier_ids, limit=limit)
    return with_dates(session, runtime, found, _timers_over(session, found), asks=False)


def tasks_of_dossiers(
    session: Session, dossier_ids: Sequence[int], *, limit: int = 400
) -> list[OpenTask]:
    """The open tasks of some dossiers, without the dates that hang over them."""
    if not dossier_ids:
        return []
    conditions = [
        HumanTask.dossier_id.in_(dossier_ids),
        HumanTask.closed_at.is_(None),
        HumanTask.aside.is_(False),
    ]
    return _open_tasks(session, conditions, limit)


def _may_act(each: OpenTask, actor: Actor) -> bool:
    if each.task.role not in OPERATOR_SIDE:
        return True
    return each.dossier is not None and each.dossier.operator_id == actor.operator_id


def _open_tasks(
    session: Session,
    conditions: Sequence[ColumnElement[bool]],
    limit: int,
    first: ColumnElement[bool] | None = None,
) -> list[OpenTask]:
    rows = session.execute(
        select(HumanTask, Dossier, Instance.process_id, Instance.deployment_id)
        .join(Instance, Instance.id == HumanTask.instance_id)
        .outerjoin(Dossier, Dossier.id == HumanTask.dossier_id)
        .where(*conditions)
        .order_by(*(() if first is None else (first.desc(),)), *_SOONEST)
        .limit(limit)
    )
    return [OpenTask(*row) for row in rows]


def _timers_over(session: Session, found: Sequence[OpenTask]) -> Timers:
    return timers_of(session, {each.task.instance_id for each in found})


def with_dates(
    session: Session,
    runtime: Runtime,
    found: Sequence[OpenTask],
    timers: Timers,
    *,
    asks: bool = True,
) -> list[Stake]:
    """Open tasks with the dates that hang over them, and with `asks` the questions to answer."""
    asked = _questions(session, [each.task for each in found]) if asks else {}
    stakes: list[Stake] = []
    for each in found:
        task = each.task
        diagrams = deployed.load(session, runtime, each.deployment_id)
        over = around(diagrams, each.process_id, task.process_id, task.element_id)
        own = {(task.process_id, task.element_id)}
        wanted = own if task.role in OPERATOR_SIDE else own | over
        rungs = _rungs(timers.get(task.instance_id, []), wanted)
        questions = asked.get(task.dossier_id or 0, [])
        is_answer = task.element_id in QUESTION_TASKS
        stakes.append(Stake(task, each.dossier, rungs, questions if is_answer else []))
    return sorted(stakes, key=_soonest_first)


def _soonest_first(stake: Stake) -> tuple[bool, datetime, str]:
    soonest = stake.next
    return (soonest is None, soonest.at if soonest else stake.task.opened_at, stake.task.id)


def _rungs(
    timers: Iterable[tuple[Timer, DeadlineRecord | None]], wanted: set[tuple[str, str]]
) -> list[Rung]:
    found = [
        Rung(
            key=record.key if record else "",
            at=timer.due_at,
            day=timer.due_day,
            look=effect(record.key if record else "", timer.label),
            explanation=record.explanation if record else None,
        )
        for timer, record in timers
        if timer.due_at is not None
        and timer.attached_to is not None
        and (timer.process_id, timer.attached_to) in wanted
        and not (record and record.explanation.get("before"))  # A reminder takes nothing away.
    ]
    return sorted(found, key=lambda rung: rung.at)


def timers_of(session: Session, instance_ids: Iterable[int]) -> Timers:
    """What some instances wait for by the clock, with the sum of each date; by instance."""
    ids = sorted(instance_ids)
    found: dict[int, list[tuple[Timer, DeadlineRecord | None]]] = {}
    if not ids:
        return found
    rows = session.execute(
        select(Timer, DeadlineRecord)
        .outerjoin(DeadlineRecord, DeadlineRecord.id == Timer.deadline_id)
        .where(Timer.instance_id.in_(ids))
        .order_by(Timer.instance_id, Timer.due_at)
        .limit(MOST_TIMERS)
    )
    for timer, record in rows:
        found.setdefault(timer.instance_id, []).append((timer, record))
    return found


def _questions(session: Session, tasks: Sequence[HumanTask]) -> dict[int, list[str]]:
    ids = sorted({t.dossier_id for t in tasks if t.element_id in QUESTION_TASKS and t.dossier_id})
    found: dict[int, list[str]] = {}
    if not ids:
        return found
    rows = session.execute(
        select(Solicitation.dossier_id, Question.text)
        .join(Question, Question.solicitation_id == Solicitation.id)
        .where(Solicitation.dossier_id.in_(ids), Solicitation.closed_at.is_(None))
        .order_by(Solicitation.dossier_id, Question.position)
        .limit(MOST_QUESTIONS)
    )
    for dossier_id, text in rows:
        found.setdefault(dossier_id, []).append(text)
    return found


def around(diagrams: Diagrams, root: str, process_id: str, element_id: str) -> set[tuple[str, str]]:
    """What an element lies in: sub-processes, and the call activities that lead to its process."""
    found: set[tuple[str, str]] = set()
    pending = [(process_id, element_id)]
    while pending:
        process, element = pending.pop()
        described = diagrams.process(process).elements.get(element)
        above = [(process, described.container)] if described and described.container else []
        if not above and process != root:
            above = callers(diagrams, process)
        fresh = [place for place in above if place not in found]
        found.update(fresh)
        pending += fresh
    return found


def callers(diagrams: Diagrams, process_id: str) -> list[tuple[str, str]]:
    """The call activities that call a process."""
    return [
        (caller, element.id)
        for caller in sorted(diagrams.process_ids)
        for element in diagrams.process(caller).elements.values()
        if element.called_process == process_id
    ]
