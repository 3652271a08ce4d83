"""What diagrams that arrive by the API are checked against: what is in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from workflow.domain import campaign as campaigns
from workflow.engine import diagrams
from workflow.engine.diagram_checks import CheckContext
from workflow.engine.source_file import SourceFile
from workflow.engine.surroundings import surroundings
from workflow.errors import NotFound

if TYPE_CHECKING:
    from workflow.engine.runtime import Runtime


def in_force(session: Session, runtime: Runtime) -> CheckContext:
    """The forms, operations, campaigns and diagrams in force."""
    return surroundings(runtime.forms, campaigns.all_active(session), _deployed(session))


def _deployed(session: Session) -> list[SourceFile]:
    try:
        deployment_id = diagrams.latest(session)
    except NotFound:
        return []
    return [SourceFile(f.name, f.content) for f in diagrams.files_of(session, deployment_id)]
