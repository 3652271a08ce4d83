"""The demo's story: five weeks of a campaign, played by the demo's people through their doors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain import campaign as campaigns
from workflow.domain.demo_clock import StoredDemoClock
from workflow.domain.dossier import Dossier
from workflow.engine import diagrams
from workflow.engine.runtime import Runtime
from workflow.errors import Conflict, InvalidInput
from workflow.scenarios import Report, Scenario, Stage, play, read
from workflow.settings import Settings

STORY = "demonstration.yaml"
LATEST = timedelta(days=1)
"""How far the demo's clock may be past the story's beginning."""


def story_of(settings: Settings) -> Scenario:
    """The scenario that the demo plays; raises InvalidScenario when it cannot be read."""
    return read(settings.bpmn_folder / "scenarios" / STORY)


def may_be_told(session: Session, settings: Settings, now: datetime) -> bool:
    """Whether the story can begin: no dossier yet, and the clock where the story starts."""
    untouched = session.scalar(select(Dossier.id).limit(1)) is None
    return untouched and now <= story_of(settings).steps[0].at + LATEST


def play_story(runtime: Runtime, told: Callable[[], None] | None = None) -> Report:
    """Play the story, the demo's clock moving with it; `told` is called after each step.

    Raises Conflict when the demo is on its way already, InvalidInput outside the demo.
    """
    clock = runtime.clock
    if not isinstance(clock, StoredDemoClock):
        raise InvalidInput("Expected the demo's clock but found another one. Start the demo.")

    def pass_time(instant: datetime) -> None:
        # The demo's clock runs while the story is told: it may be there already.
        if clock.now() < instant:
            clock.advance_to(instant)

    scenario = story_of(runtime.settings)
    with runtime.database.reading() as session:
        if not may_be_told(session, runtime.settings, clock.now()):
            raise Conflict(
                "Expected a demo that just began but it has dossiers, or its clock was advanced."
                " Start one with an empty database."
            )
        campaign = campaigns.active(session, scenario.campaign)
        drawn = diagrams.load(session, runtime, diagrams.latest(session))
    stage = Stage(runtime, pass_time, campaign, drawn, scenario.dossiers)
    return play(scenario, stage, lambda _stage, _step: told() if told else None)
