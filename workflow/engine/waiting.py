"""What instances wait for, as tables: human tasks, timers, messages.

These rows are a projection of the engine's state, rewritten after each turn: losing them loses
nothing, and a sweep finds what is due without loading a single instance.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, delete, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant, Json
from workflow.engine.instances import Instance, Projection
from workflow.engine.spiff import Diagrams, Flow, Listener, OpenTask, WaitingTimer


class HumanTask(Base):
    """Something a person has, or had, to do; ``due_at`` is its interrupting deadline."""

    __tablename__ = "human_task"
    __table_args__ = (
        Index("ix_human_task_role", "role", "closed_at", "opened_at"),
        Index("ix_human_task_dossier", "dossier_id", "element_id", "opened_at"),
        Index("ix_human_task_instance", "instance_id", "closed_at"),
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
    """completed, timer, message or cancelled."""
    closed_by_name: Mapped[str | None] = mapped_column(String(200))


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


def rewrite(
    session: Session,
    instance: Instance,
    flow: Flow,
    projection: Projection,
    *,
    diagrams: Diagrams,
    at: datetime,
    closed: dict[str, tuple[str, str]],
    otherwise: tuple[str, str],
) -> None:
    """Bring the three tables in line with the engine, writing only what changed.

    ``closed`` tells how given tasks ended, and by whom; ``otherwise`` is said of the others
    that vanished in this turn.
    """
    _rewrite_tasks(session, instance, flow.open_tasks(), projection, at, closed, otherwise)
    timers = flow.timers()
    _rewrite_timers(session, instance, timers, projection, diagrams)
    _rewrite_messages(session, instance, flow.listeners(), projection)
    instance.next_due_at = min((t.due_at for t in timers if t.due_at), default=None)


def _due(timer: WaitingTimer | None) -> dict[str, Any]:
    if timer is None:
        return {"due_at": None, "due_day": None, "deadline_id": None}
    return {"due_at": timer.due_at, "due_day": timer.last_day, "deadline_id": timer.deadline_id}


def _fingerprint(values: dict[str, Any]) -> list[Any]:
    return [str(value) if isinstance(value, date) else value for value in values.values()]


def _rewrite_tasks(
    session: Session,
    instance: Instance,
    tasks: Sequence[OpenTask],
    projection: Projection,
    at: datetime,
    closed: dict[str, tuple[str, str]],
    otherwise: tuple[str, str],
) -> None:
    current = {task.task_id: _due(task.due) for task in tasks}
    for task_id in projection.tasks.keys() - current.keys():
        how, who = closed.get(task_id, otherwise)
        session.execute(
            update(HumanTask)
            .where(HumanTask.id == task_id)
            .values(closed_at=at, closed_by=how, closed_by_name=who)
        )
    opened = [task for task in tasks if task.task_id not in projection.tasks]
    if opened:
        session.execute(
            insert(HumanTask),
            [
                {
                    "id": task.task_id,
                    "instance_id": instance.id,
                    "dossier_id": instance.dossier_id,
                    "element_id": task.element_id,
                    "process_id": task.process_id,
                    "label": task.label,
                    "role": task.role,
                    "form_key": task.form_key,
                    "opened_at": at,
                    **current[task.task_id],
                }
                for task in opened
            ],
        )
    for task_id, due in current.items():
        if projection.tasks.get(task_id, _fingerprint(due)) != _fingerprint(due):
            session.execute(update(HumanTask).where(HumanTask.id == task_id).values(**due))
    projection.tasks = {task_id: _fingerprint(due) for task_id, due in current.items()}


def _rewrite_timers(
    session: Session,
    instance: Instance,
    timers: Sequence[WaitingTimer],
    projection: Projection,
    diagrams: Diagrams,
) -> None:
    current = {timer.timer_id: timer for timer in timers}
    marks = {timer_id: _fingerprint(_due(timer)) for timer_id, timer in current.items()}
    gone = projection.timers.keys() - current.keys()
    if gone:
        session.execute(
            delete(Timer).where(Timer.instance_id == instance.id, Timer.timer_id.in_(sorted(gone)))
        )
    new = [timer for timer_id, timer in current.items() if timer_id not in projection.timers]
    if new:
        session.execute(insert(Timer), [_timer_row(instance, timer, diagrams) for timer in new])
    for timer_id in projection.timers.keys() & current.keys():
        if projection.timers[timer_id] != marks[timer_id]:
            session.execute(
                update(Timer)
                .where(Timer.instance_id == instance.id, Timer.timer_id == timer_id)
                .values(**_due(current[timer_id]))
            )
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
    session: Session, instance: Instance, listeners: Sequence[Listener], projection: Projection
) -> None:
    current = {f"{heard.message} {heard.element_id}": heard for heard in listeners}
    for key in set(projection.messages) - current.keys():
        message, element_id = key.split(" ", 1)
        session.execute(
            delete(MessageWait).where(
                MessageWait.instance_id == instance.id,
                MessageWait.message == message,
                MessageWait.element_id == element_id,
            )
        )
    new = [heard for key, heard in current.items() if key not in projection.messages]
    if new:
        session.execute(insert(MessageWait), [_message_row(instance, heard) for heard in new])
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


def dossiers_waiting_for(session: Session, message: str, campaign_id: str) -> list[int]:
    """The dossiers of a campaign that wait for a message, in the order of their numbers."""
    return list(
        session.scalars(
            select(MessageWait.dossier_id)
            .join(Instance, Instance.id == MessageWait.instance_id)
            .where(
                MessageWait.message == message,
                MessageWait.dossier_id.is_not(None),
                Instance.campaign_id == campaign_id,
            )
            .order_by(MessageWait.dossier_id)
        )
    )
