"""The doors of messages: a person withdraws or excludes a dossier, or convenes the college."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain import dossier as dossiers
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.person import OPERATOR_SIDE, Actor
from workflow.engine import diagrams as deployed
from workflow.engine import doors, instances, locking, spreading, turn
from workflow.engine.instances import Instance
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
        return _deliver(session, runtime, wait, answer, actor, now, revision)

    wanted = {"dossier": dossier_id, "message": message}
    request = ("send", {**wanted, "answer": doors.plain(answer)})
    return doors.through(runtime, act, actor=actor, key=idempotency_key, request=request)


def send_beside(
    runtime: Runtime,
    instance_id: int,
    message: str,
    answer: Mapping[str, Any],
    actor: Actor,
    *,
    revision: int | None = None,
    idempotency_key: str | None = None,
) -> Done:
    """Send a message to a process beside the procedure of dossiers, such as a support question.

    Raises what `send` raises, and Conflict when the dossier it concerns is suspended or ended.
    """
    now = runtime.clock.now()

    def act(session: Session) -> Done:
        about = _require_party_beside(session, instance_id, actor)
        if about is not None:
            locking.lock_dossier(session, about, now)
        wait = _waiting_beside(session, instance_id, message, actor)
        return _deliver(session, runtime, wait, answer, actor, now, revision)

    wanted = {"instance": instance_id, "message": message}
    request = ("send", {**wanted, "answer": doors.plain(answer)})
    return doors.through(runtime, act, actor=actor, key=idempotency_key, request=request)


def _deliver(
    session: Session,
    runtime: Runtime,
    wait: MessageWait,
    answer: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    revision: int | None,
) -> Done:
    # What a held instance does not hear is not among its waits.
    instance = turn.lock(session, wait.instance_id, now=now, revision=revision, even_held=True)
    form = runtime.forms.get(wait.form_key) if wait.form_key else None
    clean = form.validate(answer) if form else {}
    told = form.told(clean) if form else {}
    facts: dict[str, Any] = {"message": wait.message, "element": wait.element_id, "answer": told}
    if instance.aside:
        facts["process"] = wait.process_id
    call = turn.take(
        session,
        runtime,
        instance,
        lambda flow: spreading.require_heard(flow, wait.message, {}),
        Cause(AuditKind.MESSAGE_RECEIVED, facts, actor, "message"),
        effective_at=now,
        answer=clean,
    )
    spreading.spread(session, runtime, call)
    return Done(instance.id, call.dossier_id, instance.revision)


def _require_party_beside(session: Session, instance_id: int, actor: Actor) -> int | None:
    """The dossier that a process beside the procedure concerns; NotFound for strangers."""
    columns = (Instance.about_dossier_id, Instance.operator_id)
    row = session.execute(
        select(*columns).where(Instance.id == instance_id, Instance.aside.is_(True))
    ).first()
    own = row is not None and (actor.is_agency or actor.operator_id == row.operator_id)
    if row is None or (row.about_dossier_id is None and not own):
        raise NotFound(f"Expected a process {instance_id} but there is none. Check its number.")
    if row.about_dossier_id is not None:
        dossiers.visible_to(session, row.about_dossier_id, actor)
    return row.about_dossier_id


def _waiting_beside(session: Session, instance_id: int, message: str, actor: Actor) -> MessageWait:
    wait = session.scalars(
        select(MessageWait).where(
            MessageWait.instance_id == instance_id, MessageWait.message == message
        )
    ).first()
    if wait is None:
        raise Conflict(
            f"Expected process {instance_id} to hear {message} but it does not. Somebody may have"
            " acted meanwhile: reload it."
        )
    _require_one_of(wait.roles, actor)
    return wait


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
    _require_one_of(wait.roles, actor)
    if not actor.roles & (set(wait.roles) - OPERATOR_SIDE):
        for role in sorted(actor.roles & set(wait.roles)):
            dossiers.require_party(session, dossier_id, role, actor)
    return wait


def _require_one_of(roles: Collection[str], actor: Actor) -> None:
    if not actor.roles & set(roles):
        raise NotAllowed(
            f"Expected one of the roles {sorted(roles)} but {actor.name} has"
            f" {sorted(actor.roles)}. Ask a person who has one."
        )


def convene(
    runtime: Runtime, campaign_id: str, actor: Actor, *, shown: tuple[int, int] | None = None
) -> Done:
    """Open the campaign's next college session now instead of at its weekly hour.

    A session that is already open stays as it is. `shown` is the instance of the session that
    was meant, and its revision: any other is a Conflict. Raises NotAllowed, NotFound.
    """
    now = runtime.clock.now()

    def act(session: Session) -> Done:
        running = instances.running(session, COLLEGE, campaign_id)
        if running is None:
            raise NotFound(
                f"Expected a college session of {campaign_id} but none is planned."
                " Deploy the campaign: it plans the first one."
            )
        _require_one_of(_may_convene(session, runtime, running.deployment_id), actor)
        if shown is not None and shown[0] != running.id:
            raise Conflict(
                "Expected the session that was shown but it was held: another is planned now."
                " Read the college's page again."
            )
        seen = None if shown is None else shown[1]
        instance = turn.lock(session, running.id, now=now, revision=seen)
        waits = session.scalar(
            select(MessageWait.message).where(
                MessageWait.instance_id == instance.id, MessageWait.message == CONVENE
            )
        )
        if waits is None:
            return Done(instance.id, None, instance.revision)
        call = turn.take(
            session,
            runtime,
            instance,
            lambda flow: spreading.require_heard(flow, CONVENE, {}),
            Cause(AuditKind.MESSAGE_RECEIVED, {"message": CONVENE}, actor, "message"),
            effective_at=now,
        )
        spreading.spread(session, runtime, call)
        return Done(instance.id, None, instance.revision)

    return doors.through(runtime, act, actor=actor)


def _may_convene(session: Session, runtime: Runtime, deployment_id: int) -> list[str]:
    """The roles that the diagram lets convene, whether or not it listens now."""
    elements = deployed.load(session, runtime, deployment_id).process(COLLEGE).elements.values()
    named = [e.properties.get("roles", "") for e in elements if e.message == CONVENE]
    return [role.strip() for roles in named for role in roles.split(",") if role.strip()]
