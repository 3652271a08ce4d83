"""Operations of the instruction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.domain import instruction
from workflow.service_tasks.registry import Call, operation


@operation("instruction.record_verdicts")
def record_verdicts(call: Call, *, verdicts: Sequence[Mapping[str, Any]] | None = None) -> None:
    """Keep the instructor's verdicts."""
    instruction.record_verdicts(call, verdicts)


@operation("instruction.conclude")
def conclude(call: Call) -> None:
    """End the instruction."""
    instruction.conclude(call)
