"""The campaigns in force, as the pages name them and tell their dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, g, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from web.campaign_words import delay_words
from web.language import language
from web.runtime import runtime as served
from workflow.domain.campaign import Campaign, CampaignVersion
from workflow.engine import turn
from workflow.engine.runtime import Runtime
from workflow.errors import NotFound

MOST_CAMPAIGNS = 50
ASKED = "campagne"
"""The query parameter that chooses a campaign."""


class NothingInForce(NotFound):
    """A page about the procedure, before the first one is put in force."""

    code = "nothing_in_force"


@dataclass(frozen=True)
class CampaignChoice:
    """One campaign of the switch that a page shows when several are in force."""

    campaign: Campaign
    address: str
    is_chosen: bool


def campaigns_in_force(session: Session, runtime: Runtime) -> list[Campaign]:
    """Every campaign, the one deployed last first; one statement per page that is read."""
    if request.method == "GET" and "campaigns_in_force" in g:
        known: list[Campaign] = g.campaigns_in_force
        return known
    newest = func.max(CampaignVersion.id)
    rows = session.execute(
        select(CampaignVersion.campaign_id, newest)
        .group_by(CampaignVersion.campaign_id)
        .order_by(func.max(CampaignVersion.deployed_at).desc(), newest.desc())
        .limit(MOST_CAMPAIGNS)
    ).all()
    found = [turn.campaign_of(session, runtime, each, version) for each, version in rows]
    g.campaigns_in_force = found
    return found


def current_campaign(session: Session, runtime: Runtime) -> Campaign | None:
    """The campaign that the address asks for, the one deployed last otherwise; None before any.

    Raises NotFound when the address asks for one that is not deployed.
    """
    known = campaigns_in_force(session, runtime)
    asked = request.args.get(ASKED, "")
    if not asked:
        return known[0] if known else None
    found = next((each for each in known if each.id == asked), None)
    if found is None:
        raise NotFound(f"Expected a deployed campaign but {asked!r} is not. Choose another.")
    return found


def campaign_at_hand(session: Session, runtime: Runtime) -> Campaign:
    """The current campaign, of a page that is about one; raises NothingInForce before the first."""
    found = current_campaign(session, runtime)
    if found is None:
        raise NothingInForce("Expected a deployed campaign but there is none. Deploy one first.")
    return found


def campaign_choices(
    session: Session, runtime: Runtime, chosen: Campaign | None
) -> list[CampaignChoice]:
    """The switch between campaigns for the page at hand; empty when there is only one."""
    known = campaigns_in_force(session, runtime)
    if len(known) < 2 or request.endpoint is None:
        return []
    here = request.view_args or {}
    place = "campaign_id" if "campaign_id" in here else ASKED
    return [
        CampaignChoice(
            each,
            url_for(request.endpoint, **{**here, place: each.id}),
            chosen is not None and each.id == chosen.id,
        )
        for each in known
    ]


def last_moment(campaign: Campaign) -> datetime:
    """The last minute in which a deposit is in time: the closing itself is excluded."""
    return campaign.closes_at.instant - timedelta(minutes=1)


def deposit_window(campaign: Campaign, now: datetime) -> str:
    """Where `now` stands: "before", "open" or "after"."""
    if now < campaign.opens_at:
        return "before"
    return "open" if now < campaign.closes_at.instant else "after"


def profile_words(dsr: str | None = None) -> Mapping[str, str]:
    """The profiles of the campaigns in force in the reader's words; those of a DSR win."""
    with served().database.reading() as session:
        known = campaigns_in_force(session, served())
    ordered = sorted(known, key=lambda each: each.dsr == dsr)
    return {profile: words for each in ordered for profile, words in _words_of(each).items()}


def _words_of(campaign: Campaign) -> Mapping[str, str]:
    return {profile: campaign.profile_name(profile, language()) for profile in campaign.profiles}


def profile_names(
    profiles: Sequence[str], dsr: str | None = None, campaign: Campaign | None = None
) -> str:
    """*Général, Officine*; as the campaign names them when the page has it at hand."""
    words = _words_of(campaign) if campaign else profile_words(dsr)
    return ", ".join(words.get(profile, profile) for profile in profiles)


def campaign_title(campaign: Campaign) -> str:
    """What a campaign lists, in the reader's words."""
    return campaign.title(language())


def register_filters(app: Flask) -> None:
    """The filters by which templates name campaigns and their profiles."""
    app.add_template_filter(profile_names, "profile_names")
    app.add_template_filter(campaign_title, "campaign_title")
    app.add_template_filter(delay_words, "delay_words")
