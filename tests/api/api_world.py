"""A running Jalon for the tests of the API: the project's procedure, people, a still clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from flask_login import LoginManager, UserMixin, login_user
from flask_wtf.csrf import generate_csrf
from werkzeug.test import TestResponse

import api
from api.context import RUNTIME, SYSTEM_CLOCK
from workflow.clock import PARIS, VirtualClock
from workflow.db import Database
from workflow.domain import api_token, campaign, person
from workflow.domain.file_store import FolderStore
from workflow.domain.operator import Operator
from workflow.domain.person import SYSTEM, Actor, Person
from workflow.engine import campaigns
from workflow.engine.diagrams import put_in_force
from workflow.engine.runtime import Runtime
from workflow.scenarios import Procedure, defaults
from workflow.settings import Settings

CAMPAIGN = "dsr-ope-mss-2022"
AGENCY = (
    "admissibility_officer",
    "instructor",
    "signatory",
    "college_member",
    "college_president",
    "ssi_officer",
    "support",
    "process_owner",
    "auditor",
    "administrator",
)
Json = dict[str, Any]


class Session(UserMixin):
    """A person signed in to the pages."""

    def __init__(self, actor: Actor) -> None:
        self.id = str(actor.person_id)
        self.actor = actor


@dataclass
class Caller:
    """A program that acts for one person."""

    app: Flask
    token: str | None

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.call("GET", path, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> TestResponse:
        return self.call("POST", path, json=json, **more)

    def call(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = dict(more.pop("headers", {}))
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        if more.get("json") is None:
            more.pop("json", None)
        address = path if path.startswith(("/api/", "/metrics", "/healthz")) else f"/api/v1{path}"
        return self.app.test_client().open(address, method=method, headers=headers, **more)


@dataclass
class World:
    """The application, its runtime, and who may call it."""

    app: Flask
    runtime: Runtime
    clock: VirtualClock
    tokens: dict[str, str] = field(default_factory=dict[str, str])
    people: dict[str, int] = field(default_factory=dict[str, int])

    def as_(self, name: str) -> Caller:
        return Caller(self.app, self.tokens[name])

    def nobody(self) -> Caller:
        return Caller(self.app, None)

    def move_to(self, text: str) -> None:
        self.clock.move_to(datetime.fromisoformat(text).replace(tzinfo=PARIS))

    def add(self, name: str, roles: tuple[str, ...], operator_id: int | None = None) -> None:
        with self.runtime.database.transaction() as session:
            added = person.add_person(
                session,
                email=f"{name}@exemple.example",
                name=name,
                password=None,
                roles=roles,
                operator_id=operator_id,
                at=self.clock.now(),
            )
            session.flush()
            self.people[name] = added.id
            self.tokens[name] = api_token.create(session, added, "tests", self.clock.now())

    def add_company(self, name: str) -> None:
        with self.runtime.database.transaction() as session:
            company = Operator(
                company_name=defaults.company_of(name), siret=defaults.siret_of(name)
            )
            session.add(company)
            session.flush()
            company_id = company.id
        self.add(f"operator {name}".replace(" ", "."), ("operator",), company_id)
        self.add(f"representative.{name}", ("legal_representative",), company_id)

    def deposit_answer(self, name: str = "alize") -> Json:
        with self.runtime.database.reading() as session:
            parameters = campaign.active(session, CAMPAIGN)
        answer = defaults.deposit(name, parameters)
        return {**answer, "planned_proof_on": answer["planned_proof_on"].isoformat()}

    def deposit(self, name: str = "alize", **more: Any) -> str:
        body = {"answer": self.deposit_answer(name)}
        answer = self.as_(f"operator.{name}").post("/dossiers", body, **more)
        assert answer.status_code == 201, answer.text
        return answer.get_json()["dossier"]

    def open_task(self, caller: str, number: str, element: str) -> Json:
        state = self.as_(caller).get(f"/dossiers/{number}").get_json()
        return next(t for t in state["waits"]["tasks"] if t["element"] == element)

    def complete(
        self, caller: str, number: str, element: str, answer: Json, **more: Any
    ) -> TestResponse:
        task = self.open_task(caller, number, element)
        path = f"/tasks/{task['id']}/completion"
        return self.as_(caller).post(path, {"answer": answer}, **more)


CHECK = {
    "outcome": "admissible",
    "in_trust_space": "true",
    "component_source": "self",
    "contract_v2_operator_on": "2022-05-02",
    "contract_v2_agency_on": "2022-05-09",
    "comment": "Contrôle fait sur pièces.",
}


def open_world(database: Database, procedure: Procedure, folder: Path) -> World:
    """A world in which the campaign has opened and nobody has deposited anything."""
    clock = VirtualClock(datetime(2022, 10, 3, 9, tzinfo=PARIS))
    runtime = Runtime(
        database=database,
        clock=clock,
        forms=procedure.forms,
        files=FolderStore(folder),
        settings=Settings(proofs_folder=folder, max_upload_megabytes=1),
    )
    deployment = put_in_force(runtime, procedure.files, SYSTEM)
    runtime.specs.diagrams(deployment.deployment_id, lambda: procedure.diagrams)
    mapping, catalogue = procedure.campaign(CAMPAIGN)
    campaigns.deploy(runtime, mapping, catalogue, SYSTEM)
    world = World(_application(runtime, clock), runtime, clock)
    for role in AGENCY:
        world.add(role, (role,))
    world.add_company("alize")
    world.add_company("bise")
    return world


def _application(runtime: Runtime, clock: VirtualClock) -> Flask:
    """The application of all worlds, over this one."""
    app = _bare()
    app.extensions.update({RUNTIME: runtime, SYSTEM_CLOCK: clock})
    return app


@cache
def _bare() -> Flask:
    """The API alone; its routes are made once for all tests of a process."""
    app = Flask("bare")
    app.secret_key = "only for these tests"
    app.config["SESSION_COOKIE_NAME"] = "jalon"
    manager = LoginManager(app)

    @manager.user_loader
    def load(person_id: str) -> Session | None:
        runtime: Runtime = app.extensions[RUNTIME]
        with runtime.database.reading() as session:
            found = session.get(Person, int(person_id))
            return None if found is None else Session(person.actor_of(session, found))

    @app.post("/sign-in/<int:person_id>")
    def sign_in(person_id: int) -> str:
        found = load(str(person_id))
        assert found is not None
        login_user(found)
        return generate_csrf()

    api.register(app)
    return app
