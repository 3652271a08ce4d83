"""Candidatures in preparation: what an operator's people typed and have not deposited yet."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, validate
from marshmallow import fields as f
from werkzeug.exceptions import PreconditionFailed

from api.access import actor, allowed
from api.context import runtime
from api.parsing import Part
from api.preconditions import etag, expected_revision
from api.readers import dossiers as reader
from api.resources.drafts import DRAFT_ETAG, DraftHeaders
from api.schemas import AnswerSchema, instant, plain_text, whole_number
from workflow.domain import campaign
from workflow.engine import deposit_drafts
from workflow.engine.deposit_drafts import ROLE, DepositPlace, Prepared
from workflow.engine.draft import Draft, StaleDraft
from workflow.errors import NotFound

part = Part("api-deposit-drafts", "Candidatures in preparation, not deposited yet.")
ONE = "/deposit-drafts/<string(length=32):draft_id>"
FORMS = ("deposit_dossier", "reapply")


class DepositDraftSchema(Schema):
    """A candidature in preparation: no act, in no history; it ends with its deposit."""

    id = plain_text()
    form = plain_text(enum=list(FORMS))
    campaign = plain_text(nullable=True)
    previous = plain_text(nullable=True, description="The dossier that is presented again.")
    revision = whole_number(description="Counts its versions from 1.")
    saved_at = instant()
    saved_by = plain_text()
    answer = f.Dict(keys=f.String(), required=True)


class DepositDraftListSchema(Schema):
    """What my side prepares, last saved first."""

    items = f.List(f.Nested(DepositDraftSchema), required=True)


class PreparingSchema(AnswerSchema):
    """What was typed so far; what it is about counts for the first version only."""

    form = f.String(load_default=FORMS[0], validate=validate.OneOf(FORMS))
    campaign = f.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 80),
        metadata={"description": "To which it shall be deposited, when that is known."},
    )
    previous = f.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 20),
        metadata={"description": "Number of the dossier that is presented again."},
    )


@part.get("/deposit-drafts")
@allowed(ROLE)
@part.response(200, DepositDraftListSchema)
def list_deposit_drafts() -> dict[str, Any]:
    """List the candidatures that my company prepares, or that I prepare without one"""
    with runtime().database.reading() as session:
        found = deposit_drafts.all_of(session, actor())
        return {"items": [_facts(each.place, each.draft) for each in found]}


@part.get(ONE)
@allowed(ROLE)
@part.response(200, DepositDraftSchema, headers=DRAFT_ETAG)
@part.alt_response(409, "CONFLICT")
def get_deposit_draft(draft_id: str) -> Any:
    """Read a candidature in preparation

    `already_deposited` once it became a dossier.
    """
    with runtime().database.reading() as session:
        found = deposit_drafts.find(session, draft_id, actor())
    if found is None:
        raise NotFound("Expected a candidature in preparation of yours but there is none such.")
    return _facts(found.place, found.draft), etag(found.draft.revision)


@part.put(ONE)
@allowed(ROLE)
@part.arguments(DraftHeaders, location="headers")
@part.arguments(PreparingSchema)
@part.response(200, DepositDraftSchema, headers=DRAFT_ETAG)
@part.alt_response(409, "CONFLICT")
@part.alt_response(412, "PRECONDITION_FAILED")
def put_deposit_draft(headers: dict[str, Any], body: dict[str, Any], draft_id: str) -> Any:
    """Keep what was typed so far, under an id of your choice: 32 hexadecimal digits

    Nothing of it is checked against the form. `already_deposited` once it became a dossier.
    """
    place = _place(draft_id, body)
    try:
        saved = deposit_drafts.save(
            runtime(),
            place,
            body["answer"],
            actor(),
            revision=expected_revision(headers.get("if_match")),
        )
    except StaleDraft as stale:
        raise PreconditionFailed(str(stale)) from stale
    return _facts(place, saved), etag(saved.revision)


@part.delete(ONE)
@allowed(ROLE)
@part.arguments(DraftHeaders, location="headers")
@part.response(204)
@part.alt_response(409, "CONFLICT")
@part.alt_response(412, "PRECONDITION_FAILED")
def delete_deposit_draft(headers: dict[str, Any], draft_id: str) -> Response:
    """Throw a candidature in preparation away; nothing happens without one"""
    revision = expected_revision(headers.get("if_match"))
    try:
        deposit_drafts.discard(runtime(), draft_id, actor(), revision=revision)
    except StaleDraft as stale:
        raise PreconditionFailed(str(stale)) from stale
    return Response(status=204)


def _place(draft_id: str, body: dict[str, Any]) -> DepositPlace:
    """What the candidature is about: as it was begun, else as the body says (NotFound)."""
    with runtime().database.reading() as session:
        found: Prepared | None = deposit_drafts.find(session, draft_id, actor())
        if found is not None:
            return found.place
        if body["previous"] is not None:
            reader.find(session, body["previous"], actor())
        if body["campaign"] is not None:
            campaign.active(session, body["campaign"])
    return DepositPlace(draft_id, body["form"], body["campaign"], body["previous"])


def _facts(place: DepositPlace, found: Draft) -> dict[str, Any]:
    return {
        "id": place.id,
        "form": place.form_key,
        "campaign": place.campaign_id,
        "previous": place.previous,
        "revision": found.revision,
        "saved_at": found.saved_at,
        "saved_by": found.saved_by,
        "answer": found.answer,
    }
