"""Human tasks as the API shows them: mine, and one with its form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.readers import dossiers as dossier_reader
from workflow.domain import deadline
from workflow.domain.dossier import Dossier
from workflow.domain.person import OPERATOR_SIDE, Actor
from workflow.engine import acceptances, human_tasks
from workflow.engine.forms import Form
from workflow.engine.forms.component import Component
from workflow.engine.instances import Instance
from workflow.engine.waiting import HumanTask
from workflow.errors import NotFound

TASK_ID = re.compile(r"[0-9a-f]{32}")


def mine(
    session: Session, actor: Actor, *, after: tuple[datetime, str] | None, limit: int
) -> Sequence[HumanTask]:
    """The open tasks that wait for this person, oldest first, one more than `limit`."""
    roles = actor.roles if actor.operator_id is not None else actor.roles - OPERATOR_SIDE
    if not roles:
        return []
    return human_tasks.open_for_roles(
        session, roles, operator_id=actor.operator_id, limit=limit + 1, after=after
    )


def find(session: Session, task_id: str, actor: Actor) -> HumanTask:
    """A task of a dossier that this person may read, or of the Agency; raises NotFound."""
    task = session.get(HumanTask, task_id) if TASK_ID.fullmatch(task_id) else None
    if task is not None and _is_readable(session, task, actor):
        return task
    raise NotFound(f"Expected a task {task_id[:40]} but there is none. Check the address.")


def open_of_instance(session: Session, instance_id: int) -> str | None:
    """The id of the task an instance waits for, if any."""
    return session.scalars(
        select(HumanTask.id)
        .where(HumanTask.instance_id == instance_id, HumanTask.closed_at.is_(None))
        .order_by(HumanTask.opened_at, HumanTask.id)
        .limit(1)
    ).first()


def _is_readable(session: Session, task: HumanTask, actor: Actor) -> bool:
    if task.aside and task.dossier_id is None and not actor.roles & {*task.roles, "auditor"}:
        return False
    if dossier_reader.sees_all(actor):
        return True
    dossier = session.get(Dossier, task.dossier_id) if task.dossier_id is not None else None
    return dossier is not None and dossier.operator_id == actor.operator_id


def summaries(session: Session, rows: Sequence[HumanTask]) -> list[dict[str, Any]]:
    """What a list says of each task."""
    numbers = dossier_reader.numbers(session, (row.dossier_id for row in rows))
    return [_facts(row, numbers.get(row.dossier_id or 0)) for row in rows]


def detail(session: Session, task: HumanTask, actor: Actor, form: Form) -> dict[str, Any]:
    """A task with its date's sum, its form and the revision it stands at."""
    record = deadline.find(session, task.deadline_id) if task.deadline_id else None
    return {
        **summaries(session, [task])[0],
        "closed_at": task.closed_at,
        "closed_by": task.closed_by,
        "is_mine": task.closed_at is None and bool(task.roles & actor.roles),
        "deadline": None if record is None else dossier_reader.deadline_facts(record),
        "revision": revision_of(session, task),
        "form": form_facts(form),
    }


def revision_of(session: Session, task: HumanTask) -> int:
    """The revision of the task's instance."""
    return session.get_one(Instance, task.instance_id).revision


def form_facts(form: Form) -> dict[str, Any]:
    """A form as programs read it: what may be answered, and how."""
    return {
        "key": form.key,
        "title": form.title,
        "description": form.description,
        "texts_version": acceptances.version_of(form) or None,
        "components": [_component(component) for component in form.components],
    }


def _component(component: Component) -> dict[str, Any]:
    bounds = {"minimum": component.minimum, "maximum": component.maximum}
    return {
        "kind": component.kind,
        "key": component.key,
        "answer_type": component.answer_type,
        "label": component.label,
        "description": component.description,
        "required": component.required,
        "hidden_when": component.hide_expression,
        "options": [{"value": o.value, "label": o.label} for o in component.options],
        "max_length": component.max_length,
        "pattern": component.pattern,
        **{key: None if bound is None else str(bound) for key, bound in bounds.items()},
        "components": [_component(child) for child in component.children],
    }


def _facts(task: HumanTask, number: str | None) -> dict[str, Any]:
    return {
        "id": task.id,
        "dossier": number,
        "element": task.element_id,
        "process": task.process_id,
        "label": task.label,
        "role": task.role,
        "form_key": task.form_key,
        "opened_at": task.opened_at,
        "due_at": task.due_at,
        "due_day": task.due_day,
    }
