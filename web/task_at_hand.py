"""A task as its page reads it: whose it is, in which version, and what was typed so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from web.desk_view import Held
from workflow.domain.dossier import Dossier
from workflow.domain.instruction_assignment import InstructionAssignment
from workflow.domain.interest import InterestDeclaration
from workflow.domain.person import Actor, Person
from workflow.engine import drafts, human_tasks, presence, turn
from workflow.engine.draft import Draft
from workflow.engine.instances import Instance
from workflow.engine.presence import Seen
from workflow.engine.task_draft import TaskDraft
from workflow.engine.waiting import HumanTask


@dataclass(frozen=True)
class TaskAtHand:
    """A task with its dossier, its instance, its draft, and what concerns its reader."""

    task: HumanTask
    dossier: Dossier | None
    process_id: str
    deployment_id: int
    revision: int
    campaign_id: str
    campaign_version_id: int | None
    held: Held
    """In whose hands the dossier is."""
    declared: Sequence[InterestDeclaration]
    """The interests that the reader declared on the dossier."""
    draft: Draft | None
    others: list[Seen]
    """The colleagues who are on the dossier, or at the task, too; nobody to outsiders."""


def at_hand(session: Session, task_id: str, reader: Actor, at: datetime) -> TaskAtHand:
    """Read a task in one statement; raises NotFound when there is none.

    Whether the reader may see it is judged by whoever asks. `at` is the machine's instant, at
    which others are there.
    """
    rows = _rows(session, task_id, reader, at)
    if not rows:
        human_tasks.find(session, task_id)
    one = rows[0]
    return TaskAtHand(
        task=one.HumanTask,
        dossier=one.Dossier,
        process_id=one.process_id,
        deployment_id=one.deployment_id,
        revision=one.revision,
        campaign_id=one.campaign_id,
        campaign_version_id=one.campaign_version_id,
        held=(one.holder_id, one.holder_name),
        declared=list({row.InterestDeclaration: 1 for row in rows if row.InterestDeclaration}),
        draft=drafts.kept(one.TaskDraft, one.saved_by_name) if one.TaskDraft else None,
        others=presence.told_of_rows(rows) if presence.is_told_of(reader) else [],
    )


def _rows(session: Session, task_id: str, reader: Actor, at: datetime) -> Sequence[Any]:
    """One row for each who is there too, and for each declaration of the reader; else one."""
    holder, saver = aliased(Person), aliased(Person)
    statement: Select[*tuple[Any, ...]] = (
        select(
            HumanTask,
            Dossier,
            Instance.process_id,
            Instance.deployment_id,
            Instance.revision,
            Instance.campaign_id,
            turn.version_in_force(Instance.campaign_id).label("campaign_version_id"),
            holder.id.label("holder_id"),
            holder.name.label("holder_name"),
            InterestDeclaration,
            TaskDraft,
            saver.name.label("saved_by_name"),
        )
        .join(Instance, Instance.id == HumanTask.instance_id)
        .outerjoin(Dossier, Dossier.id == HumanTask.dossier_id)
        .outerjoin(
            InstructionAssignment,
            and_(
                InstructionAssignment.dossier_id == HumanTask.dossier_id,
                InstructionAssignment.released_at.is_(None),
            ),
        )
        .outerjoin(holder, holder.id == InstructionAssignment.person_id)
        .outerjoin(
            InterestDeclaration,
            and_(
                InterestDeclaration.dossier_id == HumanTask.dossier_id,
                InterestDeclaration.person_id == reader.person_id,
            ),
        )
        .outerjoin(TaskDraft, TaskDraft.task_id == HumanTask.id)
        .outerjoin(saver, saver.id == TaskDraft.saved_by)
        .where(HumanTask.id == task_id)
        .limit(presence.MOST_TOLD)
    )
    if presence.is_told_of(reader):
        seen = presence.seen_there(reader, at)
        at_task = and_(HumanTask.dossier_id.is_(None), seen.c.task_id == HumanTask.id)
        there = or_(seen.c.dossier_id == HumanTask.dossier_id, at_task)
        statement = statement.add_columns(*seen.c).outerjoin(seen, there)
    return session.execute(statement).all()
