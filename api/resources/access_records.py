"""Who opened what, for auditors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, validate
from marshmallow import fields as f

from api.access import actor, allowed
from api.context import runtime
from api.paging import PageQuery, page, page_of, position
from api.parsing import Part
from api.readers import dossiers
from api.schemas import instant, plain_text, texts, whole_number, yes_or_no
from workflow.domain import access_record
from workflow.domain.access_record import WAYS, WHATS, AccessFilters, AccessRecord

part = Part("api-access-records", "Who opened what: each opening of confidential content.")
COUNTED = validate.Range(datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))
NAMES = ("id", "at", "procedure_at", "roles", "what", "address", "way", "refused")


class AccessRecordSchema(Schema):
    """One opening, or a refused attempt."""

    id = whole_number()
    at = instant(description="On the machine's clock.")
    procedure_at = instant(description="On the procedure's clock.")
    person = plain_text()
    roles = texts()
    what = plain_text(enum=list(WHATS))
    dossier = plain_text(nullable=True)
    address = plain_text()
    way = plain_text(enum=list(WAYS))
    refused = yes_or_no()


class AccessQuery(PageQuery):
    """Which openings."""

    dossier = f.String(
        validate=validate.Regexp(r"^[0-9-]{1,20}\Z"), metadata={"description": "Its number."}
    )
    person = f.String(
        validate=validate.Regexp(r"^[^\x00-\x1f]{1,100}\Z"),
        metadata={"description": "Part of the person's name."},
    )
    what = f.String(validate=validate.OneOf(WHATS))
    since = f.AwareDateTime(
        format="iso", validate=COUNTED, metadata={"description": "On the machine's clock."}
    )
    until = f.AwareDateTime(format="iso", validate=COUNTED, metadata={"description": "Exclusive."})
    refused = f.Boolean()


@part.get("/access-records")
@allowed("auditor", "process_owner")
@part.arguments(AccessQuery, location="query")
@part.response(200, page_of(AccessRecordSchema))
def list_access_records(query: dict[str, Any]) -> dict[str, Any]:
    """List who opened what, newest first"""
    before = position(query.get("cursor"), int)
    with runtime().database.reading() as session:
        named = query.get("dossier")
        filters = AccessFilters(
            dossier_id=None if named is None else dossiers.find(session, named, actor()).id,
            **{name: query.get(name) for name in ("person", "what", "since", "until", "refused")},
        )
        rows = access_record.listed(
            session, filters, before=before[0] if before else None, limit=query["limit"] + 1
        )
        kept, following = page(rows, query["limit"], lambda row: [row.id])
        numbers = dossiers.numbers(session, (row.dossier_id for row in kept))
        items = [_shown(row, numbers.get(row.dossier_id or 0)) for row in kept]
        return {"items": items, "next": following}


def _shown(row: AccessRecord, number: str | None) -> dict[str, Any]:
    facts = {name: getattr(row, name) for name in NAMES}
    return {**facts, "person": row.person_name, "dossier": number}
