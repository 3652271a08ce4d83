"""What the Agency keeps to itself on a dossier, and how its time was spent, as the API tells it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain import (
    deviation,
    interest,
    internal_note,
    note_thread,
    second_opinion,
)
from workflow.domain.clock_ledger import ClockInterval
from workflow.domain.internal_note import InternalNote
from workflow.domain.note_mention import NoteMention
from workflow.domain.person import Actor, Person


def notes(
    session: Session, dossier_id: int, actor: Actor, *, after: int | None, limit: int
) -> list[dict[str, Any]]:
    """A dossier's internal notes in order, one more than `limit`; NotAllowed to outsiders."""
    rows = internal_note.of_dossier(session, dossier_id, actor, after=after or 0, limit=limit + 1)
    names = _mentioned(session, [row.id for row, _name in rows])
    return [_note(row, name, names.get(row.id, []), actor) for row, name in rows]


def note(session: Session, dossier_id: int, note_id: int, actor: Actor) -> dict[str, Any]:
    """One internal note; NotAllowed to outsiders."""
    rows = internal_note.of_dossier(session, dossier_id, actor, after=note_id - 1, limit=1)
    names = _mentioned(session, [note_id])
    return next(_note(row, name, names.get(row.id, []), actor) for row, name in rows)


def mentions(
    session: Session, actor: Actor, *, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Where the caller is mentioned, newest first, one more than `limit`."""
    return [
        {
            "id": place,
            "dossier": call.dossier.number,
            "note": call.note.id,
            "text": call.note.text,
            "author": call.author,
            "anchor": call.note.anchor,
            "at": call.note.at,
            "settled": call.is_settled,
        }
        for place, call in note_thread.mentioning(session, actor, before=before, limit=limit + 1)
    ]


def _note(row: InternalNote, author: str, names: list[str], actor: Actor) -> dict[str, Any]:
    kept = ("id", "at", "anchor", "reply_to", "revision", "edited_at", "withdrawn_at")
    hidden = row.withdrawn_at is not None and "auditor" not in actor.roles
    return {
        **{name: getattr(row, name) for name in kept},
        "text": None if hidden else row.text,
        "author": author,
        "mentions": [] if hidden else names,
        "resolved_at": row.resolved_at,
    }


def _mentioned(session: Session, note_ids: list[int]) -> dict[int, list[str]]:
    rows = session.execute(
        select(NoteMention.note_id, Person.name)
        .join(Person, Person.id == NoteMention.person_id)
        .where(NoteMention.note_id.in_(note_ids))
        .order_by(Person.name)
    )
    found: dict[int, list[str]] = {}
    for note_id, name in rows:
        found.setdefault(note_id, []).append(name)
    return found


def opinions(
    session: Session, dossier_id: int, actor: Actor, *, after: int | None, limit: int
) -> list[dict[str, Any]]:
    """A dossier's second opinions in order, one more than `limit`; NotAllowed to outsiders."""
    rows = second_opinion.of_dossier(session, dossier_id, actor, after=after or 0, limit=limit + 1)
    names = ("id", "question", "asked_at", "answer", "answered_at")
    return [
        {**{name: getattr(row, name) for name in names}, "asked_by": by, "asked_of": of}
        for row, by, of in rows
    ]


def interests(session: Session, dossier_id: int, actor: Actor) -> list[dict[str, Any]]:
    """What instructors declared on a dossier; NotAllowed to outsiders."""
    internal_note.require_agency(actor)
    return [
        {"person": name, "conflict": row.has_conflict, "reason": row.reason, "at": row.at}
        for row, name in interest.of_dossier(session, dossier_id)
    ]


def deviations(session: Session, *, before: int | None, limit: int) -> list[dict[str, Any]]:
    """What was taken out of order, newest first, one more than `limit`."""
    return [
        {
            "id": row.id,
            "dossier": row.number,
            "instead_of": row.passed_over,
            "person": row.person,
            "given_by": row.given_by,
            "taken_at": row.taken_at,
            "reason": row.reason,
        }
        for row in deviation.deviations(session, before=before, limit=limit + 1)
    ]


def clock(
    session: Session, dossier_id: int, *, after: int | None, limit: int
) -> list[dict[str, Any]]:
    """The intervals of a dossier's clocks in order, one more than `limit`."""
    rows = session.scalars(
        select(ClockInterval)
        .where(ClockInterval.dossier_id == dossier_id, ClockInterval.id > (after or 0))
        .order_by(ClockInterval.id)
        .limit(limit + 1)
    )
    names = ("id", "clock", "started_at", "ended_at", "running", "reason")
    return [{name: getattr(row, name) for name in names} for row in rows]
