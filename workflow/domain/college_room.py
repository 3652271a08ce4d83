"""The college's room: the dossier that everybody looks at while a session sits (DSR 4.5).

What the room shows decides nothing and is no act: decisions are those of the session's own task.
[règle 67]
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.domain import agenda
from workflow.domain.college import CollegeSession
from workflow.domain.college_invitation import require_may_invite
from workflow.domain.dossier import Dossier
from workflow.domain.person import Actor
from workflow.errors import Conflict, NotFound


class CollegeRoom(Base):
    """What one session looks at; `revision` counts its moves from 1."""

    __tablename__ = "college_room"

    session_id: Mapped[int] = mapped_column(
        ForeignKey("college_session.id"), primary_key=True, autoincrement=False
    )
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    revision: Mapped[int]
    moved_at: Mapped[datetime] = mapped_column(Instant)
    moved_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


def move_to(
    session: Session, actor: Actor, session_id: int, number: str, at: datetime
) -> CollegeRoom:
    """Have a dossier of the agenda shown to all who follow the session.

    The president and the secretary move it. Raises NotAllowed, NotFound, Conflict once held.
    """
    require_may_invite(actor)
    sitting = session.scalars(
        select(CollegeSession).where(CollegeSession.id == session_id).with_for_update()
    ).first()
    if sitting is None:
        raise NotFound(f"Expected a session {session_id} but there is none. Check its address.")
    if sitting.held_at is not None:
        raise Conflict(f"Expected session {sitting.number} to be open but it was held.")
    shown = on_agenda(agenda.ready(session, sitting.campaign_id), number)
    room = session.get(CollegeRoom, session_id)
    if room is None:
        room = CollegeRoom(session_id=session_id, revision=0)
        session.add(room)
    room.dossier_id, room.revision = shown.id, room.revision + 1
    room.moved_at, room.moved_by = at, actor.person_id
    return room


def on_agenda(ready: Sequence[Dossier], number: str) -> Dossier:
    """The dossier of that number among those that are ready; raises NotFound."""
    for found in ready:
        if found.number == number:
            return found
    raise NotFound(
        f"Expected a dossier of the agenda but {number[:40]!r} is not on it. Read the agenda again."
    )
