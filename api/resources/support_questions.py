"""Questions to the support on the functioning of the tool (DSR 4.6)."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema
from marshmallow import fields as f

from api.access import actor, allowed
from api.context import runtime
from api.paging import PageQuery, page, page_of, position
from api.parsing import Part
from api.preconditions import (
    ACT_HEADERS,
    ETAG,
    ActHeaders,
    KeyHeader,
    etag,
    expected_revision,
    replayed,
    under,
)
from api.problems import PREFIX
from api.readers import beside as reader
from api.schemas import AnswerSchema, instant, plain_text, texts, whole_number
from workflow.domain import support_question
from workflow.domain.person import OPERATOR_SIDE
from workflow.domain.support_question import READERS
from workflow.engine import human_tasks, messages
from workflow.engine.turn import Done

part = Part("api-support-questions", "Questions on the tool: they move nothing of any dossier.")
Json = dict[str, Any]
ASKERS = tuple(sorted(OPERATOR_SIDE))


class SupportMessageSchema(Schema):
    """One message of a thread."""

    kind = plain_text(enum=["asked", "answered", "redirected", "asked_again"])
    text = plain_text()
    by = plain_text()
    at = instant()


class SupportQuestionSchema(Schema):
    """A thread in a list."""

    id = whole_number()
    subject = plain_text()
    asked_at = instant()
    closed_at = instant(nullable=True)
    state = plain_text(enum=["waiting", "answered", "redirected", "closed"])


class SupportThreadSchema(SupportQuestionSchema):
    """A thread with what was said, and what I may do in it."""

    messages = f.List(f.Nested(SupportMessageSchema), required=True)
    task = plain_text(nullable=True, description="The task to answer it, for the support.")
    may_send = texts(description="Messages that I may send to it now.")
    revision = whole_number()


@part.get("/support-questions")
@allowed(*ASKERS, *READERS)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(SupportQuestionSchema))
def list_support_questions(query: Json) -> Json:
    """List the questions I may read, newest first"""
    before = position(query.get("cursor"), int)
    with runtime().database.reading() as session:
        rows = reader.questions(
            session, actor(), before=before[0] if before else None, limit=query["limit"]
        )
        kept, following = page(rows, query["limit"], lambda row: [row["id"]])
        return {"items": kept, "next": following}


@part.post("/support-questions")
@allowed(*ASKERS)
@part.arguments(KeyHeader, location="headers")
@part.arguments(AnswerSchema)
@part.response(201, SupportThreadSchema, headers=ACT_HEADERS)
def ask_support(headers: Json, body: Json) -> Any:
    """Ask the support a question

    Answer to the form `ask_support`: subject and text.
    """
    replay = replayed(headers.get("idempotency_key"))
    done = human_tasks.start(
        runtime(),
        support_question.PROCESS,
        support_question.ASK,
        body["answer"],
        actor(),
        aside=True,
        idempotency_key=headers.get("idempotency_key"),
    )
    with runtime().database.reading() as session:
        opened = support_question.of_instance(session, done.instance_id)
        said = reader.thread(session, opened.id, actor())
    location = f"{PREFIX}/support-questions/{said['id']}"
    return said, {"Location": location, **etag(done.revision), **replay}


@part.get("/support-questions/<int(max=2147483647):question_id>")
@allowed(*ASKERS, *READERS)
@part.response(200, SupportThreadSchema, headers=ETAG)
def get_support_question(question_id: int) -> Any:
    """Read a question and its thread"""
    with runtime().database.reading() as session:
        said = reader.thread(session, question_id, actor())
    return said, etag(said["revision"])


@part.post("/support-questions/<int(max=2147483647):question_id>/answer")
@allowed("support")
@part.arguments(ActHeaders, location="headers")
@part.arguments(AnswerSchema)
@part.response(200, SupportThreadSchema, headers=ACT_HEADERS)
@part.alt_response(412, "PRECONDITION_FAILED")
def answer_support_question(headers: Json, body: Json, question_id: int) -> Any:
    """Answer a question, or send it back with the way to go

    Answer to the form `answer_support`. `conflict` when it is answered or closed already.
    """
    with runtime().database.reading() as session:
        found = support_question.visible_to(session, question_id, actor())
        task_id = reader.last_task(session, found.instance_id)
    return _act(
        headers,
        question_id,
        lambda revision, key: human_tasks.complete(
            runtime(), task_id, body["answer"], actor(), revision=revision, idempotency_key=key
        ),
    )


@part.post("/support-questions/<int(max=2147483647):question_id>/messages")
@allowed(*ASKERS)
@part.arguments(ActHeaders, location="headers")
@part.arguments(AnswerSchema)
@part.response(200, SupportThreadSchema, headers=ACT_HEADERS)
@part.alt_response(412, "PRECONDITION_FAILED")
def ask_support_again(headers: Json, body: Json, question_id: int) -> Any:
    """Write to the support again in the same thread

    Answer to the form `ask_support_again`. `conflict` before an answer, and once closed.
    """
    return _send(headers, question_id, support_question.ASK_AGAIN, body["answer"])


@part.post("/support-questions/<int(max=2147483647):question_id>/closure")
@allowed(*ASKERS)
@part.arguments(ActHeaders, location="headers")
@part.response(200, SupportThreadSchema, headers=ACT_HEADERS)
@part.alt_response(412, "PRECONDITION_FAILED")
def close_support_question(headers: Json, question_id: int) -> Any:
    """Close a question of mine, answered or not"""
    return _send(headers, question_id, support_question.CLOSE, {})


def _send(headers: Json, question_id: int, message: str, answer: Json) -> Any:
    with runtime().database.reading() as session:
        instance_id = support_question.visible_to(session, question_id, actor()).instance_id
    return _act(
        headers,
        question_id,
        lambda revision, key: messages.send_beside(
            runtime(), instance_id, message, answer, actor(), revision=revision, idempotency_key=key
        ),
    )


def _act(headers: Json, question_id: int, act: Any) -> Any:
    revision = expected_revision(headers.get("if_match"))
    key = headers.get("idempotency_key")
    replay = replayed(key)
    done: Done = under(
        revision, lambda: _thread(question_id)["revision"], lambda: act(revision, key)
    )
    return _thread(question_id), {**etag(done.revision), **replay}


def _thread(question_id: int) -> Json:
    with runtime().database.reading() as session:
        return reader.thread(session, question_id, actor())
