"""Gateways: conditions in FEEL, flows in document order, tokens counted.

The library merges joined branches list by list and lets an unchanged variable of one branch
undo another branch's change; here a join keeps what each branch changed since they parted, the
last arrived winning.
"""

from __future__ import annotations

from typing import Any

from workflow.engine.spiff.expressions import element_of
from workflow.engine.spiff.faults import ConditionNotBoolean, NoWayOut
from workflow.engine.spiff.library import (
    StockExclusiveGateway,
    StockInclusiveGateway,
    StockParallelGateway,
    TaskState,
)
from workflow.engine.spiff.task import FlowTask, common_ancestor
from workflow.engine.spiff.values import changes


def holds(task: FlowTask, condition: str) -> bool:
    """Whether a condition is true; null counts as false, as the standard says.

    Raises ConditionNotBoolean on anything else: "no" is not false.
    """
    value = task.workflow.top_workflow.engine.evaluate(task, condition)
    if value is None or isinstance(value, bool):
        return value is True
    raise ConditionNotBoolean(
        f"Expected true or false from {condition!r} but it gives {value!r}. Compare it.",
        element=element_of(task),
    )


class FeelCondition:
    """The condition of a sequence flow, as the library's gateways call it."""

    def __init__(self, expression: str) -> None:
        self.expression = expression

    def _matches(self, task: FlowTask) -> bool:
        return holds(task, self.expression)


class _Conditional:
    cond_task_specs: list[tuple[FeelCondition | None, str]]

    def connect_outgoing_if(self, condition: str | None, taskspec: Any) -> None:
        """Connect a flow with its condition."""
        self.connect_if(  # pyright: ignore[reportAttributeAccessIssue]
            None if condition is None else FeelCondition(condition), taskspec
        )

    def _predict_hook(self, my_task: FlowTask) -> None:
        """Nothing: a choice grows the flows it takes when it runs."""

    def true_flows(self, my_task: FlowTask) -> list[str]:
        """The targets whose condition holds, in document order."""
        return [
            target
            for condition, target in self.cond_task_specs
            if condition is not None and condition._matches(my_task)
        ]

    def default_flows(self) -> list[str]:
        """The targets without a condition."""
        return [target for condition, target in self.cond_task_specs if condition is None]

    def take(self, my_task: FlowTask, targets: list[str]) -> bool:
        """Follow these flows."""
        if not targets:
            raise NoWayOut(
                "Expected one of its conditions to hold but none does. Add a default flow.",
                element=element_of(my_task),
            )
        specs = my_task.workflow.spec.task_specs
        my_task._sync_children([specs[target] for target in targets], TaskState.FUTURE)
        return True


class ExclusiveGateway(_Conditional, StockExclusiveGateway):
    """Takes the first flow, in document order, whose condition holds, else the default."""

    def _run_hook(self, my_task: FlowTask) -> bool:
        for condition, target in self.cond_task_specs:
            if condition is not None and condition._matches(my_task):
                return self.take(my_task, [target])
        return self.take(my_task, self.default_flows()[:1])


def merge(arrived: list[FlowTask], into: FlowTask) -> None:
    """Give a join what each arrived branch changed since they all parted."""
    if not arrived:
        return
    parted = common_ancestor([*arrived, into]).data
    merged = dict(parted)
    for branch in [*sorted(arrived, key=lambda task: task.last_state_change), into]:
        merged.update(changes(parted, branch.data))
    into.data = merged
    for branch in arrived:
        branch._set_state(TaskState.CANCELLED)


class _Join:
    _inputs: list[str]

    def waiting_here(self, my_task: FlowTask) -> list[FlowTask]:
        """The branches that already arrived, in order."""
        return sorted(
            (
                task
                for task in my_task.workflow.tasks.values()
                if task.task_spec is self
                and task is not my_task
                and task._state == TaskState.WAITING
            ),
            key=lambda task: task.last_state_change,
        )

    def wait(self, my_task: FlowTask) -> bool:
        """Arrive, and wait for the others."""
        if my_task._state != TaskState.WAITING:
            my_task._set_state(TaskState.WAITING)
        return False


class ParallelGateway(_Join, StockParallelGateway):
    """Continues when one branch arrived on each incoming flow; further ones stay waiting."""

    def _update_hook(self, my_task: FlowTask) -> bool:
        if my_task._state != TaskState.WAITING:
            my_task._inherit_data()
        by_flow: dict[str, FlowTask] = {}
        for task in self.waiting_here(my_task):
            by_flow.setdefault(task.parent.task_spec.name, task)
        arriving = my_task.parent.task_spec.name
        missing = set(self._inputs) - {arriving} - by_flow.keys()
        if missing:
            return self.wait(my_task)
        by_flow.pop(arriving, None)
        merge(list(by_flow.values()), my_task)
        return True

    def _run_hook(self, my_task: FlowTask) -> bool:
        return True


class InclusiveGateway(_Conditional, _Join, StockInclusiveGateway):
    """Continues when no live token can reach a still empty incoming flow any more."""

    upstream: dict[str, frozenset[str]]
    """For each incoming element, the elements from which it can be reached, itself included."""

    def _update_hook(self, my_task: FlowTask) -> bool:
        if my_task._state != TaskState.WAITING:
            my_task._inherit_data()
        others = self.waiting_here(my_task)
        arrived = [*others, my_task]
        filled = {task.parent.task_spec.name for task in arrived}
        tokens = {t.task_spec.name for t in my_task.workflow.tokens() if t.task_spec is not self}
        if any(tokens & self.upstream[flow] for flow in set(self._inputs) - filled):
            return self.wait(my_task)
        merge(others, my_task)
        return True

    def _run_hook(self, my_task: FlowTask) -> bool:
        return self.take(my_task, self.true_flows(my_task) or self.default_flows())


def upstream_of(gateway: InclusiveGateway, specs: dict[str, Any]) -> dict[str, frozenset[str]]:
    """From where each incoming flow of a gateway can be reached without passing through it."""
    found: dict[str, frozenset[str]] = {}
    for flow in set(gateway._inputs):
        seen: set[str] = set()
        pending = [flow]
        while pending:
            name = pending.pop()
            if name not in seen and name != gateway.name:
                seen.add(name)
                pending.extend(specs[name]._inputs)
        found[flow] = frozenset(seen)
    return found
