"""In whose hands a dossier was as its page showed it: an act that moves it is refused on other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.orm import Session

from web import answering
from workflow.domain import instruction_assignment as assignments
from workflow.errors import Conflict
from workflow.service_tasks.registry import Call

Result = TypeVar("Result")


class HandsChanged(Conflict):
    """The dossier changed hands while its page stood open."""


def mark(session: Session, dossier_id: int) -> str:
    """What the page carries along: the assignment that it shows, 0 for nobody's hands."""
    current = assignments.of_dossier(session, dossier_id)
    return str(current.id if current else 0)


def guarded(verb: Callable[[Call], Result]) -> Callable[[Call], Result]:
    """The same act, refused (HandsChanged) when the dossier is in other hands than were shown."""
    shown = answering.posted_mark()

    def act(call: Call) -> Result:
        if shown is not None and shown != mark(call.session, call.dossier_id or 0):
            raise HandsChanged(
                "Expected the dossier in the hands that were shown but it has changed hands."
                " Read its page again."
            )
        return verb(call)

    return act
