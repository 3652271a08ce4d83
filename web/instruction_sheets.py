"""What stands before the instructor: each requirement, its files, and the verdict so far.

On a new attempt, the previous verdict is filled in beforehand where every file is the same: the
instructor confirms it by saving, or judges otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from web.dossier_words import Look
from web.proof_words import look_of
from workflow.domain import carried_verdict, submission
from workflow.domain.carried_verdict import CarriedVerdict
from workflow.domain.dossier import Dossier
from workflow.domain.instruction import Verdict
from workflow.domain.proof import MOST_PROOFS, Proof
from workflow.domain.requirement import CATALOGUE_LIMIT, Requirement
from workflow.domain.stored_content import StoredContent
from workflow.domain.submission import Submission


@dataclass(frozen=True)
class SheetFile:
    """A file of a requirement; `is_new` since the version before the last."""

    proof: Proof
    content: StoredContent | None
    is_new: bool

    @property
    def scan(self) -> Look:
        """What the antivirus says of it, in words."""
        return look_of(self.content)


@dataclass(frozen=True)
class Sheet:
    """One requirement: its files, the verdict given so far, else the one proposed."""

    requirement: Requirement
    files: list[SheetFile]
    verdict: Verdict | None
    carried: CarriedVerdict | None

    @property
    def is_new_since_verdict(self) -> bool:
        """Whether a file came after the verdict: it is to be judged again."""
        return self.verdict is not None and any(
            each.proof.handed_in_at is not None and each.proof.handed_in_at > self.verdict.at
            for each in self.files
        )

    @property
    def first_answer(self) -> dict[str, Any]:
        """The row of the form as it is filled in beforehand."""
        said = self.verdict or self.carried
        return {
            "requirement": self.requirement.code,
            "verdict": said.verdict if said else "",
            "comment": said.comment if said else "",
        }


@dataclass(frozen=True)
class _Versions:
    """The last version of a dossier, the one before it, and the previous attempt's last."""

    last: Submission | None
    before: Submission | None
    previous: Submission | None

    @property
    def earlier(self) -> Submission | None:
        """What the last version is compared with."""
        return self.before or self.previous


def sheets_of(session: Session, dossier: Dossier) -> tuple[dict[str, Sheet], list[Requirement]]:
    """The sheets of a dossier by requirement, and the recommendations, which nobody judges.

    In three statements, four on a new attempt.
    """
    versions = _versions(session, dossier)
    files = _files(session, dossier, versions)
    proposed = carried_verdict.proposals(session, dossier, versions.previous, versions.last)
    sheets: dict[str, Sheet] = {}
    recommendations: list[Requirement] = []
    for each, verdict in _requirements(session, dossier):
        if each.type == "recommendation":
            recommendations.append(each)
        elif each.profile in dossier.profiles:
            carried = None if verdict else proposed.get(each.code)
            sheets[each.code] = Sheet(each, files.get(each.code, []), verdict, carried)
    return sheets, recommendations


def filled_in(sheets: dict[str, Sheet], rows: object) -> list[dict[str, Any]]:
    """The rows of the form: as drafted, in the catalogue's order, else as filled in beforehand.

    Rows of a draft that name no requirement of the dossier come last, as they are.
    """
    drafted = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    by_code = {str(row.get("requirement") or ""): row for row in drafted}
    known = [by_code.pop(code, None) or sheet.first_answer for code, sheet in sheets.items()]
    return known + list(by_code.values())


def _requirements(
    session: Session, dossier: Dossier
) -> Sequence[tuple[Requirement, Verdict | None]]:
    rows = session.execute(
        select(Requirement, Verdict)
        .outerjoin(
            Verdict,
            and_(Verdict.requirement_code == Requirement.code, Verdict.dossier_id == dossier.id),
        )
        .where(Requirement.catalogue_version_id == dossier.catalogue_version_id)
        .order_by(Requirement.position)
        .limit(CATALOGUE_LIMIT)
    )
    return [(row[0], row[1]) for row in rows]


def _files(session: Session, dossier: Dossier, versions: _Versions) -> dict[str, list[SheetFile]]:
    rows = session.execute(
        select(Proof, StoredContent)
        .outerjoin(StoredContent, StoredContent.sha256 == Proof.content_key)
        .where(Proof.dossier_id == dossier.id, Proof.handed_in_at.is_not(None))
        .order_by(Proof.requirement_code, Proof.position, Proof.id)
        .limit(MOST_PROOFS)
    )
    before = {mark.sha256 for mark in submission.marks_of(versions.earlier)}
    found: dict[str, list[SheetFile]] = {}
    for proof, content in rows:
        is_new = versions.earlier is not None and proof.sha256 not in before
        found.setdefault(proof.requirement_code, []).append(SheetFile(proof, content, is_new))
    return found


def _versions(session: Session, dossier: Dossier) -> _Versions:
    attempts = [each for each in (dossier.id, dossier.previous_dossier_id) if each is not None]
    same = aliased(Submission)
    newest = select(func.max(same.number)).where(same.dossier_id == Submission.dossier_id)
    rows = session.scalars(
        select(Submission)
        .where(
            Submission.dossier_id.in_(attempts),
            Submission.number >= newest.correlate(Submission).scalar_subquery() - 1,
        )
        .order_by(Submission.number.desc())
    ).all()
    own: list[Submission | None] = [each for each in rows if each.dossier_id == dossier.id]
    others = [each for each in rows if each.dossier_id != dossier.id]
    last, before, *_rest = [*own, None, None]
    return _Versions(last, before, others[0] if others else None)
