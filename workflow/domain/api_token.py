"""API tokens: how a program acts for a person, until the token is revoked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from secrets import token_urlsafe

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.domain.person import Person
from workflow.errors import Conflict, InvalidInput, NotFound

PREFIX = "jalon_"
LONGEST_LABEL = 80
MOST_TOKENS = 20


class ApiToken(Base):
    """One token of one person; only its SHA-256 is stored. Instants are the machine's."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    label: Mapped[str] = mapped_column(String(LONGEST_LABEL))
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


def create(session: Session, person: Person, label: str, at: datetime) -> str:
    """A new token, told once and never again.

    Raises InvalidInput on an empty label, Conflict when the person has too many tokens.
    """
    if not label.strip() or len(label) > LONGEST_LABEL:
        raise InvalidInput(
            f"Expected a label of 1 to {LONGEST_LABEL} characters but found {len(label)}."
            " Say what the token is for."
        )
    live = session.scalar(
        select(func.count()).where(ApiToken.person_id == person.id, ApiToken.revoked_at.is_(None))
    )
    if (live or 0) >= MOST_TOKENS:
        raise Conflict(
            f"Expected fewer than {MOST_TOKENS} tokens but {person.name} has {live}."
            " Revoke one that is not used any more."
        )
    token = PREFIX + token_urlsafe(32)
    session.add(
        ApiToken(person_id=person.id, token_hash=_hash(token), label=label.strip(), created_at=at)
    )
    return token


def find(session: Session, token: str) -> ApiToken | None:
    """The live token of an active person, or None."""
    if not token.startswith(PREFIX):
        return None
    return session.scalars(
        select(ApiToken)
        .join(Person, Person.id == ApiToken.person_id)
        .where(
            ApiToken.token_hash == _hash(token),
            ApiToken.revoked_at.is_(None),
            Person.is_active.is_(True),
        )
    ).first()


def of_person(session: Session, person_id: int) -> Sequence[ApiToken]:
    """A person's live tokens, oldest first."""
    return session.scalars(
        select(ApiToken)
        .where(ApiToken.person_id == person_id, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.id)
        .limit(MOST_TOKENS)
    ).all()


def revoke(session: Session, person_id: int, token_id: int, at: datetime) -> ApiToken:
    """End a token of this person; raises NotFound when there is none that lives."""
    token = session.get(ApiToken, token_id)
    if token is None or token.person_id != person_id or token.revoked_at is not None:
        raise NotFound(f"Expected a token of yours but {token_id} is none. Check the list.")
    token.revoked_at = at
    return token


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
