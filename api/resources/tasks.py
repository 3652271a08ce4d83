"""Human tasks: what waits for me, one with its form, and its completion."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import Schema
from marshmallow import fields as f

from api.access import EVERYONE, actor, allowed
from api.context import runtime
from api.paging import PageQuery, page, page_of, position
from api.parsing import Part
from api.preconditions import (
    ACT_HEADERS,
    ETAG,
    ActHeaders,
    IfNoneMatch,
    etag,
    expected_revision,
    replayed,
    unchanged,
    under,
)
from api.readers import tasks as reader
from api.resources.dossiers import acted
from api.schemas import (
    AcceptingSchema,
    ActedSchema,
    DeadlineSchema,
    DueSchema,
    instant,
    plain_text,
    whole_number,
    yes_or_no,
)
from workflow.engine import human_tasks
from workflow.engine.waiting import HumanTask

part = Part("api-tasks", "What people have to do.")


class TaskSummarySchema(DueSchema):
    """A human task in a list."""

    id = plain_text()
    dossier = plain_text(nullable=True, description="Number of the dossier; null for a session.")
    element = plain_text()
    process = plain_text()
    label = plain_text()
    role = plain_text()
    form_key = plain_text()
    opened_at = instant()


class OptionSchema(Schema):
    """One possible answer."""

    value = plain_text()
    label = plain_text()


class ComponentSchema(Schema):
    """One element of a form."""

    kind = plain_text()
    key = plain_text()
    answer_type = plain_text(description="text, lines, number, date, choice, choices, boolean, …")
    label = plain_text()
    description = plain_text()
    required = yes_or_no()
    hidden_when = plain_text(
        nullable=True, description="FEEL over the answer: then it is not asked."
    )
    options = f.List(f.Nested(OptionSchema), required=True)
    max_length = whole_number()
    pattern = plain_text(nullable=True)
    minimum = plain_text(nullable=True)
    maximum = plain_text(nullable=True)
    components = f.List(f.Nested(lambda: ComponentSchema()), required=True)


class FormSchema(Schema):
    """A form: what may be answered, and how."""

    key = plain_text()
    title = plain_text()
    description = plain_text()
    texts_version = plain_text(
        nullable=True,
        description="Fingerprint of the commitments it asks to accept; null without any.",
    )
    components = f.List(f.Nested(ComponentSchema), required=True)


class TaskSchema(TaskSummarySchema):
    """A human task with its form."""

    closed_at = instant(nullable=True)
    closed_by = plain_text(nullable=True, description="completed, timer, message or cancelled.")
    is_mine = yes_or_no(description="Open, and for a role of yours.")
    deadline = f.Nested(DeadlineSchema, required=True, allow_none=True)
    revision = whole_number()
    form = f.Nested(FormSchema, required=True)


@part.get("/tasks")
@allowed(*EVERYONE)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(TaskSummarySchema))
def list_my_tasks(query: dict[str, Any]) -> dict[str, Any]:
    """List the open tasks that wait for me, oldest first"""
    after = position(query.get("cursor"), datetime, str)
    with runtime().database.reading() as session:
        rows = reader.mine(session, actor(), after=after, limit=query["limit"])
        kept, following = page(rows, query["limit"], _sort_key)
        return {"items": reader.summaries(session, kept), "next": following}


@part.get("/tasks/<task_id>")
@allowed(*EVERYONE)
@part.arguments(IfNoneMatch, location="headers")
@part.response(200, TaskSchema, headers=ETAG)
@part.alt_response(304, description="You have this revision already.")
def get_task(_headers: dict[str, Any], task_id: str) -> Any:
    """Read a task and its form"""
    with runtime().database.reading() as session:
        task = reader.find(session, task_id, actor())
        revision = reader.revision_of(session, task)
        seen = unchanged(revision)
        if seen is not None:
            return seen
        form = runtime().forms.get(task.form_key)
        return reader.detail(session, task, actor(), form), etag(revision)


@part.get("/forms/<key>")
@allowed(*EVERYONE)
@part.response(200, FormSchema)
def get_form(key: str) -> dict[str, Any]:
    """Read a form by its key, such as deposit_dossier"""
    return reader.form_facts(runtime().forms.get(key))


@part.post("/tasks/<task_id>/completion")
@allowed(*EVERYONE)
@part.arguments(ActHeaders, location="headers")
@part.arguments(AcceptingSchema)
@part.response(200, ActedSchema, headers=ACT_HEADERS)
@part.alt_response(412, "PRECONDITION_FAILED")
def complete_task(headers: dict[str, Any], body: dict[str, Any], task_id: str) -> Any:
    """Complete a task with an answer to its form

    Refused `out_of_time` once its deadline has fired, `conflict` when it is done already.
    """
    revision = expected_revision(headers.get("if_match"))
    replay = replayed(headers.get("idempotency_key"))
    done = under(
        revision,
        lambda: _revision_now(task_id),
        lambda: human_tasks.complete(
            runtime(),
            task_id,
            body["answer"],
            actor(),
            revision=revision,
            texts_version=body.get("texts_version"),
            idempotency_key=headers.get("idempotency_key"),
        ),
    )
    return acted(done), {**etag(done.revision), **replay}


def _revision_now(task_id: str) -> int:
    with runtime().database.reading() as session:
        return reader.revision_of(session, reader.find(session, task_id, actor()))


def _sort_key(row: HumanTask) -> tuple[str, str]:
    return row.opened_at.isoformat(), row.id
