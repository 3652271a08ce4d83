"""Acts on many dossiers: prepared, foreseen, confirmed, reported; never a legal decision."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, validate
from marshmallow import fields as f
from sqlalchemy.orm import Session

from api import bulk_door
from api.access import AGENCY, actor, allowed
from api.context import runtime
from api.parsing import Part
from api.schemas import instant, plain_text, whole_number
from workflow.domain import bulk_act, bulk_report, bulk_verbs
from workflow.domain.bulk_act import ACTS, MOST_DOSSIERS, BulkAct
from workflow.domain.bulk_report import Counts

part = Part("api-bulk-acts", "Acts on many dossiers, with a report for each.")
NUMBER = validate.Regexp(r"^[0-9A-Za-z-]{1,20}\Z")
LONGEST = validate.Length(max=20_000)


class PreparedSchema(Schema):
    """What to do, to which dossiers."""

    act = f.String(required=True, validate=validate.OneOf(ACTS))
    dossiers = f.List(
        f.String(validate=NUMBER),
        required=True,
        validate=validate.Length(1, MOST_DOSSIERS),
        metadata={"description": "Their numbers."},
    )
    person = f.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, 2**31 - 1),
        metadata={"description": "To whom dossiers go."},
    )
    reason = f.String(load_default="", validate=LONGEST)
    text = f.String(load_default="", validate=LONGEST, metadata={"description": "Of a note."})


class ItemSchema(Schema):
    """One dossier: what is foreseen of it, then what became of it."""

    dossier = plain_text()
    state = plain_text(enum=["waiting", "done", "refused"])
    code = plain_text(nullable=True, description="Of the refusal, foreseen or pronounced.")
    done_at = instant(nullable=True)


class BulkActSchema(Schema):
    """An act on many dossiers, in the order in which they are done."""

    id = whole_number()
    act = plain_text(enum=list(ACTS))
    created_at = instant()
    confirmed_at = instant(nullable=True, description="Nothing is done before.")
    finished_at = instant(nullable=True)
    done = whole_number()
    refused = whole_number()
    waiting = whole_number()


class WholeBulkActSchema(BulkActSchema):
    """An act with its dossiers."""

    items = f.List(f.Nested(ItemSchema), required=True)


class BulkActListSchema(Schema):
    """What I had done, last first."""

    items = f.List(f.Nested(BulkActSchema), required=True)


@part.post("/bulk-acts")
@allowed(*AGENCY)
@part.arguments(PreparedSchema)
@part.response(201, WholeBulkActSchema)
def prepare(body: dict[str, Any]) -> dict[str, Any]:
    """Prepare an act on many dossiers and read what would happen; nothing is done yet"""
    found = bulk_door.prepare(runtime(), actor(), body["act"], body["dossiers"])
    said = {"to": body["person"], "reason": body["reason"], "text": body["text"]}
    bulk_door.complete(runtime(), actor(), found, **said)
    with runtime().database.reading() as session:
        return _whole(session, found)


@part.get("/bulk-acts")
@allowed(*AGENCY)
@part.response(200, BulkActListSchema)
def list_bulk_acts() -> dict[str, Any]:
    """List the acts on many dossiers that I had carried out"""
    with runtime().database.reading() as session:
        found = bulk_report.confirmed_by(session, actor())
        counts = bulk_report.counts_of(session, [each.id for each in found])
        return {"items": [_counted(each, counts[each.id]) for each in found]}


@part.get("/bulk-acts/<int(max=2147483647):bulk_act_id>")
@allowed(*AGENCY)
@part.response(200, WholeBulkActSchema)
def get_bulk_act(bulk_act_id: int) -> dict[str, Any]:
    """Read what is foreseen of each dossier, or what became of it"""
    with runtime().database.reading() as session:
        return _whole(session, bulk_act_id)


@part.post("/bulk-acts/<int(max=2147483647):bulk_act_id>/confirmation")
@allowed(*AGENCY)
@part.response(204)
def confirm(bulk_act_id: int) -> Response:
    """Begin the act; a second time does nothing. The worker goes on with what is left"""
    bulk_door.confirm(runtime(), actor(), bulk_act_id)
    return Response(status=204)


def _counted(act: BulkAct, counted: Counts) -> dict[str, Any]:
    names = ("id", "act", "created_at", "confirmed_at", "finished_at")
    return {
        **{name: getattr(act, name) for name in names},
        "done": counted.done,
        "refused": counted.refused,
        "waiting": counted.waiting,
    }


def _whole(session: Session, bulk_act_id: int) -> dict[str, Any]:
    act = bulk_act.of_actor(session, actor(), bulk_act_id)
    foreseen: dict[int, str | None] = {}
    if act.confirmed_at is None:
        rows = bulk_verbs.foresee(session, actor(), act, runtime().clock.now())
        foreseen = {row.dossier.id: row.code for row in rows}
    items = [
        {
            "dossier": dossier.number,
            "state": item.state,
            "code": item.code or foreseen.get(dossier.id),
            "done_at": item.done_at,
        }
        for item, dossier in bulk_report.items(session, act.id)
    ]
    return {**_counted(act, bulk_report.counts(session, act.id)), "items": items}
