"""Dossiers as the API shows them: pages of them, and where one stands."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from workflow.domain import dossier as dossiers
from workflow.domain.deadline import DeadlineRecord
from workflow.domain.dossier import Dossier, Flag, is_flagged
from workflow.domain.person import Actor
from workflow.engine import human_tasks, instances
from workflow.engine.instances import Instance, Projection
from workflow.engine.waiting import HumanTask, MessageWait, Timer
from workflow.errors import NotFound

NUMBER = re.compile(r"[0-9]{4}-[0-9]{3,9}")
FACTS = (
    "number",
    "company_name",
    "siret",
    "service_name",
    "service_version",
    "dsr",
    "profiles",
    "attempt",
    "planned_proof_on",
    "publication_authorised",
    "contact_name",
    "end",
    "end_reason",
)
MILESTONES = (
    "deposited_at",
    "admitted_at",
    "proof_file_opened_at",
    "complete_received_at",
    "complete_notified_at",
    "instructed_at",
    "decided_at",
    "ended_at",
)


@dataclass(frozen=True, kw_only=True)
class DossierFilters:
    """What dossiers to list; None leaves a fact open."""

    campaign: str | None = None
    is_open: bool | None = None
    end: str | None = None
    flag: str | None = None
    waiting: str | None = None


def sees_all(actor: Actor) -> bool:
    """Whether a person reads every operator's dossiers: anyone of the Agency's side."""
    return actor.is_agency


def find(session: Session, number: str, actor: Actor) -> Dossier:
    """The dossier of that number.

    Raises NotFound in the same words for a number that does not exist and a stranger's.
    """
    found = dossiers.find_by_number(session, number) if NUMBER.fullmatch(number) else None
    if found is None or not (sees_all(actor) or actor.operator_id == found.operator_id):
        raise NotFound(f"Expected a dossier {number[:40]} but there is none. Check the number.")
    return found


def listed(
    session: Session,
    actor: Actor,
    filters: DossierFilters,
    *,
    after: tuple[datetime, int] | None,
    limit: int,
) -> Sequence[Dossier]:
    """The dossiers this person may read, last deposited first, one more than `limit`."""
    query = select(Dossier).where(*_conditions(filters))
    if not sees_all(actor):
        query = query.where(Dossier.operator_id == actor.operator_id)
    if after is not None:
        at, dossier_id = after
        query = query.where(
            (Dossier.deposited_at < at) | ((Dossier.deposited_at == at) & (Dossier.id < dossier_id))
        )
    newest = query.order_by(Dossier.deposited_at.desc(), Dossier.id.desc())
    return session.scalars(newest.limit(limit + 1)).all()


def _conditions(filters: DossierFilters) -> Iterator[ColumnElement[bool]]:
    if filters.campaign is not None:
        yield Dossier.campaign_id == filters.campaign
    if filters.is_open is not None:
        yield Dossier.ended_at.is_(None) if filters.is_open else Dossier.ended_at.is_not(None)
    if filters.end is not None:
        yield Dossier.end == filters.end
    if filters.flag is not None:
        yield is_flagged(Dossier.id, filters.flag)
    if filters.waiting is not None:
        yield exists().where(
            HumanTask.dossier_id == Dossier.id,
            HumanTask.element_id == filters.waiting,
            HumanTask.closed_at.is_(None),
        )


def summaries(session: Session, rows: Sequence[Dossier]) -> list[dict[str, Any]]:
    """What a list says of each dossier: three queries, however many they are."""
    ids = [row.id for row in rows]
    flags: dict[int, list[str]] = defaultdict(list)
    for dossier_id, flag in session.execute(
        select(Flag.dossier_id, Flag.flag)
        .where(Flag.dossier_id.in_(ids))
        .order_by(Flag.raised_at, Flag.flag)
    ):
        flags[dossier_id].append(flag)
    tasks: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for task in session.scalars(
        select(HumanTask)
        .where(
            HumanTask.dossier_id.in_(ids),
            HumanTask.closed_at.is_(None),
            HumanTask.aside.is_(False),
        )
        .order_by(HumanTask.opened_at, HumanTask.id)
    ):
        tasks[task.dossier_id or 0].append(_task(task, {}))
    return [
        {**facts(row), "flags": flags[row.id], "waits": {"tasks": tasks[row.id]}} for row in rows
    ]


def facts(dossier: Dossier) -> dict[str, Any]:
    """The facts of a dossier, without where it stands."""
    return {
        **{name: getattr(dossier, name) for name in FACTS},
        "campaign": dossier.campaign_id,
        "legal_representative": {
            key: getattr(dossier, f"legal_representative_{key}")
            for key in ("name", "email", "phone")
        },
        "milestones": {name: getattr(dossier, name) for name in MILESTONES},
    }


def state(session: Session, dossier: Dossier, instance: Instance) -> dict[str, Any]:
    """A dossier with all it waits for, each date with its sum."""
    tasks = human_tasks.open_of_dossier(session, dossier.id)
    timers = session.scalars(
        select(Timer).where(Timer.instance_id == instance.id).order_by(Timer.due_at, Timer.timer_id)
    ).all()
    waits = session.scalars(
        select(MessageWait)
        .where(MessageWait.instance_id == instance.id)
        .order_by(MessageWait.message, MessageWait.element_id)
    ).all()
    sums = _sums(session, (row.deadline_id for row in (*tasks, *timers)))
    previous = (
        session.get(Dossier, dossier.previous_dossier_id) if dossier.previous_dossier_id else None
    )
    return {
        **facts(dossier),
        "previous": None if previous is None else previous.number,
        "revision": instance.revision,
        "deployment": instance.deployment_id,
        "flags": dossiers.flags_of(session, dossier.id),
        "passed": Projection.load(instance.projection).passed,
        "waits": {
            "tasks": [_task(task, sums) for task in tasks],
            "timers": [_timer(timer, sums) for timer in timers],
            "messages": [
                {"message": wait.message, "element": wait.element_id, "boundary": wait.boundary}
                for wait in waits
            ],
        },
    }


def instance_of(session: Session, dossier: Dossier) -> Instance:
    """The instance that carries a dossier."""
    return instances.of_dossier(session, dossier.id)


def numbers(session: Session, ids: Iterable[int | None]) -> dict[int, str]:
    """The numbers of dossiers, in one query."""
    wanted = {dossier_id for dossier_id in ids if dossier_id is not None}
    if not wanted:
        return {}
    rows = session.execute(select(Dossier.id, Dossier.number).where(Dossier.id.in_(wanted)))
    return {row.id: row.number for row in rows}


def deadline_facts(record: DeadlineRecord) -> dict[str, Any]:
    """A legal date with its sum."""
    return {
        "key": record.key,
        "started_at": record.started_at,
        "last_day": record.last_day,
        "fires_at": record.fires_at,
        "computed_at": record.effective_at,
        "campaign_version": record.explanation.get("campaign_version"),
        "change": record.explanation.get("change"),
        "explanation": record.explanation,
    }


def _sums(session: Session, ids: Iterable[int | None]) -> Mapping[int, DeadlineRecord]:
    wanted = {found for found in ids if found is not None}
    if not wanted:
        return {}
    rows = session.scalars(select(DeadlineRecord).where(DeadlineRecord.id.in_(wanted)))
    return {record.id: record for record in rows}


def _task(task: HumanTask, sums: Mapping[int, DeadlineRecord]) -> dict[str, Any]:
    return {
        "id": task.id,
        "element": task.element_id,
        "process": task.process_id,
        "label": task.label,
        "role": task.role,
        "opened_at": task.opened_at,
        **_due(task, sums),
    }


def _timer(timer: Timer, sums: Mapping[int, DeadlineRecord]) -> dict[str, Any]:
    return {
        "element": timer.element_id,
        "process": timer.process_id,
        "label": timer.label,
        "attached_to": timer.attached_to,
        "interrupting": timer.interrupting,
        **_due(timer, sums),
    }


def _due(row: HumanTask | Timer, sums: Mapping[int, DeadlineRecord]) -> dict[str, Any]:
    record = sums.get(row.deadline_id or 0)
    return {
        "due_at": row.due_at,
        "due_day": row.due_day,
        "deadline": None if record is None else deadline_facts(record),
    }
