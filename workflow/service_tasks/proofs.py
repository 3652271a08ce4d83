"""Operations on the proof file."""

from __future__ import annotations

from workflow.domain import proof, submission
from workflow.service_tasks.registry import Call, operation


@operation("proofs.open")
def open(call: Call) -> None:
    """Let the operator attach proofs."""
    proof.open_file(call)


@operation("proofs.submit")
def submit(call: Call) -> None:
    """Receive the complete proof file."""
    proof.submit(call)
    submission.record(call, submission.FIRST)


@operation("proofs.notify_complete")
def notify_complete(call: Call) -> None:
    """Acknowledge the complete proof file."""
    proof.notify_complete(call)


@operation("proofs.remind")
def remind(call: Call) -> None:
    """Remind of the provisional date."""
    proof.remind(call)
