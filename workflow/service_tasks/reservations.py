"""Operations on the reservations of the college."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from workflow.domain import reservation, step_reminder, submission
from workflow.service_tasks.registry import Call, operation

LIFTING = {"since": "date and time", "remaining_days": "number"}


@operation("reservations.open", outputs=LIFTING)
def open(call: Call, *, notified_at: datetime) -> dict[str, Any]:
    """Let the operator correct."""
    return reservation.open_lifting(call, notified_at)


@operation("reservations.correct", outputs=LIFTING)
def correct(
    call: Call, *, corrections: Sequence[Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """Keep the operator's corrections."""
    done = reservation.correct(call, corrections)
    submission.record(call, submission.LIFTING)
    return done


@operation("reservations.return_to_operator", outputs=LIFTING)
def return_to_operator(call: Call, *, remaining_days: int | None = None) -> dict[str, Any]:
    """Ask for corrections again, with what remained of the delay."""
    return reservation.return_to_operator(call, remaining_days)


@operation("reservations.propose_lifting")
def propose_lifting(call: Call) -> None:
    """Ask the president to confirm the lifting."""
    reservation.propose_lifting(call)


@operation("reservations.lift")
def lift(call: Call) -> None:
    """Lift the reservations."""
    reservation.lift(call)


@operation("reservations.remind")
def remind(call: Call) -> None:
    """Remind the operator of the last day to correct."""
    step_reminder.remind_lifting(call)
