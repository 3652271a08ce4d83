"""What is on record of a dossier: its history, its dates, what was asked, signed and reserved."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, validate
from marshmallow import fields as f
from sqlalchemy.orm import Session

from api.access import EVERYONE, actor, allowed
from api.context import runtime
from api.paging import PageQuery, page, page_of, position
from api.parsing import Part
from api.readers import dossiers, exchanges, records
from api.schemas import DeadlineSchema, copied, instant, plain_text, texts, whole_number, yes_or_no

part = Part("api-records", "What is on record of a dossier, and of the house.")


class EntrySchema(Schema):
    """One fact of the history, linked to the one before."""

    sequence = whole_number()
    kind = plain_text(description="noun:past_verb")
    actor_name = plain_text()
    effective_at = instant(description="What the law sees.")
    recorded_at = instant(description="When it was written down.")
    commitment = plain_text(description="Salted hash of the facts.")
    link = plain_text(description="Hash of this entry and of the link before.")
    erased = yes_or_no(description="The facts were erased; the chain still holds.")
    facts = f.Dict(
        keys=f.String(),
        required=True,
        allow_none=True,
        metadata={"description": "Null for an operator's persons."},
    )


class VerdictSchema(Schema):
    """What computing the chain again found."""

    entries = whole_number()
    intact = yes_or_no()
    broken_at = whole_number(nullable=True, description="First wrong entry.")


class HistoryPageSchema(page_of(EntrySchema)):
    """A page of the history; the first one tells whether the chain holds."""

    chain = f.Nested(
        VerdictSchema,
        required=True,
        allow_none=True,
        metadata={"description": "On the first page only."},
    )


class HistoryQuery(PageQuery):
    """What of a history."""

    process = f.String(
        validate=validate.Regexp(r"^[a-z][a-z0-9_]{0,79}\Z"),
        metadata={"description": "Only what names this process, such as support_question."},
    )


class QuestionSchema(Schema):
    """One question, and what was answered to it alone."""

    number = whole_number()
    text = plain_text()
    answer = plain_text(nullable=True)


class SolicitationSchema(Schema):
    """What the operator was asked, and answered."""

    number = whole_number()
    kind = plain_text()
    state = plain_text(enum=["sent", "seen", "late", "answered", "withdrawn", "closed"])
    was_late = yes_or_no(description="Its first step passed before it was closed.")
    first_step_at = instant(nullable=True, description="When something is first lost.")
    questions = texts()
    answers = f.List(f.Nested(QuestionSchema), required=True)
    seen_at = instant(nullable=True, description="When the operator first opened it.")
    withdrawn_at = instant(nullable=True)
    withdrawal_reason = plain_text(nullable=True)
    sent_at = instant()
    answered_at = instant(nullable=True)
    answer = plain_text(nullable=True, description="What was said on the whole of it.")
    closed_at = instant(nullable=True)


class ReservationSchema(Schema):
    """A correction that the college asks for."""

    number = f.Integer(required=True, attribute="position")
    requirement = f.String(required=True, attribute="requirement_code")
    nature = plain_text()
    text = plain_text()
    correction = f.String(required=True, allow_none=True)
    corrected_at = instant(nullable=True)
    verified_at = instant(nullable=True)
    lifted_at = instant(nullable=True)


class ConventionSchema(Schema):
    """The convention as sent, and its two signatures."""

    text = plain_text()
    sha256 = f.String(required=True)
    sent_at = instant()
    signed_at = instant(nullable=True)
    countersigned_at = instant(nullable=True)


@part.get("/dossiers/<number>/history")
@allowed(*EVERYONE)
@part.arguments(HistoryQuery, location="query")
@part.response(200, HistoryPageSchema)
def get_history(query: dict[str, Any], number: str) -> dict[str, Any]:
    """Read the history of a dossier, and whether its chain holds"""
    with runtime().database.reading() as session:
        dossier = dossiers.find(session, number, actor())
        return _history(session, dossier.id, query, facts=_reads_facts())


@part.get("/history")
@allowed("auditor", "administrator")
@part.arguments(HistoryQuery, location="query")
@part.response(200, HistoryPageSchema)
def get_house_history(query: dict[str, Any]) -> dict[str, Any]:
    """Read the history of the house: diagrams, campaigns, accounts"""
    with runtime().database.reading() as session:
        return _history(session, None, query, facts=True)


@part.get("/dossiers/<number>/deadlines")
@allowed(*EVERYONE)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(DeadlineSchema))
def list_deadlines(query: dict[str, Any], number: str) -> dict[str, Any]:
    """List every legal date set for a dossier with its sum, newest first"""
    before = _one(query)
    with runtime().database.reading() as session:
        dossier = dossiers.find(session, number, actor())
        rows = records.deadlines(session, dossier.id, before=before, limit=query["limit"])
        kept, following = page(rows, query["limit"], lambda row: [row.id])
        return {"items": [dossiers.deadline_facts(row) for row in kept], "next": following}


@part.get("/dossiers/<number>/solicitations")
@allowed(*EVERYONE)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(SolicitationSchema))
def list_solicitations(query: dict[str, Any], number: str) -> dict[str, Any]:
    """List what the operator was asked about a dossier"""
    after = _one(query)
    with runtime().database.reading() as session:
        dossier = dossiers.find(session, number, actor())
        present = runtime().clock.now()
        rows = exchanges.solicitations(
            session, dossier.id, present, after=after, limit=query["limit"]
        )
        kept, following = page(rows, query["limit"], lambda row: [row["number"]])
        return {"items": kept, "next": following}


@part.get("/dossiers/<number>/reservations")
@allowed(*EVERYONE)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(ReservationSchema))
def list_reservations(query: dict[str, Any], number: str) -> dict[str, Any]:
    """List the college's reservations on a dossier"""
    after = _one(query)
    with runtime().database.reading() as session:
        dossier = dossiers.find(session, number, actor())
        rows = exchanges.reservations(session, dossier.id, after=after, limit=query["limit"])
        kept, following = page(rows, query["limit"], lambda row: [row.id])
        items = [copied(ReservationSchema, row) for row in kept]
        return {"items": items, "next": following}


@part.get("/dossiers/<number>/convention")
@allowed(*EVERYONE)
@part.response(200, ConventionSchema)
def get_convention(number: str) -> Any:
    """Read the convention of a dossier"""
    with runtime().database.reading() as session:
        found = exchanges.convention(session, dossiers.find(session, number, actor()))
        return copied(ConventionSchema, found)


def _history(
    session: Session, dossier_id: int | None, query: dict[str, Any], *, facts: bool
) -> dict[str, Any]:
    after = _one(query)
    rows = records.history(
        session,
        dossier_id,
        after=after,
        limit=query["limit"],
        facts=facts,
        process=query.get("process"),
    )
    kept, following = page(rows, query["limit"], lambda row: [row["sequence"]])
    chain = records.verdict(session, dossier_id) if after is None else None
    return {"items": kept, "next": following, "chain": chain}


def _reads_facts() -> bool:
    """Whether this person reads what entries hold: verdicts and answers, hence not the support."""
    return dossiers.sees_all(actor()) and actor().roles != {"support"}


def _one(query: dict[str, Any]) -> int | None:
    found = position(query.get("cursor"), int)
    return None if found is None else found[0]
