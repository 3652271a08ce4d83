"""The dates of the next seven days, as the home of a person of the Agency lists them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for
from sqlalchemy.orm import Session

from web.campaign_view import campaign_title
from web.language import _
from web.stakes import Rung, Stake
from web.standings import Standing
from workflow.domain import college_sessions
from workflow.domain.campaign import Campaign
from workflow.domain.college import CollegeSession
from workflow.domain.dossier import Dossier

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Coming:
    """What comes when, and the page of what it concerns; `rung` is the date of a dossier."""

    at: datetime
    rung: Rung | None
    what: str
    concerns: str
    address: str


def coming_dates(
    session: Session,
    expected: Sequence[Stake],
    others: Sequence[Standing],
    campaigns: Sequence[Campaign],
    present: datetime,
) -> list[Coming]:
    """One's own dates, those of dossiers held up elsewhere and the college's, soonest first."""
    own = [
        _of_dossier(stake.next, stake.title, stake.dossier)
        for stake in expected
        if stake.next and stake.dossier
    ]
    elsewhere = [
        _of_dossier(item.next, str(item.next.look.words), item.dossier)
        for item in others
        if item.next
    ]
    names = {each.id: campaign_title(each) for each in campaigns}
    sittings = [
        _of_college(each, names[each.campaign_id])
        for each in college_sessions.still_to_hold(session, sorted(names), present)
    ]
    soon = [each for each in (*own, *elsewhere, *sittings) if each.at <= present + WEEK]
    return sorted(soon, key=lambda each: each.at)


def _of_dossier(rung: Rung, what: str, dossier: Dossier) -> Coming:
    address = url_for("dossiers.show", number=dossier.number)
    return Coming(rung.at, rung, what, dossier.service_name, address)


def _of_college(sitting: CollegeSession, campaign: str) -> Coming:
    what = _("Collège, séance %(number)s", number=sitting.number)
    address = url_for("college.index", campagne=sitting.campaign_id)
    return Coming(sitting.scheduled_at, None, what, campaign, address)
