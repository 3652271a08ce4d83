"""Reading requests strictly: what is not documented is refused, and so is what cannot be stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Request, request
from flask_smorest import Blueprint
from marshmallow import Schema
from webargs import missing
from webargs.flaskparser import FlaskParser, abort
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from api.access import guard
from api.problems import PREFIX, explain

LARGEST_JSON = 8 * 1024 * 1024


class StrictParser(FlaskParser):
    """Unknown fields and parameters are faults, as is JSON that no database would keep."""

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 - webargs declares it so
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "json": None,
        "query": None,
        "form": None,
    }

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The body; 415 when it is not said to be JSON, 400 when it is none, 413, 422."""
        req.max_content_length = LARGEST_JSON
        body = req.get_data(cache=True)
        if not body:
            return missing
        if not req.is_json:
            raise UnsupportedMediaType(
                f"Expected application/json but found {req.mimetype or 'nothing'}."
                " Set the header Content-Type."
            )
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError:
            abort(400, messages={"json": ["Expected JSON in UTF-8 but it cannot be read."]})
        if b"\\u0000" in body and _has_null_character(value):
            abort(422, messages={"json": ["Expected text without null characters."]})
        return value


class Part(Blueprint):
    """A resource: guarded, strict, and answering its refusals with problems."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, description: str, url_prefix: str | None = PREFIX) -> None:
        super().__init__(name, "api", url_prefix=url_prefix, description=description)
        guard(self)
        explain(self)


def spooled_limit(megabytes: int) -> int:
    """The largest file of a request in bytes; raises 413 at once when the request says more."""
    largest = megabytes * 1024 * 1024
    request.max_content_length = largest
    if (request.content_length or 0) > largest:
        raise RequestEntityTooLarge(
            f"Expected at most {megabytes} MB but the request holds more. Send a smaller file."
        )
    return largest


def _has_null_character(value: Any) -> bool:
    pending = [value]
    while pending:
        found = pending.pop()
        if isinstance(found, str) and "\0" in found:
            return True
        if isinstance(found, Mapping):
            pending += [*found.keys(), *found.values()]
        elif isinstance(found, list):
            pending += found
    return False
