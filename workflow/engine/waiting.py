"""What instances wait for, as tables: human tasks, timers, messages.

These rows are a projection of the engine's state, rewritten after each turn: losing them loses
nothing, and a sweep finds what is due without loading a single instance.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    ForeignKey,
    Index,
    String,
    bindparam,
    delete,
    false,
    insert,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant, Json, table_of
from workflow.engine import task_draft
from workflow.engine.instances import Closing, Instance, Projection
from workflow.engine.spiff import Diagrams, Flow, Listener, OpenTask, WaitingTimer

HELD = "held"
"""How a task ended that its dossier's suspension took away; it opens again at the release."""


class HumanTask(Base):
    """Something a person has, or had, to do; ``due_at`` is its interrupting deadline.

    ``other_role`` may do it too. ``aside`` says that it is no task of the dossier's procedure,
    but of a process that concerns the dossier, or the people of an operator (``operator_id``).
    """

    __tablename__ = "human_task"
    __table_args__ = (
        Index("ix_human_task_role", "role", "closed_at", "opened_at"),
        Index("ix_human_task_dossier", "dossier_id", "element_id", "opened_at"),
        Index("ix_human_task_instance", "instance_id", "closed_at"),
        Index("ix_human_task_other_role", "other_role", "closed_at", "opened_at"),
        Index("ix_human_task_closed_by_id", "closed_by_id", "closed_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"))
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"))
    element_id: Mapped[str] = mapped_column(String(80))
    process_id: Mapped[str] = mapped_column(String(80))
    label: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(40))
    form_key: Mapped[str] = mapped_column(String(80))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    due_day: Mapped[date | None] = mapped_column(Date)
    deadline_id: Mapped[int | None]
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_by: Mapped[str | None] = mapped_column(String(20))
    """completed, timer, message, cancelled or held."""
    closed_by_name: Mapped[str | None] = mapped_column(String(200))
    closed_by_id: Mapped[int | None]
    """As in the history: no reference, and none on tasks that were closed before revision 0018."""
    other_role: Mapped[str | None] = mapped_column(String(40))
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operator.id"))
    aside: Mapped[bool] = mapped_column(default=False, server_default=false())

    @property
    def roles(self) -> frozenset[str]:
        """The roles that may do it."""
        return frozenset(role for role in (self.role, self.other_role) if role)


class Timer(Base):
    """An instant an instance waits for; without ``due_at`` it is parked: its clock stands."""

    __tablename__ = "timer"
    __table_args__ = (
        Index("ix_timer_due", "due_at", "instance_id"),
        Index("ix_timer_dossier", "dossier_id"),
    )

    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"), primary_key=True)
    timer_id: Mapped[str] = mapped_column(String(120), primary_key=True)
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"))
    element_id: Mapped[str] = mapped_column(String(80))
    process_id: Mapped[str] = mapped_column(String(80))
    label: Mapped[str] = mapped_column(String(200))
    attached_to: Mapped[str | None] = mapped_column(String(80))
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    due_day: Mapped[date | None] = mapped_column(Date)
    interrupting: Mapped[bool]
    deadline_id: Mapped[int | None]
    failure: Mapped[str | None] = mapped_column(String(500))
    retry_at: Mapped[datetime | None] = mapped_column(Instant)


class MessageWait(Base):
    """A message an instance would hear, and the roles that may send it."""

    __tablename__ = "message_wait"
    __table_args__ = (Index("ix_message_wait_message", "message", "dossier_id"),)

    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"), primary_key=True)
    message: Mapped[str] = mapped_column(String(80), primary_key=True)
    element_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"))
    process_id: Mapped[str] = mapped_column(String(80))
    boundary: Mapped[bool]
    roles: Mapped[list[str]] = mapped_column(Json)
    form_key: Mapped[str | None] = mapped_column(String(80))


def is_of_roles(roles: Collection[str]) -> ColumnElement[bool]:
    """The condition that a task is one of these roles', or may be done by one of them."""
    named = sorted(roles)
    return HumanTask.role.in_(named) | HumanTask.other_role.in_(named)


_TASK, _TIMER, _MESSAGE = table_of(HumanTask), table_of(Timer), table_of(MessageWait)

# Composed once: on the path of every step, composing a statement costs more than sending it.
_OPEN_TASK, _SET_TIMER, _HEAR = insert(_TASK), insert(_TIMER), insert(_MESSAGE)
_MOVE_TASK = update(_TASK).where(_TASK.c.id == bindparam("task"))
_DROP_TIMER = delete(_TIMER).where(
    _TIMER.c.instance_id == bindparam("instance"), _TIMER.c.timer_id == bindparam("timer")
)
_MOVE_TIMER = update(_TIMER).where(
    _TIMER.c.instance_id == bindparam("instance"), _TIMER.c.timer_id == bindparam("timer")
)
_STOP_HEARING = delete(_MESSAGE).where(
    _MESSAGE.c.instance_id == bindparam("instance"),
    _MESSAGE.c.message == bindparam("name"),
    _MESSAGE.c.element_id == bindparam("element"),
)


def rewrite(
    session: Session,
    instance: Instance,
    flow: Flow,
    projection: Projection,
    *,
    diagrams: Diagrams,
    at: datetime,
    closed: dict[str, Closing],
    otherwise: Closing,
) -> None:
    """Bring the three tables in line with the engine, writing only what changed.

    ``closed`` tells how given tasks ended, and by whom; ``otherwise`` is said of the others
    that vanished in this turn.
    """
    connection = session.connection()
    _rewrite_tasks(connection, instance, flow.open_tasks(), projection, at, closed, otherwise)
    timers = flow.timers()
    _rewrite_timers(connection, instance, timers, projection, diagrams)
    _rewrite_messages(connection, instance, flow.listeners(), projection)
    instance.next_due_at = min((t.due_at for t in timers if t.due_at), default=None)


def _due(timer: WaitingTimer | None) -> dict[str, Any]:
    if timer is None:
        return {"due_at": None, "due_day": None, "deadline_id": None}
    return {"due_at": timer.due_at, "due_day": timer.last_day, "deadline_id": timer.deadline_id}


def _fingerprint(values: dict[str, Any]) -> list[Any]:
    return [str(value) if isinstance(value, date) else value for value in values.values()]


def _rewrite_tasks(
    connection: Connection,
    instance: Instance,
    tasks: Sequence[OpenTask],
    projection: Projection,
    at: datetime,
    closed: dict[str, Closing],
    otherwise: Closing,
) -> None:
    current = {task.task_id: _due(task.due) for task in tasks}
    gone = projection.tasks.keys() - current.keys()
    if gone:
        ends = {task_id: closed.get(task_id, otherwise) for task_id in sorted(gone)}
        connection.execute(_MOVE_TASK, [{"task": t, **end.columns(at)} for t, end in ends.items()])
        task_draft.forget(connection, [t for t, end in ends.items() if end.how != HELD])
    opened = [task for task in tasks if task.task_id not in projection.tasks]
    if opened:
        connection.execute(
            _OPEN_TASK, [_task_row(instance, task, at, current[task.task_id]) for task in opened]
        )
    for task_id, due in current.items():
        if projection.tasks.get(task_id, _fingerprint(due)) != _fingerprint(due):
            connection.execute(_MOVE_TASK, {"task": task_id, **due})
    projection.tasks = {task_id: _fingerprint(due) for task_id, due in current.items()}


def _task_row(
    instance: Instance, task: OpenTask, at: datetime, due: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": task.task_id,
        "instance_id": instance.id,
        "dossier_id": instance.concerned_dossier_id,
        "element_id": task.element_id,
        "process_id": task.process_id,
        "label": task.label,
        "role": task.role,
        "form_key": task.form_key,
        "opened_at": at,
        "other_role": task.other_role,
        "operator_id": instance.operator_id,
        "aside": instance.aside,
        **due,
    }


def _rewrite_timers(
    connection: Connection,
    instance: Instance,
    timers: Sequence[WaitingTimer],
    projection: Projection,
    diagrams: Diagrams,
) -> None:
    current = {timer.timer_id: timer for timer in timers}
    marks = {timer_id: _fingerprint(_due(timer)) for timer_id, timer in current.items()}
    gone = projection.timers.keys() - current.keys()
    if gone:
        keys = [{"instance": instance.id, "timer": timer_id} for timer_id in sorted(gone)]
        connection.execute(_DROP_TIMER, keys)
    new = [timer for timer_id, timer in current.items() if timer_id not in projection.timers]
    if new:
        connection.execute(_SET_TIMER, [_timer_row(instance, timer, diagrams) for timer in new])
    for timer_id in projection.timers.keys() & current.keys():
        if projection.timers[timer_id] != marks[timer_id]:
            key = {"instance": instance.id, "timer": timer_id}
            connection.execute(_MOVE_TIMER, {**key, **_due(current[timer_id])})
    projection.timers = marks


def _timer_row(instance: Instance, timer: WaitingTimer, diagrams: Diagrams) -> dict[str, Any]:
    element = diagrams.process(timer.process_id).elements[timer.element_id]
    return {
        "instance_id": instance.id,
        "timer_id": timer.timer_id,
        "dossier_id": instance.dossier_id,
        "element_id": timer.element_id,
        "process_id": timer.process_id,
        "label": element.label,
        "attached_to": element.attached_to,
        "interrupting": timer.interrupting,
        **_due(timer),
    }


def _rewrite_messages(
    connection: Connection,
    instance: Instance,
    listeners: Sequence[Listener],
    projection: Projection,
) -> None:
    current = {f"{heard.message} {heard.element_id}": heard for heard in listeners}
    gone = [key.split(" ", 1) for key in projection.messages if key not in current]
    if gone:
        connection.execute(
            _STOP_HEARING,
            [{"instance": instance.id, "name": name, "element": where} for name, where in gone],
        )
    new = [heard for key, heard in current.items() if key not in projection.messages]
    if new:
        connection.execute(_HEAR, [_message_row(instance, heard) for heard in new])
    projection.messages = sorted(current)


def _message_row(instance: Instance, heard: Listener) -> dict[str, Any]:
    roles = heard.properties.get("roles", "")
    return {
        "instance_id": instance.id,
        "message": heard.message,
        "element_id": heard.element_id,
        "dossier_id": instance.dossier_id,
        "process_id": heard.process_id,
        "boundary": heard.boundary,
        "roles": [role.strip() for role in roles.split(",") if role.strip()],
        "form_key": heard.properties.get("form"),
    }
