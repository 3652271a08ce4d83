"""Unfinished uploads: what a file will be once all of it has come (tus 1.0).

The bytes lie in the store's scratch folder; how many there are is read off the file itself, so
that a crash forgets none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from secrets import token_hex

from sqlalchemy import BigInteger, ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.domain.person import Actor
from workflow.errors import Conflict, NotFound

LIFE = timedelta(days=7)
MOST_AT_ONCE = 100
"""Unfinished uploads of one dossier."""


class Upload(Base):
    """A file on its way to an expected proof, or to a reservation.

    `length` is in bytes; instants are the machine's. A finished one stays until it expires, so
    that a sender who did not hear the end can ask.
    """

    __tablename__ = "upload"
    __table_args__ = (Index(None, "dossier_id", "finished_at"), Index(None, "expires_at"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    requirement_code: Mapped[str | None] = mapped_column(String(40))
    position: Mapped[int | None]
    reservation_number: Mapped[int | None]
    file_name: Mapped[str] = mapped_column(String(255))
    length: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


def new_id() -> str:
    """A name that nobody guesses."""
    return token_hex(16)


def find(session: Session, upload_id: str, actor: Actor, now: datetime) -> Upload:
    """An upload of this person that has not expired, else NotFound."""
    found = session.get(Upload, upload_id)
    if found is None or found.person_id != actor.person_id or found.expires_at <= now:
        raise NotFound(
            f"Expected upload {upload_id[:40]!r} but there is none. It may have expired:"
            " begin again."
        )
    return found


def unfinished_of(session: Session, dossier_id: int, actor: Actor) -> Sequence[Upload]:
    """What this person has begun to send for a dossier, oldest first."""
    return session.scalars(
        select(Upload)
        .where(
            Upload.dossier_id == dossier_id,
            Upload.person_id == actor.person_id,
            Upload.finished_at.is_(None),
        )
        .order_by(Upload.created_at, Upload.id)
        .limit(MOST_AT_ONCE)
    ).all()


def awaited_bytes(session: Session, dossier_id: int) -> int:
    """What the unfinished uploads of a dossier will hold; Conflict when there are too many."""
    count, total = session.execute(
        select(func.count(), func.coalesce(func.sum(Upload.length), 0)).where(
            Upload.dossier_id == dossier_id, Upload.finished_at.is_(None)
        )
    ).one()
    if count >= MOST_AT_ONCE:
        raise Conflict(
            f"Expected fewer than {MOST_AT_ONCE} unfinished uploads of this dossier but there are"
            " as many. Finish or cancel some."
        )
    return int(total)


def expired(session: Session, now: datetime, *, limit: int = 1_000) -> Sequence[Upload]:
    """What nobody finished in time, and what was finished long ago."""
    return session.scalars(
        select(Upload).where(Upload.expires_at <= now).order_by(Upload.expires_at).limit(limit)
    ).all()
