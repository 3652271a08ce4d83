"""Dossiers: list them, read where one stands, deposit one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import Schema, validate
from marshmallow import fields as f

from api.access import EVERYONE, actor, allowed
from api.context import runtime
from api.paging import PageQuery, page, page_of, position
from api.parsing import Part
from api.preconditions import (
    ACT_HEADERS,
    ETAG,
    IfNoneMatch,
    KeyHeader,
    etag,
    replayed,
    unchanged,
)
from api.problems import PREFIX
from api.readers import dossiers as reader
from api.schemas import (
    AcceptingSchema,
    ActedSchema,
    DeadlineSchema,
    DueSchema,
    OpenTaskSchema,
    WaitingTaskSchema,
    day,
    instant,
    plain_text,
    texts,
    whole_number,
    yes_or_no,
)
from workflow.domain import dossier_word
from workflow.domain.dossier import FLAGS, Dossier
from workflow.engine import human_tasks
from workflow.engine.deposit_drafts import DepositPlace
from workflow.engine.turn import Done

part = Part("api-dossiers", "Candidatures, from their deposit to their end.")
PROCESS = "dossier"
NAME = validate.Regexp(r"^[A-Za-z0-9_-]{1,80}\Z")


class LegalRepresentativeSchema(Schema):
    """The legal representative declared in the dossier."""

    name = plain_text()
    email = plain_text()
    phone = plain_text()


class MilestonesSchema(Schema):
    """When the dossier passed what; null: not yet."""

    deposited_at = instant()
    admitted_at = instant(nullable=True)
    proof_file_opened_at = instant(nullable=True)
    complete_received_at = instant(nullable=True)
    complete_notified_at = instant(nullable=True)
    instructed_at = instant(nullable=True)
    decided_at = instant(nullable=True)
    ended_at = instant(nullable=True)


class WaitingTimerSchema(DueSchema):
    """An instant the dossier waits for; `due_at` is null while its clock stands."""

    element = plain_text()
    process = plain_text()
    label = plain_text()
    attached_to = plain_text(nullable=True)
    interrupting = yes_or_no()
    deadline = f.Nested(DeadlineSchema, required=True, allow_none=True)


class WaitingMessageSchema(Schema):
    """A message the dossier would hear."""

    message = plain_text()
    element = plain_text()
    boundary = yes_or_no(description="Attached to an activity, which it may interrupt.")


class OpenTasksSchema(Schema):
    """What people have to do."""

    tasks = f.List(f.Nested(OpenTaskSchema), required=True)


class WaitsSchema(Schema):
    """All the dossier waits for."""

    tasks = f.List(f.Nested(WaitingTaskSchema), required=True)
    timers = f.List(f.Nested(WaitingTimerSchema), required=True)
    messages = f.List(f.Nested(WaitingMessageSchema), required=True)


class DossierSummarySchema(Schema):
    """A dossier in a list."""

    number = plain_text()
    campaign = plain_text()
    company_name = plain_text()
    siret = plain_text()
    legal_representative = f.Nested(LegalRepresentativeSchema, required=True)
    contact_name = plain_text()
    service_name = plain_text()
    service_version = plain_text()
    dsr = plain_text()
    profiles = texts()
    attempt = whole_number(description="1 for the first deposit, more after a re-application.")
    planned_proof_on = day()
    publication_authorised = yes_or_no()
    milestones = f.Nested(MilestonesSchema, required=True)
    end = plain_text(nullable=True, description="End event reached; null while under way.")
    end_reason = plain_text(nullable=True)
    flags = texts(enum=list(FLAGS))
    waits = f.Nested(OpenTasksSchema, required=True)


class DossierSchema(DossierSummarySchema):
    """A dossier, and where it stands."""

    previous = plain_text(nullable=True, description="Number of the attempt before.")
    revision = whole_number()
    deployment = whole_number(description="The deployment of diagrams it runs on.")
    passed = f.Dict(
        keys=f.String(),
        values=f.List(f.String()),
        required=True,
        metadata={"description": "Process id → elements passed."},
    )
    waits = f.Nested(WaitsSchema, required=True)


class DossierQuery(PageQuery):
    """Which dossiers."""

    campaign = f.String(validate=NAME)
    open = f.Boolean(metadata={"description": "Under way, or ended."})
    end = f.String(validate=NAME, metadata={"description": "End event id."})
    flag = f.String(validate=validate.OneOf(FLAGS))
    waiting = f.String(validate=NAME, metadata={"description": "Id of an open human task."})


class DepositSchema(AcceptingSchema):
    """A candidature: the start form it answers, and the answer."""

    form = f.String(
        load_default="deposit_dossier",
        validate=NAME,
        metadata={"description": "deposit_dossier, or reapply after an attempt that has ended."},
    )
    campaign = f.String(validate=NAME, metadata={"description": "The latest one by default."})
    draft = f.String(
        validate=validate.Regexp(r"^[0-9a-f]{32}\Z"),
        metadata={"description": "Id of the deposit draft that ends with it; deposited once."},
    )


@part.get("/dossiers")
@allowed(*EVERYONE)
@part.arguments(DossierQuery, location="query")
@part.response(200, page_of(DossierSummarySchema))
def list_dossiers(query: dict[str, Any]) -> dict[str, Any]:
    """List dossiers, last deposited first

    An operator's persons see their own; everybody else sees all.
    """
    after = position(query.get("cursor"), datetime, int)
    filters = reader.DossierFilters(
        campaign=query.get("campaign"),
        is_open=query.get("open"),
        end=query.get("end"),
        flag=query.get("flag"),
        waiting=query.get("waiting"),
    )
    with runtime().database.reading() as session:
        rows = reader.listed(session, actor(), filters, after=after, limit=query["limit"])
        kept, following = page(rows, query["limit"], _sort_key)
        return {"items": reader.summaries(session, kept), "next": following}


class SearchQuery(Schema):
    """What is typed."""

    q = f.String(
        required=True,
        validate=validate.Length(min=2, max=100),
        metadata={"description": "Beginnings of words: number, company, service, SIRET, people."},
    )


class FoundSchema(Schema):
    """The dossiers that every typed word finds, newest first; at most 20."""

    items = f.List(f.Nested(DossierSummarySchema), required=True)


@part.get("/dossiers/search")
@allowed(*EVERYONE)
@part.arguments(SearchQuery, location="query")
@part.response(200, FoundSchema)
def search_dossiers(query: dict[str, Any]) -> dict[str, Any]:
    """Find the dossiers that I may read by the beginning of their words"""
    with runtime().database.reading() as session:
        rows = dossier_word.search(session, actor(), query["q"])
        return {"items": reader.summaries(session, rows)}


@part.get("/dossiers/<number>")
@allowed(*EVERYONE)
@part.arguments(IfNoneMatch, location="headers")
@part.response(200, DossierSchema, headers=ETAG)
@part.alt_response(304, description="You have this revision already.")
def get_dossier(_headers: dict[str, Any], number: str) -> Any:
    """Read where a dossier stands"""
    with runtime().database.reading() as session:
        dossier = reader.find(session, number, actor())
        instance = reader.instance_of(session, dossier)
        seen = unchanged(instance.revision)
        if seen is not None:
            return seen
        return reader.state(session, dossier, instance), etag(instance.revision)


@part.post("/dossiers")
@allowed(*EVERYONE)
@part.arguments(KeyHeader, location="headers")
@part.arguments(DepositSchema)
@part.response(201, ActedSchema, headers=ACT_HEADERS)
def deposit_dossier(headers: dict[str, Any], body: dict[str, Any]) -> Any:
    """Deposit a dossier, or present one again

    The diagram says which role may. A deposit outside the campaign's dates is received, and
    ends `out_of_time`.
    """
    replay = replayed(headers.get("idempotency_key"))
    draft = body.get("draft")
    done = human_tasks.start(
        runtime(),
        PROCESS,
        body["form"],
        body["answer"],
        actor(),
        campaign_id=body.get("campaign"),
        texts_version=body.get("texts_version"),
        prepared=DepositPlace(draft, body["form"], body.get("campaign")) if draft else None,
        idempotency_key=headers.get("idempotency_key"),
    )
    said = acted(done)
    return said, {
        "Location": f"{PREFIX}/dossiers/{said['dossier']}",
        **etag(done.revision),
        **replay,
    }


def acted(done: Done) -> dict[str, Any]:
    """What an act answers."""
    with runtime().database.reading() as session:
        numbers = reader.numbers(session, [done.dossier_id])
    return {"dossier": numbers.get(done.dossier_id or 0), "revision": done.revision}


def _sort_key(row: Dossier) -> tuple[str, int]:
    return row.deposited_at.isoformat(), row.id
