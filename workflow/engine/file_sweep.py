"""What the store and the tables say of each other: orphan files, lost or altered ones, leftovers.

A file is stored before the row that names it: a crash between the two leaves a file that nobody
names, never a row without its file. Nothing is deleted here without being told to, but what was
never whole.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from workflow import outbox
from workflow.clock import Clock
from workflow.db import Base
from workflow.domain.file_store import StoredEntry, sha256_of
from workflow.domain.stored_content import StoredContent
from workflow.domain.upload import Upload
from workflow.engine import uploads
from workflow.engine.runtime import Runtime
from workflow.errors import NotFound
from workflow.outbox import OutboxMessage

log = logging.getLogger(__name__)

NAMES_A_FILE = "content_key"
"""The column by which every table names the files it stores."""
INCIDENT = "stored_file"
SETTLED = timedelta(days=1)
"""How old a file nobody names must be: a younger one may be about to be named."""
EVERY = timedelta(days=1)
READ_A_DAY = 2 * 1024**3
"""Bytes whose hash the daily round computes again, those longest unread first."""
NEVER = datetime.min.replace(tzinfo=UTC)
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class FileReport:
    """What was found; `wrong` are files whose content is no longer what their name says."""

    files: int
    orphans: tuple[StoredEntry, ...]
    missing: tuple[str, ...]
    wrong: tuple[str, ...]
    leftovers: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether every row finds its file as it was."""
        return not self.missing and not self.wrong


def check(runtime: Runtime, now: datetime, *, read: int | None) -> FileReport:
    """Compare the store with the tables; `read` bytes at most are hashed again, None: all.

    `now` is the machine's. What is lost or altered becomes an incident of the outbox.
    """
    with runtime.database.reading() as session:
        named = set(_named_keys(session))
        sizes = {row.sha256: row.size for row in _contents(session)}
    entries = {each.key: each for each in runtime.files.entries()}
    settled = now - SETTLED
    orphans = [e for e in entries.values() if e.key not in named and e.modified_at < settled]
    missing = sorted(named - entries.keys())
    held = named & entries.keys()
    wrong = {key for key in held if sizes.get(key, entries[key].size) != entries[key].size}
    wrong |= _reread(runtime, held - wrong, entries, now, read)
    _raise_incidents(
        runtime, {**dict.fromkeys(missing, "missing"), **dict.fromkeys(wrong, "wrong")}
    )
    return FileReport(
        len(entries),
        tuple(orphans),
        tuple(missing),
        tuple(sorted(wrong)),
        clear_scratch(runtime, now),
    )


def delete_orphans(runtime: Runtime, report: FileReport) -> int:
    """Delete the orphans of a report that are orphans still; returns how many."""
    with runtime.database.reading() as session:
        named = set(_named_keys(session))
    gone = [each for each in report.orphans if each.key not in named]
    for each in gone:
        runtime.files.delete(each.key)
    return len(gone)


def clear_scratch(runtime: Runtime, now: datetime) -> int:
    """Forget uploads that expired, and bytes that belong to none; returns how many files."""
    count = uploads.expire(runtime, now)
    with runtime.database.reading() as session:
        query = select(Upload.id).where(Upload.finished_at.is_(None))
        alive = {f"{upload_id}{uploads.SUFFIX}" for upload_id in session.scalars(query)}
    settled = (now - SETTLED).timestamp()
    for path in runtime.files.scratch.glob("*"):
        stale = path.name.endswith(uploads.SUFFIX) or path.name.startswith(".incoming-")
        if stale and path.name not in alive and path.stat().st_mtime < settled:
            path.unlink(missing_ok=True)
            count += 1
    return count


def recheck(runtime: Runtime, payload: Mapping[str, Any]) -> None:
    """Carry an incident out again: raises DeliveryFailed while the file is not as it was."""
    key = str(payload["key"])
    try:
        with runtime.files.open(key) as file:
            found = sha256_of(file)
    except (NotFound, OSError) as lost:
        raise outbox.DeliveryFailed(_sentence(key, "missing"), failure="missing_file") from lost
    if found != key:
        raise outbox.DeliveryFailed(_sentence(key, "wrong"), failure="wrong_file")


@dataclass
class FileRound:
    """The daily check of the worker, by the machine's clock."""

    runtime: Runtime
    clock: Clock
    last: datetime | None = None

    def __call__(self) -> None:
        """Check once a day, beginning with the first sweep."""
        now = self.clock.now()
        if self.last is None or now - self.last >= EVERY:
            self.last = now
            report = check(self.runtime, now, read=READ_A_DAY)
            if report.orphans or not report.is_sound:
                log.warning(
                    "Stored files: %d orphans, %d missing, %d altered. See: jalon files check",
                    len(report.orphans),
                    len(report.missing),
                    len(report.wrong),
                )


def _named_keys(session: Session) -> Iterator[str]:
    for table in _tables():
        column = table.c[NAMES_A_FILE]
        yield from session.scalars(
            select(column)
            .where(column.is_not(None))
            .distinct()
            .execution_options(yield_per=_AT_ONCE)
        )


def _tables() -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if NAMES_A_FILE in table.c]


def _contents(session: Session) -> Iterator[StoredContent]:
    yield from session.scalars(select(StoredContent).execution_options(yield_per=_AT_ONCE))


def _reread(
    runtime: Runtime,
    keys: set[str],
    entries: dict[str, StoredEntry],
    now: datetime,
    most: int | None,
) -> set[str]:
    with runtime.database.reading() as session:
        known = {row.sha256: row.checked_at for row in _contents(session)}
    order = sorted(keys, key=lambda key: (known.get(key) or NEVER, key))
    wrong: set[str] = set()
    read: list[str] = []
    budget = most
    for key in order:
        if budget is not None and budget <= 0:
            break
        if budget is not None:
            budget -= entries[key].size
        with runtime.files.open(key) as file:
            if sha256_of(file) != key:
                wrong.add(key)
        read.append(key)
    _note_check(runtime, read, now)
    return wrong


def _note_check(runtime: Runtime, keys: list[str], now: datetime) -> None:
    with runtime.database.transaction() as session:
        for start in range(0, len(keys), _AT_ONCE):
            session.execute(
                update(StoredContent)
                .where(StoredContent.sha256.in_(keys[start : start + _AT_ONCE]))
                .values(checked_at=now)
            )


def _raise_incidents(runtime: Runtime, faults: dict[str, str]) -> None:
    if not faults:
        return
    with runtime.database.transaction() as session:
        told = {
            str(row.payload["key"])
            for row in session.scalars(
                select(OutboxMessage).where(
                    OutboxMessage.kind == INCIDENT, OutboxMessage.delivered_at.is_(None)
                )
            )
        }
        now = runtime.clock.now()
        session.add_all(
            OutboxMessage(
                kind=INCIDENT,
                payload={"key": key},
                created_at=now,
                due_at=outbox.AT_ONCE,
                attempts=0,
                incident=True,
                last_error=_sentence(key, fault),
            )
            for key, fault in faults.items()
            if key not in told
        )


def _sentence(key: str, fault: str) -> str:
    if fault == "missing":
        return f"Expected the stored file {key} but it is missing. Restore it from a backup."
    return f"Expected the stored file {key} as it was but its content changed. Restore it."
