"""The coming session of the college at another hour, after its rule changed (DSR 4.5)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from workflow.domain.call import Call
from workflow.domain.college import CollegeSession


def reschedule(call: Call, at: datetime) -> None:
    """Let the session that the call's instance waits for sit at `at`."""
    coming = call.session.scalars(
        select(CollegeSession).where(
            CollegeSession.instance_id == call.instance_id, CollegeSession.held_at.is_(None)
        )
    ).first()
    if coming is not None:
        coming.scheduled_at = at
