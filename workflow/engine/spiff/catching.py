"""The elements where events happen: starts, catches, boundaries, ends.

A waiting element begins to wait once, and what does not interrupt may happen again.
"""

from __future__ import annotations

from typing import Any

from workflow.engine.spiff.events import WINNER, Condition, FirstOf
from workflow.engine.spiff.library import (
    BoundaryEventJoin,
    EndEventMixin,
    StockBoundaryEvent,
    StockCatchEvent,
    StockEndEvent,
    StockEventBasedGateway,
    StockReceiveTask,
    StockStartEvent,
    TaskState,
    TerminateEventDefinition,
)
from workflow.engine.spiff.task import UNFINISHED, FlowTask
from workflow.engine.spiff.timers import Timer


class _ArmsOnce:
    """A waiting event inherits variables and runs its pre-script once.

    The library does both again at each refresh, overwriting what the event holds.
    """

    event_definition: Any

    def _update_hook(self, my_task: FlowTask) -> bool | None:
        if my_task.id in my_task.workflow.top_workflow.event_manager.tasks:
            return self.event_definition.has_fired(my_task)
        return super()._update_hook(my_task)  # pyright: ignore[reportAttributeAccessIssue]


class StartEvent(_ArmsOnce, StockStartEvent):
    """A start, which may wait for a message."""


class IntermediateCatchEvent(_ArmsOnce, StockCatchEvent):
    """An event waited for in the flow."""


class ReceiveTask(_ArmsOnce, StockReceiveTask):
    """A task that waits for a message."""


class EndEvent(StockEndEvent):
    """An end; a terminate end takes the live branches around it with it."""

    def _on_complete_hook(self, my_task: FlowTask) -> None:
        super(EndEventMixin, self)._on_complete_hook(my_task)
        if isinstance(self.event_definition, TerminateEventDefinition):
            my_task.workflow.cancel_all()
            my_task.workflow._mark_complete(my_task)


class EventBasedGateway(_ArmsOnce, StockEventBasedGateway):
    """Takes the flow of the first event that happens."""

    event_definition: FirstOf

    def _predict_hook(self, my_task: FlowTask) -> None:
        """Nothing: it grows the flow it takes when it runs."""

    def _run_hook(self, my_task: FlowTask) -> bool:
        winner = my_task.internal_data[WINNER]
        for definition, target in self.event_definition.pairs(my_task):
            if target.name == winner:
                definition.update_task_data(my_task)
                self.event_definition.reset(my_task)
                my_task._sync_children([target], TaskState.FUTURE)
                break
        return True


class BoundaryEvent(_ArmsOnce, StockBoundaryEvent):
    """An event on the edge of an activity; a non-interrupting message may come again."""

    def _predict_hook(self, my_task: FlowTask) -> None:
        outputs = self.outputs
        if not self.cancel_activity:
            # Only an interruption ends the activity: without it the join has nothing to do, and
            # would stay in the state.
            outputs = [spec for spec in outputs if not isinstance(spec, BoundaryEventJoin)]
        my_task._sync_children(outputs, TaskState.FUTURE)

    def _run_hook(self, my_task: FlowTask) -> bool:
        result = super()._run_hook(my_task)
        if not self.cancel_activity and not isinstance(self.event_definition, Timer | Condition):
            self._listen_again(my_task)
        return result

    def _listen_again(self, my_task: FlowTask) -> None:
        split = my_task.parent
        activity = [t for t in split.children if not isinstance(t.task_spec, StockBoundaryEvent)]
        if not any(task._state & UNFINISHED for task in activity):
            return
        twin = split._add_child(self, TaskState.FUTURE)
        twin.triggered = True
        twin._set_state(TaskState.WAITING)
        self._update(twin)
