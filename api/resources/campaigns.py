"""Campaigns and their college: parameters in force, sessions, what they decided."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema
from marshmallow import fields as f

from api.access import AGENCY, EVERYONE, actor, allowed
from api.context import runtime
from api.paging import PageQuery, page, page_of, position
from api.parsing import Part
from api.readers import records, tasks
from api.schemas import copied, instant, plain_text, texts, whole_number
from workflow.domain import campaign as campaigns
from workflow.engine import messages

part = Part("api-campaigns", "Campaigns, their parameters, their college.")


class CampaignSchema(Schema):
    """One version of a campaign's parameters."""

    id = f.String(required=True, attribute="campaign_id")
    version = whole_number()
    sha256 = plain_text()
    deployed_at = instant()
    parameters = f.Dict(
        keys=f.String(), required=True, metadata={"description": "As its YAML file says them."}
    )


class SessionSummarySchema(Schema):
    """A college session."""

    campaign = plain_text()
    number = whole_number()
    scheduled_at = instant()
    held_at = instant(nullable=True)
    attendance = texts()
    minutes_number = plain_text(nullable=True)


class DecisionSchema(Schema):
    """What the college decided on one dossier."""

    dossier = plain_text()
    outcome = plain_text()
    decided_at = instant()
    reasons = plain_text()
    recused = texts(description="Members who took no part in it.")
    no_conflict = texts(description="Members who declared to have no conflict of interest.")


class PartnerSchema(Schema):
    """Someone whom a partner of the Agency sent."""

    organisation = plain_text()
    name = plain_text()


class SessionSchema(SessionSummarySchema):
    """A college session with its decisions and its minutes."""

    partners = f.List(
        f.Nested(PartnerSchema),
        required=True,
        metadata={"description": "Invited, without a vote."},
    )
    minutes_text = plain_text(nullable=True)
    decisions = f.List(f.Nested(DecisionSchema), required=True)


class ConvenedSchema(Schema):
    """The session that is open now."""

    task = plain_text(nullable=True, description="The task that holds the session.")
    revision = whole_number()


@part.get("/campaigns")
@allowed(*EVERYONE)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(CampaignSchema))
def list_campaigns(query: dict[str, Any]) -> dict[str, Any]:
    """List the campaigns with their parameters in force"""
    after = position(query.get("cursor"), str)
    with runtime().database.reading() as session:
        rows = records.campaigns_in_force(
            session, after=after[0] if after else None, limit=query["limit"]
        )
        kept, following = page(rows, query["limit"], lambda row: [row.campaign_id])
        return {"items": [copied(CampaignSchema, row) for row in kept], "next": following}


@part.get("/campaigns/<campaign_id>")
@allowed(*EVERYONE)
@part.response(200, CampaignSchema)
def get_campaign(campaign_id: str) -> Any:
    """Read the parameters of a campaign in force"""
    with runtime().database.reading() as session:
        campaigns.active(session, campaign_id)
        found = records.campaign_versions(session, campaign_id, before=None, limit=1)[0]
        return copied(CampaignSchema, found)


@part.get("/campaigns/<campaign_id>/versions")
@allowed(*EVERYONE)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(CampaignSchema))
def list_campaign_versions(query: dict[str, Any], campaign_id: str) -> dict[str, Any]:
    """List every version of a campaign's parameters, newest first"""
    before = position(query.get("cursor"), int)
    with runtime().database.reading() as session:
        campaigns.active(session, campaign_id)
        rows = records.campaign_versions(
            session, campaign_id, before=before[0] if before else None, limit=query["limit"]
        )
        kept, following = page(rows, query["limit"], lambda row: [row.version])
        return {"items": [copied(CampaignSchema, row) for row in kept], "next": following}


@part.get("/campaigns/<campaign_id>/college-sessions")
@allowed(*AGENCY)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(SessionSummarySchema))
def list_college_sessions(query: dict[str, Any], campaign_id: str) -> dict[str, Any]:
    """List the college sessions of a campaign, newest first"""
    before = position(query.get("cursor"), int)
    with runtime().database.reading() as session:
        campaigns.active(session, campaign_id)
        rows = records.college_sessions(
            session, campaign_id, before=before[0] if before else None, limit=query["limit"]
        )
        kept, following = page(rows, query["limit"], lambda row: [row.number])
        return {"items": [records.session_facts(row) for row in kept], "next": following}


@part.get("/campaigns/<campaign_id>/college-sessions/<int(max=2147483647):number>")
@allowed(*AGENCY)
@part.response(200, SessionSchema)
def get_college_session(campaign_id: str, number: int) -> dict[str, Any]:
    """Read a college session and what it decided"""
    with runtime().database.reading() as session:
        return records.college_session(session, campaign_id, number)


@part.post("/campaigns/<campaign_id>/convocation")
@allowed(*AGENCY)
@part.response(200, ConvenedSchema)
def convene_college(campaign_id: str) -> dict[str, Any]:
    """Open the next college session now instead of at its weekly hour

    The diagram names the roles that may. A session that is open already stays as it is.
    """
    done = messages.convene(runtime(), campaign_id, actor())
    with runtime().database.reading() as session:
        task = tasks.open_of_instance(session, done.instance_id)
        return {"task": task, "revision": done.revision}
