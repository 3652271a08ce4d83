"""The door of resumable uploads: bytes go to disk as they come, a row says what for.

How far an upload is, is the length of its file. A whole one is judged, stored and attached in
one transaction with the row that says it is finished; its file goes afterwards, so that a crash
at any point leaves either the file to finish with, or the proof.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from workflow.domain import dossier as dossiers
from workflow.domain import file_name, upload
from workflow.domain.call import Call
from workflow.domain.file_store import sha256_of
from workflow.domain.file_type import empty
from workflow.domain.person import Actor
from workflow.domain.upload import Upload
from workflow.engine import acts, reception
from workflow.engine.reception import Attached, Offered, Place, ProofPlace, ReservationPlace
from workflow.engine.runtime import Runtime
from workflow.errors import Conflict, InvalidAnswer, InvalidInput, LimitExceeded

SUFFIX = ".part"


class UploadLocked(Conflict):
    """Somebody else is sending to this upload right now."""

    code = "locked"
    http_status = 423


class ChecksumDiffers(InvalidInput):
    """What came is not what the sender says it sent; it was not kept."""

    code = "checksum_differs"
    http_status = 460


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is, in bytes; `attached` once it is over."""

    upload: Upload
    offset: int
    attached: Attached | None = None


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of one request must hash to."""

    algorithm: str
    digest: bytes


def begin(
    runtime: Runtime,
    actor: Actor,
    dossier_id: int,
    place: Place,
    name: str,
    length: int,
    now: datetime,
) -> Upload:
    """Announce a file; nothing of it has come yet. `now` is the machine's.

    Raises InvalidAnswer on a name, a size or a place that would be refused at the end, Conflict
    when nothing may be added now.
    """
    if length == 0:
        raise empty()
    with runtime.database.transaction() as session:
        dossier = dossiers.visible_to(session, dossier_id, actor)
        campaign = reception.campaign_of(session, runtime, dossier_id)
        awaited = upload.awaited_bytes(session, dossier_id)
        checked = file_name.checked(name)
        reception.announce(session, campaign, dossier, actor, place, length, awaited)
        begun = Upload(
            id=upload.new_id(),
            person_id=actor.person_id,
            dossier_id=dossier_id,
            file_name=checked,
            length=length,
            created_at=now,
            expires_at=now + upload.LIFE,
            **_columns(place),
        )
        session.add(begun)
        path = part_of(runtime, begun.id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return begun


def progress(runtime: Runtime, actor: Actor, upload_id: str, now: datetime) -> Progress:
    """How far an upload is; one that a crash left whole is finished first."""
    found = _find(runtime, actor, upload_id, now)
    if found.finished_at is not None:
        return Progress(found, found.length)
    with _locked(runtime, found) as file:
        offset = file.seek(0, os.SEEK_END)
        if offset == found.length:
            return Progress(found, offset, _finish(runtime, actor, found, now))
    return Progress(found, offset)


def append(
    runtime: Runtime,
    actor: Actor,
    upload_id: str,
    offset: int,
    content: Iterable[bytes],
    now: datetime,
    checksum: Checksum | None = None,
) -> Progress:
    """Write what comes at the offset where it stopped; the last byte attaches the file.

    What came before a cut is kept. Raises Conflict on another offset, UploadLocked while somebody
    else writes, LimitExceeded beyond the announced length, ChecksumDiffers; at the end, what
    `reception.receive` raises: the upload is then forgotten.
    """
    found = _find(runtime, actor, upload_id, now)
    if found.finished_at is not None:
        raise _wrong_offset(found.length, offset)
    with _locked(runtime, found) as file:
        at = file.seek(0, os.SEEK_END)
        if at != offset:
            raise _wrong_offset(at, offset)
        end = _write(file, content, at, found.length, checksum)
        attached = _finish(runtime, actor, found, now) if end == found.length else None
    return Progress(found, end, attached)


def cancel(runtime: Runtime, actor: Actor, upload_id: str, now: datetime) -> None:
    """Forget an upload and what came of it; a finished one keeps its proof."""
    _forget(runtime, _find(runtime, actor, upload_id, now).id)


def expire(runtime: Runtime, now: datetime) -> int:
    """Forget the uploads that nobody finished in time; returns how many."""
    with runtime.database.reading() as session:
        ids = [each.id for each in upload.expired(session, now)]
    for upload_id in ids:
        _forget(runtime, upload_id)
    return len(ids)


def part_of(runtime: Runtime, upload_id: str) -> Path:
    """Where the bytes of an upload lie."""
    return runtime.files.scratch / f"{upload_id}{SUFFIX}"


def arrived(runtime: Runtime, found: Upload) -> int:
    """How many bytes of an unfinished upload have come."""
    path = part_of(runtime, found.id)
    try:
        return path.stat().st_size
    except FileNotFoundError:  # Nothing has come yet, or the last piece came just now.
        return 0


def place_of(found: Upload) -> Place:
    """What an upload is for."""
    if found.reservation_number is not None:
        return ReservationPlace(found.reservation_number)
    return ProofPlace(found.requirement_code or "", found.position or 0)


def _finish(runtime: Runtime, actor: Actor, found: Upload, now: datetime) -> Attached | None:
    path = part_of(runtime, found.id)
    try:
        with path.open("rb") as file:
            offered = Offered(place_of(found), found.file_name, path, sha256_of(file))
        received = reception.receive(runtime, actor, found.dossier_id, [offered])

        def end(call: Call) -> Attached | None:
            # Two nodes may both see it whole: only one of them attaches it.
            row = call.session.get(Upload, found.id, populate_existing=True)
            if row is None or row.finished_at is not None:
                return None
            row.finished_at = now
            return reception.attach_all(runtime, call, received)[0]

        attached = acts.perform(runtime, actor, found.dossier_id, end)
    except InvalidAnswer:
        _forget(runtime, found.id)
        raise
    path.unlink(missing_ok=True)
    return attached


def _find(runtime: Runtime, actor: Actor, upload_id: str, now: datetime) -> Upload:
    with runtime.database.reading() as session:
        found = upload.find(session, upload_id, actor, now)
        session.expunge(found)
        return found


def _forget(runtime: Runtime, upload_id: str) -> None:
    with runtime.database.transaction() as session:
        row = session.get(Upload, upload_id)
        if row is not None:
            session.delete(row)
    part_of(runtime, upload_id).unlink(missing_ok=True)


@contextmanager
def _locked(runtime: Runtime, found: Upload) -> Iterator[BinaryIO]:
    path = part_of(runtime, found.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            raise UploadLocked(
                "Expected nobody to send to this upload but somebody does. Try again shortly."
            ) from busy
        yield file


def _write(
    file: BinaryIO, content: Iterable[bytes], start: int, length: int, checksum: Checksum | None
) -> int:
    digest = hashlib.new(checksum.algorithm) if checksum else None
    end = start
    try:
        for piece in content:
            if end + len(piece) > length:
                raise LimitExceeded(
                    f"Expected {length} bytes as announced but more came. Send what was announced."
                )
            file.write(piece)
            end += len(piece)
            if digest is not None:
                digest.update(piece)
        if checksum is not None and digest is not None and digest.digest() != checksum.digest:
            file.truncate(start)
            raise ChecksumDiffers(
                "Expected what the checksum says but found other bytes. Send them again."
            )
    finally:
        # What came before a cut is kept: the sender goes on from there.
        file.flush()
        os.fsync(file.fileno())
    return end


def _columns(place: Place) -> dict[str, str | int | None]:
    if isinstance(place, ReservationPlace):
        return {"reservation_number": place.number}
    return {"requirement_code": place.requirement_code, "position": place.position}


def _wrong_offset(at: int, offset: int) -> Conflict:
    return Conflict(
        f"Expected bytes from offset {at} on but found offset {offset}. Ask where it stopped."
    )
