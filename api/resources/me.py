"""The person who asks: who I am, what I was told, my tokens."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, validate
from marshmallow import fields as f

from api import mail_door, token_door
from api.access import EVERYONE, actor, allowed, by_token
from api.context import runtime, system_now
from api.paging import PageQuery, page, page_of, position
from api.parsing import Part
from api.readers import exchanges
from api.schemas import copied, instant, plain_text, texts, whole_number
from workflow.domain import api_token
from workflow.domain.api_token import LONGEST_LABEL
from workflow.domain.mail_preference import RHYTHMS, MailChoice
from workflow.domain.notification_duty import DUTIES
from workflow.domain.person import ROLES, Operator, Person
from workflow.errors import NotAllowed

part = Part("api-me", "The person who asks.")


class MeSchema(Schema):
    """Who I am and in what capacity."""

    name = plain_text()
    email = plain_text()
    roles = texts(enum=list(ROLES))
    company_name = plain_text(nullable=True)


class NotificationSchema(Schema):
    """What a role of mine was told."""

    id = whole_number()
    dossier = plain_text()
    role = plain_text()
    kind = plain_text()
    subject = plain_text()
    body = plain_text()
    created_at = instant()
    read_at = instant(nullable=True)


class MailChoiceSchema(Schema):
    """How I want copies by mail."""

    rhythm = f.String(
        required=True,
        validate=validate.OneOf(RHYTHMS),
        metadata={"description": "When information leaves; what is legally due leaves at once."},
    )
    declined = f.List(
        f.String(validate=validate.Length(1, 60)),
        required=True,
        validate=validate.Length(max=len(DUTIES)),
        metadata={"description": "Kinds of notification of which I want no copy."},
    )


class MailPreferenceSchema(MailChoiceSchema):
    """How I want copies by mail, and what I may choose about."""

    optional = texts(description="The kinds that I may decline.")


class TokenSchema(Schema):
    """A token, without its text."""

    id = whole_number()
    label = plain_text()
    created_at = instant()
    last_used_at = instant(nullable=True)


class TokenPageSchema(Schema):
    """My tokens: few, hence one page."""

    items = f.List(f.Nested(TokenSchema), required=True)
    next = f.String(required=True, allow_none=True)


class TokenRequestSchema(Schema):
    """A token to make."""

    label = f.String(
        required=True,
        validate=validate.And(
            validate.Length(1, LONGEST_LABEL),
            validate.Regexp(r"^.*\S", error="Say what it is for."),
        ),
        metadata={"description": "What it is for."},
    )


class NewTokenSchema(Schema):
    """A new token; its text is shown this once."""

    token = plain_text()


@part.get("/me")
@allowed(*EVERYONE)
@part.response(200, MeSchema)
def get_me() -> dict[str, Any]:
    """Read who I am"""
    me = actor()
    with runtime().database.reading() as session:
        person = session.get_one(Person, me.person_id)
        operator = session.get(Operator, me.operator_id) if me.operator_id else None
        return {
            "name": me.name,
            "email": person.email,
            "roles": [role for role in ROLES if role in me.roles],
            "company_name": operator.company_name if operator else None,
        }


@part.get("/me/notifications")
@allowed(*EVERYONE)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(NotificationSchema))
def list_my_notifications(query: dict[str, Any]) -> dict[str, Any]:
    """List what my roles were told, newest first"""
    before = position(query.get("cursor"), int)
    with runtime().database.reading() as session:
        rows = exchanges.inbox(
            session, actor(), before=before[0] if before else None, limit=query["limit"]
        )
        kept, following = page(rows, query["limit"], lambda row: [row["id"]])
        return {"items": kept, "next": following}


@part.put("/me/notifications/<int(max=2147483647):notification_id>/read")
@allowed(*EVERYONE)
@part.response(204)
def mark_notification_read(notification_id: int) -> Response:
    """Keep that a notification was read"""
    mail_door.mark_read(runtime(), actor(), notification_id)
    return Response(status=204)


@part.get("/me/mail-preferences")
@allowed(*EVERYONE)
@part.response(200, MailPreferenceSchema)
def get_my_mail_preferences() -> dict[str, Any]:
    """Read how I want copies by mail"""
    return _mail_preferences(mail_door.choice_of(runtime(), actor()))


@part.put("/me/mail-preferences")
@allowed(*EVERYONE)
@part.arguments(MailChoiceSchema)
@part.response(200, MailPreferenceSchema)
def choose_my_mails(body: dict[str, Any]) -> dict[str, Any]:
    """Choose how I want copies by mail

    What is legally due always leaves at once, and cannot be declined.
    """
    return _mail_preferences(
        mail_door.choose(runtime(), actor(), body["rhythm"], body["declined"], system_now())
    )


def _mail_preferences(choice: MailChoice) -> dict[str, Any]:
    return {
        "rhythm": choice.rhythm,
        "declined": sorted(choice.declined),
        "optional": list(choice.optional),
    }


@part.get("/me/tokens")
@allowed(*EVERYONE)
@part.response(200, TokenPageSchema)
def list_my_tokens() -> dict[str, Any]:
    """List my tokens"""
    with runtime().database.reading() as session:
        rows = api_token.of_person(session, actor().person_id or 0)
        return {"items": [copied(TokenSchema, row) for row in rows], "next": None}


@part.post("/me/tokens")
@allowed(*EVERYONE)
@part.arguments(TokenRequestSchema)
@part.response(201, NewTokenSchema)
def create_my_token(body: dict[str, Any]) -> dict[str, Any]:
    """Make a token for a program that acts for me

    Only in a session: a token that leaked must not make others.
    """
    if by_token():
        raise NotAllowed("Expected a session but found a token. Sign in to make a token.")
    return {"token": token_door.create(runtime(), actor(), body["label"], system_now())}


@part.delete("/me/tokens/<int(max=2147483647):token_id>")
@allowed(*EVERYONE)
@part.response(204)
def revoke_my_token(token_id: int) -> Response:
    """End a token of mine"""
    token_door.revoke(runtime(), actor(), token_id, system_now())
    return Response(status=204)
