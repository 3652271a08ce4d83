"""Verdicts that a new attempt may take over: where every file of the requirement is the same.

A proposal only: the instructor confirms it, or judges otherwise (DOMAIN A17).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain import submission
from workflow.domain.dossier import Dossier
from workflow.domain.instruction import TO_CLARIFY, Verdict
from workflow.domain.requirement import CATALOGUE_LIMIT
from workflow.domain.submission import Submission


@dataclass(frozen=True, slots=True)
class CarriedVerdict:
    """A verdict of the previous attempt; `dossier_number` is that attempt's."""

    verdict: str
    comment: str
    dossier_number: str


def proposals(
    session: Session, dossier: Dossier, theirs: Submission | None, ours: Submission | None
) -> Mapping[str, CarriedVerdict]:
    """The verdicts proposed for a dossier's requirements, by code; none on a first attempt.

    `theirs` is the last version of the previous attempt's proof file, `ours` that of this one.
    """
    if dossier.previous_dossier_id is None:
        return {}
    same = submission.unchanged(submission.marks_of(theirs), submission.marks_of(ours))
    rows = session.execute(
        select(Verdict, Dossier.number, Dossier.catalogue_version_id)
        .join(Dossier, Dossier.id == Verdict.dossier_id)
        .where(Verdict.dossier_id == dossier.previous_dossier_id)
        .limit(CATALOGUE_LIMIT)
    )
    return {
        verdict.requirement_code: CarriedVerdict(verdict.verdict, verdict.comment, number)
        for verdict, number, catalogue in rows
        # Where what was asked has changed, the same file may not prove it any more.
        if catalogue == dossier.catalogue_version_id
        and verdict.requirement_code in same
        and verdict.verdict != TO_CLARIFY
    }
