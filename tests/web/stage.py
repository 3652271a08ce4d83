"""The procedure set up for tests of the pages: deployed, with acts by the demo's people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from sqlalchemy import select

from web.demo_accounts import add_demo_accounts
from workflow.clock import PARIS, VirtualClock
from workflow.db import Database
from workflow.domain import person, proof, ssi
from workflow.domain.campaign import Campaign
from workflow.domain.dossier import Dossier
from workflow.domain.file_store import FolderStore
from workflow.domain.person import SYSTEM, Actor
from workflow.engine import acts, campaigns, diagrams, human_tasks, messages, tables, timers
from workflow.engine.forms import Forms
from workflow.engine.runtime import Runtime
from workflow.engine.spiff import Diagrams
from workflow.engine.waiting import HumanTask
from workflow.scenarios import defaults
from workflow.service_tasks.registry import Call
from workflow.settings import PROJECT, Settings

OPERATOR = "operateur@alize.example"
LEGAL = "direction@alize.example"
STRANGER = "operateur@nacre.example"
OFFICER = "recevabilite@ans.example"
INSTRUCTOR = "instruction@ans.example"
SIGNATORY = "signature@ans.example"
PRESIDENT = "presidence@ans.example"
MEMBER = "college@ans.example"
SSI_OFFICER = "ssi@ans.example"
OWNER = "pilote@ans.example"
AUDITOR = "audit@ans.example"
ADMINISTRATOR = "admin@ans.example"
PARTNER = "invitee@partenaire.example"
SIRET = "12345678200010"
CAMPAIGN = "dsr-ope-mss-2022"
ATTENDANCE = ["Hélène Vasseur", "Marc Olivet", "Claire Danjou"]
NOW = datetime(2022, 11, 3, 9, 40, tzinfo=PARIS)
QUESTION = "Pouvez-vous fournir le même essai en TLS 1.1 ?"


@contextmanager
def demo_runtime(folder: Path, at: datetime = NOW) -> Iterator[Runtime]:
    """The demo on a database of its own in a folder: its people are there, nothing is deployed."""
    database = Database(f"sqlite:///{folder / 'jalon.sqlite3'}")
    tables.METADATA.create_all(database.engine)
    runtime = Runtime(
        database,
        VirtualClock(at),
        Forms.load(PROJECT / "forms"),
        FolderStore(folder / "proofs"),
        Settings(secret_key="for this showing only"),
    )
    with database.transaction() as session:
        add_demo_accounts(session, at)
    yield runtime
    database.close()


@cache
def _parsed(files: tuple[diagrams.SourceFile, ...]) -> Diagrams:
    """Diagrams never change once they are read: all tests may share them."""
    return diagrams.parse_files(files)


@dataclass
class Stage:
    """A deployed procedure, and the acts that bring a dossier where a test begins."""

    runtime: Runtime
    campaign: Campaign

    @classmethod
    def set_up(cls, runtime: Runtime) -> Stage:
        """Put the project's diagrams and campaign in force; the demo's people are there."""
        files = diagrams.read_files([runtime.settings.bpmn_folder])
        deployed = diagrams.put_in_force(runtime, files, SYSTEM)
        runtime.specs.diagrams(deployed.deployment_id, lambda: _parsed(tuple(files)))
        path = runtime.settings.bpmn_folder / "campaigns" / f"{CAMPAIGN}.yaml"
        mapping, catalogue = campaigns.read(path)
        return cls(runtime, campaigns.deploy(runtime, mapping, catalogue, SYSTEM))

    def who(self, email: str) -> Actor:
        """One of the demo's people."""
        with self.runtime.database.reading() as session:
            found = person.find_by_email(session, email)
            assert found is not None
            return person.actor_of(session, found)

    def move_to(self, text: str) -> None:
        """Let time pass to an instant of Paris; what falls due happens."""
        clock = cast(VirtualClock, self.runtime.clock)
        clock.move_to(datetime.fromisoformat(text).replace(tzinfo=PARIS))
        timers.fire_due(self.runtime, clock.now())

    def deposit(self, service: str = "Alizé Santé Pro", **given: Any) -> int:
        """A candidature of Messageries Alizé; its id."""
        answer = defaults.deposit(service, self.campaign) | {
            "company_name": "Messageries Alizé SAS",
            "siret": SIRET,
            "service_name": service,
            **given,
        }
        done = human_tasks.start(
            self.runtime, "dossier", "deposit_dossier", answer, self.who(OPERATOR)
        )
        assert done.dossier_id is not None
        return done.dossier_id

    def do(self, dossier_id: int, element: str, email: str, **given: Any) -> None:
        """Complete a task with a valid answer, changed by `given`."""
        if element == "submit_proofs":
            self.fill_proofs(dossier_id)
        with self.runtime.database.reading() as session:
            task = human_tasks.latest_of_element(session, dossier_id, element)
            assert task is not None
            dossier = session.get_one(Dossier, dossier_id)
            answer = defaults.of_task(session, task.form_key, dossier)
            task_id = task.id
        human_tasks.complete(self.runtime, task_id, {**answer, **given}, self.who(email))

    def admitted(self, service: str = "Alizé Santé Pro") -> int:
        """A dossier whose convention is to be signed and whose proofs are awaited."""
        dossier_id = self.deposit(service)
        self.do(dossier_id, "check_admissibility", OFFICER)
        return dossier_id

    def submitted(self, service: str = "Alizé Santé Pro") -> int:
        """A dossier in the queue, its convention in force."""
        dossier_id = self.admitted(service)
        self.do(dossier_id, "sign_convention", LEGAL)
        self.do(dossier_id, "countersign_convention", SIGNATORY)
        self.do(dossier_id, "submit_proofs", OPERATOR)
        return dossier_id

    def solicited(self, service: str = "Alizé Santé Pro") -> int:
        """A dossier whose operator has a question of the instructor to answer."""
        dossier_id = self.submitted(service)
        self.do(dossier_id, "instruct_dossier", INSTRUCTOR, outcome="solicit", questions=[QUESTION])
        return dossier_id

    def instructed(self, service: str = "Alizé Santé Pro") -> int:
        """A dossier ready for the college."""
        dossier_id = self.submitted(service)
        self.do(dossier_id, "instruct_dossier", INSTRUCTOR)
        return dossier_id

    def decided(self, outcome: str, reservations: list[dict[str, str]] | None = None) -> int:
        """A dossier on which the college has decided."""
        dossier_id = self.instructed()
        decision = {
            "dossier": self.number(dossier_id),
            "outcome": outcome,
            "reservations": reservations or [],
            "reasons": "Au vu des preuves examinées.",
        }
        messages.convene(self.runtime, self.campaign.id, self.who(PRESIDENT))
        human_tasks.complete(
            self.runtime,
            self.task_id(None, "hold_session"),
            {"attendance": ATTENDANCE, "decisions": [decision]},
            self.who(PRESIDENT),
        )
        return dossier_id

    def fill_proofs(self, dossier_id: int) -> None:
        """Attach a file to each expected proof, and answer the SSI questionnaire."""
        stored = self.runtime.files.put(b"Preuve fictive\n")

        def fill(call: Call) -> None:
            dossier = call.session.get_one(Dossier, dossier_id)
            for code, position in defaults.missing_proofs(call.session, dossier):
                proof.attach(
                    call,
                    requirement_code=code,
                    position=position,
                    file_name=f"{code}.txt",
                    media_type="text/plain",
                    stored=stored,
                )
            ssi.answer_ssi(call, {"security_policy": True})

        acts.perform(self.runtime, self.who(OPERATOR), dossier_id, fill)

    def number(self, dossier_id: int) -> str:
        """A dossier's number."""
        with self.runtime.database.reading() as session:
            return session.get_one(Dossier, dossier_id).number

    def task_id(self, dossier_id: int | None, element: str) -> str:
        """The open task at an element."""
        with self.runtime.database.reading() as session:
            found = session.scalar(
                select(HumanTask.id).where(
                    HumanTask.dossier_id == dossier_id
                    if dossier_id is not None
                    else HumanTask.dossier_id.is_(None),
                    HumanTask.element_id == element,
                    HumanTask.closed_at.is_(None),
                )
            )
        assert found is not None
        return found
