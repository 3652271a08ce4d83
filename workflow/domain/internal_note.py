"""Internal notes on a dossier: the Agency's own, never shown to the operator, never edited."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.domain import dossier as dossiers
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.person import Actor, Person
from workflow.errors import InvalidAnswer, NotAllowed

LONGEST_NOTE = 8_000
MOST_NOTES = 500


class InternalNote(Base):
    """One note; the history keeps its fingerprint, so that a change would show."""

    __tablename__ = "internal_note"
    __table_args__ = (Index(None, "dossier_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Instant)


def require_agency(actor: Actor) -> None:
    """Refuse whoever has no role at the Agency (NotAllowed)."""
    if actor.operator_id is not None or not actor.is_agency:
        raise NotAllowed(
            f"Expected a person of the Agency but {actor.name} is not one."
            " These exchanges are internal."
        )


def add(call: Call, text: str) -> InternalNote:
    """Write a note; raises NotAllowed outside the Agency, InvalidAnswer when empty or too long."""
    require_agency(call.actor)
    dossier = dossiers.of(call)
    said = worded(text, "text", LONGEST_NOTE)
    note = InternalNote(
        dossier_id=dossier.id, text=said, by=call.actor.person_id, at=call.effective_at
    )
    call.session.add(note)
    call.session.flush()  # The history names the note by its id.
    call.record(AuditKind.NOTE_ADDED, {"note": note.id, "sha256": fingerprint(said)})
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
            {key: [f"Écrivez un texte de {longest} caractères au plus."]},
        )
    return said
