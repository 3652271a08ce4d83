"""How the college's room writes into the draft of the session's task, several people at a time.

One dossier is one row: who types on another dossier, or on who is present, is in nobody's way.
Two people who type on the same dossier are shown each other's words, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from web import room_draft
from web.room_draft import Noted
from web.room_view import Room, room_of
from web.runtime import runtime
from workflow.domain.person import Actor
from workflow.engine import drafts
from workflow.engine.drafts import StaleDraft
from workflow.errors import Conflict, NotAllowed

ATTEMPTS = 5
PAGE = "~page"
"""In a row of the draft: which open page saved it last."""


@dataclass(frozen=True)
class Clash:
    """Somebody else's words on the same dossier, saved meanwhile; nothing of them was changed."""

    noted: Noted
    sentence: str


@dataclass(frozen=True)
class Typed:
    """One row as a page typed it.

    `mark` is the state of the row that the page began with; None saves over any other. `page`
    names the page, which may follow itself.
    """

    row: Mapping[str, Any]
    mark: str | None
    page: str


def save_row(session_id: int, number: str, typed: Typed, who: Actor) -> Clash | None:
    """Keep what was typed on one dossier; what another page typed there meanwhile is given back.

    Raises NotAllowed, NotFound, Conflict when the session is not open, LimitExceeded.
    """
    clash: list[Clash] = []

    def change(room: Room) -> dict[str, Any] | None:
        stored = room_draft.row_of(room.answer, number)
        row = {**stored, **typed.row, room_draft.DOSSIER: number, PAGE: typed.page}
        if _is_changed(stored, typed) and mark_of(row) != mark_of(stored):
            clash[:] = [Clash(room_draft.noted(stored), room.saved)]
            return None
        clash.clear()
        return room_draft.with_row(room.answer, room.numbers, row)

    _save(session_id, who, change)
    return clash[0] if clash else None


def save_present(
    session_id: int, present: list[str], partners: list[dict[str, str]], who: Actor
) -> None:
    """Keep who is present. Raises as `save_row` does."""

    def change(room: Room) -> dict[str, Any]:
        return room_draft.with_present(room.answer, room.numbers, present, partners)

    _save(session_id, who, change)


def mark_of(row: Mapping[str, Any]) -> str:
    """What tells one state of a row from another, whichever page saved it."""
    return room_draft.mark_of({key: value for key, value in row.items() if key != PAGE})


def _is_changed(stored: Mapping[str, Any], typed: Typed) -> bool:
    if typed.mark is None or stored.get(PAGE) == typed.page:
        return False
    return mark_of(stored) != typed.mark


def _save(session_id: int, who: Actor, change: Callable[[Room], dict[str, Any] | None]) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        with runtime().database.reading() as session:
            room = room_of(session, session_id, who)
        task = _open_task(room)
        answer = change(room)
        if answer is None:
            return
        try:
            revision = room.draft.revision if room.draft else 0
            drafts.save(runtime(), task, answer, who, revision=revision)
        except StaleDraft:
            if attempt == ATTEMPTS:
                raise
        else:
            return


def _open_task(room: Room) -> str:
    if room.task is None:
        raise Conflict(
            f"Expected session {room.sitting.number} to sit but it does not. Read its page again."
        )
    if not room.may_write:
        raise NotAllowed(
            f"Expected a person who holds session {room.sitting.number} but {room.who.name} does"
            " not. Ask its president."
        )
    return room.task.id
