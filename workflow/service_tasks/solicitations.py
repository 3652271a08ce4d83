"""Operations on solicitations."""

from __future__ import annotations

from typing import Any

from workflow.domain import solicitation
from workflow.service_tasks.registry import Call, operation


@operation("solicitations.send", outputs={"sent_at": "date and time", "solicitation_id": "number"})
def send(call: Call, *, kind: str, questions: list[str]) -> dict[str, Any]:
    """Ask the operator."""
    return solicitation.send(call, kind, questions)


@operation("solicitations.record_answer")
def record_answer(call: Call, *, answer: str) -> None:
    """Keep the operator's answer."""
    solicitation.record_answer(call, answer)
