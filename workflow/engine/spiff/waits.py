"""What an instance waits for, as plain facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workflow.engine.spiff.description import Element
from workflow.engine.spiff.events import Message
from workflow.engine.spiff.library import BoundaryEventMixin, BoundaryEventSplit, TaskState
from workflow.engine.spiff.running import RunningProcess
from workflow.engine.spiff.task import UNFINISHED, FlowTask
from workflow.engine.spiff.timers import Timer, timers_of

_NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True)
class WaitingTimer:
    """An instant the instance waits for; ``due_at`` is None while its clock stands (parked)."""

    timer_id: str
    element_id: str
    process_id: str
    due_at: dt.datetime | None
    last_day: dt.date | None
    deadline_id: int | None
    follows: str | None
    interrupting: bool


@dataclass(frozen=True)
class OpenTask:
    """Something a person has to do; ``due`` is the first timer that would take it away."""

    task_id: str
    element_id: str
    process_id: str
    label: str
    role: str | None
    form_key: str | None
    due: WaitingTimer | None
    other_role: str | None = None


@dataclass(frozen=True)
class Listener:
    """A message the instance would hear."""

    message: str
    element_id: str
    process_id: str
    boundary: bool
    properties: Mapping[str, str]


def _element(task: FlowTask) -> Element:
    element = task.workflow.spec.element(task)
    assert element is not None, task.task_spec.name
    return element


def open_tasks(process: RunningProcess) -> list[OpenTask]:
    """The human tasks that are ready, in the order in which they opened."""
    ready = [
        task
        for part in process.parts()
        for task in part.tasks.values()
        if task._state == TaskState.READY and task.task_spec.manual
    ]
    return [_open_task(process, task) for task in sorted(ready, key=lambda t: t.last_state_change)]


def _open_task(process: RunningProcess, task: FlowTask) -> OpenTask:
    element = _element(task)
    timers = [
        waiting
        for boundary in _boundaries_around(process, task)
        for waiting in _waiting_timers(boundary)
        if waiting.interrupting
    ]
    return OpenTask(
        task.id,
        element.id,
        task.workflow.spec.process_id,
        element.label,
        element.role,
        element.form_key,
        min(timers, key=_order) if timers else None,
        element.properties.get("otherRole"),
    )


def _boundaries_around(process: RunningProcess, task: FlowTask) -> Iterator[FlowTask]:
    """The waiting boundary events of a task and of the activities it lies in."""
    node: FlowTask | None = task
    while node is not None:
        parent = node.parent
        if parent is not None and parent._state & UNFINISHED:  # one of several instances
            parent = parent.parent
        if parent is not None and isinstance(parent.task_spec, BoundaryEventSplit):
            for sibling in parent.children:
                boundary = isinstance(sibling.task_spec, BoundaryEventMixin)
                if boundary and sibling._state == TaskState.WAITING:
                    yield sibling
        holder_id = node.workflow.parent_task_id
        node = None if holder_id is None else process.get_task_from_id(holder_id)


def timers(process: RunningProcess) -> list[WaitingTimer]:
    """The timers that wait, the first due first, the parked ones last."""
    waiting = [w for task in process.event_manager.tasks.values() for w in _waiting_timers(task)]
    return sorted(waiting, key=_order)


def _order(timer: WaitingTimer) -> tuple[dt.datetime, str, str]:
    return (timer.due_at or _NEVER, timer.element_id, timer.timer_id)


def _waiting_timers(task: FlowTask) -> Iterator[WaitingTimer]:
    for timer in timers_of(task):
        due = timer.due(task)
        yield WaitingTimer(
            f"{task.id}:{timer.name}",
            timer.name,
            task.workflow.spec.process_id,
            due.fires_at,
            due.last_day,
            due.deadline_id,
            due.follows,
            getattr(task.task_spec, "cancel_activity", True),
        )


def find_timer(process: RunningProcess, timer_id: str) -> tuple[FlowTask, Timer] | None:
    """The waiting task and the timer behind an id; None when it waits no more."""
    task_id, _, element_id = timer_id.partition(":")
    task = process.event_manager.tasks.get(task_id)
    if task is None or task._state != TaskState.WAITING:
        return None
    for timer in timers_of(task):
        if timer.name == element_id:
            return task, timer
    return None


def listeners(process: RunningProcess) -> list[Listener]:
    """The messages that would be heard now."""
    turn = process.engine.turn
    heard: dict[tuple[str, str], Listener] = {}
    for task in process.event_manager.waiting():
        if turn.held and task.workflow is not process:
            continue
        for name, element in _messages_of(task):
            if turn.held and name not in turn.heard_while_held:
                continue
            boundary = element.kind == "boundaryEvent"
            process_id = task.workflow.spec.process_id
            listener = Listener(name, element.id, process_id, boundary, element.properties)
            heard.setdefault((name, element.id), listener)
    return list(heard.values())


def _messages_of(task: FlowTask) -> Iterator[tuple[str, Element]]:
    definition: Any = getattr(task.task_spec, "event_definition", None)
    if isinstance(definition, Message):
        yield definition.name, _element(task)
        return
    for event, target in definition.pairs(task) if hasattr(definition, "pairs") else ():
        if isinstance(event, Message):
            yield event.name, task.workflow.spec.elements[target.bpmn_id]
