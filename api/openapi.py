"""The OpenAPI document: built once from the views, served without an account."""

from __future__ import annotations

import http
from typing import Any

import orjson
from apispec import APISpec
from flask import Flask, Response, current_app, request
from flask_smorest import Api
from flask_smorest.utils import prepare_response

from api.access import public
from api.parsing import Part
from api.problems import PROBLEM_JSON, ProblemSchema

PREFIXED = "JALON_API_"
DESCRIPTION = """The procedure's dossiers, tasks, messages, diagrams and history.

Refusals are `application/problem+json` with a stable `code`. Lists answer at most a hundred
`items` and a cursor `next`. Acts take `Idempotency-Key`, and `If-Match` with the ETag that was
read. Instants are ISO 8601 with an offset; days are days of Paris.
"""
SECURITY: dict[str, dict[str, Any]] = {
    "token": {"type": "http", "scheme": "bearer", "description": "An API token, jalon_…"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "jalon",
        "description": "The pages' session; writes also send X-CSRFToken.",
    },
}
part = Part("api-description", "This description.")
API = "jalon_api"


class JalonApi(Api):
    """flask-smorest with our problems; it leaves the errors of the pages alone."""

    ERROR_SCHEMA = ProblemSchema
    spec: APISpec

    def _register_responses(self) -> None:
        for status in http.HTTPStatus:
            response: dict[str, Any] = {"description": status.phrase}
            if status >= 400:
                response["schema"] = self.ERROR_SCHEMA
            prepare_response(response, self.spec, PROBLEM_JSON)
            self.spec.components.response(status.name, response, lazy=True)
        refusal: dict[str, Any] = {"description": "A refusal.", "schema": self.ERROR_SCHEMA}
        prepare_response(refusal, self.spec, PROBLEM_JSON)
        self.spec.components.response(self.DEFAULT_ERROR_RESPONSE_NAME, refusal, lazy=True)

    def _register_error_handlers(self) -> None:
        """Each part answers its own refusals (`api.problems`)."""


def init_openapi(app: Flask) -> JalonApi:
    """The description of an application, to which its resources are added."""
    app.config.update(
        {
            f"{PREFIXED}API_TITLE": "Jalon",
            f"{PREFIXED}API_VERSION": "1",
            f"{PREFIXED}OPENAPI_VERSION": "3.1.0",
        }
    )
    options = {
        "info": {"description": DESCRIPTION},
        "security": [{name: []} for name in SECURITY],
    }
    api = JalonApi(app, config_prefix=PREFIXED, spec_kwargs=options)
    for name, scheme in SECURITY.items():
        api.spec.components.security_scheme(name, scheme)
    app.extensions[API] = api
    return api


@part.get("/openapi.json")
@public
@part.response(200, {"type": "object"})
def get_openapi() -> Response:
    """Read this description"""
    api: JalonApi = current_app.extensions[API]
    answer = Response(orjson.dumps(api.spec.to_dict()), content_type="application/json")
    answer.add_etag()
    answer.make_conditional(request)
    return answer
