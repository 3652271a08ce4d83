"""The door of first visits: each step is one transaction. A visit is no act, hence not recorded."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from workflow.domain import guided_visit

if TYPE_CHECKING:
    from workflow.engine.runtime import Runtime


def done(runtime: Runtime, person_id: int, step: str, at: datetime) -> None:
    """Tick a step: the person did what it is about."""
    with runtime.database.transaction() as session:
        guided_visit.mark(session, person_id, step, guided_visit.DONE, at)


def passed(runtime: Runtime, person_id: int, step: str, at: datetime) -> None:
    """Go on from a step without doing it."""
    with runtime.database.transaction() as session:
        guided_visit.mark(session, person_id, step, guided_visit.PASSED, at)


def put_away(runtime: Runtime, person_id: int, how: str | None, at: datetime) -> None:
    """Fold the visit, end it, or show it again (None)."""
    with runtime.database.transaction() as session:
        guided_visit.put_away(session, person_id, how, at)


def restart(runtime: Runtime, person_id: int, at: datetime) -> None:
    """Begin the visit anew."""
    with runtime.database.transaction() as session:
        guided_visit.restart(session, person_id, at)
