"""Who may sit in the college's room: the members, and the partners invited to the session."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from web import room_draft
from web.room_view import Room
from web.task_context import COLLEGE_ROLES, MOST_MEMBERS
from workflow.domain import college_invitation
from workflow.domain.person import Person, PersonRole


def members_of(session: Session, room: Room) -> list[str]:
    """Whoever may sit, and whoever else was noted present, by name."""
    if not room.may_write:
        return room.present
    sitting = session.scalars(
        select(Person.name)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(PersonRole.role.in_(COLLEGE_ROLES), Person.is_active.is_(True))
        .distinct()
        .order_by(Person.name)
        .limit(MOST_MEMBERS)
    )
    return room_draft.names([*sitting, *room.present])


def invited_to(session: Session, room: Room) -> list[dict[str, str]]:
    """The partners who may be present: invited, or noted so in the draft."""
    found = {each["name"]: each for each in college_invitation.expected(session, room.sitting.id)}
    return list({**found, **{each["name"]: each for each in room.partners}}.values())
