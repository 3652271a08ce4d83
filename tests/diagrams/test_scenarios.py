"""Every scenario of the project goes as told, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflow.db import Database
from workflow.scenarios import Procedure, read, run
from workflow.settings import PROJECT

STORIES = sorted((PROJECT / "bpmn" / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize("story", STORIES, ids=lambda path: path.stem)
def test_a_story_goes_as_it_is_told(story: Path, database: Database, procedure: Procedure) -> None:
    report = run(read(story), procedure, database)
    assert [step.differences for step in report.steps if step.differences] == []
