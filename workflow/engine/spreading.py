"""What a turn does to other instances: messages they hear, processes it starts."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.audit_kinds import AuditKind
from workflow.engine import instances, turn
from workflow.engine.locking import DOSSIER_ENDED
from workflow.engine.runtime import Runtime
from workflow.engine.spiff import Flow
from workflow.engine.waiting import MessageWait
from workflow.errors import Conflict
from workflow.service_tasks.registry import Call


def spread(session: Session, runtime: Runtime, call: Call) -> None:
    """Let other instances receive what a turn sent or started, in the same transaction.

    Receivers are locked in the order of their dossiers, so that two acts on many dossiers
    never wait for each other.
    """
    calls = deque([call])
    while calls:
        call = calls.popleft()
        if call.has_ended and call.dossier_id is not None:
            calls.extend(_close_beside(session, runtime, call.dossier_id, call))
        for started in call.starts:
            _, begun = turn.begin(
                session,
                runtime,
                started.process_id,
                call.campaign.id,
                call.actor,
                effective_at=call.effective_at,
                variables=started.variables,
            )
            calls.append(begun)
        for sent in sorted(call.messages, key=lambda message: message.dossier_id):
            calls.append(receive(session, runtime, sent.dossier_id, sent.name, sent.payload, call))


def _close_beside(
    session: Session, runtime: Runtime, dossier_id: int, ended: Call
) -> Iterator[Call]:
    """Tell the processes that concern a dossier that its procedure has ended."""
    for found in instances.beside(session, dossier_id):
        instance = turn.lock(session, found.id, now=ended.effective_at, even_held=True)
        facts = {"message": DOSSIER_ENDED, "from_instance": ended.instance_id}
        yield turn.take(
            session,
            runtime,
            instance,
            lambda flow: flow.receive(DOSSIER_ENDED, {}),
            turn.Cause(AuditKind.MESSAGE_RECEIVED, facts, ended.actor, "message"),
            effective_at=ended.effective_at,
        )


def receive(
    session: Session,
    runtime: Runtime,
    dossier_id: int,
    message: str,
    payload: Mapping[str, Any],
    sender: Call,
) -> Call:
    """One instance hears a message of another; raises Conflict when it does not wait for it."""
    instance_id = session.scalar(
        select(MessageWait.instance_id).where(
            MessageWait.message == message, MessageWait.dossier_id == dossier_id
        )
    )
    if instance_id is None:
        raise Conflict(
            f"Expected dossier {dossier_id} to wait for {message} but it does not."
            " Reload: it may have moved on meanwhile."
        )
    instance = turn.lock(session, instance_id, now=sender.effective_at)
    facts = {"message": message, "from_instance": sender.instance_id}
    cause = turn.Cause(AuditKind.MESSAGE_RECEIVED, facts, sender.actor, "message")
    return turn.take(
        session,
        runtime,
        instance,
        lambda flow: require_heard(flow, message, dict(payload)),
        cause,
        effective_at=sender.effective_at,
    )


def require_heard(flow: Flow, message: str, payload: dict[str, Any]) -> None:
    """Deliver a message to an instance; raises Conflict when nothing in it listens."""
    if not flow.receive(message, payload):
        raise Conflict(
            f"Expected the instance to wait for {message} but it does not. Reload the page."
        )
