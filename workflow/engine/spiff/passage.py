"""What a turn passed, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from workflow.engine.spiff.library import TaskState

if TYPE_CHECKING:
    from workflow.engine.spiff.task import FlowTask

Outcome = Literal["entered", "completed", "cancelled"]

_STAYS = {
    "userTask",
    "manualTask",
    "receiveTask",
    "callActivity",
    "subProcess",
    "intermediateCatchEvent",
    "eventBasedGateway",
    "startEvent",
}
"""What can last. The rest happens at once: it is only ever completed."""

_OPEN = TaskState.WAITING | TaskState.READY | TaskState.STARTED


@dataclass(frozen=True)
class Step:
    """One passage of one element.

    ``decision`` tells which rules of which table matched: {"table": id, "rules": [numbers]}.
    """

    element_id: str
    process_id: str
    kind: str
    label: str
    outcome: Outcome
    decision: dict[str, Any] | None = None


class Passages:
    """Collects the steps of a turn."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def note(self, task: FlowTask, before: int, after: int) -> None:
        """Note a change of state when it means something on the diagram."""
        element = task.workflow.spec.element(task)
        if element is None:
            return
        if after == TaskState.COMPLETED:
            self._add(task, "completed")
        elif element.kind in _STAYS:
            if after & _OPEN and not before & _OPEN and self._lasts(task, element.kind):
                self._add(task, "entered")
            elif after == TaskState.CANCELLED and before & _OPEN:
                self._add(task, "cancelled")

    def _lasts(self, task: FlowTask, kind: str) -> bool:
        return kind != "startEvent" or task._state == TaskState.WAITING

    def _add(self, task: FlowTask, outcome: Outcome) -> None:
        specification = task.workflow.spec
        element = specification.elements[task.task_spec.bpmn_id]
        self.steps.append(
            Step(
                element.id,
                specification.process_id,
                element.kind,
                element.label,
                outcome,
                task.decision if outcome == "completed" else None,
            )
        )
