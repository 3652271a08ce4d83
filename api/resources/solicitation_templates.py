"""Templates of solicitations: questions asked often, offered to whoever solicits an operator."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, validate
from marshmallow import fields as f

from api.access import AGENCY, actor, allowed
from api.context import runtime
from api.paging import PageQuery, page, page_of, position
from api.parsing import Part
from api.schemas import copied, instant, plain_text, whole_number
from workflow.domain import campaign as campaigns
from workflow.domain import solicitation_template
from workflow.domain.solicitation import ASKING_ROLE
from workflow.domain.solicitation_template import SolicitationTemplate

part = Part("api-templates", "Questions asked often, ready to be inserted.")
LONGEST = validate.Length(max=200_000)
KINDS = sorted(ASKING_ROLE)


class TemplateWordsSchema(Schema):
    """What a template says."""

    title = f.String(required=True, validate=LONGEST)
    text = f.String(
        required=True, validate=LONGEST, metadata={"description": "One question a line."}
    )


class ChangedWordsSchema(TemplateWordsSchema):
    """Other words; `shown` makes the change depend on what was read."""

    shown = f.AwareDateTime(
        metadata={"description": "The `changed_at` you have read: refused when it has changed."}
    )


class NewTemplateSchema(TemplateWordsSchema):
    """A template to offer."""

    kind = f.String(required=True, validate=validate.OneOf(KINDS))


class TemplateSchema(Schema):
    """A template; what was asked from it stays as it was sent."""

    id = whole_number()
    campaign = f.String(required=True, attribute="campaign_id")
    kind = plain_text(enum=KINDS)
    title = plain_text()
    text = plain_text()
    changed_at = instant()
    retired_at = instant(nullable=True)


@part.get("/campaigns/<campaign_id>/solicitation-templates")
@allowed(*AGENCY)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(TemplateSchema))
def list_templates(query: dict[str, Any], campaign_id: str) -> dict[str, Any]:
    """List the templates of a campaign, retired ones included"""
    after = position(query.get("cursor"), int)
    with runtime().database.reading() as session:
        campaigns.active(session, campaign_id)
        rows = solicitation_template.of_campaign(
            session, campaign_id, after=after[0] if after else 0, limit=query["limit"] + 1
        )
        kept, following = page(rows, query["limit"], lambda row: [row.id])
        return {"items": [_facts(row) for row in kept], "next": following}


@part.post("/campaigns/<campaign_id>/solicitation-templates")
@allowed("process_owner")
@part.arguments(NewTemplateSchema)
@part.response(201, TemplateSchema)
def add_template(body: dict[str, Any], campaign_id: str) -> dict[str, Any]:
    """Offer a template"""
    with runtime().database.transaction() as session:
        added = solicitation_template.add(
            session, actor(), runtime().clock.now(), campaign_id=campaign_id, **body
        )
        return _facts(added)


@part.put("/solicitation-templates/<int(max=2147483647):template_id>")
@allowed("process_owner")
@part.arguments(ChangedWordsSchema)
@part.response(200, TemplateSchema)
def change_template(body: dict[str, Any], template_id: int) -> dict[str, Any]:
    """Word a template anew"""
    with runtime().database.transaction() as session:
        return _facts(
            solicitation_template.change(
                session, actor(), runtime().clock.now(), template_id, **body
            )
        )


@part.post("/solicitation-templates/<int(max=2147483647):template_id>/retirement")
@allowed("process_owner")
@part.response(200, TemplateSchema)
def retire_template(template_id: int) -> dict[str, Any]:
    """Offer a template no more"""
    with runtime().database.transaction() as session:
        return _facts(
            solicitation_template.retire(session, actor(), runtime().clock.now(), template_id)
        )


def _facts(row: SolicitationTemplate) -> dict[str, Any]:
    return copied(TemplateSchema, row)
