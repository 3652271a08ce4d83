"""Who hears an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workflow.engine.spiff.events import Error, Message, Raised
from workflow.engine.spiff.expressions import element_of
from workflow.engine.spiff.faults import UncaughtError
from workflow.engine.spiff.library import (
    BoundaryEventMixin,
    BoundaryEventSplit,
    EventManager,
    TaskState,
)
from workflow.engine.spiff.task import FlowTask

if TYPE_CHECKING:
    from workflow.engine.spiff.running import RunningProcess


class EventRouting(EventManager):
    """The events an instance waits for (``tasks``), and which of them an event reaches.

    The library lets every boundary with an error's code hear it, revives a listener that was
    cancelled by an earlier one, and modifies the shared specification for event sub-processes.
    """

    workflow: RunningProcess
    tasks: dict[str, FlowTask]

    def catch(self, event: Any, internal: bool = True) -> int:
        """Let the event be heard; returns by how many.

        A message that nobody hears here goes to others. Raises UncaughtError.
        """
        if isinstance(event, Raised):
            heard = self._enclosing(event)
            if not heard and isinstance(event.event_definition, Error):
                raise UncaughtError(
                    f"Expected an activity around it to catch the error "
                    f"{event.event_definition.code} but none does. Draw its boundary event.",
                    element=element_of(event.origin),
                )
        else:
            heard = [task for task in self.waiting() if self._hears(task, event)]
            if not heard and internal and isinstance(event.event_definition, Message):
                self.workflow.bpmn_events.append(event)
        for task in heard:
            if task._state == TaskState.WAITING:
                task.task_spec.catch(task, event)
                task.task_spec._update(task)
        return len(heard)

    def waiting(self) -> list[FlowTask]:
        """What waits for an event, in the order in which it began to."""
        return sorted(self.tasks.values(), key=lambda task: task.last_state_change)

    def _hears(self, task: FlowTask, event: Any) -> bool:
        if task._state != TaskState.WAITING or not task.task_spec.catches(task, event):
            return False
        turn = self.workflow.engine.turn
        if not turn.held:
            return True
        return task.workflow is self.workflow and event.event_definition.name in (
            turn.heard_while_held
        )

    def _enclosing(self, event: Raised) -> list[FlowTask]:
        part = event.origin.workflow
        while part.parent_task_id is not None:
            holder = self.workflow.get_task_from_id(part.parent_task_id)
            part = holder.workflow
            heard = [task for task in self.waiting() if self._encloses(task, holder, event)]
            if heard:
                # Its own code before a boundary that catches any.
                return sorted(heard, key=_catches_any)[:1]
        return []

    def _encloses(self, task: FlowTask, holder: FlowTask, event: Raised) -> bool:
        split = task.parent
        if task.workflow is not holder.workflow or split is None:
            return False
        if not isinstance(split.task_spec, BoundaryEventSplit):
            return False
        if task._state != TaskState.WAITING or not task.task_spec.catches(task, event):
            return False
        activities = [t for t in split.children if not isinstance(t.task_spec, BoundaryEventMixin)]
        # An instance of a repeated activity is the child of the activity.
        return any(activity is holder or activity is holder.parent for activity in activities)


def _catches_any(task: FlowTask) -> bool:
    return getattr(task.task_spec.event_definition, "code", None) is None
