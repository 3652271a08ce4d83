"""Searches kept by name: one's own and those shared with the Agency."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, validate
from marshmallow import fields as f

from api.access import AGENCY, actor, allowed
from api.context import runtime
from api.paging import PageQuery, page, page_of, position
from api.parsing import Part
from api.schemas import instant, plain_text, whole_number, yes_or_no
from workflow.domain import saved_search
from workflow.domain.saved_search import FILTERS, LONGEST_NAME, LONGEST_VALUE, SavedSearch

part = Part("api-searches", "Searches of lists, kept on the server.")
LISTS = sorted(FILTERS)
NAMES = sorted({name for names in FILTERS.values() for name in names})


class SearchNameSchema(Schema):
    """What a search is called, and who finds it."""

    name = f.String(
        required=True,
        validate=validate.And(
            validate.Length(1, LONGEST_NAME),
            validate.Regexp(r"^.*\S", error="Say what it finds."),
        ),
    )
    shared = f.Boolean(
        load_default=False, metadata={"description": "Offered to everybody of the Agency."}
    )


class NewSearchSchema(SearchNameSchema):
    """A search to keep."""

    list = f.String(required=True, validate=validate.OneOf(LISTS))
    filters = f.Dict(
        keys=f.String(validate=validate.OneOf(NAMES)),
        values=f.String(validate=validate.Length(1, LONGEST_VALUE)),
        required=True,
        metadata={"description": "As in the address of the list; `tri` is its order."},
    )


class SearchSchema(Schema):
    """A search that one may open."""

    id = whole_number()
    list = plain_text(enum=LISTS)
    name = plain_text()
    filters = f.Dict(keys=f.String(), values=f.String(), required=True)
    shared = yes_or_no()
    own = yes_or_no(description="Whether I keep it; others share theirs.")
    default = yes_or_no(description="Whether my list opens with it.")
    changed_at = instant()


@part.get("/saved-searches")
@allowed(*AGENCY)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(SearchSchema))
def list_searches(query: dict[str, Any]) -> dict[str, Any]:
    """List my searches and the shared ones"""
    after = position(query.get("cursor"), int)
    with runtime().database.reading() as session:
        rows = saved_search.offered(
            session, actor(), after=after[0] if after else 0, limit=query["limit"] + 1
        )
        kept, following = page(rows, query["limit"], lambda row: [row[0].id])
        return {"items": [_facts(*row) for row in kept], "next": following}


@part.post("/saved-searches")
@allowed(*AGENCY)
@part.arguments(NewSearchSchema)
@part.response(201, SearchSchema)
def keep_search(body: dict[str, Any]) -> dict[str, Any]:
    """Keep a search"""
    with runtime().database.transaction() as session:
        added = saved_search.add(
            session, actor(), runtime().clock.now(), page=body.pop("list"), **body
        )
        return _facts(added)


@part.put("/saved-searches/<int(max=2147483647):search_id>")
@allowed(*AGENCY)
@part.arguments(SearchNameSchema)
@part.response(200, SearchSchema)
def change_search(body: dict[str, Any], search_id: int) -> dict[str, Any]:
    """Rename, share or unshare a search of mine"""
    with runtime().database.transaction() as session:
        found = saved_search.change(session, actor(), runtime().clock.now(), search_id, **body)
        return _facts(found, saved_search.is_default(session, actor(), found))


@part.delete("/saved-searches/<int(max=2147483647):search_id>")
@allowed(*AGENCY)
@part.response(204)
def delete_search(search_id: int) -> Response:
    """Delete a search of mine; an administrator deletes any shared one"""
    with runtime().database.transaction() as session:
        saved_search.remove(session, actor(), search_id)
    return Response(status=204)


def _facts(row: SavedSearch, is_default: bool = False) -> dict[str, Any]:
    return {
        "id": row.id,
        "list": row.page,
        "name": row.name,
        "filters": row.filters,
        "shared": row.shared,
        "own": row.person_id == actor().person_id,
        "default": is_default,
        "changed_at": row.changed_at,
    }
