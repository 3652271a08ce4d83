"""The API answers as its OpenAPI document says, whatever it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from api_world import CAMPAIGN, CHECK, World, open_world
from flask import Flask
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from test_whole_path import admit_and_sign, hand_in_proofs

import api
from workflow.db import Database
from workflow.domain.person import OPERATOR_SIDE, ROLES
from workflow.engine import tables
from workflow.scenarios import Procedure

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
    allow_header_conformance,
]


class Switch:
    """The application under test: described before a world exists, then the world's own."""

    def __init__(self) -> None:
        self.app = Flask("described")
        api.register(self.app)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.app(environ, start_response)


SWITCH = Switch()
# Bytes under names of their own: pieces of uploads (tus), signed conventions.
for bytes_as_they_are in ("application/offset+octet-stream", "application/pdf"):
    schemathesis.serializer.alias(bytes_as_they_are, "application/octet-stream")
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", SWITCH)


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory, procedure: Procedure) -> Iterator[World]:
    """A world with dossiers in several states; what is sent to it may change them."""
    folder: Path = tmp_path_factory.mktemp("fuzz")
    database = Database(f"sqlite:///{folder / 'jalon.sqlite3'}")
    tables.METADATA.create_all(database.engine)
    world = open_world(database, procedure, folder / "proofs")
    instructed, admitted, solicited = (world.deposit() for _ in range(3))
    admit_and_sign(world, instructed)
    hand_in_proofs(world, instructed)
    world.complete("admissibility_officer", admitted, "check_admissibility", CHECK)
    asked = {"outcome": "solicit", "questions": ["Quel est le SIRET ?"]}
    world.complete("admissibility_officer", solicited, "check_admissibility", asked)
    world.add("agency", tuple(role for role in ROLES if role not in OPERATOR_SIDE))
    SWITCH.app = world.app
    yield world
    database.close()


@pytest.fixture(scope="module")
def existing(busy: World) -> dict[str, list[Any]]:
    """Things that addresses may name, whatever was sent meanwhile."""
    auditor = busy.as_("auditor")
    numbers = [item["number"] for item in auditor.get("/dossiers").get_json()["items"]]
    proofs = auditor.get("/dossiers/2022-001/proofs").get_json()["items"]
    return {
        "number": numbers,
        "proof_id": [proof["id"] for proof in proofs],
        "campaign_id": [CAMPAIGN],
        "name": ["dossier.bpmn", "eligibility.dmn"],
        "key": ["deposit_dossier", "hold_session"],
        "deployment_id": [1],
        "notification_id": [1, 2, 3],
    }


def with_existing(case: Any, world: World, existing: dict[str, list[Any]]) -> dict[str, Any]:
    """The address of a case, naming what exists where the world has it."""
    known = dict(existing)
    if "task_id" in case.path_parameters:
        role = "operator.alize"
        tasks = world.as_(role).get("/tasks").get_json()["items"]
        known["task_id"] = [task["id"] for task in tasks]
    if "college-sessions" in case.path:
        known["number"] = [1]
    seed = len(str(case.body))
    return {
        name: known[name][seed % len(known[name])] if known.get(name) else value
        for name, value in case.path_parameters.items()
    }


@schema.parametrize()
@settings(
    max_examples=4,
    derandomize=True,
    database=None,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much),
)
def test_every_answer_is_as_documented_for_two_kinds_of_people(
    case: Any, busy: World, existing: dict[str, list[Any]]
) -> None:
    for name in ("operator.alize", "agency"):
        headers = {"Authorization": f"Bearer {busy.tokens[name]}"}
        case.call_and_validate(headers=headers, checks=CHECKS)
    if case.path_parameters:
        case.path_parameters = with_existing(case, busy, existing)
        known = [check for check in CHECKS if check is not negative_data_rejection]
        for name in ("operator.alize", "agency"):
            headers = {"Authorization": f"Bearer {busy.tokens[name]}"}
            case.call_and_validate(headers=headers, checks=known)


def test_the_description_is_openapi_3_1_and_cached(busy: World) -> None:
    read = busy.nobody().get("/openapi.json")
    assert read.get_json()["openapi"] == "3.1.0"
    tag = {"If-None-Match": read.headers["ETag"]}
    assert busy.nobody().get("/openapi.json", headers=tag).status_code == 304
