"""What each person of the Agency has read of each dossier: how far in its history.

A dossier has something new for a person when, since they last opened one of its pages, somebody
else did something that people want to know. Nothing is written when a dossier moves: the mark
and the history are compared as a list is read, by the index that the history has.
"""

from __future__ import annotations

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Null,
    ScalarSelect,
    Select,
    String,
    cast,
    delete,
    exists,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from workflow.audit_log import AuditEntry, AuditHead, chain_of
from workflow.db import Base, table_of
from workflow.domain.audit_kinds import AuditKind as Kind
from workflow.domain.dossier import Dossier
from workflow.domain.person import Actor

NEWS = frozenset(
    {
        Kind.DOSSIER_DEPOSITED,
        Kind.DOSSIER_RECEIVED_OUT_OF_TIME,
        Kind.DOSSIER_ADMITTED,
        Kind.DOSSIER_SUSPENDED,
        Kind.DOSSIER_RESUMED,
        Kind.DOSSIER_REOPENED,
        Kind.DOSSIER_FLAGGED,
        Kind.DOSSIER_CORRECTED,
        Kind.ADMISSIBILITY_CHECKED,
        Kind.SOLICITATION_SENT,
        Kind.SOLICITATION_ANSWERED,
        Kind.SOLICITATION_WITHDRAWN,
        Kind.CONVENTION_SIGNED,
        Kind.CONVENTION_COUNTERSIGNED,
        Kind.PROOF_FILE_SUBMITTED,
        Kind.QUEUE_DEPRIORITISED,
        Kind.QUEUE_RANK_RESTORED,
        Kind.QUEUE_TAKEN_OUT_OF_ORDER,
        Kind.QUEUE_ASSIGNED,
        Kind.QUEUE_ASSIGNED_OUT_OF_ORDER,
        Kind.QUEUE_HANDED_OVER,
        Kind.QUEUE_HAND_OVER_DECLINED,
        Kind.NOTE_ADDED,
        Kind.NOTE_EDITED,
        Kind.OPINION_ASKED,
        Kind.OPINION_ANSWERED,
        Kind.INSTRUCTION_COMPLETED,
        Kind.COLLEGE_DECIDED,
        Kind.RESERVATION_CORRECTED,
        Kind.RESERVATION_RETURNED,
        Kind.RESERVATION_LIFTING_PROPOSED,
        Kind.RESERVATION_LIFTED,
        Kind.CORRECTION_PROPOSED,
        Kind.CORRECTION_DECLINED,
    }
)
"""The facts that make a dossier unread; clocks, dates, notifications and drafts do not."""
_KINDS = sorted(str(kind) for kind in NEWS)
_CHAIN = chain_of(0).removesuffix("0")


class ReadMark(Base):
    """How far someone has read a dossier's history; one row per person and dossier opened."""

    __tablename__ = "read_mark"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    sequence: Mapped[int]
    """Of the last entry of the dossier's chain that was there when it was opened."""


_MARK = table_of(ReadMark)


def is_unread(
    person_id: int, dossier_id: InstrumentedAttribute[int] | ColumnElement[int]
) -> ColumnElement[bool]:
    """The condition that a dossier has something new for a person: one look into an index."""
    read = (
        select(ReadMark.sequence)
        .where(ReadMark.person_id == person_id, ReadMark.dossier_id == dossier_id)
        .correlate_except(ReadMark)
        .scalar_subquery()
    )
    return exists().where(
        AuditEntry.chain == _chain(dossier_id),
        AuditEntry.sequence > func.coalesce(read, 0),
        AuditEntry.kind.in_(_KINDS),
        or_(AuditEntry.actor_id.is_(None), AuditEntry.actor_id != person_id),
    )


def is_behind(
    actor: Actor, dossier_id: InstrumentedAttribute[int] | ColumnElement[int]
) -> ColumnElement[bool]:
    """The condition that `keep` has something to keep of a dossier under way."""
    if actor.person_id is None or not actor.is_agency:
        return false()
    read = (
        select(ReadMark.sequence)
        .where(ReadMark.person_id == actor.person_id, ReadMark.dossier_id == dossier_id)
        .correlate_except(ReadMark)
        .scalar_subquery()
    )
    return exists().where(
        AuditHead.chain == _chain(dossier_id), AuditHead.sequence > func.coalesce(read, 0)
    )


def keep(
    session: Session, actor: Actor, dossier: ColumnElement[int] | ScalarSelect[int] | Null
) -> None:
    """Keep that a person of the Agency has read a dossier as it is now; no row for others.

    `dossier` is an expression for its id; without one nothing is kept.
    """
    if actor.person_id is None or not actor.is_agency:
        return
    _write(session, _as_they_are(actor.person_id).where(Dossier.id == dossier))


def keep_all(session: Session, actor: Actor) -> None:
    """Keep that a person of the Agency has read every dossier under way.

    Marks of closed dossiers go: what is closed is never unread.
    """
    if actor.person_id is None or not actor.is_agency:
        return
    closed = select(Dossier.id).where(Dossier.ended_at.is_not(None))
    session.execute(
        delete(ReadMark).where(
            ReadMark.person_id == actor.person_id, ReadMark.dossier_id.in_(closed)
        )
    )
    _write(session, _as_they_are(actor.person_id))


def count(session: Session, person_id: int, *, limit: int) -> int:
    """How many dossiers under way have something new for a person, at most `limit`."""
    found = (
        select(Dossier.id)
        .where(Dossier.ended_at.is_(None), is_unread(person_id, Dossier.id))
        .limit(limit)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(found)) or 0


def _as_they_are(person_id: int) -> Select[int, int, int]:
    """Where the history of each dossier under way ends."""
    return (
        select(literal(person_id).label("person_id"), Dossier.id, AuditHead.sequence)
        .join(AuditHead, AuditHead.chain == _chain(Dossier.id))
        .where(Dossier.ended_at.is_(None))
    )


def _write(session: Session, marks: Select[int, int, int]) -> None:
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert(_MARK) if on_postgresql else sqlite.insert(_MARK)
    columns = [_MARK.c.person_id, _MARK.c.dossier_id, _MARK.c.sequence]
    adding = insert.from_select(columns, marks)
    session.execute(
        adding.on_conflict_do_update(
            index_elements=columns[:2], set_={"sequence": adding.excluded.sequence}
        )
    )


def _chain(dossier_id: InstrumentedAttribute[int] | ColumnElement[int]) -> ColumnElement[str]:
    return literal(_CHAIN).concat(cast(dossier_id, String))
