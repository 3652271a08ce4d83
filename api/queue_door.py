"""The door of the instruction queue: hand its head to whoever asks for the next dossier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow.domain import campaign as campaigns
from workflow.domain import dossier as dossiers
from workflow.domain import instruction_assignment, interest
from workflow.domain.call import Call
from workflow.domain.instruction_assignment import NotTheHead
from workflow.domain.person import Actor
from workflow.engine import acts, idempotency
from workflow.errors import Conflict

if TYPE_CHECKING:
    from workflow.engine.runtime import Runtime

MOST_TRIES = 20


def take_next(
    runtime: Runtime, actor: Actor, campaign_id: str | None = None, *, key: str | None = None
) -> str:
    """The number of the dossier handed to a person; the same one again under the same `key`.

    Raises NotAllowed without the role, Conflict when nothing waits.
    """
    person_id = interest.require_instructor(actor)
    for _attempt in range(MOST_TRIES):
        with runtime.database.reading() as session:
            campaign = (
                campaigns.active(session, campaign_id) if campaign_id else campaigns.latest(session)
            )
            first = instruction_assignment.head(session, campaign, person_id)
            dossier_id = None if first is None else first.dossier_id
            if first is None and key is not None:
                # A repeated act finds its answer on a dossier taken before, the queue being empty.
                dossier_id = instruction_assignment.last_of(session, person_id)
        if dossier_id is None:
            raise Conflict(
                "Expected a dossier to take but none waits. One will come with its complete proofs."
            )
        try:
            return acts.perform(runtime, actor, dossier_id, lambda call: _taken(call, key))
        except NotTheHead:
            continue  # Somebody else was handed it meanwhile: the next one is now the head.
    raise Conflict("Expected a quiet queue but others took each head. Ask again.")


def _taken(call: Call, key: str | None) -> str:
    person_id = interest.require_instructor(call.actor)
    if key is not None:
        mark = idempotency.fingerprint("take_next", {"campaign": call.campaign.id})
        earlier = idempotency.claim(call.session, key, person_id, mark, call.recorded_at)
        if earlier is not None:
            return earlier["dossier"]
    instruction_assignment.take_next(call)
    number = dossiers.of(call).number
    if key is not None:
        idempotency.answer(call.session, key, person_id, {"dossier": number})
    return number
