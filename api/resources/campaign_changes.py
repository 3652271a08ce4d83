"""Changes of a running campaign's parameters: the register, the preview, the act."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, validate
from marshmallow import fields as f
from sqlalchemy.orm import Session

from api.access import AGENCY, actor, allowed
from api.context import runtime
from api.paging import PageQuery, page, page_of, position
from api.parsing import Part
from api.preconditions import (
    ACT_HEADERS,
    ETAG,
    ActHeaders,
    etag,
    expected_revision,
    replayed,
    under,
)
from api.problems import PREFIX
from api.schemas import day, instant, plain_text, whole_number, yes_or_no
from workflow.domain import campaign as campaigns
from workflow.domain import campaign_change, moved_dates
from workflow.domain.campaign_change import CampaignChange
from workflow.domain.moved_dates import MovedDate
from workflow.domain.standing import LONGEST_REASON, MAY_CHANGE_CAMPAIGN
from workflow.engine import parameters
from workflow.engine.parameters import NOW
from workflow.engine.running_dates import DateMove

part = Part("api-campaign-changes", "Recorded changes of a running campaign's parameters.")
Json = dict[str, Any]
STATUSES = ("kept", "later", "shortened", "past", "standing", "dropped")


class ParameterDifferenceSchema(Schema):
    """One parameter, before and after."""

    path = plain_text(description="Its place in the campaign's parameters, as delays.instruction.")
    before = f.Raw(required=True, allow_none=True)
    after = f.Raw(required=True, allow_none=True)


class CampaignChangeSchema(Schema):
    """One entry of the register of changes."""

    number = whole_number(description="In its campaign.")
    version_before = whole_number()
    version_after = whole_number()
    changes = f.List(f.Nested(ParameterDifferenceSchema), required=True)
    basis = plain_text(description="The text on which it rests.")
    moves_running = yes_or_no(description="Whether the running dates followed.")
    moved = whole_number(description="Running dates that moved.")
    shortened = whole_number(description="Of these, those that came earlier.")
    past = whole_number(description="Of these, those that were over already.")
    kept = whole_number(description="Running dates that stayed as they were set.")
    changed_by = plain_text()
    changed_at = instant()


class MovedDateSchema(Schema):
    """A date that a change moved."""

    dossier = plain_text(nullable=True, description="Null for a session of the college.")
    deadline = plain_text(description="Key of the delay in the campaign.")
    old_last_day = day(nullable=True)
    old_fires_at = instant(nullable=True)
    last_day = day(nullable=True)
    fires_at = instant(nullable=True, description="Null while its clock stands.")


class PreviewedDateSchema(MovedDateSchema):
    """A running date, and where the change would put it if it followed."""

    status = plain_text(enum=STATUSES)
    held = yes_or_no(description="Its dossier is suspended: it is counted at the release.")


class ChangePreviewSchema(Schema):
    """What a change would do; nothing was changed."""

    version = whole_number(description="Of the parameters in force: the ETag to act on.")
    changes = f.List(f.Nested(ParameterDifferenceSchema), required=True)
    counts = f.Dict(keys=f.String(), values=f.Integer(), required=True)
    dates = f.List(f.Nested(PreviewedDateSchema), required=True)


class ChangePreviewRequestSchema(Schema):
    """What changes, laid over the parameters in force key by key."""

    changes = f.Dict(
        keys=f.String(),
        required=True,
        validate=validate.Length(1),
        metadata={"description": 'As {"delays": {"instruction": {"amount": 56}}}.'},
    )


class CampaignChangeRequestSchema(ChangePreviewRequestSchema):
    """A change to put in force."""

    basis = f.String(required=True, validate=validate.Length(1, LONGEST_REASON))
    moves_running = f.Boolean(
        load_default=False, metadata={"description": "Whether the running dates follow."}
    )
    past = f.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf([NOW]),
        metadata={"description": "now: dates that would be over already take effect at the act."},
    )


class CampaignChangedSchema(Schema):
    """What the act left behind; without a number, nothing differed."""

    number = whole_number(nullable=True)
    version = whole_number()


@part.get("/campaigns/<campaign_id>/changes")
@allowed(*AGENCY)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(CampaignChangeSchema), headers=ETAG)
def list_campaign_changes(query: Json, campaign_id: str) -> Any:
    """List the recorded changes of a campaign, newest first"""
    before = position(query.get("cursor"), int)
    with runtime().database.reading() as session:
        version = campaigns.active(session, campaign_id).version or 0
        rows = campaign_change.register(
            session, campaign_id, before=before[0] if before else None, limit=query["limit"] + 1
        )
        kept, following = page(rows, query["limit"], lambda row: [row.number])
        items = [_entry(session, row) for row in kept]
        return {"items": items, "next": following}, etag(version)


@part.get("/campaigns/<campaign_id>/changes/<int(max=2147483647):change>")
@allowed(*AGENCY)
@part.response(200, CampaignChangeSchema)
def get_campaign_change(campaign_id: str, change: int) -> Json:
    """Read one recorded change"""
    with runtime().database.reading() as session:
        campaigns.active(session, campaign_id)
        return _entry(session, campaign_change.get(session, campaign_id, change))


@part.get("/campaigns/<campaign_id>/changes/<int(max=2147483647):change>/dates")
@allowed(*AGENCY)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(MovedDateSchema))
def list_moved_dates(query: Json, campaign_id: str, change: int) -> Json:
    """List the dates that a change moved"""
    after = position(query.get("cursor"), int)
    with runtime().database.reading() as session:
        found = campaign_change.get(session, campaign_id, change)
        rows = moved_dates.moved_by(
            session, found.id, after=after[0] if after else 0, limit=query["limit"] + 1
        )
        kept, following = page(rows, query["limit"], lambda row: [row.after.id])
        return {"items": [_moved(row) for row in kept], "next": following}


@part.post("/campaigns/<campaign_id>/changes/preview")
@allowed(*MAY_CHANGE_CAMPAIGN)
@part.arguments(ChangePreviewRequestSchema)
@part.response(200, ChangePreviewSchema, headers=ETAG)
def preview_campaign_change(body: Json, campaign_id: str) -> Any:
    """Say what a change would do to the running dates

    Each date is given as if it followed. Nothing is changed; the act takes the ETag in If-Match.
    """
    found = parameters.preview(runtime(), campaign_id, body["changes"], actor())
    version = found.before.version or 0
    said = {
        "version": version,
        "changes": found.changes,
        "counts": {status: found.count(status) for status in STATUSES},
        "dates": [_previewed(move) for move in found.moves],
    }
    return said, etag(version)


@part.post("/campaigns/<campaign_id>/changes")
@allowed(*MAY_CHANGE_CAMPAIGN)
@part.arguments(ActHeaders, location="headers")
@part.arguments(CampaignChangeRequestSchema)
@part.response(201, CampaignChangedSchema, headers=ACT_HEADERS)
@part.alt_response(412, "PRECONDITION_FAILED")
def change_campaign(headers: Json, body: Json, campaign_id: str) -> Any:
    """Change the parameters of a running campaign, as a recorded act

    Running dates follow only with `moves_running`; one that would be over already is refused
    unless `past` is `now`. In If-Match, the ETag of the preview: refused when the parameters
    changed since.
    """
    version = expected_revision(headers.get("if_match"))
    key = headers.get("idempotency_key")
    replay = replayed(key)
    done = under(
        version,
        lambda: _version(campaign_id),
        lambda: parameters.change(
            runtime(),
            campaign_id,
            body["changes"],
            body["basis"],
            actor(),
            moves_running=body["moves_running"],
            past=body["past"],
            version=version,
            idempotency_key=key,
        ),
    )
    current = done.campaign.version or 0
    said = {"number": done.number, "version": current}
    location = f"{PREFIX}/campaigns/{campaign_id}/changes"
    if done.number is not None:
        location = f"{location}/{done.number}"
    return said, {"Location": location, **etag(current), **replay}


def _version(campaign_id: str) -> int:
    with runtime().database.reading() as session:
        return campaigns.active(session, campaign_id).version or 0


def _entry(session: Session, row: CampaignChange) -> Json:
    before, after = campaign_change.versions_of(session, row)
    copied = ("number", "changes", "basis", "moves_running", "moved", "shortened", "past", "kept")
    return {
        **{name: getattr(row, name) for name in copied},
        "version_before": before,
        "version_after": after,
        "changed_by": row.person_name,
        "changed_at": row.changed_at,
    }


def _moved(row: MovedDate) -> Json:
    return {
        "dossier": row.number,
        "deadline": row.after.key,
        "old_last_day": row.before.last_day,
        "old_fires_at": row.before.fires_at,
        "last_day": row.after.last_day,
        "fires_at": row.after.fires_at,
    }


def _previewed(move: DateMove) -> Mapping[str, Any]:
    return {
        "dossier": move.date.number,
        "deadline": move.date.key,
        "old_last_day": move.date.record.last_day,
        "old_fires_at": move.date.due_at,
        "last_day": move.last_day,
        "fires_at": move.due_at,
        "status": move.status,
        "held": move.date.held_since is not None,
    }
