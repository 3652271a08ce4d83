"""Rare acts on a dossier that no diagram draws: suspend, resume, reopen, restore the rank."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import Schema, validate
from marshmallow import fields as f

from api.access import actor, allowed
from api.context import runtime
from api.parsing import Part
from api.preconditions import (
    ACT_HEADERS,
    ActHeaders,
    KeyHeader,
    etag,
    expected_revision,
    once,
    replayed,
    under,
)
from api.problems import PREFIX
from api.readers import dossiers as reader
from api.resources.dossiers import acted
from api.schemas import ActedSchema
from workflow.domain import dossier as dossiers
from workflow.domain import standing
from workflow.domain.call import Call
from workflow.domain.standing import LONGEST_REASON, MAY_REOPEN, MAY_RESTORE_RANK
from workflow.domain.suspension import MAY_HOLD
from workflow.engine import acts, holds, reopenings
from workflow.engine.turn import Done
from workflow.errors import Conflict

part = Part("api-standing-acts", "Rare acts of the Agency on a dossier, each with its reason.")
Json = dict[str, Any]
HoldingDoor = Callable[..., Done]


class StandingActSchema(Schema):
    """Why: kept in the history, and told to the operator."""

    reason = f.String(required=True, validate=validate.Length(1, LONGEST_REASON))


@part.post("/dossiers/<number>/hold")
@allowed(*MAY_HOLD)
@part.arguments(ActHeaders, location="headers")
@part.arguments(StandingActSchema)
@part.response(200, ActedSchema, headers=ACT_HEADERS)
@part.alt_response(412, "PRECONDITION_FAILED")
def hold_dossier(headers: Json, body: Json, number: str) -> Any:
    """Suspend a dossier

    Nothing counts and nothing fires until its release; only what ends it is heard.
    """
    return _hold(holds.suspend, headers, body, number)


@part.post("/dossiers/<number>/release")
@allowed(*MAY_HOLD)
@part.arguments(ActHeaders, location="headers")
@part.arguments(StandingActSchema)
@part.response(200, ActedSchema, headers=ACT_HEADERS)
@part.alt_response(412, "PRECONDITION_FAILED")
def release_dossier(headers: Json, body: Json, number: str) -> Any:
    """Resume a suspended dossier

    Its dates move by the time it was suspended; the history names each of them.
    """
    return _hold(holds.resume, headers, body, number)


@part.post("/dossiers/<number>/reopening")
@allowed(*MAY_REOPEN)
@part.arguments(KeyHeader, location="headers")
@part.arguments(StandingActSchema)
@part.response(201, ActedSchema, headers=ACT_HEADERS)
def reopen_dossier(headers: Json, body: Json, number: str) -> Any:
    """Reopen a dossier that ended for want of an answer

    A new dossier follows it, and is answered.
    """
    key = headers.get("idempotency_key")
    dossier_id, replay = _dossier_id(number), replayed(key)
    done = reopenings.reopen(runtime(), dossier_id, body["reason"], actor(), idempotency_key=key)
    said = acted(done)
    location = f"{PREFIX}/dossiers/{said['dossier']}"
    return said, {"Location": location, **etag(done.revision), **replay}


@part.post("/dossiers/<number>/rank")
@allowed(*MAY_RESTORE_RANK)
@part.arguments(ActHeaders, location="headers")
@part.arguments(StandingActSchema)
@part.response(200, ActedSchema, headers=ACT_HEADERS)
@part.alt_response(412, "PRECONDITION_FAILED")
def restore_rank(headers: Json, body: Json, number: str) -> Any:
    """Give a dossier its first rank back in the queue"""
    key, revision = headers.get("idempotency_key"), expected_revision(headers.get("if_match"))
    dossier_id, replay = _dossier_id(number), replayed(key)

    def restore(call: Call) -> Json:
        instance = reader.instance_of(call.session, dossiers.get(call.session, dossier_id))
        if revision is not None and instance.revision != revision:
            raise Conflict("Expected the revision that was read but somebody acted meanwhile.")
        standing.restore_rank(call, body["reason"])
        return {"dossier": number, "revision": instance.revision}

    asked = ("restore_rank", {"dossier": dossier_id, **body})
    said = under(
        revision,
        lambda: _revision_now(number),
        lambda: acts.perform(
            runtime(),
            actor(),
            dossier_id,
            lambda call: once(call, key, asked, lambda: restore(call)),
        ),
    )
    return said, {**etag(said["revision"]), **replay}


def _hold(door: HoldingDoor, headers: Json, body: Json, number: str) -> Any:
    revision = expected_revision(headers.get("if_match"))
    key = headers.get("idempotency_key")
    dossier_id, replay = _dossier_id(number), replayed(key)
    done = under(
        revision,
        lambda: _revision_now(number),
        lambda: door(
            runtime(),
            dossier_id,
            body["reason"],
            actor(),
            revision=revision,
            idempotency_key=key,
        ),
    )
    return acted(done), {**etag(done.revision), **replay}


def _dossier_id(number: str) -> int:
    with runtime().database.reading() as session:
        return reader.find(session, number, actor()).id


def _revision_now(number: str) -> int:
    with runtime().database.reading() as session:
        return reader.instance_of(session, reader.find(session, number, actor())).revision
