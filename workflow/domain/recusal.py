"""Recusals that members of the college declare themselves, for one dossier of one session.

They stand: the session counts them whether or not the president typed them (DSR 4.5, DOMAIN P5).
[règles 24 67]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CompoundSelect, ForeignKey, Text, UniqueConstraint, select, union
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.domain import dossier as dossiers
from workflow.domain import interest
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.person import Person
from workflow.errors import Conflict, InvalidAnswer, NotAllowed

if TYPE_CHECKING:
    from workflow.domain.agenda import Decision

MEMBERS = frozenset({"college_member", "college_president"})
LONGEST_REASON = 2_000
MOST_RECUSALS = 5_000


class CollegeRecusal(Base):
    """A member who takes no part in one dossier of one session; never edited."""

    __tablename__ = "college_recusal"
    __table_args__ = (UniqueConstraint("session_id", "dossier_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("college_session.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text)
    declared_at: Mapped[datetime] = mapped_column(Instant)


def declare(call: Call, session_id: int, session_number: int, reason: str) -> CollegeRecusal:
    """Have the actor leave for the call's dossier in that session.

    Raises NotAllowed but for members of the college, InvalidAnswer on a reason that is too long,
    Conflict when it is declared already.
    """
    person_id, dossier = call.actor.person_id, dossiers.of(call)
    if person_id is None or not call.actor.roles & MEMBERS:
        raise NotAllowed(
            f"Expected a member of the college but {call.actor.name} is not. Members only leave."
        )
    text = reason.strip()
    if len(text) > LONGEST_REASON:
        raise InvalidAnswer(
            f"Expected a reason of at most {LONGEST_REASON} characters but found {len(text)}.",
            {"reason": [f"Indiquez le lien, en {LONGEST_REASON} caractères au plus."]},
        )
    if person_id in _people(call.session, session_id, dossier.id):
        raise Conflict(
            f"Expected {call.actor.name} to take part in dossier {dossier.number} but they have"
            " left for it already. It stands."
        )
    declared = CollegeRecusal(
        session_id=session_id,
        dossier_id=dossier.id,
        person_id=person_id,
        reason=text,
        declared_at=call.effective_at,
    )
    call.session.add(declared)
    call.record(AuditKind.RECUSAL_DECLARED, {"session": session_number, "reason": text})
    return declared


def kept_off(dossier_id: int) -> CompoundSelect[int]:
    """Ids of who is told nothing of a dossier, having declared a conflict or a recusal."""
    conflicts = select(interest.InterestDeclaration.person_id).where(
        interest.InterestDeclaration.dossier_id == dossier_id,
        interest.InterestDeclaration.has_conflict.is_(True),
    )
    recusals = select(CollegeRecusal.person_id).where(CollegeRecusal.dossier_id == dossier_id)
    return union(conflicts, recusals)


def declared(session: Session, session_id: int) -> dict[int, list[str]]:
    """Who left for which dossier of a session: names by dossier, in order."""
    rows = session.execute(
        select(CollegeRecusal.dossier_id, Person.name)
        .join(Person, Person.id == CollegeRecusal.person_id)
        .where(CollegeRecusal.session_id == session_id)
        .order_by(CollegeRecusal.id)
        .limit(MOST_RECUSALS)
    )
    found: dict[int, list[str]] = {}
    for dossier_id, name in rows:
        found.setdefault(dossier_id, []).append(name)
    return found


def applied(
    taken: Iterable[Decision], left: Mapping[int, Sequence[str]], present: Iterable[str]
) -> list[Decision]:
    """Decisions with those who left by themselves, as far as they are present.

    One order for all sessions: two acts on the same dossiers must not wait for each other.
    """
    seated = {same(name): name for name in present}
    found: list[Decision] = []
    for decision in taken:
        known = {same(name) for name in decision.recused}
        others = [
            seated[same(name)]
            for name in left.get(decision.dossier.id, ())
            if same(name) in seated and same(name) not in known
        ]
        found.append(replace(decision, recused=(*decision.recused, *others)))
    return sorted(found, key=lambda decision: decision.dossier.id)


def same(name: str) -> str:
    """What makes two spellings one person: neither capitals nor spaces."""
    return " ".join(name.split()).casefold()


def _people(session: Session, session_id: int, dossier_id: int) -> set[int]:
    return set(
        session.scalars(
            select(CollegeRecusal.person_id).where(
                CollegeRecusal.session_id == session_id, CollegeRecusal.dossier_id == dossier_id
            )
        )
    )
