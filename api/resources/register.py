"""The public register of listed services (DSR 4.5)."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import Schema, validate
from marshmallow import fields as f

from api.access import public
from api.context import runtime
from api.paging import PageQuery, page, page_of, position
from api.parsing import Part
from api.readers import records
from api.schemas import copied, day, instant, plain_text, texts
from workflow.domain import listing
from workflow.domain.listing import STATUSES, Listing
from workflow.errors import NotFound

part = Part("api-register", "The public register; no account is needed.")


class ListingSchema(Schema):
    """A listed service, as it was when listed."""

    number = plain_text(description="With its two check digits; never used again.")
    dsr = plain_text()
    service_name = plain_text()
    service_version = plain_text()
    company_name = plain_text()
    profiles = texts()
    listed_on = day()
    published_at = instant()
    status = plain_text(enum=list(STATUSES))


class RegisterQuery(PageQuery):
    """Which listings."""

    dsr = f.String(validate=validate.Regexp(r"^[A-Za-z0-9_-]{1,80}\Z"))


@part.get("/register")
@public
@part.arguments(RegisterQuery, location="query")
@part.response(200, page_of(ListingSchema))
def list_register(query: dict[str, Any]) -> dict[str, Any]:
    """List the listed services in the order of their listing"""
    after: Any = position(query.get("cursor"), date, str)
    with runtime().database.reading() as session:
        rows = records.register(session, query.get("dsr"), after=after, limit=query["limit"])
        kept, following = page(rows, query["limit"], _sort_key)
        return {"items": [copied(ListingSchema, row) for row in kept], "next": following}


@part.get("/register/<number>")
@public
@part.response(200, ListingSchema)
def get_listing(number: str) -> Any:
    """Check a listing number"""
    with runtime().database.reading() as session:
        found = listing.find(session, number) if listing.is_valid_number(number) else None
        if found is not None:
            return copied(ListingSchema, found)
    raise NotFound(
        f"Expected a listing number of the register but {number[:60]!r} is none."
        " Check each character: the last two digits prove the others."
    )


def _sort_key(row: Listing) -> tuple[str, str]:
    return row.listed_on.isoformat(), row.number
