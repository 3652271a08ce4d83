"""Internal notes on a dossier, as threads, and where one is mentioned: the Agency's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, validate
from marshmallow import fields as f

from api.access import AGENCY, actor, allowed
from api.context import runtime
from api.paging import PageQuery, page, page_of, position
from api.parsing import Part
from api.preconditions import ETAG, ActHeaders, expected_revision, under
from api.readers import desk, dossiers
from api.schemas import instant, plain_text, texts, whole_number, yes_or_no
from workflow.domain import internal_note, note_mention
from workflow.domain.call import Call
from workflow.domain.internal_note import InternalNote
from workflow.engine import acts

part = Part("api-notes", "Internal notes on a dossier, and mentions.")
LONGEST = validate.Length(max=20_000)
NOTES = "/dossiers/<number>/notes"
ONE = f"{NOTES}/<int(max=2147483647):note_id>"
ID = validate.Range(1, 2**31 - 1)


class NoteWordsSchema(Schema):
    """What a note says; a name after an at sign mentions a colleague, as do their ids."""

    text = f.String(required=True, validate=LONGEST)
    mentioned = f.List(
        f.Integer(validate=ID),
        load_default=list[int],
        validate=validate.Length(max=50),
        metadata={"description": "Ids of the colleagues to tell, beside those named in the text."},
    )


class NewNoteSchema(NoteWordsSchema):
    """A note, or a reply to one."""

    anchor = f.String(
        load_default="",
        validate=validate.Length(max=80),
        metadata={"description": "`requirement:CODE`, `reservation:NUMBER`; else the dossier."},
    )
    reply_to = f.Integer(load_default=None, allow_none=True, validate=ID)


class SettlingSchema(Schema):
    """Whether a thread is settled."""

    resolved = f.Boolean(required=True)


class NoteSchema(Schema):
    """An internal note; the text of one that was withdrawn is for the auditor."""

    id = whole_number()
    text = plain_text(nullable=True)
    author = plain_text()
    at = instant()
    anchor = plain_text()
    reply_to = whole_number(nullable=True)
    mentions = texts(description="Names of those it mentions.")
    revision = whole_number(description="How often it was worded again.")
    edited_at = instant(nullable=True)
    withdrawn_at = instant(nullable=True)
    resolved_at = instant(nullable=True, description="Of the note that begins a thread.")


class WordedNoteSchema(NoteSchema):
    """A note as it was just written."""

    not_reached = texts(
        description="Who is mentioned and away, when a conflict of interest or a recusal keeps"
        " their stand-in off the dossier: nobody is told in their place."
    )


class MentionSchema(Schema):
    """A note that mentions me."""

    id = whole_number()
    dossier = plain_text()
    note = whole_number()
    text = plain_text()
    author = plain_text()
    anchor = plain_text()
    at = instant()
    settled = yes_or_no(description="Whether its thread is settled.")


@part.get(NOTES)
@allowed(*AGENCY)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(NoteSchema))
def list_notes(query: dict[str, Any], number: str) -> dict[str, Any]:
    """List the internal notes on a dossier"""
    with runtime().database.reading() as session:
        dossier = dossiers.find(session, number, actor())
        rows = desk.notes(session, dossier.id, actor(), after=_one(query), limit=query["limit"])
        kept, following = page(rows, query["limit"], lambda row: [row["id"]])
        return {"items": kept, "next": following}


@part.post(NOTES)
@allowed(*AGENCY)
@part.arguments(NewNoteSchema)
@part.response(201, WordedNoteSchema, headers=ETAG)
def add_note(body: dict[str, Any], number: str) -> Any:
    """Add an internal note, or a reply"""
    return _act(
        number,
        lambda call: internal_note.add(
            call,
            body["text"],
            anchor=body["anchor"],
            reply_to=body["reply_to"],
            mentioned=body["mentioned"],
        ),
    )


@part.put(ONE)
@allowed(*AGENCY)
@part.arguments(ActHeaders, location="headers")
@part.arguments(NoteWordsSchema)
@part.response(200, WordedNoteSchema, headers=ETAG)
@part.alt_response(412, "PRECONDITION_FAILED")
def edit_note(headers: dict[str, Any], body: dict[str, Any], number: str, note_id: int) -> Any:
    """Word one's own note again, within ten minutes; what it said is kept"""
    revision = expected_revision(headers.get("if_match"))

    def verb(call: Call) -> InternalNote:
        return internal_note.edit(
            call, note_id, body["text"], mentioned=body["mentioned"], revision=revision
        )

    return under(revision, lambda: _revision(number, note_id), lambda: _act(number, verb))


@part.post(f"{ONE}/withdrawal")
@allowed(*AGENCY)
@part.response(200, NoteSchema, headers=ETAG)
def withdraw_note(number: str, note_id: int) -> Any:
    """Take one's own note back; its trace stays"""
    return _act(number, lambda call: internal_note.withdraw(call, note_id))


@part.put(f"{ONE}/resolution")
@allowed(*AGENCY)
@part.arguments(SettlingSchema)
@part.response(200, NoteSchema, headers=ETAG)
def settle_thread(body: dict[str, Any], number: str, note_id: int) -> Any:
    """Say that a thread is settled, or that it is not any more"""
    resolved = body["resolved"]
    return _act(number, lambda call: internal_note.resolve(call, note_id, resolved=resolved))


@part.get("/me/mentions")
@allowed(*AGENCY)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(MentionSchema))
def list_my_mentions(query: dict[str, Any]) -> dict[str, Any]:
    """List the notes that mention me, newest first"""
    with runtime().database.reading() as session:
        rows = desk.mentions(session, actor(), before=_one(query), limit=query["limit"])
        kept, following = page(rows, query["limit"], lambda row: [row["id"]])
        return {"items": kept, "next": following}


def _act(number: str, verb: Callable[[Call], InternalNote]) -> Any:
    with runtime().database.reading() as session:
        dossier_id = dossiers.find(session, number, actor()).id
    # A suspended dossier takes notes too: they move nothing of it.
    note = acts.perform(runtime(), actor(), dossier_id, verb, even_held=True)
    with runtime().database.reading() as session:
        said = desk.note(session, dossier_id, note.id, actor())
        covers = note_mention.not_reached(session, note.id, runtime().clock.now())
        said["not_reached"] = [each.person for each in covers]
    return said, {"ETag": f'"{said["revision"]}"', "Cache-Control": "private, no-cache"}


def _revision(number: str, note_id: int) -> int:
    with runtime().database.reading() as session:
        dossier_id = dossiers.find(session, number, actor()).id
        return internal_note.find(session, dossier_id, note_id, actor()).revision


def _one(query: dict[str, Any]) -> int | None:
    found = position(query.get("cursor"), int)
    return None if found is None else found[0]
