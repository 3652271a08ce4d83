"""What is known of a stored content: its type, and what the antivirus says of it.

One row for each content, however many proofs name it. Without a scanner a content stays « not
scanned », said so; with one it is in quarantine until it is found clean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import BigInteger, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow import outbox
from workflow.db import Base, Instant
from workflow.domain.call import Call
from workflow.domain.file_store import StoredFile
from workflow.domain.file_type import refused
from workflow.errors import Conflict

SCAN = "scan"
"""The kind of the outbox's effect that asks for a scan."""
NOT_SCANNED = "not_scanned"
PENDING = "pending"
CLEAN = "clean"
INFECTED = "infected"
TOO_BIG = "too_big"
STATES = (NOT_SCANNED, PENDING, CLEAN, INFECTED, TOO_BIG)
LONGEST_THREAT = 120
_AT_ONCE = 500


class Quarantined(Conflict):
    """A file that is not given out: its scan is awaited, or found something."""

    code = "quarantined"


class StoredContent(Base):
    """A content of the store; `threat` is the scanner's word for what it found."""

    __tablename__ = "stored_content"
    __table_args__ = (Index(None, "scan_state"),)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(100))
    stored_at: Mapped[datetime] = mapped_column(Instant)
    scan_state: Mapped[str] = mapped_column(String(12))
    threat: Mapped[str | None] = mapped_column(String(LONGEST_THREAT))
    scanned_at: Mapped[datetime | None] = mapped_column(Instant)
    checked_at: Mapped[datetime | None] = mapped_column(Instant)
    """When its hash was last computed again, on the machine's clock."""


def keep(call: Call, stored: StoredFile, media_type: str, *, to_scan: bool) -> StoredContent:
    """Note a content that the call's transaction names; a new one is sent to the scanner.

    Raises InvalidAnswer on a content that was found infected.
    """
    known = call.session.get(StoredContent, stored.sha256)
    if known is None:
        known = StoredContent(
            sha256=stored.sha256,
            size=stored.size,
            media_type=media_type,
            stored_at=call.recorded_at,
            scan_state=NOT_SCANNED,
        )
        call.session.add(known)
    if known.scan_state == INFECTED:
        raise refused(
            f"Expected a harmless file but this content is infected ({known.threat}).",
            f"L’antivirus a trouvé un programme malveillant dans ce fichier ({known.threat})."
            " Joignez un fichier sain.",
        )
    if to_scan and known.scan_state == NOT_SCANNED:
        ask_for_scan(call.session, known, call.recorded_at)
    return known


def ask_for_scan(session: Session, content: StoredContent, at: datetime) -> None:
    """Put a content into quarantine, and have it scanned after the commit."""
    content.scan_state = PENDING
    outbox.put(session, SCAN, {"sha256": content.sha256}, at)


def states_of(session: Session, keys: Iterable[str]) -> Mapping[str, StoredContent]:
    """What is known of some contents; one that nothing is known of is not scanned."""
    wanted = sorted(set(keys))
    found: dict[str, StoredContent] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        query = select(StoredContent).where(
            StoredContent.sha256.in_(wanted[start : start + _AT_ONCE])
        )
        found |= {each.sha256: each for each in session.scalars(query.limit(_AT_ONCE))}
    return found


def infected(session: Session, keys: Iterable[str]) -> frozenset[str]:
    """Which of some contents are infected: they prove nothing."""
    known = states_of(session, keys)
    return frozenset(key for key, each in known.items() if each.scan_state == INFECTED)


def withheld(session: Session, keys: Iterable[str], *, to_its_sender: bool) -> frozenset[str]:
    """Which of some contents are not given out: infected ones, and to others those unscanned."""
    kept = {INFECTED} if to_its_sender else {INFECTED, PENDING}
    known = states_of(session, keys)
    return frozenset(key for key, each in known.items() if each.scan_state in kept)


def require_given_out(session: Session, key: str, *, to_its_sender: bool) -> None:
    """Refuse to give out what is infected, and to others what is not yet scanned."""
    known = session.get(StoredContent, key)
    if known is None or known.scan_state in (NOT_SCANNED, CLEAN, TOO_BIG):
        return
    if known.scan_state == INFECTED:
        raise Quarantined(
            f"Expected a harmless file but the antivirus found {known.threat} in it."
            " Ask for another file."
        )
    if not to_its_sender:
        raise Quarantined(
            "Expected a scanned file but its scan is not over. Try again in a few minutes."
        )
