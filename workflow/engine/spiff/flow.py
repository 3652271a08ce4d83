"""One instance within one turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from workflow.engine.spiff import state, waits
from workflow.engine.spiff.environment import TurnEnvironment
from workflow.engine.spiff.events import FirstOf, message_named
from workflow.engine.spiff.faults import ExecutionFailed, TaskNotOpen
from workflow.engine.spiff.library import (
    BpmnEvent,
    SpiffWorkflowException,
    TaskState,
    WorkflowException,
)
from workflow.engine.spiff.passage import Step
from workflow.engine.spiff.running import RunningProcess
from workflow.engine.spiff.timers import FIRED, Due, Timer, timers_of
from workflow.engine.spiff.values import storable, storable_variables
from workflow.engine.spiff.variables import variables
from workflow.engine.spiff.waits import Listener, OpenTask, WaitingTimer

if TYPE_CHECKING:
    from workflow.engine.spiff.diagrams import Diagrams
    from workflow.engine.spiff.task import FlowTask


@dataclass(frozen=True)
class SentMessage:
    """A message thrown to others."""

    name: str
    payload: dict[str, Any]


class Flow:
    """An instance in memory: act, ``run()``, read what it waits for, ``dump()``.

    Not to be shared by threads; the diagrams may be. When anything raises, the instance is no
    longer usable: drop it, and load the stored state again.
    """

    def __init__(
        self, diagrams: Diagrams, process: RunningProcess, environment: TurnEnvironment
    ) -> None:
        self.diagrams = diagrams
        self.environment = environment
        self._process = process

    @property
    def process_id(self) -> str:
        """The process it is an instance of."""
        return self._process.spec.process_id

    @property
    def completed(self) -> bool:
        """Whether the last branch reached an end."""
        return self._process.completed

    @property
    def ended(self) -> str | None:
        """The end event of the top process that was reached last; None before completion."""
        return self._process.ended if self.completed else None

    def run(self) -> None:
        """Run what is automatic until the instance waits, or ends.

        Raises what an operation refuses unchanged, and faults of the diagram naming their
        element.
        """
        with _named_faults():
            self._process.run_to_waits()

    def open_tasks(self) -> list[OpenTask]:
        """The human tasks to do, in the order in which they opened; none while held."""
        return [] if self.environment.held else waits.open_tasks(self._process)

    def timers(self, *, even_held: bool = False) -> list[WaitingTimer]:
        """The timers that wait, in the order in which they fire, parked ones last.

        None while held, unless ``even_held``: nothing is due then.
        """
        held = self.environment.held and not even_held
        return [] if held else waits.timers(self._process)

    def listeners(self) -> list[Listener]:
        """The messages that would be heard; while held, only those that end the instance."""
        return waits.listeners(self._process)

    def complete(self, task_id: str, variables: Mapping[str, Any]) -> None:
        """Do a human task; the variables are stored. Raises TaskNotOpen."""
        task = self._process.find(task_id)
        open_now = task is not None and task._state == TaskState.READY and task.task_spec.manual
        if task is None or not open_now or self.environment.held:
            raise TaskNotOpen(
                "Expected an open task but it is done, cancelled or held. Read the dossier again."
            )
        with _named_faults():
            task.data.update(storable_variables(variables))
            task.run()

    def fire(self, timer_id: str) -> bool:
        """Fire a timer that is due at the turn's instant.

        False, and nothing changes, when it waits no more, is parked, was moved beyond the
        turn's instant, or the instance is held.
        """
        found = waits.find_timer(self._process, timer_id)
        if found is None or self.environment.held:
            return False
        task, timer = found
        fires_at = timer.due(task).fires_at
        if fires_at is None or fires_at > self.environment.effective_at:
            return False
        definition = task.task_spec.event_definition
        if isinstance(definition, FirstOf):
            definition.fire(task, timer.name)
        else:
            task.internal_data[FIRED] = True
        with _named_faults():
            task.task_spec._update(task)
        return True

    def receive(self, message: str, payload: Mapping[str, Any]) -> bool:
        """Let a message be heard; whether anything heard it.

        Its keys become variables, or all of it the variable that the diagram names.
        """
        event = BpmnEvent(message_named(message), payload=storable_variables(payload))
        with _named_faults():
            return self._process.event_manager.catch(event, internal=False) > 0

    def follow(self, clock: str) -> bool:
        """Compute again the timers that follow a clock; whether any moved."""
        moved = [
            timer.move(task, timer.computed(task))
            for task, timer in self._waiting_timers()
            if timer.due(task).follows == clock
        ]
        return any(moved)

    def recompute(self, timer_id: str) -> bool:
        """Evaluate a waiting timer's expression again; whether it moved."""
        return self._move(timer_id, lambda task, timer: timer.computed(task))

    def postpone(
        self,
        timer_id: str,
        fires_at: datetime,
        last_day: date | None = None,
        deadline_id: int | None = None,
    ) -> bool:
        """Let a waiting timer fire at another instant (aware); whether it moved.

        ``deadline_id`` names the date that explains the new instant; without it, the old one.
        """

        def moved(task: FlowTask, timer: Timer) -> Due:
            due = timer.due(task)
            return Due(
                fires_at, last_day or due.last_day, deadline_id or due.deadline_id, due.follows
            )

        return self._move(timer_id, moved)

    def renew(
        self,
        timer_id: str,
        fires_at: datetime | None,
        last_day: date | None,
        deadline_id: int,
        follows: str | None,
    ) -> bool:
        """Let a waiting timer, held or not, wait for another date; whether it changed.

        Without ``fires_at`` it is parked until the clock that it ``follows`` runs.
        """
        due = Due(fires_at, last_day, deadline_id, follows)
        return self._move(timer_id, lambda _task, _timer: due)

    def variables(self) -> dict[str, Any]:
        """A copy of the variables of the live branches, merged, or of the end."""
        return variables(self._process)

    def steps(self) -> list[Step]:
        """What was passed since the instance was started or loaded, in order."""
        return list(self._process.passages.steps)

    def sent(self) -> list[SentMessage]:
        """The messages thrown since then that nobody heard here."""
        return [
            SentMessage(event.event_definition.name, storable(event.payload or {}))
            for event in self._process.bpmn_events
        ]

    def dump(self, prune: bool = True) -> bytes:
        """The state to store, without finished history unless told otherwise."""
        return state.dump(self._process, prune)

    def _waiting_timers(self) -> list[tuple[FlowTask, Timer]]:
        waiting = self._process.event_manager.waiting()
        return [(task, timer) for task in waiting for timer in timers_of(task)]

    def _move(self, timer_id: str, due: Callable[[FlowTask, Timer], Due]) -> bool:
        found = waits.find_timer(self._process, timer_id)
        if found is None:
            return False
        task, timer = found
        return timer.move(task, due(task, timer))


@contextmanager
def _named_faults() -> Iterator[None]:
    """The library's own refusals as ours, naming the element."""
    try:
        yield
    except SpiffWorkflowException as fault:
        spec = fault.task_spec if isinstance(fault, WorkflowException) else None
        name = getattr(spec, "bpmn_id", None) or getattr(spec, "name", None) or "the process"
        raise ExecutionFailed(str(fault), element=name) from fault
