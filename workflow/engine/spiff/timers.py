"""Timers without a wall clock: a due instant from FEEL, and nothing that fires by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from workflow.engine.spiff.expressions import element_of
from workflow.engine.spiff.faults import TimerInvalid
from workflow.engine.spiff.library import TimerEventDefinition
from workflow.engine.spiff.task import FlowTask

PARIS = ZoneInfo("Europe/Paris")
FIRED = "event_fired"
"""The library's mark, in a task's internal data, of an event that happened."""


@dataclass(frozen=True)
class Due:
    """When a timer fires: ``fires_at`` is UTC, or None while its clock stands (parked)."""

    fires_at: dt.datetime | None
    last_day: dt.date | None = None
    deadline_id: int | None = None
    follows: str | None = None


def due_from(value: Any) -> Due | None:
    """What a timer's value means; None when it means nothing.

    A deadline is a context {fires_at, last_day, deadline_id, follows}: one that was computed and
    has no instant waits for its clock, or is a reminder for which no time is left. An instant is
    itself; a date lasts until its end in Paris, since the last day of a delay is included.
    """
    if isinstance(value, Mapping):
        return _due_from_deadline(value)
    if isinstance(value, dt.datetime):
        return Due(_instant(value))
    if isinstance(value, dt.date):
        return Due(_instant(dt.datetime.combine(value + dt.timedelta(1), dt.time())), value)
    return None


def _due_from_deadline(value: Mapping[str, Any]) -> Due | None:
    fires_at, follows = value.get("fires_at"), value.get("follows")
    if isinstance(fires_at, dt.datetime):
        fires_at = _instant(fires_at)
    elif fires_at is not None or not (follows or value.get("deadline_id")):
        return None
    last_day, number = value.get("last_day"), value.get("deadline_id")
    is_day = isinstance(last_day, dt.date) and not isinstance(last_day, dt.datetime)
    return Due(
        fires_at,
        last_day if is_day else None,
        int(number) if isinstance(number, int | Decimal) else None,
        follows if isinstance(follows, str) else None,
    )


def _instant(value: dt.datetime) -> dt.datetime:
    aware = value if value.tzinfo is not None else value.replace(tzinfo=PARIS)
    return aware.astimezone(dt.UTC)


class Timer(TimerEventDefinition):
    """A date timer; ``name`` is the id of the element that carries it.

    What it waits for is kept in the task under that id, so that several timers behind one
    event-based gateway do not share it.
    """

    def __init__(self, element_id: str, expression: str) -> None:
        super().__init__(element_id, expression)
        self.name: str = element_id
        self.expression: str = expression

    def due(self, my_task: FlowTask) -> Due:
        """When it fires for that task; computed once, when the task begins to wait."""
        dues = my_task.internal_data.setdefault("timers", {})
        if self.name not in dues:
            dues[self.name] = self.computed(my_task)
        return dues[self.name]

    def computed(self, my_task: FlowTask) -> Due:
        """What the expression gives now. Raises TimerInvalid."""
        value = my_task.workflow.top_workflow.engine.evaluate(my_task, self.expression)
        due = due_from(value)
        if due is None:
            raise TimerInvalid(
                f"Expected a deadline, an instant or a date from {self.expression!r} but it "
                f"gives {value!r}. Use deadline(…).",
                element=element_of(my_task) if self.name == "" else self.name,
            )
        return due

    def move(self, my_task: FlowTask, due: Due) -> bool:
        """Let it fire at another instant; says whether that changed anything."""
        if self.due(my_task) == due:
            return False
        my_task.internal_data["timers"][self.name] = due
        return True

    def has_fired(self, my_task: FlowTask) -> bool:
        """Whether it was fired: being due is not enough."""
        self.due(my_task)
        return my_task.internal_data.get(FIRED, False)

    def reset(self, my_task: FlowTask) -> None:
        """Forget it all."""
        my_task.internal_data.pop("timers", None)
        my_task.internal_data.pop(FIRED, None)


def timers_of(task: FlowTask) -> Iterator[Timer]:
    """The timers that a waiting task waits for: none, one, or those behind a gateway."""
    definition = getattr(task.task_spec, "event_definition", None)
    for candidate in getattr(definition, "event_definitions", [definition]):
        if isinstance(candidate, Timer):
            yield candidate
