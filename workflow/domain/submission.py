"""Submissions of a proof file: numbered versions, and what changed from one to the next.

The first is the deposit in one go (DSR 4.3); another follows with each answered solicitation and
each deposit of corrections. A version names the files by their hash: it is never edited.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant, Json
from workflow.domain import dossier as dossiers
from workflow.domain import evidence, proof, reservation, solicitation
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.dossier import Dossier

FIRST = "first"
REAPPLICATION = "reapplication"
SOLICITATION = "solicitation"
LIFTING = "lifting"
OF_A_RESERVATION = 0
"""The position of evidence: it corrects, and answers no expected proof."""
ADDED, REPLACED, REMOVED, SAME = "added", "replaced", "removed", "same"
MOST_SUBMISSIONS = 200


class Submission(Base):
    """One version; `files` are [requirement, position, sha256, file name], in order."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("dossier_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    number: Mapped[int]
    reason: Mapped[str] = mapped_column(String(20))
    solicitation_number: Mapped[int | None]
    submitted_at: Mapped[datetime] = mapped_column(Instant)
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    files: Mapped[list[list[str | int]]] = mapped_column(Json)


@dataclass(frozen=True, slots=True)
class FileMark:
    """A file as a version names it."""

    requirement: str
    position: int
    sha256: str
    file_name: str


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one expected proof between two versions."""

    requirement: str
    position: int
    kind: str
    before: tuple[FileMark, ...]
    after: tuple[FileMark, ...]


def record(call: Call, reason: str) -> Submission:
    """Keep what the call's dossier now holds as its next version; all of it is handed in."""
    dossier = dossiers.of(call)
    marks: list[FileMark] = []
    for each in proof.of_dossier(call.session, dossier.id):
        each.handed_in_at = each.handed_in_at or call.effective_at
        place = (each.requirement_code, each.position)
        marks.append(FileMark(*place, each.sha256, each.file_name))
    marks += _evidence(call.session, dossier.id)
    last = latest(call.session, dossier.id)
    answered = _answered(call, dossier) if reason == SOLICITATION else None
    submission = Submission(
        dossier_id=dossier.id,
        number=1 if last is None else last.number + 1,
        reason=_named(reason, dossier),
        solicitation_number=answered,
        submitted_at=call.effective_at,
        submitted_by=call.actor.person_id,
        files=[[m.requirement, m.position, m.sha256, m.file_name] for m in marks],
    )
    call.session.add(submission)
    call.record(
        AuditKind.SUBMISSION_RECORDED,
        {"number": submission.number, "reason": submission.reason, "files": submission.files},
    )
    return submission


def latest(session: Session, dossier_id: int) -> Submission | None:
    """The last version of a dossier's proof file."""
    return session.scalars(
        select(Submission)
        .where(Submission.dossier_id == dossier_id)
        .order_by(Submission.number.desc())
        .limit(1)
    ).first()


def of_dossier(session: Session, dossier_id: int) -> Sequence[Submission]:
    """Every version of a dossier's proof file, in order."""
    return session.scalars(
        select(Submission)
        .where(Submission.dossier_id == dossier_id)
        .order_by(Submission.number)
        .limit(MOST_SUBMISSIONS)
    ).all()


def before(session: Session, submission: Submission) -> Submission | None:
    """What a version is compared with: the one before, or the previous dossier's last."""
    if submission.number > 1:
        return session.scalars(
            select(Submission).where(
                Submission.dossier_id == submission.dossier_id,
                Submission.number == submission.number - 1,
            )
        ).first()
    previous = dossiers.get(session, submission.dossier_id).previous_dossier_id
    return None if previous is None else latest(session, previous)


def marks_of(submission: Submission | None) -> list[FileMark]:
    """The files of a version; none without one."""
    rows = [] if submission is None else submission.files
    return [FileMark(str(code), int(at), str(sha), str(name)) for code, at, sha, name in rows]


def changes(earlier: Iterable[FileMark], later: Iterable[FileMark]) -> list[Change]:
    """What became of each expected proof, in the order of requirement and position."""
    old, new = _by_place(earlier), _by_place(later)
    return [
        Change(
            *place, _kind(old.get(place, ()), new.get(place, ())), old.get(place, ()),
            new.get(place, ()),
        )
        for place in sorted(old.keys() | new.keys())
    ]  # fmt: skip


def unchanged(earlier: Iterable[FileMark], later: Iterable[FileMark]) -> frozenset[str]:
    """The requirements whose files are all the same in both, by their hash."""
    old, new = _hashes(earlier), _hashes(later)
    return frozenset(code for code, hashes in new.items() if old.get(code) == hashes)


def _kind(old: tuple[FileMark, ...], new: tuple[FileMark, ...]) -> str:
    was, now = {mark.sha256 for mark in old}, {mark.sha256 for mark in new}
    if was == now:
        return SAME
    if was - now:
        return REPLACED if now - was else REMOVED
    return ADDED


def _by_place(marks: Iterable[FileMark]) -> dict[tuple[str, int], tuple[FileMark, ...]]:
    found: dict[tuple[str, int], tuple[FileMark, ...]] = {}
    for mark in marks:
        place = (mark.requirement, mark.position)
        found[place] = (*found.get(place, ()), mark)
    return found


def _hashes(marks: Iterable[FileMark]) -> dict[str, set[tuple[int, str]]]:
    found: dict[str, set[tuple[int, str]]] = {}
    for mark in marks:
        found.setdefault(mark.requirement, set()).add((mark.position, mark.sha256))
    return found


def _evidence(session: Session, dossier_id: int) -> list[FileMark]:
    codes = {each.id: each.requirement_code for each in reservation.of_dossier(session, dossier_id)}
    return [
        FileMark(codes[each.reservation_id], OF_A_RESERVATION, each.sha256, each.file_name)
        for each in evidence.of_dossier(session, dossier_id)
    ]


def _answered(call: Call, dossier: Dossier) -> int | None:
    asked = solicitation.of_dossier(call.session, dossier.id)
    return asked[-1].number if asked else None


def _named(reason: str, dossier: Dossier) -> str:
    again = reason == FIRST and dossier.previous_dossier_id is not None
    return REAPPLICATION if again else reason
