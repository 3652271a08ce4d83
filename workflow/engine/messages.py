"""The doors of messages: a person withdraws or excludes a dossier, or convenes the college."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain import dossier as dossiers
from workflow.domain.person import OPERATOR_SIDE, Actor
from workflow.engine import doors, instances, turn
from workflow.engine.runtime import Runtime
from workflow.engine.turn import Cause, Done
from workflow.engine.waiting import MessageWait
from workflow.errors import Conflict, NotAllowed, NotFound

COLLEGE = "college_session"
CONVENE = "convene"


def send(
    runtime: Runtime,
    dossier_id: int,
    message: str,
    answer: Mapping[str, Any],
    actor: Actor,
    *,
    revision: int | None = None,
    idempotency_key: str | None = None,
) -> Done:
    """Send a message that the dossier's diagram lets people send, such as ``withdraw``.

    Raises NotFound for a stranger's dossier, NotAllowed without one of the roles that the
    diagram names, Conflict when the dossier does not hear it any more, InvalidAnswer.
    """
    now = runtime.clock.now()

    def act(session: Session) -> Done:
        wait = _waiting(session, dossier_id, message, actor)
        instance = turn.lock(session, wait.instance_id, now=now, revision=revision)
        clean = runtime.forms.get(wait.form_key).validate(answer) if wait.form_key else {}
        facts = {"message": message, "element": wait.element_id, "answer": clean}
        call = turn.take(
            session,
            runtime,
            instance,
            lambda flow: turn.require_heard(flow, message, {}),
            Cause("message:received", facts, actor, "message"),
            effective_at=now,
            answer=clean,
        )
        turn.spread(session, runtime, call)
        return Done(instance.id, instance.dossier_id, instance.revision)

    request = ("send", {"dossier": dossier_id, "message": message})
    return doors.through(runtime, act, actor=actor, key=idempotency_key, request=request)


def sendable(session: Session, dossier_id: int, actor: Actor) -> Sequence[MessageWait]:
    """The messages this person may send to a dossier now."""
    waits = session.scalars(
        select(MessageWait)
        .where(MessageWait.dossier_id == dossier_id)
        .order_by(MessageWait.message)
    ).all()
    return [wait for wait in waits if actor.roles & set(wait.roles)]


def _waiting(session: Session, dossier_id: int, message: str, actor: Actor) -> MessageWait:
    dossiers.visible_to(session, dossier_id, actor)
    wait = session.scalars(
        select(MessageWait).where(
            MessageWait.dossier_id == dossier_id, MessageWait.message == message
        )
    ).first()
    if wait is None:
        raise Conflict(
            f"Expected dossier {dossier_id} to hear {message} but it does not."
            " It may have ended: reload it."
        )
    for role in sorted(actor.roles & set(wait.roles)):
        if role in OPERATOR_SIDE:
            dossiers.require_party(session, dossier_id, role, actor)
        return wait
    raise NotAllowed(
        f"Expected one of the roles {sorted(wait.roles)} but {actor.name} has"
        f" {sorted(actor.roles)}. Ask a person who has one."
    )


def convene(runtime: Runtime, campaign_id: str, actor: Actor) -> Done:
    """Open the campaign's next college session now instead of at its weekly hour.

    A session that is already open stays as it is. Raises NotAllowed, NotFound.
    """
    now = runtime.clock.now()

    def act(session: Session) -> Done:
        running = instances.running(session, COLLEGE, campaign_id)
        if running is None:
            raise NotFound(
                f"Expected a college session of {campaign_id} but none is planned."
                " Deploy the campaign: it plans the first one."
            )
        instance = turn.lock(session, running.id, now=now)
        wait = session.scalars(
            select(MessageWait).where(
                MessageWait.instance_id == instance.id, MessageWait.message == CONVENE
            )
        ).first()
        if wait is None:
            return Done(instance.id, None, instance.revision)
        if not actor.roles & set(wait.roles):
            raise NotAllowed(
                f"Expected one of the roles {sorted(wait.roles)} but {actor.name} has"
                f" {sorted(actor.roles)}. Ask a person who has one."
            )
        call = turn.take(
            session,
            runtime,
            instance,
            lambda flow: turn.require_heard(flow, CONVENE, {}),
            Cause("message:received", {"message": CONVENE}, actor, "message"),
            effective_at=now,
        )
        turn.spread(session, runtime, call)
        return Done(instance.id, None, instance.revision)

    return doors.through(runtime, act, actor=actor)
