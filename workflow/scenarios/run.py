"""The scenario runner: carries a story out step by step, and reports what came otherwise."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.audit_log import AuditEntry
from workflow.clock import PARIS, VirtualClock
from workflow.db import Database
from workflow.domain import campaign as campaign_domain
from workflow.domain.file_store import FolderStore
from workflow.domain.notification import Notification
from workflow.domain.person import SYSTEM
from workflow.engine import campaigns, tables, timers
from workflow.engine.diagrams import put_in_force
from workflow.engine.runtime import Runtime
from workflow.errors import JalonError
from workflow.scenarios.acts import Stage, carry_out
from workflow.scenarios.expectations import Since, differences
from workflow.scenarios.file import Scenario, Step
from workflow.scenarios.procedure import Procedure


@dataclass(frozen=True)
class StepReport:
    """How one step went: what differs from its expectations, nothing when all is as told."""

    number: int
    at: datetime
    act: str
    differences: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        at = self.at.astimezone(PARIS).isoformat()
        return {
            "step": self.number,
            "at": at,
            "act": self.act,
            "differences": list(self.differences),
        }


@dataclass
class Report:
    """How a whole scenario went."""

    scenario: str
    source: str
    steps: list[StepReport] = field(default_factory=list[StepReport])
    refusal: str | None = None
    """Why the scenario could not be read or played to its end."""

    @property
    def passed(self) -> bool:
        """Whether every step went as told."""
        return self.refusal is None and all(not step.differences for step in self.steps)

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "scenario": self.scenario,
            "file": self.source,
            "passed": self.passed,
            "refusal": self.refusal,
            "steps": [step.as_json() for step in self.steps],
        }


def in_memory() -> Database:
    """A fresh database that lives as long as the run."""
    database = Database("sqlite://")
    tables.METADATA.create_all(database.engine)
    return database


def run(
    scenario: Scenario,
    procedure: Procedure,
    database: Database | None = None,
    *,
    watch: Callable[[Stage, Step], None] | None = None,
) -> Report:
    """Carry a scenario out on an empty database; in memory when none is given.

    ``watch`` is called after each step, for tests that look further. Raises InvalidScenario
    when the story asks for what does not exist.
    """
    own = database is None
    database = database or in_memory()
    try:
        with tempfile.TemporaryDirectory(prefix="jalon-scenario-") as folder:
            return _run(scenario, procedure, database, Path(folder), watch)
    finally:
        if own:
            database.close()


def _run(
    scenario: Scenario,
    procedure: Procedure,
    database: Database,
    folder: Path,
    watch: Callable[[Stage, Step], None] | None,
) -> Report:
    return play(scenario, _prepare(scenario, procedure, database, folder), watch)


def play(
    scenario: Scenario, stage: Stage, watch: Callable[[Stage, Step], None] | None = None
) -> Report:
    """Carry a scenario out where it is told to; ``watch`` is called after each step."""
    report = Report(scenario.name, scenario.source)
    for step in scenario.steps:
        report.steps.append(_step(stage, step))
        if watch is not None:
            watch(stage, step)
    return report


def _prepare(scenario: Scenario, procedure: Procedure, database: Database, folder: Path) -> Stage:
    clock = VirtualClock(scenario.steps[0].at)
    runtime = Runtime(
        database=database,
        clock=clock,
        forms=procedure.forms,
        files=FolderStore(folder),
        settings=procedure.settings,
    )
    deployment = put_in_force(runtime, procedure.files, SYSTEM)
    runtime.specs.diagrams(deployment.deployment_id, lambda: procedure.diagrams)
    mapping, catalogue = procedure.campaign(scenario.campaign)
    merged = campaign_domain.merge(mapping, scenario.parameters)
    campaign = campaigns.deploy(runtime, merged, catalogue, SYSTEM)
    return Stage(runtime, clock.move_to, campaign, procedure.diagrams, scenario.dossiers)


def _step(stage: Stage, step: Step) -> StepReport:
    with stage.runtime.database.reading() as session:
        since = _marks(session)
    stage.pass_time(step.at)
    timers.fire_due(stage.runtime, step.at)
    refused = _refusal(stage, step)
    with stage.runtime.database.reading() as session:
        found = differences(session, stage, step, since, refused)
    act = f"{step.act}: {step.target}" if step.act else "until"
    return StepReport(step.number, step.at, act, tuple(found))


def _marks(session: Session) -> Since:
    return Since(
        session.scalar(select(func.max(AuditEntry.id))) or 0,
        session.scalar(select(func.max(Notification.id))) or 0,
    )


def _refusal(stage: Stage, step: Step) -> JalonError | None:
    if step.act is None:
        return None
    try:
        carry_out(stage, step)
    except JalonError as refusal:
        if refusal.code == "invalid_scenario":
            raise
        return refusal
    return None
