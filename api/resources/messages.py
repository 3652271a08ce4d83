"""Messages that a person may send to a dossier, such as its withdrawal."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, validate
from marshmallow import fields as f

from api.access import EVERYONE, actor, allowed
from api.context import runtime
from api.parsing import Part
from api.preconditions import (
    ACT_HEADERS,
    ActHeaders,
    etag,
    expected_revision,
    replayed,
    under,
)
from api.readers import dossiers as reader
from api.readers.tasks import form_facts
from api.resources.dossiers import NAME, acted
from api.resources.tasks import FormSchema
from api.schemas import ActedSchema, plain_text
from workflow.engine import messages

part = Part("api-messages", "What a person may tell a dossier, whatever it waits for.")


class SendableSchema(Schema):
    """A message that may be sent now, and the form it takes."""

    message = plain_text()
    element = plain_text()
    form = f.Nested(FormSchema, required=True, allow_none=True)


class SendablePageSchema(Schema):
    """The messages that may be sent now: few, hence one page."""

    items = f.List(f.Nested(SendableSchema), required=True)
    next = f.String(required=True, allow_none=True)


class MessageSchema(Schema):
    """A message to a dossier."""

    message = f.String(required=True, validate=NAME)
    answer = f.Dict(
        keys=f.String(validate=validate.Length(max=80)),
        load_default=dict,
        metadata={"description": "Answer to the message's form."},
    )


@part.get("/dossiers/<number>/messages")
@allowed(*EVERYONE)
@part.response(200, SendablePageSchema)
def list_sendable_messages(number: str) -> dict[str, Any]:
    """List the messages that I may send to this dossier now"""
    forms = runtime().forms
    with runtime().database.reading() as session:
        dossier = reader.find(session, number, actor())
        waits = messages.sendable(session, dossier.id, actor())
        items = [
            {
                "message": wait.message,
                "element": wait.element_id,
                "form": form_facts(forms.get(wait.form_key)) if wait.form_key else None,
            }
            for wait in waits
        ]
        return {"items": items, "next": None}


@part.post("/dossiers/<number>/messages")
@allowed(*EVERYONE)
@part.arguments(ActHeaders, location="headers")
@part.arguments(MessageSchema)
@part.response(200, ActedSchema, headers=ACT_HEADERS)
@part.alt_response(412, "PRECONDITION_FAILED")
def send_message(headers: dict[str, Any], body: dict[str, Any], number: str) -> Any:
    """Send a message to a dossier

    The diagram names the roles that may. `conflict` when the dossier does not hear it any more.
    """
    revision = expected_revision(headers.get("if_match"))
    with runtime().database.reading() as session:
        dossier_id = reader.find(session, number, actor()).id
    replay = replayed(headers.get("idempotency_key"))
    done = under(
        revision,
        lambda: _revision_now(number),
        lambda: messages.send(
            runtime(),
            dossier_id,
            body["message"],
            body["answer"],
            actor(),
            revision=revision,
            idempotency_key=headers.get("idempotency_key"),
        ),
    )
    return acted(done), {**etag(done.revision), **replay}


def _revision_now(number: str) -> int:
    with runtime().database.reading() as session:
        return reader.instance_of(session, reader.find(session, number, actor())).revision
