"""Every refusal as problem+json (RFC 9457): a stable code, a sentence, every fault.

Only answers below `/api/v1` and of the probes are written so; the pages keep their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from secrets import token_hex
from typing import Any

import orjson
from flask import Blueprint, Flask, Response, current_app, request
from marshmallow import Schema
from marshmallow import fields as f
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from api.last_act import last_act
from workflow.errors import InvalidAnswer, JalonError

PREFIX = "/api/v1"
PROBLEM_JSON = "application/problem+json"
CODES: Mapping[int, str] = {
    400: "bad_request",
    401: "unauthenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    412: "precondition_failed",
    413: "limit_exceeded",
    415: "unsupported_media_type",
    422: "invalid_request",
    429: "too_many_requests",
    500: "internal_error",
}
_STALE = frozenset({409, 412})
_KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")
_ABSENT: Mapping[int, str] = {
    404: f"Expected an address of the API but there is none here. See {PREFIX}/openapi.json.",
    405: "Expected a method that this address takes but found another. See the header Allow.",
}
_FAULT_KEYS = ("code", "file", "element", "remedy")


class FaultSchema(Schema):
    """One thing wrong: where, and a sentence; diagram faults say more."""

    where = f.String(
        required=True,
        allow_none=True,
        metadata={"description": "Key of the field, path in the file; null: the whole."},
    )
    message = f.String(required=True)
    code = f.String()
    file = f.String()
    element = f.String()
    remedy = f.String()


class LastActSchema(Schema):
    """Who acted last on what a refused act was about."""

    who = f.String(required=True)
    at = f.DateTime(required=True)
    kind = f.String(required=True, metadata={"description": "As in the history."})


class ProblemSchema(Schema):
    """A refusal; nothing was changed."""

    type = f.String(required=True, metadata={"description": "/problems/ and the code."})
    title = f.String(required=True)
    status = f.Integer(required=True)
    detail = f.String(metadata={"description": "What was expected, what was found, what to do."})
    code = f.String(required=True, metadata={"description": "Stable; programs decide by it."})
    errors = f.List(f.Nested(FaultSchema), metadata={"description": "Every fault found."})
    last_act = f.Nested(
        LastActSchema,
        metadata={"description": "Of a conflict on a dossier, task or absence: who did what."},
    )
    reference = f.String(metadata={"description": "Names a breakdown to those who read the log."})


def init_problems(app: Flask) -> None:
    """Answer addresses below the prefix that do not exist, or not so, with a problem.

    Everywhere else the application's own handler keeps its say, whenever it was registered.
    """

    def unknown(error: HTTPException) -> Any:
        if request.path.startswith(f"{PREFIX}/"):
            error.description = _ABSENT[error.code or 404]
            return http_problem(error)
        other = app.error_handler_spec[None][None].get(HTTPException)
        return other(error) if other is not None else error

    app.register_error_handler(404, unknown)
    app.register_error_handler(405, unknown)


def explain(part: Blueprint) -> None:
    """Let a blueprint answer its refusals with problems."""
    part.register_error_handler(JalonError, refusal_problem)
    part.register_error_handler(HTTPException, http_problem)


def refusal_problem(error: JalonError) -> Response:
    """A refusal of the engine or of the domain."""
    faults = list(_faults_of(error))
    return problem(error.http_status, error.code, str(error), errors=faults)


def http_problem(error: HTTPException) -> Response:
    """A refusal of HTTP itself, or a breakdown: then a reference, and no detail."""
    status = error.code or 500
    if error.response is not None or status < 400:
        return current_app.make_response(error)
    if status >= 500:
        return _breakdown(error)
    parsed: Mapping[str, Any] = getattr(error, "data", None) or {}
    faults = [
        {"where": where, "message": sentence}
        for where, sentence in _flat(parsed.get("messages", {}), "")
    ]
    code = "invalid_request" if faults else CODES.get(status, "bad_request")
    detail = _sentence(faults) if faults else str(error.description or "")
    answer = problem(status, code, detail, errors=faults)
    for name, value in error.get_headers():
        if name in _KEPT_HEADERS:
            answer.headers.add(name, value)
    return answer


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: list[dict[str, Any]] | None = None,
    reference: str | None = None,
) -> Response:
    """The answer that says a problem."""
    body: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": HTTP_STATUS_CODES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors:
        body["errors"] = errors
    if status in _STALE and (last := last_act()):
        body["last_act"] = last
    if reference:
        body["reference"] = reference
    return Response(orjson.dumps(body), status=status, content_type=PROBLEM_JSON)


def _breakdown(error: HTTPException) -> Response:
    reference = token_hex(4)
    cause = getattr(error, "original_exception", None)
    current_app.logger.error("reference %s at %s", reference, request.path, exc_info=cause)
    sentence = (
        "Expected an answer but Jalon broke down. Check whether the act was done before you"
        " repeat it, and give the reference to the support."
    )
    return problem(500, CODES[500], sentence, reference=reference)


def _sentence(faults: list[dict[str, Any]]) -> str:
    count = len(faults)
    return f"Expected a request as documented but found {count} fault(s). Correct them."


def _faults_of(error: JalonError) -> Iterator[dict[str, Any]]:
    found = getattr(error, "faults", None)
    if isinstance(error, InvalidAnswer) or isinstance(found, Mapping):
        for where, sentence in _flat(found, ""):
            yield {"where": where, "message": sentence}
        return
    for fault in found or ():
        yield _fault(fault)


def _fault(fault: object) -> dict[str, Any]:
    if not is_dataclass(fault) or isinstance(fault, type):
        where, separator, sentence = str(fault).partition(": ")
        plain = separator and " " not in where
        return {"where": where if plain else None, "message": sentence if plain else str(fault)}
    facts = {field.name: getattr(fault, field.name) for field in fields(fault)}
    place = "#".join(str(facts[key]) for key in ("file", "element") if facts.get(key))
    said = {key: str(facts[key]) for key in _FAULT_KEYS if facts.get(key)}
    return {"where": place or None, "message": str(facts.get("message", fault)), **said}


def _flat(messages: Any, path: str) -> Iterator[tuple[str | None, str]]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from _flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(messages, (list, tuple)):
        for sentence in messages:
            yield path or None, str(sentence)
    elif messages:
        yield path or None, str(messages)
