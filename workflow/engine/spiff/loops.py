"""Repeated activities: the standard loop and multiple instances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow.engine.spiff.expressions import element_of
from workflow.engine.spiff.faults import ExecutionFailed, ExpressionFailed
from workflow.engine.spiff.gateways import holds
from workflow.engine.spiff.library import (
    StandardLoopTaskMixin,
    StockLoop,
    StockParallelInstances,
    StockSequentialInstances,
    TaskState,
)
from workflow.engine.spiff.task import UNFINISHED, FlowTask
from workflow.engine.spiff.values import changes

MOST_INSTANCES = 1_000


class StandardLoop(StockLoop):
    """Repeats while its condition holds; null ends it. Keeps a count, not a history."""

    def _update_hook(self, my_task: FlowTask) -> bool | None:
        super(StandardLoopTaskMixin, self)._update_hook(my_task)
        my_task.internal_data["rounds"] = 0
        if self.test_before and self.loop_complete(my_task):
            return True
        my_task._set_state(TaskState.STARTED)
        self.create_child(my_task)
        return None

    def create_child(self, my_task: FlowTask) -> None:
        """Begin one round."""
        task_spec = my_task.workflow.spec.task_specs[self.task_spec]
        child = my_task._add_child(task_spec, TaskState.WAITING)
        child.triggered = True
        child.internal_data["iteration"] = my_task.internal_data["rounds"]
        task_spec._update(child)

    def merge_child(self, workflow: Any, child: FlowTask) -> None:
        """End one round, and begin the next or be done."""
        my_task = child.parent
        my_task.data.update(child.data)
        my_task.internal_data["rounds"] += 1
        if self.loop_complete(my_task):
            my_task._set_state(TaskState.READY)
        else:
            self.create_child(my_task)

    def loop_complete(self, my_task: FlowTask) -> bool:
        """Whether the loop is over."""
        rounds = my_task.internal_data["rounds"]
        if self.maximum is not None and rounds >= self.maximum:
            return True
        return self.condition is not None and not holds(my_task, self.condition)


class _Instances:
    """What both kinds of multiple instances share."""

    cardinality: str | None
    condition: str | None
    data_output: Any
    data_input: Any
    input_item: Any
    output_item: Any

    def check_cardinality(self, my_task: FlowTask) -> None:
        """Refuse a number of instances that is none."""
        if self.cardinality is None:
            return
        number = my_task.workflow.top_workflow.engine.evaluate(my_task, self.cardinality)
        if isinstance(number, bool) or not isinstance(number, int):
            raise ExpressionFailed(
                f"Expected a whole number of instances but {self.cardinality!r} gives "
                f"{number!r}. Count something.",
                element=element_of(my_task),
            )
        if not 0 <= number <= MOST_INSTANCES:
            raise ExecutionFailed(
                f"Expected at most {MOST_INSTANCES} instances but there would be {number}.",
                element=element_of(my_task),
            )

    def init_data_output_with_cardinality(self, my_task: FlowTask) -> None:
        """Begin the collected output (the library misspells a variable here)."""
        if not self.data_output.exists(my_task):
            self.data_output.set(my_task, [])

    def check_completion_condition(self, my_task: FlowTask) -> bool:
        """Whether the instances that remain are not needed."""
        merged = my_task.internal_data["merged"]
        if not merged or self.condition is None:
            return False
        return holds(my_task.workflow.tasks[merged[-1]], self.condition)

    def keep(self, child: FlowTask) -> None:
        """Take over what one instance produced, never modifying a shared value."""
        my_task: FlowTask = child.parent
        if self.data_output is not None and self.output_item is not None:
            self._collect(my_task, child)
        else:
            kept = changes(my_task.parent.data, child.data)
            for item in (self.input_item, self.output_item):
                if item is not None:
                    kept.pop(item.bpmn_id, None)
            my_task.data.update(kept)
        my_task.internal_data["merged"] = [child.id]

    def _collect(self, my_task: FlowTask, child: FlowTask) -> None:
        if not self.output_item.exists(child):
            raise ExecutionFailed(
                f"Expected each instance to set {self.output_item.bpmn_id} but one did not.",
                element=element_of(my_task),
            )
        item, held = self.output_item.get(child), self.data_output.get(my_task)
        key = child.internal_data.get("key_or_index")
        if isinstance(held, Mapping):
            self.data_output.set(my_task, {**held, str(key): item})
        else:
            self.data_output.set(my_task, [*held, item])


class SequentialInstances(_Instances, StockSequentialInstances):
    """One instance after the other."""

    def _update_hook(self, my_task: FlowTask) -> bool | None:
        my_task._inherit_data()
        self.check_cardinality(my_task)
        return super()._update_hook(my_task)

    def merge_child(self, workflow: Any, child: FlowTask) -> None:
        """End one instance, and begin the next or be done."""
        self.keep(child)
        my_task = child.parent
        if self.children_complete(my_task) or self.check_completion_condition(my_task):
            my_task._set_state(TaskState.READY)
        else:
            self.add_next_child(my_task)


class ParallelInstances(_Instances, StockParallelInstances):
    """All instances at once."""

    def create_children(self, my_task: FlowTask) -> None:
        """Begin them all."""
        self.check_cardinality(my_task)
        super().create_children(my_task)

    def merge_child(self, workflow: Any, child: FlowTask) -> None:
        """End one instance, and be done when it is the last or the rest is not needed."""
        self.keep(child)
        my_task = child.parent
        if self.check_completion_condition(my_task):
            for instance in list(self._instances(my_task)):
                if instance is not child and instance._state & UNFINISHED:
                    instance.cancel()
            my_task._set_state(TaskState.READY)
        elif self.children_complete(my_task):
            my_task._set_state(TaskState.READY)
