"""Drafts: what was typed in a task's form and not sent yet, kept on the server.

A draft is no act: it is not recorded in the history and decides nothing. It belongs to the task,
hence to whoever may complete it: a colleague of the same operator goes on where one stopped. It
ends with its task, and outlives a suspension of the dossier, since the task does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from workflow.domain.person import Actor, Person
from workflow.engine import human_tasks
from workflow.engine.draft import (
    LARGEST_DRAFT,
    Draft,
    StaleDraft,
    require_current,
    require_size,
)
from workflow.engine.runtime import Runtime
from workflow.engine.task_draft import TaskDraft
from workflow.engine.waiting import HumanTask
from workflow.errors import NotFound

__all__ = ["LARGEST_DRAFT", "Draft", "StaleDraft", "discard", "find", "kept", "save"]


def find(session: Session, task_id: str) -> Draft | None:
    """The draft of a task, if one was saved; whoever asks was checked before."""
    row = session.execute(
        select(TaskDraft, Person.name)
        .outerjoin(Person, Person.id == TaskDraft.saved_by)
        .where(TaskDraft.task_id == task_id)
    ).first()
    return None if row is None else kept(row[0], row[1])


def kept(found: TaskDraft, saved_by: str | None) -> Draft:
    """A draft as it was read, and the name of who saved it."""
    return Draft(found.task_id, found.revision, found.answer, found.saved_at, saved_by or "")


def save(
    runtime: Runtime,
    task_id: str,
    answer: Mapping[str, Any],
    actor: Actor,
    *,
    revision: int | None = None,
    page: str | None = None,
) -> Draft:
    """Keep what was typed so far, in place of the version of that `revision` (0: none yet).

    Without a revision it replaces whatever was saved, and so does the `page` that saved it last.
    Raises NotFound, NotAllowed, Conflict when
    the task is over, StaleDraft when a newer version was saved, LimitExceeded.
    """
    require_size(answer)
    now = runtime.clock.now()
    with runtime.database.transaction() as session:
        _lock_open(session, task_id, actor)
        row = session.execute(
            select(TaskDraft.revision, TaskDraft.saved_from).where(TaskDraft.task_id == task_id)
        ).first()
        current, last_page = row or (None, None)
        is_same_page = page is not None and page == last_page
        require_current(current, revision, is_same_page=is_same_page)
        values = {
            "answer": dict(answer),
            "saved_from": page,
            "saved_at": now,
            "saved_by": actor.person_id,
        }
        following = (current or 0) + 1
        if current is None:
            session.add(TaskDraft(task_id=task_id, revision=following, **values))
        else:
            session.execute(
                update(TaskDraft)
                .where(TaskDraft.task_id == task_id)
                .values(revision=following, **values)
            )
        return Draft(task_id, following, dict(answer), now, actor.name)


def discard(runtime: Runtime, task_id: str, actor: Actor, *, revision: int | None = None) -> None:
    """Throw a draft away; nothing happens without one. Raises as `save` does."""
    with runtime.database.transaction() as session:
        _lock_open(session, task_id, actor)
        current = session.scalar(select(TaskDraft.revision).where(TaskDraft.task_id == task_id))
        require_current(current, revision)
        session.execute(delete(TaskDraft).where(TaskDraft.task_id == task_id))


def _lock_open(session: Session, task_id: str, actor: Actor) -> HumanTask:
    """The task, locked: a turn that ends it waits, and then takes the draft away with it."""
    task = session.scalars(
        select(HumanTask).where(HumanTask.id == task_id).with_for_update()
    ).first()
    if task is None:
        raise NotFound(f"Expected a task {task_id} but there is none. Check the address.")
    human_tasks.require_may_complete(session, task, actor)
    human_tasks.require_open(task)
    return task
