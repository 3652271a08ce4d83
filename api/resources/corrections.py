"""Corrections of clerical errors after the deposit, with the operator's agreement. [règle 41]"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema

from api.access import EVERYONE, actor, allowed
from api.context import runtime
from api.paging import PageQuery, page, page_of, position
from api.parsing import Part
from api.preconditions import (
    ACT_HEADERS,
    ActHeaders,
    KeyHeader,
    etag,
    expected_revision,
    replayed,
    under,
)
from api.problems import PREFIX
from api.readers import beside as reader
from api.readers import dossiers as dossier_reader
from api.schemas import AnswerSchema, instant, plain_text, whole_number
from workflow.domain import correction
from workflow.domain.correctable import CORRECTABLE
from workflow.domain.correction import PROPOSERS
from workflow.domain.person import OPERATOR_SIDE
from workflow.engine import human_tasks, messages
from workflow.engine.turn import Done

part = Part("api-corrections", "Corrections of clerical errors, which the operator agrees to.")
Json = dict[str, Any]


class CorrectionSchema(Schema):
    """A correction that was proposed, and what became of it."""

    id = whole_number()
    fact = plain_text(enum=list(CORRECTABLE))
    old_value = plain_text()
    new_value = plain_text()
    reason = plain_text()
    proposed_by = plain_text()
    proposed_at = instant()
    outcome = plain_text(
        nullable=True,
        description="agreed, declined, withdrawn, lapsed; null while it waits for an answer.",
    )
    concluded_by = plain_text(nullable=True)
    concluded_at = instant(nullable=True)
    answer_reason = plain_text(nullable=True, description="Why it was declined or withdrawn.")


@part.get("/dossiers/<number>/corrections")
@allowed(*EVERYONE)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(CorrectionSchema))
def list_corrections(query: Json, number: str) -> Json:
    """List the corrections proposed on a dossier, newest first"""
    before = position(query.get("cursor"), int)
    with runtime().database.reading() as session:
        dossier = dossier_reader.find(session, number, actor())
        rows = reader.corrections(
            session, dossier.id, before=before[0] if before else None, limit=query["limit"]
        )
        kept, following = page(rows, query["limit"], lambda row: [row.correction.id])
        return {"items": [reader.correction_facts(row) for row in kept], "next": following}


@part.post("/dossiers/<number>/corrections")
@allowed(*PROPOSERS)
@part.arguments(KeyHeader, location="headers")
@part.arguments(AnswerSchema)
@part.response(201, CorrectionSchema, headers=ACT_HEADERS)
def propose_correction(headers: Json, body: Json, number: str) -> Any:
    """Propose to correct one fact of the deposit

    Answer to the form `propose_correction`. Nothing changes before the operator agrees. The
    profiles, the DSR and the SIRET are never corrected so.
    """
    key = headers.get("idempotency_key")
    with runtime().database.reading() as session:
        dossier_id = dossier_reader.find(session, number, actor()).id
    replay = replayed(key)
    done = human_tasks.start(
        runtime(),
        correction.PROCESS,
        correction.PROPOSE,
        body["answer"],
        actor(),
        about_dossier_id=dossier_id,
        idempotency_key=key,
    )
    said = _of_instance(done.instance_id)
    location = f"{PREFIX}/dossiers/{number}/corrections"
    return said, {"Location": location, **etag(done.revision), **replay}


@part.post("/dossiers/<number>/corrections/<int(max=2147483647):correction_id>/answer")
@allowed(*sorted(OPERATOR_SIDE))
@part.arguments(ActHeaders, location="headers")
@part.arguments(AnswerSchema)
@part.response(200, CorrectionSchema, headers=ACT_HEADERS)
@part.alt_response(412, "PRECONDITION_FAILED")
def answer_correction(headers: Json, body: Json, number: str, correction_id: int) -> Any:
    """Agree to a correction, or decline it

    Answer to the form `agree_correction`. `conflict` when the fact has changed meanwhile, and
    on a dossier that is suspended or has ended.
    """
    instance_id = _instance_of(number, correction_id)
    with runtime().database.reading() as session:
        task_id = reader.last_task(session, instance_id)
    return _act(
        headers,
        instance_id,
        lambda revision, key: human_tasks.complete(
            runtime(), task_id, body["answer"], actor(), revision=revision, idempotency_key=key
        ),
    )


@part.post("/dossiers/<number>/corrections/<int(max=2147483647):correction_id>/withdrawal")
@allowed(*PROPOSERS)
@part.arguments(ActHeaders, location="headers")
@part.arguments(AnswerSchema)
@part.response(200, CorrectionSchema, headers=ACT_HEADERS)
@part.alt_response(412, "PRECONDITION_FAILED")
def withdraw_correction(headers: Json, body: Json, number: str, correction_id: int) -> Any:
    """Take a proposal back before it is answered

    Answer to the form `withdraw_correction`: its reason.
    """
    instance_id = _instance_of(number, correction_id)
    return _act(
        headers,
        instance_id,
        lambda revision, key: messages.send_beside(
            runtime(),
            instance_id,
            correction.WITHDRAW,
            body["answer"],
            actor(),
            revision=revision,
            idempotency_key=key,
        ),
    )


def _act(headers: Json, instance_id: int, act: Any) -> Any:
    revision = expected_revision(headers.get("if_match"))
    key = headers.get("idempotency_key")
    replay = replayed(key)
    done: Done = under(revision, lambda: _revision(instance_id), lambda: act(revision, key))
    return _of_instance(instance_id), {**etag(done.revision), **replay}


def _instance_of(number: str, correction_id: int) -> int:
    with runtime().database.reading() as session:
        dossier = dossier_reader.find(session, number, actor())
        return correction.find(session, dossier.id, correction_id).instance_id


def _of_instance(instance_id: int) -> Json:
    with runtime().database.reading() as session:
        return reader.correction_facts(correction.one_of_instance(session, instance_id))


def _revision(instance_id: int) -> int:
    with runtime().database.reading() as session:
        return reader.revision_of(session, instance_id)
