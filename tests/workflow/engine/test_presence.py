"""Who is looking at what: told among the Agency for ninety seconds, then forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from play import DEFAULT, Play
from sqlalchemy import func, select

from workflow.domain.person import Actor
from workflow.engine import presence
from workflow.engine.presence import LASTS, Place, Presence, PresenceRound

SECOND = timedelta(seconds=1)


@pytest.fixture
def place(play: Play) -> Place:
    """A dossier in the queue."""
    play.instructed_so_far()
    return Place(play.stage.dossiers[DEFAULT])


def note(play: Play, who: Actor, place: Place) -> None:
    now = play.clock.now()
    presence.note(play.database, who, place, at=now, procedure_at=now)


def told(play: Play, who: Actor, place: Place) -> list[tuple[str, str | None]]:
    with play.database.reading() as session:
        found = presence.others(session, who, place, at=play.clock.now())
    return [(each.name, each.task) for each in found]


def stored(play: Play) -> int:
    with play.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Presence)) or 0


def test_a_colleague_is_told_of_who_reads_and_who_fills_in(play: Play, place: Place) -> None:
    instructor, officer = play.actor("instructor"), play.actor("admissibility_officer")
    task = play.task("instruct_dossier")
    before = [(entry.kind, entry.link) for entry in play.history()], play.instance().revision
    note(play, officer, place)
    assert told(play, instructor, place) == [(officer.name, None)]
    assert told(play, officer, place) == []
    for _ in range(3):
        note(play, instructor, place)
        note(play, instructor, Place(place.dossier_id, task.id))
    assert told(play, officer, place) == [(instructor.name, task.label)]
    assert stored(play) == 3
    after = [(entry.kind, entry.link) for entry in play.history()], play.instance().revision
    assert after == before


def test_a_presence_is_told_for_ninety_seconds_and_begins_anew_afterwards(
    play: Play, place: Place
) -> None:
    instructor, officer = play.actor("instructor"), play.actor("admissibility_officer")
    note(play, instructor, place)
    began = play.clock.now()
    play.clock.move_to(began + LASTS - SECOND)
    note(play, instructor, place)
    with play.database.reading() as session:
        (seen,) = presence.others(session, officer, place, at=play.clock.now())
    assert seen.since == began
    play.clock.move_to(play.clock.now() + LASTS)
    assert told(play, officer, place) == []
    note(play, instructor, place)
    with play.database.reading() as session:
        (seen,) = presence.others(session, officer, place, at=play.clock.now())
    assert seen.since == play.clock.now()


def test_who_has_left_is_taken_away_and_nobody_else(play: Play, place: Place) -> None:
    instructor, officer = play.actor("instructor"), play.actor("admissibility_officer")
    sweep = PresenceRound(play.database, play.clock)
    note(play, instructor, place)
    play.clock.move_to(play.clock.now() + LASTS / 2)
    note(play, officer, place)
    assert (sweep(), stored(play)) == (0, 2)
    play.clock.move_to(play.clock.now() + LASTS / 2)
    assert (sweep(), stored(play)) == (1, 1)
    assert told(play, instructor, place) == [(officer.name, None)]


def test_operators_are_neither_noted_nor_told_and_no_inspection_is_announced(
    play: Play, place: Place
) -> None:
    operator, instructor, auditor = map(play.actor, ("operator", "instructor", "auditor"))
    for who in (operator, instructor, auditor):
        note(play, who, place)
    assert stored(play) == 1
    assert told(play, operator, place) == []
    assert told(play, auditor, place) == [(instructor.name, None)]
