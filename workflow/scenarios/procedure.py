"""What scenarios run on: the project's diagrams, forms and campaigns, read and parsed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow.engine import campaigns as campaign_door
from workflow.engine.diagrams import parse_files, read_files
from workflow.engine.forms import Forms
from workflow.engine.source_file import SourceFile
from workflow.engine.spiff import Diagrams
from workflow.scenarios.file import InvalidScenario
from workflow.settings import Settings


@dataclass(frozen=True)
class Procedure:
    """Shared by all scenarios of a run: nothing in it changes."""

    files: tuple[SourceFile, ...]
    diagrams: Diagrams
    forms: Forms
    settings: Settings
    campaigns: Path

    @classmethod
    def load(cls, settings: Settings) -> Procedure:
        """Read the project's procedure; raises what its files deserve."""
        files = read_files([settings.bpmn_folder])
        return cls(
            files=tuple(files),
            diagrams=parse_files(files),
            forms=Forms.load(settings.forms_folder),
            settings=settings,
            campaigns=settings.bpmn_folder / "campaigns",
        )

    def campaign(self, campaign_id: str) -> tuple[Mapping[str, Any], list[dict[str, Any]]]:
        """A campaign of the project with its catalogue; raises InvalidScenario when unknown."""
        path = self.campaigns / f"{campaign_id}.yaml"
        if Path(campaign_id).name != campaign_id or not path.is_file():
            known = ", ".join(sorted(found.stem for found in self.campaigns.glob("*.yaml")))
            raise InvalidScenario(
                f"Expected a campaign among {known} but found {campaign_id!r}. Correct its id."
            )
        return campaign_door.read(path)
