"""Activities: operations, decisions, processes within processes."""

from __future__ import annotations

from typing import Any

from workflow.engine.spiff.environment import OperationCall
from workflow.engine.spiff.expressions import element_of, kept
from workflow.engine.spiff.faults import ExpressionFailed
from workflow.engine.spiff.library import (
    StockBusinessRuleTask,
    StockCallActivity,
    StockServiceTask,
    StockSubProcess,
)
from workflow.engine.spiff.running import RunningPart
from workflow.engine.spiff.task import FlowTask
from workflow.feel import FeelLimitExceeded
from workflow.feel.decision_table import DecisionTable


class ServiceTask(StockServiceTask):
    """Runs an operation; its result is kept only when the diagram names a variable for it."""

    def __init__(
        self, wf_spec: Any, name: str, result_variable: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(wf_spec, name, result_variable=result_variable, **kwargs)
        self.kept_as = result_variable or None

    def _execute(self, task: FlowTask) -> bool:
        engine = task.workflow.top_workflow.engine
        parameters = {
            name: kept(task, engine.evaluate(task, parameter["value"]), name)
            for name, parameter in self.operation_params.items()
        }
        result = engine.turn.perform(
            OperationCall(self.operation_name, parameters, element_of(task), task.id)
        )
        if self.kept_as is not None:
            task.data[self.kept_as] = kept(task, result, self.kept_as)
        return True


class BusinessRuleTask(StockBusinessRuleTask):
    """Asks a decision table; its outputs become variables."""

    dmnEngine: DecisionTable  # noqa: N815 (the library's name)

    def __init__(self, wf_spec: Any, name: str, decision_id: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, name, **kwargs)
        self.decision_id = decision_id

    def _run_hook(self, my_task: FlowTask) -> bool:
        engine = my_task.workflow.top_workflow.engine
        try:
            decision = self.dmnEngine.decide(
                engine.environment.visible(my_task.data),
                now=engine.turn.effective_at,
                functions=engine.turn.functions,
            )
        except FeelLimitExceeded as fault:
            raise ExpressionFailed(str(fault), element=element_of(my_task)) from fault
        my_task.decision = {"table": self.decision_id, "rules": list(decision.rules)}
        my_task.data.update(kept(my_task, decision.outputs, self.decision_id))
        return True


class _Part:
    """The variables go into the part when it begins and come back when it ends."""

    def copy_data(self, my_task: FlowTask, subworkflow: RunningPart) -> None:
        """Hand the variables down."""
        subworkflow.task_tree.data.update(my_task.data)

    def update_data(self, my_task: FlowTask, subworkflow: RunningPart) -> None:
        """Take the variables back."""
        if subworkflow.last_task is not None:
            my_task.data = dict(subworkflow.last_task.data)

    def start_workflow(self, my_task: FlowTask) -> None:
        """Begin the part; it runs with the rest of the instance."""
        part = my_task.workflow.top_workflow.create_subprocess(my_task, self.spec)  # pyright: ignore[reportAttributeAccessIssue]
        part.completed_event.connect(self._on_subworkflow_completed, my_task)  # pyright: ignore[reportAttributeAccessIssue]
        self.copy_data(my_task, part)


class SubProcess(_Part, StockSubProcess):
    """An embedded sub-process."""


class CallActivity(_Part, StockCallActivity):
    """A called process."""
