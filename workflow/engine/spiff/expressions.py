"""Everything a diagram may say is FEEL: this stands where the library evaluates Python.

The library calls ``script_engine.evaluate(task, text)`` and ``execute(task, script)``, and
``script_engine.environment.evaluate(text, context)`` for correlations.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from workflow.engine.spiff.environment import TurnEnvironment
from workflow.engine.spiff.faults import ExpressionFailed, NotStorable
from workflow.engine.spiff.task import FlowTask
from workflow.engine.spiff.values import storable
from workflow.feel import FeelLimitExceeded, FeelSyntaxError, compiled


class FeelScope:
    """Evaluates texts over some variables, at the turn's instant."""

    def __init__(self, turn: TurnEnvironment) -> None:
        self.turn = turn

    def visible(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """All the names an expression may use, variables first, then the turn's own."""
        return {**self.turn.answer, **variables, **self.turn.constants}

    def evaluate(
        self,
        expression: str,
        context: Mapping[str, Any],
        external_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The value of an expression over a context (the library's signature)."""
        return compiled(expression).evaluate(
            self.visible(context), now=self.turn.effective_at, functions=self.turn.functions
        )


class FeelEngine:
    """The library's script engine, one per turn."""

    def __init__(self, turn: TurnEnvironment) -> None:
        self.turn = turn
        self.environment = FeelScope(turn)

    def evaluate(
        self, task: FlowTask, expression: str, external_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The value of an expression over a task's variables.

        Raises ExpressionFailed naming the element; what a function of the turn refuses
        passes through unchanged.
        """
        try:
            value = self.environment.evaluate(expression, task.data)
            # The library counts with it, and only takes an int for a whole number.
            return storable(value) if isinstance(value, Decimal) else value
        except (FeelSyntaxError, FeelLimitExceeded) as fault:
            raise ExpressionFailed(str(fault), element=element_of(task)) from fault

    def execute(
        self, task: FlowTask, script: str, external_context: Mapping[str, Any] | None = None
    ) -> bool:
        """Run a script: a FEEL context, whose entries become variables of the task."""
        entries = self.evaluate(task, script)
        if not isinstance(entries, Mapping):
            raise ExpressionFailed(
                "Expected the script to be a FEEL context but it gives "
                f"{type(entries).__name__}. Write {{name: value}}.",
                element=element_of(task),
            )
        task.data.update(kept(task, entries, "script"))
        return True


def kept(task: FlowTask, value: Any, name: str) -> Any:
    """A copy of a value that a task makes and the instance keeps.

    Raises NotStorable, naming the element.
    """
    try:
        return storable(value, name)
    except NotStorable as fault:
        raise NotStorable(f"{element_of(task)}: {fault}") from fault


def element_of(task: FlowTask) -> str:
    """The id, in the diagram, of what a task stands for."""
    return getattr(task.task_spec, "bpmn_id", None) or task.task_spec.name
