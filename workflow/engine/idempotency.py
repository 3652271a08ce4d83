"""Idempotency keys: an act repeated with the same key is answered, not done again.

The key is written in the same transaction as the effect, so neither stands without the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import String, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow import hash_chain
from workflow.db import Base, Instant, Json
from workflow.errors import Conflict, InvalidInput

LONGEST_KEY = 200


class IdempotencyKey(Base):
    """One act that was asked for under a key of the caller's choice."""

    __tablename__ = "idempotency_key"

    key: Mapped[str] = mapped_column(String(LONGEST_KEY), primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    response: Mapped[dict[str, Any] | None] = mapped_column(Json)


class KeyReused(Conflict):
    """The same key was used for another request."""

    code = "idempotency_key_reused"


def fingerprint(act: str, request: Mapping[str, Any]) -> str:
    """What makes two requests the same one."""
    return hashlib.sha256(hash_chain.canonical([act, request])).hexdigest()


def claim(
    session: Session, key: str, person_id: int, mark: str, at: datetime
) -> dict[str, Any] | None:
    """Take the key for this act; the earlier response when it was already done.

    Raises KeyReused when the key served another request, InvalidInput on an unusable key.
    """
    if not key or len(key) > LONGEST_KEY:
        raise InvalidInput(
            f"Expected an idempotency key of 1 to {LONGEST_KEY} characters but found {len(key)}."
            " Send a shorter one, a UUID for instance."
        )
    dialect = session.get_bind().dialect.name
    statement = postgresql_insert if dialect == "postgresql" else sqlite_insert
    taken = session.execute(
        statement(IdempotencyKey)
        .values(key=key, person_id=person_id, fingerprint=mark, created_at=at)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    ).scalar()
    if taken is not None:
        return None
    earlier = session.execute(
        select(IdempotencyKey.fingerprint, IdempotencyKey.response).where(
            IdempotencyKey.key == key, IdempotencyKey.person_id == person_id
        )
    ).one()
    if earlier.fingerprint != mark:
        raise KeyReused(
            "Expected a new idempotency key but this one served another request."
            " Send a key of its own with each act."
        )
    return earlier.response


def was_done(session: Session, key: str, person_id: int) -> bool:
    """Whether an act of this person was done under a key."""
    return session.get(IdempotencyKey, (key, person_id)) is not None


def answer(session: Session, key: str, person_id: int, response: Mapping[str, Any]) -> None:
    """Keep the response for repetitions, in the act's transaction."""
    session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.key == key, IdempotencyKey.person_id == person_id)
        .values(response=dict(response))
    )
