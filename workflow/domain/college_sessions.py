"""The sessions of the college, found by their campaign: all, those still to hold, one held."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.college import CollegeSession
from workflow.errors import NotFound

MOST_TO_HOLD = 20


def of_campaign(
    session: Session, campaign_id: str, *, limit: int = 100
) -> Sequence[CollegeSession]:
    """A campaign's sessions, newest first."""
    return session.scalars(
        select(CollegeSession)
        .where(CollegeSession.campaign_id == campaign_id)
        .order_by(CollegeSession.number.desc())
        .limit(limit)
    ).all()


def still_to_hold(
    session: Session, campaign_ids: Collection[str], after: datetime
) -> Sequence[CollegeSession]:
    """The sessions of campaigns that are due after an instant and not held, soonest first."""
    query = select(CollegeSession).where(
        CollegeSession.campaign_id.in_(campaign_ids),
        CollegeSession.held_at.is_(None),
        CollegeSession.scheduled_at > after,
    )
    return session.scalars(query.order_by(CollegeSession.scheduled_at).limit(MOST_TO_HOLD)).all()


def held(session: Session, campaign_id: str, number: int) -> CollegeSession:
    """A session whose minutes are written; raises NotFound."""
    found = session.scalars(
        select(CollegeSession).where(
            CollegeSession.campaign_id == campaign_id,
            CollegeSession.number == number,
            CollegeSession.held_at.is_not(None),
        )
    ).first()
    if found is None:
        raise NotFound(f"Expected session {number} to be held but it is not. Check its number.")
    return found
