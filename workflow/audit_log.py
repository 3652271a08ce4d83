"""The audit log: appended by every turn, never edited, one hash chain per dossier.

An entry commits to its payload by a salted hash, so that personal data can be erased (payload
and salt together) without breaking the chain. What concerns no dossier (diagrams, campaigns,
accounts) stands in the chain ``house``.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    bindparam,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow import hash_chain
from workflow.db import Base, Instant, table_of

HOUSE = "house"
MOST_SEARCHED = 200


def chain_of(dossier_id: int | None) -> str:
    """The chain where a dossier's entries stand; ``house`` without a dossier."""
    return HOUSE if dossier_id is None else f"dossier:{dossier_id}"


class AuditEntry(Base):
    """One fact of the history: who did what, when, in which turn."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        UniqueConstraint("chain", "sequence"),
        Index("ix_audit_entry_kind", "kind", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chain: Mapped[str] = mapped_column(String(40))
    sequence: Mapped[int]
    kind: Mapped[str] = mapped_column(String(60))
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(200))
    effective_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    commitment: Mapped[str] = mapped_column(String(64))
    link: Mapped[str] = mapped_column(String(64))

    @property
    def facts(self) -> dict[str, Any]:
        """The payload as it was recorded; empty once erased."""
        return orjson.loads(self.payload) if self.payload else {}


class AuditHead(Base):
    """Where a chain ends, kept apart from it: a missing end or a missing chain shows."""

    __tablename__ = "audit_head"

    chain: Mapped[str] = mapped_column(String(40), primary_key=True)
    sequence: Mapped[int]
    link: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True, slots=True)
class Event:
    """A fact about to be recorded."""

    kind: str
    payload: Mapping[str, Any]
    actor_id: int | None
    actor_name: str
    effective_at: datetime
    recorded_at: datetime


_ENTRY = table_of(AuditEntry)

_HEAD = table_of(AuditHead)

# Composed once: every step appends.
_APPEND, _BEGIN = insert(_ENTRY), insert(_HEAD)
_LAST = select(_HEAD.c.sequence, _HEAD.c.link).where(_HEAD.c.chain == bindparam("name"))
_ADVANCE = (
    update(_HEAD)
    .where(_HEAD.c.chain == bindparam("name"))
    .values(sequence=bindparam("at"), link=bindparam("last"))
)
_SERIALISE = text("SELECT pg_advisory_xact_lock(hashtext(:chain))")


def append(session: Session, chain: str, events: Sequence[Event]) -> None:
    """Add events at the end of a chain, in the caller's transaction."""
    if not events:
        return
    serialise(session, chain)
    connection = session.connection()
    last = connection.execute(_LAST, {"name": chain}).first()
    sequence, previous = (last.sequence, last.link) if last else (0, hash_chain.GENESIS)
    rows: list[dict[str, Any]] = []
    for event in events:
        sequence += 1
        payload, salt = hash_chain.canonical(event.payload), os.urandom(16)
        row = {
            "chain": chain,
            "sequence": sequence,
            "kind": str(event.kind),
            "actor_id": event.actor_id,
            "actor_name": event.actor_name,
            "effective_at": event.effective_at,
            "recorded_at": event.recorded_at,
            "commitment": hash_chain.commitment(payload, salt),
        }
        previous = hash_chain.link(previous, _linked(row))
        rows.append({**row, "payload": payload, "salt": salt, "link": previous})
    connection.execute(_APPEND, rows)
    if last is None:
        connection.execute(_BEGIN, {"chain": chain, "sequence": sequence, "link": previous})
    else:
        connection.execute(_ADVANCE, {"name": chain, "at": sequence, "last": previous})


def serialise(session: Session, chain: str) -> None:
    """Let the transactions that append to a chain follow one another, from here to their end."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_SERIALISE, {"chain": chain})


def _linked(row: Mapping[Any, Any]) -> dict[str, str | int]:
    return {
        "chain": row["chain"],
        "sequence": row["sequence"],
        "kind": row["kind"],
        "actor": "" if row["actor_id"] is None else row["actor_id"],
        "actor_name": row["actor_name"],
        "effective_at": _written(row["effective_at"]),
        "recorded_at": _written(row["recorded_at"]),
        "commitment": row["commitment"],
    }


def _written(instant: datetime) -> str:
    """The same text whatever the zone in which an instant was handed in."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def history_of(
    session: Session,
    dossier_id: int | None,
    *,
    after: int = 0,
    limit: int = 200,
    without: Collection[str] = (),
    process: str | None = None,
) -> Sequence[AuditEntry]:
    """A dossier's entries in order, at most ``limit`` of them after sequence ``after``.

    Entries of the kinds ``without`` are left out; with ``process``, those that do not name it.
    """
    query = select(AuditEntry).where(
        AuditEntry.chain == chain_of(dossier_id), AuditEntry.sequence > after
    )
    if without:
        query = query.where(AuditEntry.kind.not_in(sorted(without)))
    if process is not None:
        query = query.where(_names(session, process))
    return session.scalars(query.order_by(AuditEntry.sequence).limit(limit)).all()


def _names(session: Session, process: str) -> ColumnElement[bool]:
    """The condition that an entry's payload names a process; an erased one names none."""
    wanted = literal(f'"process":"{process}"'.encode())
    if session.get_bind().dialect.name == "postgresql":
        return func.position(wanted.op("IN")(AuditEntry.payload)) > 0
    return func.instr(AuditEntry.payload, wanted) > 0


def latest_of(
    session: Session,
    dossier_id: int | None,
    *,
    kinds: Collection[str] | None = None,
    limit: int = 50,
) -> list[AuditEntry]:
    """A dossier's last entries, or those of the house, newest first; with `kinds`, only those."""
    query = select(AuditEntry).where(AuditEntry.chain == chain_of(dossier_id))
    if kinds is not None:
        query = query.where(AuditEntry.kind.in_(kinds))
    return list(session.scalars(query.order_by(AuditEntry.sequence.desc()).limit(limit)))


def latest_about(session: Session, kinds: Collection[str], /, **facts: Any) -> AuditEntry | None:
    """The last entry of the house that says these facts, among its latest of these kinds."""
    found = latest_of(session, None, kinds=kinds, limit=MOST_SEARCHED)
    readable = (entry for entry in found if entry.payload is not None)
    return next((e for e in readable if all(e.facts.get(k) == v for k, v in facts.items())), None)


@dataclass(frozen=True, slots=True)
class ChainVerdict:
    """What verifying one chain found; ``broken_at`` is the sequence of the first wrong entry."""

    chain: str
    entries: int
    broken_at: int | None


def chains(session: Session) -> list[str]:
    """The names of all chains, those of which nothing but the head is left included."""
    entries = select(AuditEntry.chain).distinct()
    return sorted(session.scalars(entries.union(select(AuditHead.chain))))


def verify(session: Session, chain: str) -> ChainVerdict:
    """Compute one chain again from its first entry, and compare its end with the head kept apart.

    A chain without entries is broken at its first: every dossier has a history.
    """
    count = session.scalar(select(func.count()).where(AuditEntry.chain == chain)) or 0
    head = session.get(AuditHead, chain)
    read = _Read()
    # Reading stops at the first break: the server's cursor has to be given back.
    with closing(_entries(session, chain, read)) as entries:
        try:
            broken = hash_chain.first_break(entries)
        except (ValueError, TypeError):
            # A value that cannot even be read back, such as an instant that is none.
            broken = read.count
    ends = (head.sequence, head.link) if head else (0, "")
    if broken is None and (count == 0 or ends != (count, read.link)):
        broken = min(count, ends[0])
    return ChainVerdict(chain, count, None if broken is None else broken + 1)


@dataclass
class _Read:
    """How far a chain was read, and its last link."""

    count: int = 0
    link: str = ""


def _entries(
    session: Session, chain: str, read: _Read
) -> Generator[hash_chain.ChainEntry, None, None]:
    query = select(_ENTRY).where(_ENTRY.c.chain == chain).order_by(_ENTRY.c.sequence)
    with closing(session.execute(query, execution_options={"yield_per": 500})) as rows:
        for row in rows.mappings():
            entry = hash_chain.ChainEntry(
                fields=_linked(row), link=row["link"], payload=row["payload"], salt=row["salt"]
            )
            read.count, read.link = read.count + 1, row["link"]
            yield entry
