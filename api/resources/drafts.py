"""Drafts of tasks: what was typed and not sent yet, shared by whoever may complete the task."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import EXCLUDE, Schema
from marshmallow import fields as f
from werkzeug.exceptions import PreconditionFailed

from api.access import EVERYONE, actor, allowed
from api.context import runtime
from api.parsing import Part
from api.preconditions import etag, expected_revision
from api.readers import tasks as reader
from api.schemas import AnswerSchema, instant, plain_text, whole_number
from workflow.engine import drafts, human_tasks
from workflow.engine.drafts import Draft, StaleDraft
from workflow.errors import NotFound

part = Part("api-drafts", "What was typed in a task and not sent yet.")

DRAFT_ETAG: dict[str, Any] = {
    "ETag": {
        "description": "The revision of the draft; send it back in If-Match.",
        "schema": {"type": "string"},
    }
}


class DraftSchema(Schema):
    """A draft: no act, in no history; it ends with its task."""

    task = plain_text()
    revision = whole_number(description="Counts its versions from 1.")
    saved_at = instant()
    saved_by = plain_text()
    answer = f.Dict(keys=f.String(), required=True)


class DraftHeaders(Schema):
    """The version that is replaced."""

    class Meta:
        unknown = EXCLUDE

    if_match = f.String(
        data_key="If-Match",
        metadata={
            "description": 'ETag you have read, "0" for none yet: refused with 412 when it changed.'
        },
    )


@part.get("/tasks/<task_id>/draft")
@allowed(*EVERYONE)
@part.response(200, DraftSchema, headers=DRAFT_ETAG)
def get_draft(task_id: str) -> Any:
    """Read the draft of a task that I may complete"""
    with runtime().database.reading() as session:
        task = reader.find(session, task_id, actor())
        human_tasks.require_may_complete(session, task, actor())
        found = drafts.find(session, task.id) if task.closed_at is None else None
        if found is None:
            raise NotFound(f"Expected a draft of task {task_id} but there is none. Save one first.")
        return _facts(found), etag(found.revision)


@part.put("/tasks/<task_id>/draft")
@allowed(*EVERYONE)
@part.arguments(DraftHeaders, location="headers")
@part.arguments(AnswerSchema)
@part.response(200, DraftSchema, headers=DRAFT_ETAG)
@part.alt_response(412, "PRECONDITION_FAILED")
def put_draft(headers: dict[str, Any], body: dict[str, Any], task_id: str) -> Any:
    """Keep what was typed so far

    Nothing of it is checked against the form. `conflict` once the task is over.
    """
    _require_task(task_id)
    try:
        saved = drafts.save(
            runtime(),
            task_id,
            body["answer"],
            actor(),
            revision=expected_revision(headers.get("if_match")),
        )
    except StaleDraft as stale:
        raise _changed(stale) from stale
    return _facts(saved), etag(saved.revision)


@part.delete("/tasks/<task_id>/draft")
@allowed(*EVERYONE)
@part.arguments(DraftHeaders, location="headers")
@part.response(204)
@part.alt_response(412, "PRECONDITION_FAILED")
def delete_draft(headers: dict[str, Any], task_id: str) -> Response:
    """Throw a draft away"""
    _require_task(task_id)
    try:
        drafts.discard(
            runtime(), task_id, actor(), revision=expected_revision(headers.get("if_match"))
        )
    except StaleDraft as stale:
        raise _changed(stale) from stale
    return Response(status=204)


def _require_task(task_id: str) -> None:
    """Refuse a task that this person may not even know of, in the words of one that is not."""
    with runtime().database.reading() as session:
        reader.find(session, task_id, actor())


def _changed(stale: StaleDraft) -> PreconditionFailed:
    return PreconditionFailed(str(stale))


def _facts(found: Draft) -> dict[str, Any]:
    return {
        "task": found.id,
        "revision": found.revision,
        "saved_at": found.saved_at,
        "saved_by": found.saved_by,
        "answer": found.answer,
    }
