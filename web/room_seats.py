"""Who may sit in the college's room: the members, and the partners invited to the session."""

from __future__ import annotations

from sqlalchemy.orm import Session

from web import room_draft
from web.room_view import Room
from web.task_context import college_members
from workflow.domain import college_invitation


def members_of(session: Session, room: Room) -> list[str]:
    """Whoever may sit, and whoever else was noted present, by name."""
    if not room.may_write:
        return room.present
    return room_draft.names([*college_members(session), *room.present])


def invited_to(session: Session, room: Room) -> list[dict[str, str]]:
    """The partners who may be present: invited, or noted so in the draft."""
    found = {each["name"]: each for each in college_invitation.expected(session, room.sitting.id)}
    return list({**found, **{each["name"]: each for each in room.partners}}.values())
