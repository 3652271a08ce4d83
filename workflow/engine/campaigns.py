"""The door that puts a campaign in force, and plans its first college session."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from workflow import audit_log, strict_yaml
from workflow.domain import campaign as campaigns
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.campaign import Campaign, InvalidCampaign
from workflow.domain.person import Actor
from workflow.engine import diagrams as deployed
from workflow.engine import instances, turn
from workflow.engine.messages import COLLEGE
from workflow.engine.runtime import Runtime

LARGEST = 1_000_000


def read(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A campaign's mapping, and the rows of its catalogue's CSV beside it.

    Raises InvalidCampaign when a file is missing or cannot be read.
    """
    try:
        mapping = strict_yaml.load(_text(path))
    except strict_yaml.InvalidYaml as fault:
        raise InvalidCampaign([f"{path.name}: {fault}"]) from fault
    if not isinstance(mapping, dict):
        raise InvalidCampaign([f"{path.name}: expected keys and values at the top."])
    catalogue = mapping.get("catalogue")
    if not isinstance(catalogue, str) or Path(catalogue).name != catalogue:
        raise InvalidCampaign([f"{path.name}: expected a file's name under 'catalogue'."])
    table = path.parent / f"{catalogue}.csv"
    return mapping, list(csv.DictReader(_text(table).splitlines()))


def _text(path: Path) -> str:
    if not path.is_file() or path.stat().st_size > LARGEST:
        raise InvalidCampaign([f"{path.name}: expected a file of at most {LARGEST} bytes here."])
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as fault:
        raise InvalidCampaign([f"{path.name}: expected UTF-8 text. Save it again."]) from fault


def deploy(
    runtime: Runtime,
    mapping: Mapping[str, Any],
    catalogue_rows: Sequence[Mapping[str, Any]],
    actor: Actor,
) -> Campaign:
    """Put a campaign in force; its first college session is planned when none is.

    Raises InvalidCampaign with every fault, and then nothing has changed.
    """
    try:
        return _deploy(runtime, mapping, catalogue_rows, actor)
    except BaseException:
        # What was parsed in a transaction that was undone: its number will serve another.
        runtime.specs.forget_campaigns()
        raise


def _deploy(
    runtime: Runtime,
    mapping: Mapping[str, Any],
    catalogue_rows: Sequence[Mapping[str, Any]],
    actor: Actor,
) -> Campaign:
    now = runtime.clock.now()
    with runtime.database.transaction() as session:
        audit_log.serialise(session, audit_log.HOUSE)
        before = {c.id: c.version_id for c in campaigns.all_active(session)}
        campaign = campaigns.deploy(session, mapping, catalogue_rows, now, actor.person_id)
        if before.get(campaign.id) != campaign.version_id:
            audit_log.append(session, audit_log.HOUSE, [_deployed(campaign, actor, now)])
        if instances.running(session, COLLEGE, campaign.id) is None:
            diagrams = deployed.load(session, runtime, deployed.latest(session))
            if COLLEGE in diagrams.process_ids:
                turn.begin(session, runtime, COLLEGE, campaign.id, actor, effective_at=now)
        return campaign


def _deployed(campaign: Campaign, actor: Actor, now: datetime) -> audit_log.Event:
    return audit_log.Event(
        kind=AuditKind.CAMPAIGN_DEPLOYED,
        payload={"campaign": campaign.id, "campaign_version": campaign.version_id},
        actor_id=actor.person_id,
        actor_name=actor.name,
        effective_at=now,
        recorded_at=now,
    )
