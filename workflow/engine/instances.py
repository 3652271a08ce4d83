"""Running processes: one row each, with the engine's state as a small blob."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ForeignKey, Index, LargeBinary, String, false, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.errors import NotFound


class Instance(Base):
    """One process under way, or ended; pinned to the deployment it was started with.

    `dossier_id` is the dossier whose procedure it is. A process that stands `aside`, such as a
    correction, only concerns one (`about_dossier_id`), or the people of an operator
    (`operator_id`): of no procedure does it move anything.
    """

    __tablename__ = "instance"
    __table_args__ = (
        Index("ix_instance_dossier", "dossier_id", "id"),
        Index("ix_instance_process", "process_id", "campaign_id", "ended_at"),
        Index("ix_instance_about", "about_dossier_id", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    process_id: Mapped[str] = mapped_column(String(80))
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"))
    campaign_id: Mapped[str] = mapped_column(String(80))
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"))
    revision: Mapped[int] = mapped_column(default=0)
    state: Mapped[bytes] = mapped_column(LargeBinary)
    projection: Mapped[bytes] = mapped_column(LargeBinary)
    held: Mapped[bool] = mapped_column(default=False)
    last_instant: Mapped[datetime] = mapped_column(Instant)
    next_due_at: Mapped[datetime | None] = mapped_column(Instant)
    started_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    end: Mapped[str | None] = mapped_column(String(80))
    about_dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"))
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operator.id"))
    aside: Mapped[bool] = mapped_column(default=False, server_default=false())

    @property
    def concerned_dossier_id(self) -> int | None:
        """The dossier that its turns speak of, be it its own or not."""
        return self.dossier_id if self.about_dossier_id is None else self.about_dossier_id


@dataclass
class Projection:
    """What the tables say of an instance, kept beside its state.

    Knowing what was written last lets a turn write only what changed, without reading the
    waits back; ``passed`` is bounded by the diagrams' elements, however long a dossier lives.
    """

    tasks: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    timers: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    messages: list[str] = field(default_factory=list[str])
    passed: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def dump(self) -> bytes:
        """As stored."""
        return orjson.dumps([self.tasks, self.timers, self.messages, self.passed])

    @classmethod
    def load(cls, stored: bytes) -> Projection:
        """As it was stored; empty for a new instance."""
        return cls(*orjson.loads(stored)) if stored else cls()


@dataclass(frozen=True)
class Closing:
    """How a human task of an instance ends, and by whom."""

    how: str
    name: str
    person_id: int | None

    def columns(self, at: datetime) -> dict[str, Any]:
        """The same, as the task keeps it."""
        return {
            "closed_at": at,
            "closed_by": self.how,
            "closed_by_name": self.name,
            "closed_by_id": self.person_id,
        }


def of_dossier(session: Session, dossier_id: int) -> Instance:
    """The dossier's instance; raises NotFound when it has none."""
    found = session.scalars(
        select(Instance)
        .where(Instance.dossier_id == dossier_id)
        .order_by(Instance.id.desc())
        .limit(1)
    ).first()
    if found is None:
        raise NotFound(
            f"Expected an instance of dossier {dossier_id} but there is none. Check the number."
        )
    return found


def beside(session: Session, dossier_id: int) -> Sequence[Instance]:
    """The live instances of other processes that concern a dossier, in the order of their locks."""
    return session.scalars(
        select(Instance)
        .where(Instance.about_dossier_id == dossier_id, Instance.ended_at.is_(None))
        .order_by(Instance.id)
    ).all()


def running(session: Session, process_id: str, campaign_id: str) -> Instance | None:
    """The live instance of a process that runs once per campaign, such as the college's."""
    return session.scalars(
        select(Instance)
        .where(
            Instance.process_id == process_id,
            Instance.campaign_id == campaign_id,
            Instance.ended_at.is_(None),
        )
        .order_by(Instance.id.desc())
        .limit(1)
    ).first()
