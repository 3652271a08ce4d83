"""People who act through the product's own doors, on a clock that the test moves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from workflow.audit_log import AuditEntry, chain_of, chains, verify
from workflow.clock import VirtualClock
from workflow.db import Database
from workflow.domain.file_store import FolderStore
from workflow.domain.person import SYSTEM, Actor
from workflow.engine import campaigns, human_tasks, tables, timers
from workflow.engine.diagrams import put_in_force
from workflow.engine.instances import Instance
from workflow.engine.runtime import Runtime
from workflow.engine.turn import Done
from workflow.engine.waiting import HumanTask, Timer
from workflow.scenarios import Procedure, Step, acts, defaults
from workflow.scenarios import file as scenario_file

CAMPAIGN = "dsr-ope-mss-2022"
MONDAY = "2022-10-03T09:00"
DEFAULT = "default"

Rows = dict[str, list[tuple[Any, ...]]]


def instant(text: str) -> Any:
    """An instant as people write it: Paris time."""
    return scenario_file.instant(text, "test")


class Play:
    """One database with the project's procedure in force, and people who act on it."""

    def __init__(
        self, database: Database, procedure: Procedure, folder: Path, at: str = MONDAY
    ) -> None:
        self.database = database
        self.clock = VirtualClock(instant(at))
        self.runtime = Runtime(
            database, self.clock, procedure.forms, FolderStore(folder), procedure.settings
        )
        deployment = put_in_force(self.runtime, procedure.files, SYSTEM)
        self.runtime.specs.diagrams(deployment.deployment_id, lambda: procedure.diagrams)
        campaign = campaigns.deploy(self.runtime, *procedure.campaign(CAMPAIGN), SYSTEM)
        self.stage = acts.Stage(self.runtime, self.clock.move_to, campaign, procedure.diagrams, ())

    def act(self, at: str | None = None, **step: Any) -> None:
        """Let time pass to an instant, then do what a scenario's step says; raises refusals."""
        if at is not None:
            self.wait_until(at)
        acts.carry_out(self.stage, self._step(step))

    def wait_until(self, at: str) -> int:
        """Let time pass: due timers fire. Returns how many did."""
        self.clock.move_to(instant(at))
        return timers.fire_due(self.runtime, self.clock.now())

    def _step(self, step: dict[str, Any]) -> Step:
        written = {"at": self.clock.now(), **step}
        document = {"scenario": "test", "campaign": CAMPAIGN, "steps": [written]}
        written["expect"] = {"ended": None}
        return scenario_file.parse(document).steps[0]

    def solicited(self, dossier: str = DEFAULT) -> None:
        """Carry a dossier to an open solicitation of its instruction, all on one Monday."""
        self.instructed_so_far(dossier)
        self.act(dossier=dossier, complete="instruct_dossier", **{"with": {"outcome": "solicit"}})

    def instructed_so_far(self, dossier: str = DEFAULT) -> None:
        """Carry a dossier to its instruction, its convention in force."""
        self.act(dossier=dossier, start="deposit_dossier")
        for task in ("check_admissibility", "sign_convention", "countersign_convention"):
            self.act(dossier=dossier, complete=task)
        self.act(dossier=dossier, complete="submit_proofs")

    def ready_for_the_college(self, dossier: str = DEFAULT) -> None:
        """Carry a dossier to where it waits for the college."""
        self.instructed_so_far(dossier)
        self.act(dossier=dossier, complete="instruct_dossier")

    def task(self, element: str, dossier: str = DEFAULT) -> HumanTask:
        """The last task of a dossier at an element."""
        with self.database.reading() as session:
            found = human_tasks.latest_of_element(session, self.stage.dossiers[dossier], element)
        assert found is not None, element
        return found

    def actor(self, role: str, dossier: str = DEFAULT) -> Actor:
        """Someone with that role."""
        return acts.actor_for(self.stage, role, dossier)

    def answer(self, task: HumanTask, dossier: str = DEFAULT) -> dict[str, Any]:
        """A valid answer to a task."""
        with self.database.reading() as session:
            found = defaults.dossier_of(session, self.stage.dossiers[dossier])
            return defaults.of_task(session, task.form_key, found)

    def complete(self, element: str, role: str, dossier: str = DEFAULT, **options: Any) -> Done:
        """Complete a task as someone of a role, by the door itself; no time passes before."""
        task = self.task(element, dossier)
        answer = {**self.answer(task, dossier), **options.pop("given", {})}
        return human_tasks.complete(
            self.runtime, task.id, answer, self.actor(role, dossier), **options
        )

    def instance(self, dossier: str = DEFAULT) -> Instance:
        """The instance of a dossier."""
        with self.database.reading() as session:
            return session.scalars(
                select(Instance).where(Instance.dossier_id == self.stage.dossiers[dossier])
            ).one()

    def timers(self, dossier: str = DEFAULT) -> dict[str, Any]:
        """What a dossier's timers wait for, by element; None for one that is parked."""
        with self.database.reading() as session:
            rows = session.scalars(
                select(Timer).where(Timer.dossier_id == self.stage.dossiers[dossier])
            ).all()
            return {row.element_id: row.due_at for row in rows}

    def history(self, dossier: str = DEFAULT) -> list[AuditEntry]:
        """A dossier's entries in order."""
        return history(self.database, self.stage.dossiers[dossier])


def history(database: Database, dossier_id: int | None) -> list[AuditEntry]:
    """Every entry of a chain, in order."""
    with database.reading() as session:
        return list(
            session.scalars(
                select(AuditEntry)
                .where(AuditEntry.chain == chain_of(dossier_id))
                .order_by(AuditEntry.sequence)
            )
        )


def rows(database: Database) -> Rows:
    """Everything that is stored, table by table."""
    with database.reading() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in tables.METADATA.sorted_tables
        }


def broken_chains(database: Database) -> list[str]:
    """The chains of the history that do not verify."""
    with database.reading() as session:
        return [name for name in chains(session) if verify(session, name).broken_at is not None]
