"""The door that puts a requirement catalogue in force, and the preview that comes before it.

A corrective version applies to open dossiers; any other is for new deposits only (DSR annexe,
DOMAIN A22). Nothing is imported from a file with a fault.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow import audit_log
from workflow.domain import campaign as campaigns
from workflow.domain import catalogue_changes, catalogue_columns, catalogue_file, requirement
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.campaign import Campaign
from workflow.domain.catalogue_changes import CatalogueChanges
from workflow.domain.catalogue_columns import LONGEST_VERSION, Reading
from workflow.domain.dossier import Dossier
from workflow.domain.file_store import FileStore, FolderStore
from workflow.domain.notification import notify
from workflow.domain.person import SYSTEM, Actor
from workflow.domain.requirement import CatalogueVersion, Requirement
from workflow.engine import instances, recording, turn
from workflow.engine.instances import Instance
from workflow.engine.runtime import Runtime
from workflow.errors import Conflict, InvalidInput, NotAllowed

OWNER = "process_owner"
MOST_DOSSIERS = 100_000
_FOLDER = "catalogues"


@dataclass(frozen=True, slots=True)
class Current:
    """The catalogue that new deposits are pinned to."""

    campaign: Campaign
    version: CatalogueVersion
    requirements: Sequence[Requirement]


@dataclass(frozen=True, slots=True)
class CataloguePreview:
    """What an import would do; dossiers by their numbers. `replaces` is the version in force."""

    campaign_id: str
    replaces: int
    replaces_name: str
    version: str | None
    derived: bool
    requirements: int
    unread: tuple[str, ...]
    changes: CatalogueChanges
    corrected: tuple[str, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; without changes, nothing."""

    version: str
    catalogue_version_id: int
    changed: bool
    corrected: tuple[str, ...]


def current(session: Session, campaign_id: str) -> Current:
    """The catalogue in force for a campaign; raises NotFound."""
    campaign = campaigns.active(session, campaign_id)
    version = session.get_one(CatalogueVersion, campaign.catalogue_version_id)
    return Current(campaign, version, requirement.catalogue_of(session, version.id))


def exported(found: Current) -> str:
    """The catalogue in force as CSV; importing it changes nothing."""
    rows = catalogue_changes.as_rows(found.requirements)
    return catalogue_changes.written(rows, derived=found.version.derived)


def hold(runtime: Runtime, content: bytes) -> str:
    """Keep a file that was previewed, so that the very same one is imported; its SHA-256."""
    return _held(runtime).put(content, largest=catalogue_file.LARGEST_FILE).sha256


def held(runtime: Runtime, sha256: str) -> bytes:
    """A file that was previewed; raises NotFound."""
    with _held(runtime).open(sha256) as file:
        return file.read()


def preview(runtime: Runtime, campaign_id: str, content: bytes) -> CataloguePreview:
    """What importing a file would change; raises InvalidCatalogue with every fault."""
    tables = catalogue_file.tables(content)
    with runtime.database.reading() as session:
        found = current(session, campaign_id)
        reading = catalogue_columns.read(tables, found.campaign.profiles)
        before = catalogue_changes.as_rows(found.requirements)
        corrected, kept = _concerned(session, found.campaign, reading)
        return CataloguePreview(
            campaign_id=campaign_id,
            replaces=found.version.id,
            replaces_name=found.version.version,
            version=reading.rows.version,
            derived=reading.rows.derived,
            requirements=len(reading.rows.requirements),
            unread=reading.unread,
            changes=catalogue_changes.compare(before, reading.rows.requirements),
            corrected=tuple(dossier.number for dossier in corrected),
            kept=tuple(dossier.number for dossier in kept),
        )


def import_catalogue(
    runtime: Runtime,
    campaign_id: str,
    content: bytes,
    actor: Actor,
    *,
    version: str | None = None,
    replaces: int | None = None,
) -> Imported:
    """Put a catalogue in force, and correct the open dossiers that it may correct, in one act.

    `version` names it when the file does not; `replaces` is the version that the preview showed.
    Raises NotAllowed, NotFound, InvalidCatalogue, and Conflict when another one came meanwhile.
    """
    if actor != SYSTEM and OWNER not in actor.roles:
        raise NotAllowed(
            f"Expected a person who is {OWNER} but {actor.name} is not. Ask the process owner."
        )
    tables = catalogue_file.tables(content)
    try:
        with runtime.database.transaction() as session:
            audit_log.serialise(session, audit_log.HOUSE)
            found = current(session, campaign_id)
            _require_unchanged(found, replaces)
            reading = catalogue_columns.read(tables, found.campaign.profiles)
            return _import(session, runtime, found, _named(reading, version), actor)
    except BaseException:
        # What was parsed in a transaction that was undone: its number will serve another.
        runtime.specs.forget_campaigns()
        raise


def _import(
    session: Session, runtime: Runtime, found: Current, reading: Reading, actor: Actor
) -> Imported:
    now = runtime.clock.now()
    rows = reading.rows
    changes = catalogue_changes.compare(
        catalogue_changes.as_rows(found.requirements), rows.requirements
    )
    if changes.is_empty:
        return Imported(found.version.version, found.version.id, False, ())
    corrected, _kept = _concerned(session, found.campaign, reading, lock=True)
    stored = requirement.import_rows(session, found.version.catalogue, rows)
    campaigns.change_catalogue(session, found.campaign.id, stored.id, now, actor.person_id)
    facts = {"campaign": found.campaign.id, "version": stored.version, "sha256": stored.sha256}
    summary = {
        "replaces": found.version.version,
        "added": [row["code"] for row in changes.added],
        "removed": [row["code"] for row in changes.removed],
        "changed": [row.code for row in changes.changed],
        "scope": changes.changes_scope,
        "level": changes.changes_level,
        "corrected": [dossier.number for dossier in corrected],
    }
    imported = _event(AuditKind.CATALOGUE_IMPORTED, {**facts, **summary}, actor, now)
    audit_log.append(session, audit_log.HOUSE, [imported])
    for dossier in corrected:
        pinned = {**facts, "replaces": dossier.catalogue_version_id}
        dossier.catalogue_version_id = stored.id
        event = _event(AuditKind.CATALOGUE_CORRECTED, pinned, actor, now)
        instance = instances.of_dossier(session, dossier.id)
        call = turn.open_call(runtime, session, instance, found.campaign, actor, now)
        notify(call, "operator", "catalogue_corrected", version=stored.version)
        recording.record(session, call, [event])
    return Imported(stored.version, stored.id, True, tuple(dossier.number for dossier in corrected))


def _concerned(
    session: Session, campaign: Campaign, reading: Reading, *, lock: bool = False
) -> tuple[list[Dossier], list[Dossier]]:
    """The open dossiers that the file corrects, and those it leaves on their version.

    Each is compared with the version that it is pinned to.
    """
    open_ones = _open_dossiers(session, campaign.id, lock=lock)
    changes = {
        pinned: catalogue_changes.compare(
            catalogue_changes.as_rows(requirement.catalogue_of(session, pinned)),
            reading.rows.requirements,
        )
        for pinned in sorted({dossier.catalogue_version_id for dossier in open_ones})
    }
    corrected: list[Dossier] = []
    kept: list[Dossier] = []
    for dossier in open_ones:
        found = changes[dossier.catalogue_version_id]
        if found.is_corrective:
            corrected.append(dossier)
        elif not found.is_empty:
            kept.append(dossier)
    return corrected, kept


def _open_dossiers(session: Session, campaign_id: str, *, lock: bool) -> Sequence[Dossier]:
    query = (
        select(Dossier)
        .where(Dossier.campaign_id == campaign_id, Dossier.ended_at.is_(None))
        .order_by(Dossier.id)
        .limit(MOST_DOSSIERS)
    )
    if lock:
        # The turns of a dossier lock its instance first; all acts on many lock in this order.
        locked = session.execute(
            select(Instance.dossier_id)
            .where(
                Instance.campaign_id == campaign_id,
                Instance.dossier_id.is_not(None),
                Instance.ended_at.is_(None),
            )
            .order_by(Instance.dossier_id)
            .limit(MOST_DOSSIERS)
            .with_for_update()
        )
        locked.all()
    return session.scalars(query.execution_options(populate_existing=True)).all()


def _require_unchanged(found: Current, replaces: int | None) -> None:
    if replaces is not None and replaces != found.version.id:
        raise Conflict(
            f"Expected the catalogue that the preview was compared with but version"
            f" {found.version.version} came into force since. Preview the file again."
        )


def _named(reading: Reading, version: str | None) -> Reading:
    name = (version or "").strip()
    if not name:
        return reading
    if len(name) > LONGEST_VERSION or not name.isprintable():
        raise InvalidInput(
            f"Expected a version name of at most {LONGEST_VERSION} characters but found"
            f" {name[:80]!r}. Shorten it."
        )
    if reading.rows.version not in (None, name):
        raise InvalidInput(
            f"Expected the version {reading.rows.version} that the file names but found {name!r}."
            " Leave the name out, or correct the file."
        )
    return replace(reading, rows=replace(reading.rows, version=name))


def _held(runtime: Runtime) -> FileStore:
    return FolderStore(runtime.files.scratch / _FOLDER)


def _event(
    kind: AuditKind, payload: Mapping[str, Any], actor: Actor, now: datetime
) -> audit_log.Event:
    return audit_log.Event(
        kind=kind,
        payload=payload,
        actor_id=actor.person_id,
        actor_name=actor.name,
        effective_at=now,
        recorded_at=now,
    )
