"""Operations on the convention."""

from __future__ import annotations

from workflow.domain import convention
from workflow.service_tasks.registry import Call, operation


@operation("conventions.send")
def send(call: Call) -> None:
    """Send the convention to the legal representative."""
    convention.send(call)


@operation("conventions.sign")
def sign(call: Call) -> None:
    """Keep the legal representative's signature."""
    convention.sign(call)


@operation("conventions.countersign")
def countersign(call: Call) -> None:
    """Keep the Agency's signature."""
    convention.countersign(call)
