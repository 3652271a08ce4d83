"""The door that reopens a dossier which ended for want of an answer (DOMAIN A18)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from workflow.domain import dossier as dossiers
from workflow.domain import reopening
from workflow.domain.person import Actor
from workflow.domain.standing import MAY_REOPEN, require_reason, require_role
from workflow.engine import doors, instances, recording, spreading, turn
from workflow.engine.runtime import Runtime
from workflow.engine.turn import Done


def reopen(
    runtime: Runtime,
    dossier_id: int,
    reason: str,
    actor: Actor,
    *,
    idempotency_key: str | None = None,
) -> Done:
    """Start the procedure anew for an abandoned or rejected dossier, as a linked attempt.

    Returns where the new dossier stands. Raises NotFound, NotAllowed, InvalidAnswer without a
    reason, Conflict on a dossier that is under way, ended otherwise, or was followed already.
    """
    require_role(actor, MAY_REOPEN)
    motive = require_reason(reason)
    now = runtime.clock.now()

    def act(session: Session) -> Done:
        previous = dossiers.visible_to(session, dossier_id, actor)
        instance, call = turn.begin(
            session,
            runtime,
            instances.of_dossier(session, dossier_id).process_id,
            previous.campaign_id,
            actor,
            effective_at=now,
            answer={"reopens": dossier_id},
            facts={"reopens": previous.number, "reason": motive},
        )
        told = turn.open_call(runtime, session, instance, call.campaign, actor, now)
        reopening.tell(told, previous, motive)
        recording.record(session, told)
        spreading.spread(session, runtime, call)
        return Done(instance.id, instance.dossier_id, instance.revision)

    request = ("reopen", {"dossier": dossier_id, "reason": motive})
    return doors.through(runtime, act, actor=actor, key=idempotency_key, request=request)
