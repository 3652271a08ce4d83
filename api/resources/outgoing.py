"""What leaves the tool: incidents of the outbox, and the log of mail copies."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, validate
from marshmallow import fields as f

from api import mail_door
from api.access import actor, allowed
from api.context import runtime
from api.paging import PageQuery, page, page_of, position
from api.parsing import Part
from api.schemas import instant, plain_text, whole_number
from workflow import outbox
from workflow.domain import mail_delivery
from workflow.domain.dossier import Dossier
from workflow.domain.mail_delivery import STATES

part = Part("api-outgoing", "What leaves the tool: mails and documents, and what could not.")
READERS = ("administrator", "auditor", "support")


class IncidentSchema(Schema):
    """An effect that was given up after its last try."""

    id = whole_number()
    topic = plain_text()
    created_at = instant()
    attempts = whole_number()
    last_error = plain_text(nullable=True)


class RetriedSchema(Schema):
    """Which incidents are tried again."""

    retried = f.List(f.Integer(), required=True)


class MailDeliverySchema(Schema):
    """What became of one copy by mail of one notification."""

    id = whole_number()
    notification = whole_number(nullable=True)
    dossier = plain_text(nullable=True)
    kind = plain_text()
    address = plain_text()
    state = f.String(required=True, validate=validate.OneOf(STATES))
    attempts = whole_number()
    failure = plain_text(nullable=True)
    reply_code = whole_number(nullable=True)
    last_error = plain_text(nullable=True)
    message_id = plain_text()
    queued_at = instant()
    tried_at = instant(nullable=True)
    settled_at = instant(nullable=True)


class DeliveryQuery(PageQuery):
    """Which copies."""

    state = f.String(validate=validate.OneOf(STATES))


@part.get("/outbox/incidents")
@allowed(*READERS)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(IncidentSchema))
def list_incidents(query: dict[str, Any]) -> dict[str, Any]:
    """List what could not leave, oldest first"""
    after = position(query.get("cursor"), int)
    with runtime().database.reading() as session:
        rows = outbox.incidents(session, after=after[0] if after else 0, limit=query["limit"] + 1)
        kept, following = page(rows, query["limit"], lambda row: [row.id])
        items = [
            {
                "id": row.id,
                "topic": row.kind,
                "created_at": row.created_at,
                "attempts": row.attempts,
                "last_error": row.last_error,
            }
            for row in kept
        ]
        return {"items": items, "next": following}


@part.post("/outbox/incidents/<int(max=2147483647):message_id>/retry")
@allowed("administrator")
@part.response(200, RetriedSchema)
def retry_incident(message_id: int) -> dict[str, Any]:
    """Try an incident again

    It has all its tries again. Refused as `conflict` when it is no incident.
    """
    return {"retried": mail_door.retry(runtime(), actor(), message_id)}


@part.post("/outbox/incidents/retry")
@allowed("administrator")
@part.response(200, RetriedSchema)
def retry_all_incidents() -> dict[str, Any]:
    """Try every incident again"""
    return {"retried": mail_door.retry(runtime(), actor())}


@part.get("/mail-deliveries")
@allowed(*READERS)
@part.arguments(DeliveryQuery, location="query")
@part.response(200, page_of(MailDeliverySchema))
def list_mail_deliveries(query: dict[str, Any]) -> dict[str, Any]:
    """List the copies by mail, newest first"""
    before = position(query.get("cursor"), int)
    with runtime().database.reading() as session:
        rows = mail_delivery.log_of(
            session,
            state=query.get("state"),
            before=before[0] if before else None,
            limit=query["limit"] + 1,
        )
        kept, following = page(rows, query["limit"], lambda row: [row[0].id])
        names = ("id", "kind", "address", "state", "attempts", "failure", "reply_code")
        more = ("last_error", "message_id", "queued_at", "tried_at", "settled_at")
        items = [
            {
                **{name: getattr(copy, name) for name in (*names, *more)},
                "notification": copy.notification_id,
                "dossier": session.get_one(Dossier, told.dossier_id).number if told else None,
            }
            for copy, told in kept
        ]
        return {"items": items, "next": following}
