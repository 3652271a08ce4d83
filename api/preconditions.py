"""ETag, If-None-Match, If-Match and Idempotency-Key.

The ETag of a dossier or of a task is the revision of its instance: it changes with each turn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, request
from marshmallow import EXCLUDE, Schema, validate
from marshmallow import fields as f
from werkzeug.exceptions import PreconditionFailed

from api.access import actor
from api.context import runtime
from workflow.domain.call import Call
from workflow.engine import idempotency
from workflow.engine.idempotency import IdempotencyKey
from workflow.errors import Conflict, OutOfTime

Result = TypeVar("Result")
Json = dict[str, Any]
ETAG: dict[str, Any] = {
    "ETag": {
        "description": "The revision of the instance; send it back in If-Match.",
        "schema": {"type": "string"},
    }
}
REPLAYED: dict[str, Any] = {
    "Idempotency-Replayed": {
        "description": "true on a repetition, which was not done again.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}


ACT_HEADERS: dict[str, Any] = {**ETAG, **REPLAYED}


class IfNoneMatch(Schema):
    """A reading that may be answered with 304."""

    class Meta:
        unknown = EXCLUDE

    if_none_match = f.String(
        data_key="If-None-Match", metadata={"description": "ETag that you have already."}
    )


class ActHeaders(Schema):
    """What an act may be made to depend on."""

    class Meta:
        unknown = EXCLUDE

    if_match = f.String(
        data_key="If-Match",
        metadata={"description": "ETag you have read: refused with 412 when it has changed."},
    )
    idempotency_key = f.String(
        data_key="Idempotency-Key",
        validate=validate.Length(1, 200),
        metadata={"description": "Your own name for this act: a repetition is not done again."},
    )


class KeyHeader(Schema):
    """The name of an act that nothing else precedes."""

    class Meta:
        unknown = EXCLUDE

    idempotency_key = f.String(
        data_key="Idempotency-Key",
        validate=validate.Length(1, 200),
        metadata={"description": "Your own name for this act: a repetition is not done again."},
    )


def etag(revision: int) -> dict[str, str]:
    """The header that tells a revision."""
    return {"ETag": f'"{revision}"', "Cache-Control": "private, no-cache"}


def unchanged(revision: int) -> Response | None:
    """304 when the caller has this revision already."""
    if request.if_none_match.contains(str(revision)):
        return Response(status=304, headers=etag(revision))
    return None


def expected_revision(if_match: str | None) -> int | None:
    """The revision that If-Match names, None when any will do; raises PreconditionFailed."""
    if if_match is None or if_match.strip() == "*":
        return None
    tag = if_match.strip().removeprefix('"').removesuffix('"')
    if not (tag.isascii() and tag.isdecimal() and len(tag) <= 18):
        raise PreconditionFailed(
            f"Expected one ETag of this resource in If-Match but found {if_match[:80]!r}."
            " Read the resource again and send its ETag."
        )
    return int(tag)


def replayed(key: str | None) -> dict[str, str]:
    """The header of a repetition, for an act about to be asked for under a key.

    Two first calls at the same time both go without it: one of them waits for the other.
    """
    if key is None:
        return {}
    with runtime().database.reading() as session:
        earlier = session.get(IdempotencyKey, (key, actor().person_id))
        return {"Idempotency-Replayed": "true"} if earlier and earlier.response else {}


def once(
    call: Call, key: str | None, request: tuple[str, dict[str, Any]], act: Callable[[], Json]
) -> Json:
    """Act within a call's transaction, or answer what the first act under this key left."""
    if key is None:
        return act()
    person_id, mark = actor().person_id or 0, idempotency.fingerprint(*request)
    earlier = idempotency.claim(call.session, key, person_id, mark, call.recorded_at)
    if earlier is not None:
        return earlier
    done = act()
    idempotency.answer(call.session, key, person_id, done)
    return done


def under(expected: int | None, current: Callable[[], int], act: Callable[[], Result]) -> Result:
    """Act; a conflict that comes from a stale revision is a precondition that failed."""
    try:
        return act()
    except OutOfTime:
        raise
    except Conflict as conflict:
        if expected is not None and type(conflict) is Conflict and current() != expected:
            raise PreconditionFailed(
                f"Expected revision {expected} but somebody acted meanwhile."
                " Read the resource again, then decide again."
            ) from conflict
        raise
