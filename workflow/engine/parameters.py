"""The door that changes the parameters of a running campaign, as a recorded act (DOMAIN A5).

What was computed stays: a date that runs keeps the terms under which it was set, the history of
each dossier says so. What is computed from now on, and the period of deposit, follow the change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow import audit_log
from workflow.clock import PARIS
from workflow.domain import campaign as campaigns
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.campaign import Campaign
from workflow.domain.campaign_parameters import plain
from workflow.domain.deadline import DeadlineRecord
from workflow.domain.dossier import Dossier
from workflow.domain.person import Actor
from workflow.domain.standing import MAY_CHANGE_CAMPAIGN, require_reason, require_role
from workflow.engine.instances import Instance
from workflow.engine.runtime import Runtime
from workflow.engine.waiting import Timer


def change(
    runtime: Runtime, campaign_id: str, changes: Mapping[str, Any], basis: str, actor: Actor
) -> Campaign:
    """Put changed parameters in force; the act lists the running dates and that they are kept.

    Raises NotAllowed, InvalidAnswer without a legal basis, NotFound, InvalidCampaign with every
    fault; then nothing has changed.
    """
    require_role(actor, MAY_CHANGE_CAMPAIGN)
    ground = require_reason(basis, "basis")
    try:
        with runtime.database.transaction() as session:
            return _change(session, campaign_id, changes, ground, actor, runtime.clock.now())
    except BaseException:
        # What was parsed in a transaction that was undone: its number will serve another.
        runtime.specs.forget_campaigns()
        raise


def _change(
    session: Session,
    campaign_id: str,
    changes: Mapping[str, Any],
    basis: str,
    actor: Actor,
    now: datetime,
) -> Campaign:
    dossiers = _under_way(session, campaign_id)
    audit_log.serialise(session, audit_log.HOUSE)
    before = campaigns.active(session, campaign_id)
    after = campaigns.change(session, campaign_id, changes, now, actor.person_id)
    if after.version_id == before.version_id:
        return after
    kept = _running_dates(session, campaign_id, _changed_delays(before, after))
    facts = {
        "campaign": campaign_id,
        "campaign_version": after.version_id,
        "previous_version": before.version_id,
        "changes": plain(changes),
        "basis": basis,
    }
    whole = {**facts, "moved": [], "kept": [date for dates in kept.values() for date in dates]}
    audit_log.append(session, audit_log.HOUSE, [_event(whole, actor, now)])
    for dossier_id in dossiers:
        own = {**facts, "moved": [], "kept": kept.get(dossier_id, [])}
        audit_log.append(session, audit_log.chain_of(dossier_id), [_event(own, actor, now)])
    return after


def _under_way(session: Session, campaign_id: str) -> Sequence[int]:
    """The dossiers under way, their instances locked in one order: each history gets an entry."""
    found = session.scalars(
        select(Instance)
        .where(
            Instance.campaign_id == campaign_id,
            Instance.dossier_id.is_not(None),
            Instance.ended_at.is_(None),
        )
        .order_by(Instance.id)
        .with_for_update()
    ).all()
    return [instance.dossier_id for instance in found if instance.dossier_id is not None]


def _changed_delays(before: Campaign, after: Campaign) -> list[str]:
    named = sorted({*before.delays, *after.delays})
    return [key for key in named if before.delays.get(key) != after.delays.get(key)]


def _running_dates(
    session: Session, campaign_id: str, keys: Sequence[str]
) -> dict[int, list[dict[str, Any]]]:
    """The dates under way that were computed from a delay which has changed, by dossier."""
    rows = session.execute(
        select(Dossier.id, Dossier.number, DeadlineRecord.key, Timer.due_at)
        .join(Timer, Timer.dossier_id == Dossier.id)
        .join(DeadlineRecord, DeadlineRecord.id == Timer.deadline_id)
        .where(Dossier.campaign_id == campaign_id, DeadlineRecord.key.in_(keys))
        .order_by(Dossier.id, DeadlineRecord.key)
    ).all()
    found: dict[int, list[dict[str, Any]]] = {}
    for dossier_id, number, key, due_at in rows:
        due = None if due_at is None else due_at.astimezone(PARIS).isoformat()
        date = {"dossier": number, "deadline": key, "due_at": due}
        found.setdefault(dossier_id, []).append(date)
    return found


def _event(facts: Mapping[str, Any], actor: Actor, now: datetime) -> audit_log.Event:
    return audit_log.Event(
        kind=AuditKind.CAMPAIGN_CHANGED,
        payload=facts,
        actor_id=actor.person_id,
        actor_name=actor.name,
        effective_at=now,
        recorded_at=now,
    )
