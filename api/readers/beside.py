"""Processes beside the procedure of dossiers, as the API shows them: questions, corrections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain import correction, support_question
from workflow.domain.correction import Told
from workflow.domain.person import Actor
from workflow.domain.support_question import SupportMessage, SupportQuestion
from workflow.engine.instances import Instance
from workflow.engine.waiting import HumanTask, MessageWait
from workflow.errors import Conflict


def questions(
    session: Session, actor: Actor, *, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """The threads this person may read, newest first, one more than `limit`."""
    rows = support_question.listed(session, actor, before=before, limit=limit + 1)
    last = support_question.last_messages(session, [row.id for row in rows])
    return [_question(row, last.get(row.id)) for row in rows]


def thread(session: Session, question_id: int, actor: Actor) -> dict[str, Any]:
    """One thread with its messages, and what this person may do in it; raises NotFound."""
    found = support_question.visible_to(session, question_id, actor)
    said = support_question.messages_of(session, found.id)
    waits = session.scalars(
        select(MessageWait)
        .where(MessageWait.instance_id == found.instance_id)
        .order_by(MessageWait.message)
    ).all()
    task = open_task(session, found.instance_id)
    return {
        **_question(found, said[-1][0] if said else None),
        "messages": [
            {"kind": message.kind, "text": message.text, "by": name, "at": message.at}
            for message, name in said
        ],
        "task": task.id if task is not None and task.roles & actor.roles else None,
        "may_send": sorted({w.message for w in waits if actor.roles & set(w.roles)}),
        "revision": revision_of(session, found.instance_id),
    }


def corrections(
    session: Session, dossier_id: int, *, before: int | None, limit: int
) -> Sequence[Told]:
    """A dossier's corrections, newest first, at most one more than `limit`."""
    return correction.of_dossier(session, dossier_id, before=before)[: limit + 1]


def correction_facts(told: Told) -> dict[str, Any]:
    """One correction: what, why, who and when."""
    row = told.correction
    names = ("id", "fact", "old_value", "new_value", "reason", "proposed_at", "concluded_at")
    return {
        **{name: getattr(row, name) for name in names},
        "proposed_by": told.proposed_by,
        "outcome": row.outcome,
        "concluded_by": told.concluded_by or None,
        "answer_reason": row.answer_reason,
    }


def open_task(session: Session, instance_id: int) -> HumanTask | None:
    """The task an instance waits for, if any."""
    return session.scalars(
        select(HumanTask).where(HumanTask.instance_id == instance_id, HumanTask.closed_at.is_(None))
    ).first()


def last_task(session: Session, instance_id: int) -> str:
    """The task to answer of an instance, open or over; raises Conflict when it has none."""
    found = session.scalars(
        select(HumanTask.id)
        .where(HumanTask.instance_id == instance_id)
        .order_by(HumanTask.closed_at.is_(None).desc(), HumanTask.opened_at.desc())
        .limit(1)
    ).first()
    if found is None:
        raise Conflict("Expected a task to answer but there is none yet. Read it again.")
    return found


def revision_of(session: Session, instance_id: int) -> int:
    """The revision of an instance."""
    return session.get_one(Instance, instance_id).revision


def _question(row: SupportQuestion, last: SupportMessage | None) -> dict[str, Any]:
    names = ("id", "subject", "asked_at", "closed_at")
    return {**{name: getattr(row, name) for name in names}, "state": _state(row, last)}


def _state(row: SupportQuestion, last: SupportMessage | None) -> str:
    if row.closed_at is not None:
        return "closed"
    return last.kind if last is not None and last.is_from_support else "waiting"
