"""The tables of drafts: what was begun and not sent, one row for a task or a deposit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, String, bindparam, delete
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from workflow.db import Base, Instant, Json, table_of


class _Typed:
    """What was typed, by whom and when; `revision` counts its versions from 1."""

    revision: Mapped[int]
    answer: Mapped[dict[str, Any]] = mapped_column(Json)
    saved_from: Mapped[str | None] = mapped_column(String(64))
    """The page that saved it last: one that never heard so goes on where it stands."""
    saved_at: Mapped[datetime] = mapped_column(Instant)

    @declared_attr
    @classmethod
    def saved_by(cls) -> Mapped[int | None]:
        """Who saved the last version."""
        return mapped_column(ForeignKey("person.id"))


class TaskDraft(_Typed, Base):
    """The draft of one human task."""

    __tablename__ = "task_draft"

    task_id: Mapped[str] = mapped_column(
        String(32), ForeignKey("human_task.id"), primary_key=True, autoincrement=False
    )


class DepositDraft(_Typed, Base):
    """A candidature that is being prepared: no dossier yet, hence no task.

    It belongs to an operator, or to the person alone who has none yet. `dossier_id` tells what
    became of it: then nothing typed is left in it.
    """

    __tablename__ = "deposit_draft"
    __table_args__ = (
        Index("ix_deposit_draft_operator_id_saved_at", "operator_id", "saved_at"),
        Index("ix_deposit_draft_person_id", "person_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operator.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    campaign_id: Mapped[str | None] = mapped_column(String(80))
    form_key: Mapped[str] = mapped_column(String(100))
    previous: Mapped[str | None] = mapped_column(String(20))
    """The number of the dossier that is presented again."""
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"))


_DRAFT = table_of(TaskDraft)
_FORGET = delete(_DRAFT).where(_DRAFT.c.task_id == bindparam("task"))


def forget(connection: Connection, task_ids: Sequence[str]) -> None:
    """Take away the drafts of tasks that are over."""
    if task_ids:
        connection.execute(_FORGET, [{"task": task_id} for task_id in task_ids])
