"""What is thrown and waited for: messages, errors, conditions, the first of several events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workflow.engine.spiff.expressions import element_of, kept
from workflow.engine.spiff.faults import ExpressionFailed
from workflow.engine.spiff.gateways import holds
from workflow.engine.spiff.library import (
    BpmnEvent,
    ConditionalEventDefinition,
    MultipleEventDefinition,
    StockError,
    StockEscalation,
    StockMessage,
    StockSignal,
)
from workflow.engine.spiff.task import FlowTask
from workflow.engine.spiff.timers import FIRED, Timer
from workflow.engine.spiff.values import storable_variables

WINNER = "winner"


def payload_of(task: FlowTask, expression: str | None) -> Any:
    """What an event carries, from its FEEL expression."""
    if expression is None:
        return None
    return kept(task, task.workflow.top_workflow.engine.evaluate(task, expression), "payload")


class _LeavesNothing:
    name: str

    def reset(self, my_task: FlowTask) -> None:
        """Forget what was heard."""
        my_task.internal_data.pop(self.name, None)
        my_task.internal_data.pop(FIRED, None)


class Message(_LeavesNothing, StockMessage):
    """A message: its keys become variables, or all of it one variable that the diagram names."""

    def throw(self, my_task: FlowTask) -> None:
        """Send it; the correlations are the library's."""
        payload = payload_of(my_task, self.expression)
        if payload is not None and not isinstance(payload, Mapping):
            raise ExpressionFailed(
                f"Expected the message {self.name} to carry a context but it carries "
                f"{type(payload).__name__}. Write {{name: value}}.",
                element=element_of(my_task),
            )
        correlations = self.get_correlations(my_task, payload) if payload else {}
        my_task.workflow.correlations.update(correlations)
        event = BpmnEvent(self, payload=payload or {}, correlations=correlations)
        my_task.workflow.top_workflow.catch(event)

    def update_task(self, my_task: FlowTask) -> None:
        """Note what the waiting process expects to be called by."""
        if self.process_correlations:
            super().update_task(my_task)

    def update_task_data(self, my_task: FlowTask) -> None:
        """Turn what was heard into variables."""
        payload = my_task.internal_data.pop(self.name, None)
        if payload is None:
            return
        if self.message_var:
            my_task.data[self.message_var] = payload
        else:
            my_task.data.update(storable_variables(payload))


def message_named(name: str) -> Message:
    """A message as somebody sends it from outside."""
    make: Any = Message
    return make(name)


class Signal(_LeavesNothing, StockSignal):
    """A signal, within its instance."""

    def throw(self, my_task: FlowTask) -> None:
        """Call out to whoever waits for it here."""
        event = BpmnEvent(self, payload=payload_of(my_task, self.expression))
        my_task.workflow.top_workflow.catch(event)


class Raised(BpmnEvent):
    """An error or an escalation: only an activity around its origin may catch it."""

    def __init__(self, definition: Error | Escalation, payload: Any, origin: FlowTask) -> None:
        super().__init__(definition, payload=payload)
        self.origin = origin


class Error(_LeavesNothing, StockError):
    """A BPMN error, caught by the innermost enclosing activity that knows its code."""

    def throw(self, my_task: FlowTask) -> None:
        """Leave towards the enclosing activities."""
        event = Raised(self, payload_of(my_task, self.expression), my_task)
        my_task.workflow.top_workflow.catch(event)


class Escalation(_LeavesNothing, StockEscalation):
    """A BPMN escalation: like an error, but nobody has to catch it."""

    def throw(self, my_task: FlowTask) -> None:
        """Leave towards the enclosing activities."""
        event = Raised(self, payload_of(my_task, self.expression), my_task)
        my_task.workflow.top_workflow.catch(event)


class Condition(_LeavesNothing, ConditionalEventDefinition):
    """A condition that is waited for."""

    def has_fired(self, my_task: FlowTask) -> bool:
        """Whether it holds now."""
        return holds(my_task, self.expression)


class FirstOf(MultipleEventDefinition):
    """What an event-based gateway waits for: the first of its events, never two."""

    def pairs(self, my_task: FlowTask) -> Iterator[tuple[Any, Any]]:
        """Each event with the element that it leads to, in document order."""
        return zip(self.event_definitions, my_task.task_spec.outputs, strict=True)

    def fire(self, my_task: FlowTask, element_id: str) -> None:
        """Let one of its timers win."""
        my_task.internal_data.setdefault(WINNER, element_id)

    def has_fired(self, my_task: FlowTask) -> bool:
        """Whether one of the events happened; timers only begin to wait here."""
        for definition, _ in self.pairs(my_task):
            if isinstance(definition, Timer):
                definition.due(my_task)
        return WINNER in my_task.internal_data

    def catches(self, my_task: FlowTask, event: Any | None = None) -> bool:
        """Whether one of its events is that one, and none happened before."""
        return WINNER not in my_task.internal_data and any(
            definition.catches(my_task, event) for definition in self.event_definitions
        )

    def catch(self, my_task: FlowTask, event: Any | None = None) -> None:
        """Let the event win."""
        for definition, target in self.pairs(my_task):
            if definition.catches(my_task, event):
                definition.catch(my_task, event)
                my_task.internal_data[WINNER] = target.name
                return

    def reset(self, my_task: FlowTask) -> None:
        """Forget what was waited for."""
        for key in (WINNER, "timers", FIRED):
            my_task.internal_data.pop(key, None)
