"""The doors of suspension: hold a dossier, release it (DSR 4.8).

A hold is kept by the engine and not drawn. What was due before it fires first; while it lasts
nothing fires, doors answer ``conflict``, and only what ends the dossier is heard. At the release
each timer moves by its rule, and what is past by then fires at the release.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from workflow.clock import PARIS
from workflow.domain import deadline, suspension
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.person import Actor
from workflow.domain.standing import require_reason, require_role
from workflow.engine import doors, instances, turn
from workflow.engine.instances import Instance, Projection
from workflow.engine.runtime import Runtime
from workflow.engine.spiff import Diagrams, Flow, WaitingTimer
from workflow.engine.turn import Cause, Done
from workflow.engine.waiting import HELD, HumanTask
from workflow.errors import Conflict
from workflow.explanation import Interval

ON_SUSPENSION = "on_suspension"
"""The property by which a diagram says that a timer stays where it is: ``fixed``."""


def suspend(
    runtime: Runtime,
    dossier_id: int,
    reason: str,
    actor: Actor,
    *,
    revision: int | None = None,
    idempotency_key: str | None = None,
) -> Done:
    """Hold a dossier until it is resumed.

    Raises NotFound, NotAllowed, InvalidAnswer without a reason, Conflict when it has ended or
    is held already.
    """
    motive = _wanted(actor, reason)

    def act(session: Session) -> Done:
        instance = _lock(session, runtime, dossier_id, revision)
        turn.require_not_held(instance)
        instance.held = True
        done = _take(
            session,
            runtime,
            instance,
            Cause(AuditKind.DOSSIER_SUSPENDED, {"reason": motive}, actor, HELD),
            lambda call, _flow: suspension.suspend(call, motive),
        )
        for other in instances.beside(session, dossier_id):
            held = turn.lock(session, other.id, now=runtime.clock.now(), even_held=True)
            held.held = True
            _follow(session, runtime, held, Cause(AuditKind.INSTANCE_HELD, {}, actor, HELD))
        return done

    request = ("suspend", {"dossier": dossier_id, "reason": motive})
    return doors.through(runtime, act, actor=actor, key=idempotency_key, request=request)


def resume(
    runtime: Runtime,
    dossier_id: int,
    reason: str,
    actor: Actor,
    *,
    revision: int | None = None,
    idempotency_key: str | None = None,
) -> Done:
    """Release a held dossier; the history names each date that moved.

    Raises NotFound, NotAllowed, InvalidAnswer without a reason, Conflict when it is not held.
    """
    motive = _wanted(actor, reason)

    def act(session: Session) -> Done:
        instance = _lock(session, runtime, dossier_id, revision)
        if not instance.held:
            raise Conflict("Expected a suspended dossier but it is under way. Reload its page.")
        instance.held = False
        _reopen_tasks(session, instance)
        facts: dict[str, Any] = {"reason": motive}

        def release(call: Call, flow: Flow) -> None:
            held = suspension.resume(call, motive)
            facts["held_since"] = _written(held.start)
            facts["moved"] = _move(call, flow, held)

        cause = Cause(AuditKind.DOSSIER_RESUMED, facts, actor, "cancelled")
        done = _take(session, runtime, instance, cause, release)
        for other in instances.beside(session, dossier_id):
            freed = turn.lock(session, other.id, now=runtime.clock.now(), even_held=True)
            freed.held = False
            _reopen_tasks(session, freed)
            cause = Cause(AuditKind.INSTANCE_RELEASED, {}, actor, "cancelled")
            _follow(session, runtime, freed, cause)
        return done

    request = ("resume", {"dossier": dossier_id, "reason": motive})
    return doors.through(runtime, act, actor=actor, key=idempotency_key, request=request)


def _wanted(actor: Actor, reason: str) -> str:
    require_role(actor, suspension.MAY_HOLD)
    return require_reason(reason)


def _lock(session: Session, runtime: Runtime, dossier_id: int, revision: int | None) -> Instance:
    found = instances.of_dossier(session, dossier_id)
    now = runtime.clock.now()
    instance = turn.lock(session, found.id, now=now, revision=revision, even_held=True)
    if instance.ended_at is not None:
        raise Conflict(
            "Expected a dossier under way but it has ended. Nothing is left to suspend or resume."
        )
    return instance


def _reopen_tasks(session: Session, instance: Instance) -> None:
    """Open again the tasks that a suspension closed; their dates are written by the next turn."""
    reopened = session.scalars(
        update(HumanTask)
        .where(HumanTask.instance_id == instance.id, HumanTask.closed_by == HELD)
        .values(closed_at=None, closed_by=None, closed_by_name=None, closed_by_id=None)
        .returning(HumanTask.id)
        .execution_options(synchronize_session=False)
    ).all()
    projection = Projection.load(instance.projection)
    projection.tasks |= {task_id: [] for task_id in reopened}
    instance.projection = projection.dump()


def _take(
    session: Session,
    runtime: Runtime,
    instance: Instance,
    cause: Cause,
    verb: Callable[[Call, Flow], object],
) -> Done:
    now = runtime.clock.now()
    turn.take(session, runtime, instance, lambda _flow: None, cause, effective_at=now, verb=verb)
    return Done(instance.id, instance.dossier_id, instance.revision)


def _follow(session: Session, runtime: Runtime, instance: Instance, cause: Cause) -> None:
    """A process that concerns the dossier stands, and goes on, with it."""
    cause.facts = {"process": instance.process_id}
    _take(session, runtime, instance, cause, lambda _call, _flow: None)


def _move(call: Call, flow: Flow, held: Interval) -> list[dict[str, Any]]:
    """Move every waiting timer by its rule; what moved, for the history."""
    before = {timer.timer_id: timer for timer in flow.timers()}
    for timer in before.values():
        _by_its_rule(call, flow, timer, held)
    for clock in sorted(call.touched_clocks):
        flow.follow(clock)
    call.touched_clocks.clear()  # Followed here, so that the history names these dates too.
    return [
        {
            "element": timer.element_id,
            "from": _written(before[timer.timer_id].due_at),
            "to": _written(timer.due_at),
        }
        for timer in flow.timers()
        if timer.due_at != before[timer.timer_id].due_at
    ]


def _by_its_rule(call: Call, flow: Flow, timer: WaitingTimer, held: Interval) -> None:
    if timer.due_at is None or timer.follows is not None:
        return
    record = deadline.find(call.session, timer.deadline_id) if timer.deadline_id else None
    element = _element(flow.diagrams, timer)
    stays = record is None or element.properties.get(ON_SUSPENSION) == "fixed"
    moved = None if stays or record is None else suspension.move(call, record, held)
    if moved is not None and moved.fires_at is not None:
        flow.postpone(timer.timer_id, moved.fires_at, moved.last_day, moved.deadline_id)
    elif timer.due_at < call.effective_at:
        flow.postpone(timer.timer_id, call.effective_at, timer.last_day)


def _element(diagrams: Diagrams, timer: WaitingTimer) -> Any:
    return diagrams.process(timer.process_id).elements[timer.element_id]


def _written(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(PARIS).isoformat()
