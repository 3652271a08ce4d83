"""The parsed form of a process, shared by all its instances and never modified by them."""

from __future__ import annotations

from typing import Any

from workflow.engine.spiff.description import Element
from workflow.engine.spiff.library import BpmnProcessSpec, BpmnTaskSpec, TaskState
from workflow.engine.spiff.task import FlowTask, branching_point


class EndJoin(BpmnTaskSpec):
    """Where all branches of a process end; the last one completes it.

    The library lets the end of a branch wait in the tree for the others; here an ended branch
    leaves its changes behind and is gone, so that it does not hold history in the state.
    """

    def _update_hook(self, my_task: FlowTask) -> bool:
        my_task._inherit_data()
        part = my_task.workflow
        others = [token for token in part.tokens() if token is not my_task]
        if not others:
            return True
        part.ended_branches.absorb(branching_point(my_task, others).data, my_task.data)
        my_task._set_state(TaskState.CANCELLED)
        return False


class ProcessSpecification(BpmnProcessSpec):
    """A process or an embedded sub-process.

    ``process_id`` is the process it is drawn in; ``rechecked`` names the elements whose
    condition may change when something else completes.
    """

    def __init__(self, name: str, description: str, filename: str) -> None:
        super().__init__(name=name, description=description, filename=filename)
        self.process_id = name
        self.elements: dict[str, Element] = {}
        self.rechecked: frozenset[str] = frozenset()
        self.task_specs: dict[str, Any]
        final = self.task_specs["End"]
        del self.task_specs[self.end.name]
        final._inputs = []
        self.end = EndJoin(self, f"{name}.EndJoin")
        self.end.connect(final)

    def element(self, task: FlowTask) -> Element | None:
        """The drawn element that a task stands for; None for the library's own."""
        return self.elements.get(getattr(task.task_spec, "bpmn_id", None) or "")
