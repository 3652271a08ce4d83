"""The door of time: what is due fires, in order, each at its own instant.

One timer is one turn and one transaction. An outage moves no legal date: the turn's effective
instant is the timer's due instant, whenever it is carried out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session, aliased

from workflow.domain.audit_kinds import AuditKind
from workflow.domain.person import CLOCK
from workflow.engine.instances import Instance, Projection
from workflow.engine.runtime import Runtime
from workflow.engine.spiff import Flow
from workflow.engine.spreading import spread
from workflow.engine.turn import Cause, TimersDue, take
from workflow.engine.waiting import Timer
from workflow.errors import Conflict

RETRY_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer that has to fire."""

    instance_id: int
    timer_id: str
    due_at: datetime


def next_due(
    session: Session,
    until: datetime,
    *,
    instance_id: int | None = None,
    retry: bool = True,
    skip_locked: bool = False,
) -> DueTimer | None:
    """The first timer due at or before ``until``.

    Without ``retry``, none that just failed, nor those that follow it in the same instance:
    a dossier's dates happen in order. With ``skip_locked``, none of an instance that somebody
    acts on now.
    """
    conditions: list[ColumnElement[bool]] = [Timer.due_at <= until]
    if instance_id is not None:
        conditions.append(Timer.instance_id == instance_id)
    if not retry:
        conditions.append(~_after_a_failure(until))
    query = (
        select(Timer.instance_id, Timer.timer_id, Timer.due_at)
        .where(*conditions)
        .order_by(Timer.due_at, Timer.instance_id, Timer.timer_id)
        .limit(1)
    )
    if skip_locked:
        query = query.join(Instance, Instance.id == Timer.instance_id)
        query = query.with_for_update(of=Instance, skip_locked=True)
    row = session.execute(query).first()
    return DueTimer(*row) if row else None


def _after_a_failure(until: datetime) -> ColumnElement[bool]:
    failed = aliased(Timer)
    return exists().where(
        failed.instance_id == Timer.instance_id,
        failed.retry_at > until,
        failed.due_at <= Timer.due_at,
    )


def fire_due(runtime: Runtime, until: datetime, *, instance_id: int | None = None) -> int:
    """Fire everything due at or before ``until``, in order; returns how many fired."""
    fired = 0
    while True:
        with runtime.database.reading() as session:
            due = next_due(session, until, instance_id=instance_id)
        if due is None:
            return fired
        fired += fire(runtime, due)


def fire(runtime: Runtime, due: DueTimer, *, skip_locked: bool = False) -> bool:
    """Fire one timer; False when another worker has it or it waits no more."""
    while True:
        try:
            with runtime.database.transaction() as session:
                return _fire(session, runtime, due, skip_locked)
        except TimersDue as other:
            # Another dossier that this turn sends a message to has its own timer due first.
            fire_due(runtime, other.until, instance_id=other.instance_id)


def _fire(session: Session, runtime: Runtime, due: DueTimer, skip_locked: bool) -> bool:
    instance = session.scalars(
        select(Instance)
        .where(Instance.id == due.instance_id)
        .with_for_update(skip_locked=skip_locked)
    ).first()
    timer = session.get(Timer, (due.instance_id, due.timer_id))
    if instance is None or timer is None or timer.due_at != due.due_at:
        return False
    facts = {
        "element": timer.element_id,
        "process": timer.process_id,
        "label": timer.label,
        "due_at": due.due_at.isoformat(),
        "deadline": timer.deadline_id,
    }
    call = take(
        session,
        runtime,
        instance,
        lambda flow: _require_fired(flow, due),
        Cause(AuditKind.TIMER_FIRED, facts, CLOCK, "cancelled", _late(instance, due)),
        effective_at=due.due_at,
    )
    spread(session, runtime, call)
    return True


def _late(instance: Instance, due: DueTimer) -> dict[str, str]:
    """The tasks whose own deadline this timer is: an answer to them comes out of time.

    What else the turn closes, such as a parallel branch, is only cancelled.
    """
    tasks = Projection.load(instance.projection).tasks
    return {task: "timer" for task, (at, *_) in tasks.items() if at == str(due.due_at)}


def _require_fired(flow: Flow, due: DueTimer) -> None:
    """Refuse a turn that fires nothing: the same timer would come back for ever."""
    if not flow.fire(due.timer_id):
        raise Conflict(
            f"Expected timer {due.timer_id} of instance {due.instance_id} to be due in its state"
            " but it is not. Its row and its state differ: restore the instance from a backup."
        )


def postpone(runtime: Runtime, due: DueTimer, failure: str, now: datetime) -> None:
    """Keep a failed timer's reason and try it again in an hour; the others go on."""
    with runtime.database.transaction() as session:
        session.execute(
            update(Timer)
            .where(Timer.instance_id == due.instance_id, Timer.timer_id == due.timer_id)
            .values(failure=failure[:500], retry_at=now + RETRY_AFTER)
        )
