"""The door of acts that no diagram draws: attach a proof, answer the SSI questionnaire."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from workflow.domain.person import Actor
from workflow.engine import instances, recording, timers, turn
from workflow.engine.runtime import Runtime
from workflow.engine.turn import TimersDue
from workflow.service_tasks.registry import Call

Result = TypeVar("Result")


def perform(
    runtime: Runtime,
    actor: Actor,
    dossier_id: int,
    verb: Callable[[Call], Result],
    *,
    even_held: bool = False,
    revision: int | None = None,
) -> Result:
    """Let a domain verb act on a dossier in one transaction, recorded in its history.

    The dossier's timers that are due fire first. Raises what the verb raises. With `even_held`,
    a suspended dossier takes it too: a fact comes from outside, nobody acts. With `revision`, an
    act that was decided on an older state of the dossier is refused (Conflict).
    """
    while True:
        try:
            with runtime.database.transaction() as session:
                instance = instances.of_dossier(session, dossier_id)
                now = runtime.clock.now()
                turn.lock(session, instance.id, now=now, revision=revision, even_held=even_held)
                campaign = turn.campaign_of(session, runtime, instance.campaign_id)
                call = turn.open_call(runtime, session, instance, campaign, actor, now)
                result = verb(call)
                recording.record(session, call)
                return result
        except TimersDue as due:
            timers.fire_due(runtime, due.until, instance_id=due.instance_id)
