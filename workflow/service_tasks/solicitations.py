"""Operations on solicitations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.domain import dossier as dossiers
from workflow.domain import (
    proof_opening,
    solicitation,
    solicitation_answer,
    step_reminder,
    submission,
)
from workflow.service_tasks.registry import Call, operation


@operation("solicitations.send", outputs={"sent_at": "date and time", "solicitation_id": "number"})
def send(call: Call, *, kind: str, questions: list[str]) -> dict[str, Any]:
    """Ask the operator."""
    return solicitation.send(call, kind, questions)


@operation("solicitations.record_answer")
def record_answer(
    call: Call,
    *,
    answer: str | None = None,
    answers: Sequence[Mapping[str, Any]] | None = None,
) -> None:
    """Keep the operator's answer: a text for the whole, or one for each question."""
    adds = proof_opening.solicitation_open_on(call.session, dossiers.of(call)) is not None
    solicitation_answer.record(call, answer, answers)
    if adds:
        submission.record(call, submission.SOLICITATION)


@operation("solicitations.remind")
def remind(call: Call, *, step: str) -> None:
    """Remind the operator of a step that comes near."""
    step_reminder.remind(call, step)


@operation("solicitations.withdraw")
def withdraw(call: Call, *, reason: str | None = None) -> None:
    """Take the open solicitation back."""
    solicitation.withdraw(call, reason)
