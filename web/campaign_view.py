"""The campaign in force, as the pages tell its dates."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.campaign import Campaign, CampaignVersion
from workflow.engine import turn
from workflow.engine.runtime import Runtime


def current_campaign(session: Session, runtime: Runtime) -> Campaign | None:
    """The campaign deployed last; None before the first."""
    campaign_id = session.scalar(
        select(CampaignVersion.campaign_id)
        .order_by(CampaignVersion.deployed_at.desc(), CampaignVersion.id.desc())
        .limit(1)
    )
    return None if campaign_id is None else turn.campaign_of(session, runtime, campaign_id)


def last_moment(campaign: Campaign) -> datetime:
    """The last minute in which a deposit is in time: the closing itself is excluded."""
    return campaign.closes_at.instant - timedelta(minutes=1)


def deposit_window(campaign: Campaign, now: datetime) -> str:
    """Where `now` stands: "before", "open" or "after"."""
    if now < campaign.opens_at:
        return "before"
    return "open" if now < campaign.closes_at.instant else "after"
