"""Operations on the convention."""

from __future__ import annotations

from typing import Any

from workflow.domain import convention
from workflow.service_tasks.registry import Call, operation


@operation("conventions.send", outputs={"sent_at": "date and time"})
def send(call: Call) -> dict[str, Any]:
    """Send the convention to the legal representative."""
    return convention.send(call)


@operation("conventions.remind")
def remind(call: Call) -> None:
    """Remind the legal representative of a convention to sign."""
    convention.remind(call)


@operation("conventions.sign")
def sign(call: Call) -> None:
    """Keep the legal representative's signature."""
    convention.sign(call)


@operation("conventions.countersign")
def countersign(call: Call) -> None:
    """Keep the Agency's signature."""
    convention.countersign(call)
