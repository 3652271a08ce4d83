"""What a turn writes into the audit log: its own entry first, then what its operations recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from workflow import audit_log
from workflow.engine.instances import Instance
from workflow.engine.spiff import Flow
from workflow.service_tasks.registry import Call


def facts_of_turn(
    cause: Mapping[str, Any], instance: Instance, flow: Flow, campaign_version: int | None
) -> dict[str, Any]:
    """What a turn's entry says: why it was taken, on which versions, what it passed."""
    steps = [
        {"process": s.process_id, "element": s.element_id, "label": s.label, "outcome": s.outcome}
        | ({"decision": s.decision} if s.decision else {})
        for s in flow.steps()
        if s.label and s.outcome != "entered"
    ]
    return {
        **cause,
        "instance": instance.id,
        "deployment": instance.deployment_id,
        "campaign_version": campaign_version,
        "revision": instance.revision,
        "steps": steps,
    }


def event(call: Call, kind: str, payload: Mapping[str, Any]) -> audit_log.Event:
    """An entry by the call's actor, at its instants."""
    return audit_log.Event(
        kind=str(kind),
        payload=payload,
        actor_id=call.actor.person_id,
        actor_name=call.actor.name,
        effective_at=call.effective_at,
        recorded_at=call.recorded_at,
    )


def record(session: Session, call: Call, first: Sequence[audit_log.Event] = ()) -> None:
    """Write a call's entries, each in its dossier's chain; ``first`` come before them."""
    own = audit_log.chain_of(call.dossier_id)
    chains: dict[str, list[audit_log.Event]] = {own: list(first)}
    for entry in call.entries:
        chain = own if entry.dossier_id is None else audit_log.chain_of(entry.dossier_id)
        chains.setdefault(chain, []).append(event(call, entry.kind, entry.payload))
    for chain in sorted(chains):
        audit_log.append(session, chain, chains[chain])
