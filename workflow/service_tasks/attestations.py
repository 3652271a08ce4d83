"""Operations on the attestation."""

from __future__ import annotations

from workflow.domain import attestation
from workflow.service_tasks.registry import Call, operation


@operation("attestations.issue")
def issue(call: Call) -> None:
    """Write the attestation."""
    attestation.issue(call)
