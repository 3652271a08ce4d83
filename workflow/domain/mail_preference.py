"""How each person wants copies by mail: at once or in a daily digest, and which not at all.

Only what is not legally due can be chosen about (`notification_duty`). What someone declined is
kept by address: one click in a mail declines it, with or without an account.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.domain.notification_duty import ALL_INFORMATION, DUTIES, optional_kinds
from workflow.errors import InvalidAnswer

IMMEDIATE = "immediate"
DIGEST = "digest"
RHYTHMS = (IMMEDIATE, DIGEST)


class MailPreference(Base):
    """A person's rhythm; without a row, at once."""

    __tablename__ = "mail_preference"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    rhythm: Mapped[str] = mapped_column(String(20))
    changed_at: Mapped[datetime] = mapped_column(Instant)


class MailOptOut(Base):
    """A kind of notification that an address does not want copies of."""

    __tablename__ = "mail_opt_out"

    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    kind: Mapped[str] = mapped_column(String(60), primary_key=True)
    declined_at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class MailChoice:
    """What someone chose: a rhythm, and the kinds declined among those that may be."""

    rhythm: str
    declined: frozenset[str]
    optional: tuple[str, ...]


def choice_of(session: Session, person_id: int, address: str, roles: Collection[str]) -> MailChoice:
    """What a person chose so far."""
    optional = optional_kinds(roles)
    return MailChoice(
        rhythm_of(session, person_id), declined_by(session, address, optional), tuple(optional)
    )


def rhythm_of(session: Session, person_id: int | None) -> str:
    """When a person's information leaves; an address without account has it at once."""
    row = None if person_id is None else session.get(MailPreference, person_id)
    return IMMEDIATE if row is None else row.rhythm


def declined_by(session: Session, address: str, kinds: Collection[str]) -> frozenset[str]:
    """Which of these kinds an address declined."""
    rows = session.scalars(select(MailOptOut.kind).where(MailOptOut.address == address))
    return frozenset(rows) & frozenset(kinds)


def choose(
    session: Session,
    person_id: int,
    address: str,
    roles: Collection[str],
    *,
    rhythm: str,
    declined: Collection[str],
    at: datetime,
) -> MailChoice:
    """Replace what a person chose; raises InvalidAnswer on what cannot be chosen."""
    optional = optional_kinds(roles)
    wrong = sorted(set(declined) - set(optional))
    if rhythm not in RHYTHMS or wrong:
        raise InvalidAnswer(
            f"Expected a rhythm among {', '.join(RHYTHMS)} and kinds among {', '.join(optional)}"
            f" but found {rhythm!r} and {wrong}. What is legally due cannot be declined.",
            {
                "rhythm": [] if rhythm in RHYTHMS else ["Choisissez quand recevoir les copies."],
                "declined": ["Ce qui est légalement dû ne peut pas être refusé."] if wrong else [],
            },
        )
    row = session.get(MailPreference, person_id)
    if row is None:
        row = MailPreference(person_id=person_id, rhythm=rhythm, changed_at=at)
        session.add(row)
    row.rhythm, row.changed_at = rhythm, at
    session.execute(
        delete(MailOptOut).where(MailOptOut.address == address, MailOptOut.kind.in_(optional))
    )
    session.add_all(
        MailOptOut(address=address, kind=kind, declined_at=at) for kind in sorted(set(declined))
    )
    return MailChoice(rhythm, frozenset(declined), tuple(optional))


def decline(session: Session, address: str, kind: str, at: datetime) -> list[str]:
    """Decline one kind, or all information, for an address; returns what is newly declined."""
    optional = [name for name, duty in DUTIES.items() if duty.to_agency or not duty.is_due]
    wanted = optional if kind == ALL_INFORMATION else [name for name in optional if name == kind]
    known = declined_by(session, address, wanted)
    fresh = [name for name in wanted if name not in known]
    session.add_all(MailOptOut(address=address, kind=name, declined_at=at) for name in fresh)
    return fresh
