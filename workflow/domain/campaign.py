"""Campaigns as deployed: versions of their parameters, the last one in force.

Parameters are data: a change is a new version, never an edit (DOMAIN A5, A19).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant, Json
from workflow.domain import requirement
from workflow.domain.campaign_edit import require_sound
from workflow.domain.campaign_parameters import (
    Campaign,
    Closing,
    CollegeRule,
    InvalidCampaign,
    merge,
    parse,
)
from workflow.errors import NotFound
from workflow.hash_chain import canonical

__all__ = [
    "Campaign",
    "CampaignVersion",
    "Closing",
    "CollegeRule",
    "InvalidCampaign",
    "active",
    "all_active",
    "change",
    "change_catalogue",
    "changed",
    "deploy",
    "latest",
    "merge",
    "parse",
    "versions",
]


class CampaignVersion(Base):
    """One state of a campaign's parameters, with the catalogue that goes with it."""

    __tablename__ = "campaign_version"
    __table_args__ = (UniqueConstraint("campaign_id", "version"), Index(None, "deployed_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[str] = mapped_column(String(80))
    version: Mapped[int]
    parameters: Mapped[dict[str, Any]] = mapped_column(Json)
    sha256: Mapped[str] = mapped_column(String(64))
    catalogue_version_id: Mapped[int] = mapped_column(ForeignKey("catalogue_version.id"))
    deployed_at: Mapped[datetime] = mapped_column(Instant)
    deployed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    def holds(self, sha256: str, catalogue_version_id: int) -> bool:
        """Whether it is these very parameters with this very catalogue."""
        return (self.sha256, self.catalogue_version_id) == (sha256, catalogue_version_id)

    def parsed(self) -> Campaign:
        """The campaign these parameters describe."""
        campaign = Campaign.parse(
            self.parameters, version_id=self.id, catalogue_version_id=self.catalogue_version_id
        )
        return replace(campaign, version=self.version)


def deploy(
    session: Session,
    mapping: Mapping[str, Any],
    catalogue_rows: Sequence[Mapping[str, Any]],
    at: datetime,
    by: int | None,
) -> Campaign:
    """Put a campaign in force with its catalogue; unchanged parameters make no new version.

    `by` is a person's id. Raises InvalidCampaign with every fault of parameters and catalogue.
    """
    faults: list[str] = []
    try:
        campaign = parse(mapping)
    except InvalidCampaign as refused:
        faults, campaign = refused.faults, None
    rows, row_faults = requirement.read(catalogue_rows, mapping.get("profiles"))
    if campaign is None or row_faults:
        raise InvalidCampaign(faults + row_faults)
    catalogue_version = requirement.import_rows(session, campaign.catalogue, rows)
    catalogue_id = catalogue_version.id
    last = _last(session, campaign.id)
    if last is not None and last.parameters.get("catalogue") == campaign.catalogue:
        # Deploying the same file again does not undo what was imported since.
        catalogue_id = max(catalogue_id, last.catalogue_version_id)
    return _put_in_force(session, campaign, catalogue_id, at, by)


def change_catalogue(
    session: Session, campaign_id: str, catalogue_version_id: int, at: datetime, by: int | None
) -> Campaign:
    """Put another version of its catalogue in force, for new deposits; raises NotFound."""
    campaign = active(session, campaign_id)
    return _put_in_force(session, campaign, catalogue_version_id, at, by)


def change(
    session: Session, campaign_id: str, changes: Mapping[str, Any], at: datetime, by: int | None
) -> Campaign:
    """Put a campaign in force with some parameters changed, its catalogue as it was.

    `changes` are laid over the parameters in force, key by key. Raises NotFound, and
    InvalidCampaign on faults and on parameters that make the campaign another one.
    """
    before = active(session, campaign_id)
    catalogue_id = before.catalogue_version_id
    assert catalogue_id is not None, "a deployed campaign has its catalogue"
    return _put_in_force(session, changed(before, changes), catalogue_id, at, by)


def changed(before: Campaign, changes: Mapping[str, Any]) -> Campaign:
    """A campaign as it would be with some parameters changed; see `change`. Nothing is stored."""
    require_sound(before, changes)
    return parse(merge(before.parameters, changes))


def _put_in_force(
    session: Session, campaign: Campaign, catalogue_version_id: int, at: datetime, by: int | None
) -> Campaign:
    fingerprint = hashlib.sha256(canonical(campaign.parameters)).hexdigest()
    last = _last(session, campaign.id)
    if last is not None and last.holds(fingerprint, catalogue_version_id):
        return last.parsed()
    deployed = CampaignVersion(
        campaign_id=campaign.id,
        version=1 if last is None else last.version + 1,
        parameters=dict(campaign.parameters),
        sha256=fingerprint,
        catalogue_version_id=catalogue_version_id,
        deployed_at=at,
        deployed_by=by,
    )
    session.add(deployed)
    session.flush()  # The parsed campaign carries the id of its version.
    return deployed.parsed()


def active(session: Session, campaign_id: str) -> Campaign:
    """The campaign as in force; raises NotFound when it was never deployed."""
    last = _last(session, campaign_id)
    if last is None:
        raise NotFound(f"Expected a deployed campaign but {campaign_id!r} is not. Deploy it first.")
    return last.parsed()


def latest(session: Session) -> Campaign:
    """The campaign deployed last; raises NotFound when there is none."""
    last = session.scalars(
        select(CampaignVersion)
        .order_by(CampaignVersion.deployed_at.desc(), CampaignVersion.id.desc())
        .limit(1)
    ).first()
    if last is None:
        raise NotFound("Expected a deployed campaign but there is none. Deploy one first.")
    return last.parsed()


def all_active(session: Session, *, limit: int = 100) -> list[Campaign]:
    """Every campaign as in force, in the order of their ids."""
    ids = session.scalars(
        select(CampaignVersion.campaign_id)
        .distinct()
        .order_by(CampaignVersion.campaign_id)
        .limit(limit)
    ).all()
    return [active(session, campaign_id) for campaign_id in ids]


def versions(session: Session, campaign_id: str, *, limit: int = 100) -> Sequence[CampaignVersion]:
    """The versions of a campaign, newest first."""
    return session.scalars(
        select(CampaignVersion)
        .where(CampaignVersion.campaign_id == campaign_id)
        .order_by(CampaignVersion.version.desc())
        .limit(limit)
    ).all()


def _last(session: Session, campaign_id: str) -> CampaignVersion | None:
    return session.scalars(
        select(CampaignVersion)
        .where(CampaignVersion.campaign_id == campaign_id)
        .order_by(CampaignVersion.version.desc())
        .limit(1)
    ).first()
