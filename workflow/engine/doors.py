"""What all doors share: the transaction, the timers that come first, the idempotency key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from workflow.domain.person import Actor
from workflow.engine import idempotency, locking, timers
from workflow.engine.locking import LockFirst, TimersDue
from workflow.engine.runtime import Runtime
from workflow.engine.turn import Done


def through(
    runtime: Runtime,
    act: Callable[[Session], Done],
    *,
    actor: Actor,
    key: str | None = None,
    request: tuple[str, Mapping[str, Any]] = ("", {}),
) -> Done:
    """Carry an act out in one transaction, after the timers that are due have fired.

    With an idempotency key the act is done once; a repetition is answered with what the first
    one left behind.
    """
    first: int | None = None
    while True:
        try:
            with runtime.database.transaction() as session:
                if first is not None:
                    locking.lock_dossier(session, first, runtime.clock.now())
                return _once(session, runtime, act, actor, key, request)
        except TimersDue as due:
            timers.fire_due(runtime, due.until, instance_id=due.instance_id)
        except LockFirst as order:
            first = order.dossier_id


def plain(answer: Mapping[str, Any]) -> dict[str, str]:
    """An answer as text: enough to tell two requests apart."""
    return {str(key): str(value) for key, value in answer.items()}


def _once(
    session: Session,
    runtime: Runtime,
    act: Callable[[Session], Done],
    actor: Actor,
    key: str | None,
    request: tuple[str, Mapping[str, Any]],
) -> Done:
    if key is None or actor.person_id is None:
        return act(session)
    mark = idempotency.fingerprint(*request)
    earlier = idempotency.claim(session, key, actor.person_id, mark, runtime.clock.now())
    if earlier is not None:
        return Done(**earlier)
    done = act(session)
    idempotency.answer(session, key, actor.person_id, asdict(done))
    return done
