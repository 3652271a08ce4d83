"""How a change of the campaign reaches the instances under way: their dates, their history.

An instance of which a date moves takes a turn; the others get an entry in their history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflow import audit_log
from workflow.domain import deadline
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.campaign_change import CampaignChange
from workflow.domain.college_rescheduling import reschedule
from workflow.domain.date_phrases import date_moved, listed
from workflow.domain.notification import notify
from workflow.domain.person import Actor
from workflow.engine import turn
from workflow.engine.instances import Instance
from workflow.engine.running_dates import KEPT, LATER, PAST, SHORTENED, DateMove
from workflow.engine.runtime import Runtime
from workflow.engine.spiff import Flow
from workflow.engine.turn import Cause

Facts = Mapping[str, Any]


def tell(
    session: Session,
    runtime: Runtime,
    instances: Sequence[Instance],
    moves: Sequence[DateMove],
    facts: Facts,
    change: CampaignChange,
    actor: Actor,
) -> None:
    """Carry a change to each instance, then enter the whole of it in the house's history."""
    by_instance: dict[int, list[DateMove]] = {}
    for move in moves:
        by_instance.setdefault(move.date.instance_id, []).append(move)
    for instance in instances:
        own = by_instance.get(instance.id, [])
        told = {**facts, **_listed(own)}
        if any(move.found is not None for move in own):
            _follow(session, runtime, instance, own, told, change, actor)
        elif instance.dossier_id is not None and not instance.aside:
            entry = _event(told, actor, change.changed_at)
            audit_log.append(session, audit_log.chain_of(instance.dossier_id), [entry])
    whole = _event({**facts, **_listed(moves)}, actor, change.changed_at)
    audit_log.append(session, audit_log.HOUSE, [whole])


def _listed(moves: Sequence[DateMove]) -> dict[str, list[dict[str, Any]]]:
    return {
        "moved": [move.as_facts() for move in moves if move.status != KEPT],
        "kept": [move.as_facts() for move in moves if move.status == KEPT],
    }


def _follow(
    session: Session,
    runtime: Runtime,
    instance: Instance,
    moves: Sequence[DateMove],
    facts: Facts,
    change: CampaignChange,
    actor: Actor,
) -> None:
    is_college = any(move.date.key == deadline.COLLEGE for move in moves)
    kind = AuditKind.COLLEGE_RESCHEDULED if is_college else AuditKind.CAMPAIGN_CHANGED

    def verb(call: Call, flow: Flow) -> None:
        for move in moves:
            _set(call, flow, move, change)
        _inform(call, moves, change)

    turn.take(
        session,
        runtime,
        instance,
        lambda _flow: None,
        Cause(kind, facts, actor, "cancelled"),
        effective_at=change.changed_at,
        campaign_version=change.version_id,
        verb=verb,
    )


def _set(call: Call, flow: Flow, move: DateMove, change: CampaignChange) -> None:
    if move.found is None:
        return
    kept = deadline.keep(
        call.session,
        move.found,
        campaign=call.campaign,
        dossier_id=move.date.dossier_id,
        key=move.date.key,
        now=call.effective_at,
        instance_id=move.date.instance_id,
        replaces=move.date.record,
        change=change,
    )
    fires_at = kept.fires_at
    if move.status == PAST and move.date.held_since is None:
        fires_at = call.effective_at  # Over already: it takes effect at the act, not before.
    flow.renew(move.date.timer_id, fires_at, kept.last_day, kept.deadline_id, kept.follows)
    if move.date.key == deadline.COLLEGE and fires_at is not None:
        reschedule(call, fires_at)


def _inform(call: Call, moves: Sequence[DateMove], change: CampaignChange) -> None:
    moved = [
        date_moved(
            move.date.key,
            move.date.label,
            move.date.record.last_day or move.date.due_at,
            move.last_day or move.due_at,
            is_over=move.status == PAST,
        )
        for move in moves
        if move.status in (LATER, SHORTENED, PAST) and not move.date.is_reminder
    ]
    if moved and call.dossier_id is not None:
        dates = listed(moved)
        notify(
            call, "operator", "dates_moved", dates=dates, basis=change.basis, change=change.number
        )


def _event(facts: Facts, actor: Actor, now: datetime) -> audit_log.Event:
    return audit_log.Event(
        kind=AuditKind.CAMPAIGN_CHANGED,
        payload=facts,
        actor_id=actor.person_id,
        actor_name=actor.name,
        effective_at=now,
        recorded_at=now,
    )
