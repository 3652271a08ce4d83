"""Operations of the college."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.domain import college
from workflow.service_tasks.registry import Call, operation


@operation("college.schedule", outputs={"session_id": "number", "opened_at": "date and time"})
def schedule(call: Call) -> dict[str, Any]:
    """Open the next session."""
    return college.schedule(call)


@operation("college.compose_agenda", outputs={"agenda": "list"})
def compose_agenda(call: Call, *, session_id: int) -> dict[str, Any]:
    """Convene the members on the dossiers that are ready."""
    return college.compose_agenda(call, session_id)


@operation("college.decide")
def decide(
    call: Call,
    *,
    session_id: int,
    attendance: Sequence[str] | None = None,
    decisions: Sequence[Mapping[str, Any]] | None = None,
    partners: Sequence[Mapping[str, Any]] | None = None,
) -> None:
    """Hold the session and send each decision to its dossier."""
    college.decide(call, session_id, attendance, decisions, partners)


@operation("college.open_next")
def open_next(call: Call) -> None:
    """Start the next session."""
    college.open_next(call)


@operation("college.notify_decision", outputs={"notified_at": "date and time"})
def notify_decision(call: Call, *, decision: str) -> dict[str, Any]:
    """Tell the operator what the college decided."""
    return college.notify_decision(call, decision)
