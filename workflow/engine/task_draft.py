"""The table of drafts: one row for a task whose answer was begun and not sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ForeignKey, String, bindparam, delete
from sqlalchemy.orm import Mapped, mapped_column

from workflow.db import Base, Instant, Json, table_of


class TaskDraft(Base):
    """The draft of one human task; `revision` counts its versions from 1."""

    __tablename__ = "task_draft"

    task_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("human_task.id"), primary_key=True, autoincrement=False
    )
    revision: Mapped[int]
    answer: Mapped[dict[str, Any]] = mapped_column(Json)
    saved_at: Mapped[datetime] = mapped_column(Instant)
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


_DRAFT = table_of(TaskDraft)
_FORGET = delete(_DRAFT).where(_DRAFT.c.task_id == bindparam("task"))


def forget(connection: Connection, task_ids: Sequence[str]) -> None:
    """Take away the drafts of tasks that are over."""
    if task_ids:
        connection.execute(_FORGET, [{"task": task_id} for task_id in task_ids])
