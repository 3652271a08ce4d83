"""The instructor's desk: the queue handed out, interests, opinions, the clock's ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response
from marshmallow import Schema, validate
from marshmallow import fields as f

from api import queue_door
from api.access import AGENCY, EVERYONE, actor, allowed
from api.context import runtime
from api.paging import PageQuery, page, page_of, position
from api.parsing import Part
from api.preconditions import REPLAYED, KeyHeader, replayed
from api.readers import desk, dossiers
from api.resources.proofs import NEVER_KEPT
from api.schemas import instant, plain_text, whole_number, yes_or_no
from workflow.domain import (
    instruction_assignment,
    interest,
    second_opinion,
    ssi,
)
from workflow.domain.call import Call
from workflow.engine import acts

part = Part("api-instruction", "The instructor's desk, and the ledger of the clocks.")
LONGEST = validate.Length(max=20_000)


class TakenSchema(Schema):
    """The dossier that was handed out."""

    dossier = plain_text(description="Its number.")


class ReasonSchema(Schema):
    """Why this one."""

    reason = f.String(load_default="", validate=LONGEST)


class DeviationSchema(Schema):
    """A dossier taken before the one that preceded it, or from a colleague."""

    id = whole_number()
    dossier = plain_text()
    instead_of = plain_text(nullable=True, description="Null when taken over from a colleague.")
    person = plain_text()
    given_by = plain_text(nullable=True, description="Who assigned it or handed it over, if any.")
    taken_at = instant()
    reason = plain_text(nullable=True, description="Null when instructed without being taken.")


class DeclarationSchema(Schema):
    """A declared interest."""

    conflict = f.Boolean(required=True)
    reason = f.String(load_default="", validate=LONGEST)


class InterestSchema(Schema):
    """What one instructor declared."""

    person = plain_text()
    conflict = yes_or_no()
    reason = plain_text()
    at = instant()


class InterestListSchema(Schema):
    """What was declared on a dossier."""

    items = f.List(f.Nested(InterestSchema), required=True)


class WrittenSchema(Schema):
    """A text."""

    text = f.String(required=True, validate=LONGEST)


class AskedSchema(Schema):
    """A question to a colleague."""

    of = f.Integer(
        required=True,
        validate=validate.Range(1, 2**31 - 1),
        metadata={"description": "Id of the person."},
    )
    question = f.String(required=True, validate=LONGEST)


class OpinionSchema(Schema):
    """A second opinion; without answer while it is awaited."""

    id = whole_number()
    question = plain_text()
    asked_by = plain_text()
    asked_of = plain_text()
    asked_at = instant()
    answer = plain_text(nullable=True)
    answered_at = instant(nullable=True)


class IntervalSchema(Schema):
    """A time during which a clock ran, or stood, and why."""

    id = whole_number()
    clock = plain_text()
    started_at = instant()
    ended_at = instant(nullable=True)
    running = yes_or_no()
    reason = plain_text()


class SsiCountsSchema(Schema):
    """How many dossiers gave each answer, by question."""

    dossiers = whole_number()
    questions = f.Dict(keys=f.String(), values=f.Dict(values=f.Integer()), required=True)


@part.post("/queue/next")
@allowed("instructor")
@part.arguments(KeyHeader, location="headers")
@part.response(201, TakenSchema, headers=REPLAYED)
def take_next(headers: dict[str, Any]) -> Any:
    """Take the next dossier of the queue"""
    key = headers.get("idempotency_key")
    replay = replayed(key)
    return {"dossier": queue_door.take_next(runtime(), actor(), key=key)}, replay


@part.post("/dossiers/<number>/taking")
@allowed("instructor")
@part.arguments(ReasonSchema)
@part.response(204)
def take(body: dict[str, Any], number: str) -> Response:
    """Take a chosen dossier; another than the next one needs a reason"""
    return _act(number, lambda call: instruction_assignment.take(call, body["reason"]))


@part.get("/queue/deviations")
@allowed(*AGENCY)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(DeviationSchema))
def list_deviations(query: dict[str, Any]) -> dict[str, Any]:
    """List what was taken out of order, newest first"""
    with runtime().database.reading() as session:
        rows = desk.deviations(session, before=_one(query), limit=query["limit"])
        return _page(rows, query)


@part.get("/dossiers/<number>/interests")
@allowed(*AGENCY)
@part.response(200, InterestListSchema)
def list_interests(number: str) -> dict[str, Any]:
    """List what instructors declared on a dossier"""
    with runtime().database.reading() as session:
        dossier = dossiers.find(session, number, actor())
        return {"items": desk.interests(session, dossier.id, actor())}


@part.post("/dossiers/<number>/interests")
@allowed(interest.DECLARING_ROLE)
@part.arguments(DeclarationSchema)
@part.response(204)
def declare(body: dict[str, Any], number: str) -> Response:
    """Declare a conflict of interest, or that there is none"""
    return _act(
        number,
        lambda call: instruction_assignment.declare_interest(
            call, has_conflict=body["conflict"], reason=body["reason"]
        ),
    )


@part.get("/dossiers/<number>/opinions")
@allowed(*AGENCY)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(OpinionSchema))
def list_opinions(query: dict[str, Any], number: str) -> dict[str, Any]:
    """List the second opinions asked on a dossier"""
    with runtime().database.reading() as session:
        dossier = dossiers.find(session, number, actor())
        rows = desk.opinions(session, dossier.id, actor(), after=_one(query), limit=query["limit"])
        return _page(rows, query)


@part.post("/dossiers/<number>/opinions")
@allowed("instructor")
@part.arguments(AskedSchema)
@part.response(204)
def ask_opinion(body: dict[str, Any], number: str) -> Response:
    """Ask a colleague or a partner for an opinion"""
    return _act(
        number, lambda call: second_opinion.ask(call, of=body["of"], question=body["question"])
    )


@part.post("/dossiers/<number>/opinions/<int(max=2147483647):opinion_id>/answer")
@allowed(*AGENCY)
@part.arguments(WrittenSchema)
@part.response(204)
def answer_opinion(body: dict[str, Any], number: str, opinion_id: int) -> Response:
    """Give the opinion that one was asked for"""
    return _act(number, lambda call: second_opinion.answer(call, opinion_id, body["text"]))


@part.get("/dossiers/<number>/clock-intervals")
@allowed(*EVERYONE)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(IntervalSchema))
def list_intervals(query: dict[str, Any], number: str) -> dict[str, Any]:
    """List when the clocks of a dossier ran and stood, and why"""
    with runtime().database.reading() as session:
        dossier = dossiers.find(session, number, actor())
        return _page(
            desk.clock(session, dossier.id, after=_one(query), limit=query["limit"]), query
        )


@part.get("/ssi-answers/counts")
@allowed("ssi_officer")
@part.response(200, SsiCountsSchema)
def count_ssi_answers() -> Any:
    """Count the answers to the SSI questionnaires"""
    with runtime().database.reading() as session:
        counted = {
            "dossiers": ssi.answered_count(session, actor()),
            "questions": ssi.counts(session, actor()),
        }
        return counted, NEVER_KEPT


def _act(number: str, verb: Callable[[Call], Any]) -> Response:
    with runtime().database.reading() as session:
        dossier_id = dossiers.find(session, number, actor()).id
    acts.perform(runtime(), actor(), dossier_id, verb)
    return Response(status=204)


def _page(rows: list[dict[str, Any]], query: dict[str, Any]) -> dict[str, Any]:
    kept, following = page(rows, query["limit"], lambda row: [row["id"]])
    return {"items": kept, "next": following}


def _one(query: dict[str, Any]) -> int | None:
    found = position(query.get("cursor"), int)
    return None if found is None else found[0]
