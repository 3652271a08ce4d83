"""The threads of a dossier's internal notes as the Agency reads them, and where one is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from workflow.domain.dossier import Dossier
from workflow.domain.internal_note import MOST_NOTES, InternalNote, require_agency
from workflow.domain.note_mention import NoteMention
from workflow.domain.person import Actor, Person

MOST_CALLS = 100


@dataclass
class WrittenNote:
    """A note with the names it needs: its author's, those it mentions, who settled its thread."""

    note: InternalNote
    author: str
    settled_by: str
    mentions: list[str] = field(default_factory=list[str])
    mentioned: list[int] = field(default_factory=list[int])


@dataclass
class NoteThread:
    """A note and its replies, in order."""

    first: WrittenNote
    replies: list[WrittenNote] = field(default_factory=list[WrittenNote])

    @property
    def is_settled(self) -> bool:
        """Whether somebody said that nothing is left to do."""
        return self.first.note.resolved_at is not None

    @property
    def notes(self) -> list[WrittenNote]:
        """All of it."""
        return [self.first, *self.replies]


@dataclass(frozen=True, slots=True)
class Call:
    """A note that mentions someone: its words, its author, its dossier, its thread's state."""

    note: InternalNote
    author: str
    dossier: Dossier
    is_settled: bool


def threads(session: Session, dossier_id: int, actor: Actor) -> list[NoteThread]:
    """A dossier's threads, oldest first, in one statement; of very many notes, the last ones.

    Raises NotAllowed outside the Agency.
    """
    require_agency(actor)
    author, settler, called = aliased(Person), aliased(Person), aliased(Person)
    last = (
        select(InternalNote.id)
        .where(InternalNote.dossier_id == dossier_id)
        .order_by(InternalNote.id.desc())
        .limit(MOST_NOTES)
        .subquery()
    )
    rows = session.execute(
        select(InternalNote, author.name, settler.name, called.id, called.name)
        .join(last, last.c.id == InternalNote.id)
        .outerjoin(author, author.id == InternalNote.by)
        .outerjoin(settler, settler.id == InternalNote.resolved_by)
        .outerjoin(NoteMention, NoteMention.note_id == InternalNote.id)
        .outerjoin(called, called.id == NoteMention.person_id)
        .order_by(InternalNote.id, called.name)
    )
    written: dict[int, WrittenNote] = {}
    for note, by, settled_by, person_id, name in rows:
        each = written.setdefault(note.id, WrittenNote(note, by or "", settled_by or ""))
        if person_id is not None:
            each.mentions.append(name)
            each.mentioned.append(person_id)
    return _gathered(list(written.values()))


def mentioning(
    session: Session, actor: Actor, *, before: int | None = None, limit: int = MOST_CALLS
) -> list[tuple[int, Call]]:
    """Where somebody is mentioned, newest first, each with its place; withdrawn notes left out."""
    require_agency(actor)
    first, author = aliased(InternalNote), aliased(Person)
    query = (
        select(NoteMention.id, InternalNote, author.name, Dossier, first.resolved_at)
        .join(InternalNote, InternalNote.id == NoteMention.note_id)
        .join(first, first.id == func.coalesce(InternalNote.reply_to, InternalNote.id))
        .join(Dossier, Dossier.id == NoteMention.dossier_id)
        .outerjoin(author, author.id == InternalNote.by)
        .where(NoteMention.person_id == (actor.person_id or 0), InternalNote.withdrawn_at.is_(None))
    )
    if before is not None:
        query = query.where(NoteMention.id < before)
    rows = session.execute(query.order_by(NoteMention.id.desc()).limit(limit))
    return [
        (place, Call(note, name or "", dossier, resolved_at is not None))
        for place, note, name, dossier, resolved_at in rows
    ]


def _gathered(written: Sequence[WrittenNote]) -> list[NoteThread]:
    found: dict[int, NoteThread] = {}
    for each in written:
        # A reply whose beginning is older than what is read stands by itself.
        thread = found.get(each.note.reply_to or 0)
        if thread is None:
            found[each.note.id] = NoteThread(each)
        else:
            thread.replies.append(each)
    return list(found.values())
