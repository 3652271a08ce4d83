"""Internal notes on a dossier: threads of the Agency's own, never shown to the operator.

A note is of the whole dossier, or of one requirement or reservation (its anchor). Its author may
word it again for ten minutes, what it said before is kept; a note that is withdrawn stays, with
its trace. Nothing of the procedure depends on notes: a suspended dossier takes them too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant, Json
from workflow.domain import dossier as dossiers
from workflow.domain import note_mention, requirement, reservation
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.dossier import Dossier
from workflow.domain.person import Actor, Person
from workflow.domain.phrase import Phrase
from workflow.errors import Conflict, InvalidAnswer, NotAllowed, NotFound

LONGEST_NOTE = 8_000
MOST_NOTES = 500
EDITABLE_FOR = timedelta(minutes=10)
"""How long its author may word a note again."""
REQUIREMENT, RESERVATION = "requirement", "reservation"


class InternalNote(Base):
    """One note; the history keeps its fingerprint, so that a change would show.

    `anchor` is empty, ``requirement:CODE`` or ``reservation:NUMBER``; `reply_to` the note that
    begins the thread, which alone is resolved. `earlier` holds what it said before, with when.
    """

    __tablename__ = "internal_note"
    __table_args__ = (Index(None, "dossier_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    anchor: Mapped[str] = mapped_column(String(80), default="", server_default="")
    reply_to: Mapped[int | None] = mapped_column(ForeignKey("internal_note.id"))
    earlier: Mapped[list[dict[str, str]]] = mapped_column(
        Json, default=list[Any], server_default="[]"
    )
    edited_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    resolved_at: Mapped[datetime | None] = mapped_column(Instant)
    resolved_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    @property
    def revision(self) -> int:
        """How often it was worded again."""
        return len(self.earlier)

    def is_editable(self, person_id: int | None, at: datetime) -> bool:
        """Whether this person may still word it again."""
        own = person_id is not None and person_id == self.by
        return own and self.withdrawn_at is None and at < self.at + EDITABLE_FOR


def require_agency(actor: Actor) -> None:
    """Refuse whoever has no role at the Agency (NotAllowed)."""
    if actor.operator_id is not None or not actor.is_agency:
        raise NotAllowed(
            f"Expected a person of the Agency but {actor.name} is not one."
            " These exchanges are internal."
        )


def add(
    call: Call,
    text: str,
    *,
    anchor: str = "",
    reply_to: int | None = None,
    mentioned: Collection[int] = (),
) -> InternalNote:
    """Write a note, and tell whom it mentions: by name (``@Name``) or by id.

    A reply stands where its thread does. Raises NotAllowed outside the Agency, NotFound when
    there is no such thread, InvalidAnswer on the text, the anchor or a mention.
    """
    require_agency(call.actor)
    dossier = dossiers.of(call)
    said = worded(text, "text", LONGEST_NOTE)
    first = None if reply_to is None else _thread(call, reply_to)
    place = _anchored(call.session, dossier, anchor) if first is None else first.anchor
    people = note_mention.meant(call, said, mentioned)
    note = InternalNote(
        dossier_id=dossier.id,
        text=said,
        by=call.actor.person_id,
        at=call.effective_at,
        anchor=place,
        reply_to=None if first is None else first.id,
        earlier=[],
    )
    call.session.add(note)
    call.session.flush()  # The history names the note by its id.
    facts: dict[str, Any] = {"note": note.id, "sha256": fingerprint(said)}
    if place:
        facts["anchor"] = place
    if first is not None:
        facts["reply_to"] = first.id
    told = note_mention.set_people(call, note.id, people)
    call.record(AuditKind.NOTE_ADDED, facts | ({"mentions": told} if told else {}))
    return note


def edit(
    call: Call,
    note_id: int,
    text: str,
    *,
    mentioned: Collection[int] = (),
    revision: int | None = None,
) -> InternalNote:
    """Word one's own note again; what it said is kept, and whoever is new in it is told.

    Raises NotFound, NotAllowed to another than its author, Conflict once it is withdrawn or its
    time is over, or when another page has worded it since (``revision``), InvalidAnswer.
    """
    note = _own(call, note_id)
    if revision is not None and revision != note.revision:
        raise Conflict(
            f"Expected revision {note.revision} of note {note_id} but the page shows {revision}."
            " Read it again."
        )
    if not note.is_editable(call.actor.person_id, call.effective_at):
        raise Conflict(
            f"Expected note {note_id} to be at most {EDITABLE_FOR} old but it was written at"
            f" {note.at.isoformat()}. Reply to it instead."
        )
    said = worded(text, "text", LONGEST_NOTE)
    people = note_mention.meant(call, said, mentioned)
    told = note_mention.set_people(call, note.id, people)
    if said == note.text and not told:
        return note
    since = note.edited_at or note.at
    note.earlier = [*note.earlier, {"text": note.text, "at": since.isoformat()}]
    note.text, note.edited_at = said, call.effective_at
    facts: dict[str, Any] = {"note": note.id, "sha256": fingerprint(said)}
    call.record(AuditKind.NOTE_EDITED, facts | ({"mentions": told} if told else {}))
    return note


def withdraw(call: Call, note_id: int) -> InternalNote:
    """Take one's own note back: readers are told so instead of its words, which are kept.

    Raises NotFound, NotAllowed to another than its author, Conflict when it was withdrawn.
    """
    note = _own(call, note_id)
    if note.withdrawn_at is not None:
        raise Conflict(f"Expected note {note_id} to stand but it was withdrawn already.")
    note.withdrawn_at = call.effective_at
    call.record(AuditKind.NOTE_WITHDRAWN, {"note": note.id})
    return note


def resolve(call: Call, note_id: int, *, resolved: bool = True) -> InternalNote:
    """Say that a thread is settled, or that it is not any more; saying it twice changes nothing.

    Raises NotAllowed outside the Agency, NotFound when there is no such thread.
    """
    require_agency(call.actor)
    note = _thread(call, note_id)
    if resolved == (note.resolved_at is not None):
        return note
    note.resolved_at = call.effective_at if resolved else None
    note.resolved_by = call.actor.person_id if resolved else None
    call.record(AuditKind.NOTE_RESOLVED if resolved else AuditKind.NOTE_REOPENED, {"note": note.id})
    return note


def of_dossier(
    session: Session, dossier_id: int, actor: Actor, *, after: int = 0, limit: int = MOST_NOTES
) -> list[tuple[InternalNote, str]]:
    """A dossier's notes with their authors, in order; NotAllowed outside the Agency."""
    require_agency(actor)
    rows = session.execute(
        select(InternalNote, Person.name)
        .outerjoin(Person, Person.id == InternalNote.by)
        .where(InternalNote.dossier_id == dossier_id, InternalNote.id > after)
        .order_by(InternalNote.id)
        .limit(limit)
    )
    return [(note, name or "") for note, name in rows]


def find(session: Session, dossier_id: int, note_id: int, actor: Actor) -> InternalNote:
    """A note of a dossier; raises NotFound, and NotAllowed outside the Agency."""
    require_agency(actor)
    note = session.get(InternalNote, note_id)
    if note is None or note.dossier_id != dossier_id:
        raise NotFound(f"Expected a note {note_id} on this dossier but there is none.")
    return note


def fingerprint(text: str) -> str:
    """What the history keeps of an internal text."""
    return hashlib.sha256(text.encode()).hexdigest()


def worded(text: str, key: str, longest: int) -> str:
    """A text of 1 to `longest` characters, stripped; raises InvalidAnswer."""
    said = text.strip()
    if not said or len(said) > longest:
        raise InvalidAnswer(
            f"Expected a text of 1 to {longest} characters but found {len(said)}."
            " Write one within these bounds.",
            {
                key: [
                    Phrase(
                        f"Écrivez un texte de {longest} caractères au plus.",
                        f"Write a text of {longest} characters at most.",
                    )
                ]
            },
        )
    return said


def _own(call: Call, note_id: int) -> InternalNote:
    note = find(call.session, dossiers.of(call).id, note_id, call.actor)
    if note.by is None or note.by != call.actor.person_id:
        raise NotAllowed(
            f"Expected the author of note {note_id} but found {call.actor.name}."
            " Reply to it instead."
        )
    return note


def _thread(call: Call, note_id: int) -> InternalNote:
    note = find(call.session, dossiers.of(call).id, note_id, call.actor)
    return note if note.reply_to is None else call.session.get_one(InternalNote, note.reply_to)


def _anchored(session: Session, dossier: Dossier, anchor: str) -> str:
    """The anchor, when it names something of the dossier; raises InvalidAnswer."""
    kind, _colon, name = anchor.partition(":")
    if not anchor:
        return ""
    if kind == REQUIREMENT:
        catalogue = requirement.catalogue_of(session, dossier.catalogue_version_id)
        known = name in {each.code for each in catalogue}
    else:
        found = reservation.of_dossier(session, dossier.id) if kind == RESERVATION else []
        known = name in {str(each.number) for each in found}
    if not known:
        raise InvalidAnswer(
            f"Expected a requirement or a reservation of this dossier but found {anchor[:80]!r}."
            " Leave it out for a note on the whole dossier.",
            {
                "anchor": [
                    Phrase(
                        "Cette exigence ou cette réserve n’est pas de ce dossier.",
                        "This requirement or reservation is not of this dossier.",
                    )
                ]
            },
        )
    return anchor
