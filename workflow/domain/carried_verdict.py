"""Verdicts that a new attempt may take over: where every file of the requirement is the same.

A proposal only: the instructor confirms it, or judges otherwise (DOMAIN A17).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from workflow.domain import dossier as dossiers
from workflow.domain import instruction, submission
from workflow.domain.dossier import Dossier


@dataclass(frozen=True, slots=True)
class CarriedVerdict:
    """A verdict of the previous attempt; `dossier_number` is that attempt's."""

    verdict: str
    comment: str
    dossier_number: str


def proposals(session: Session, dossier: Dossier) -> Mapping[str, CarriedVerdict]:
    """The verdicts proposed for a dossier's requirements, by code; none on a first attempt."""
    if dossier.previous_dossier_id is None:
        return {}
    previous = dossiers.get(session, dossier.previous_dossier_id)
    same = submission.unchanged(
        submission.marks_of(submission.latest(session, previous.id)),
        submission.marks_of(submission.latest(session, dossier.id)),
    )
    if previous.catalogue_version_id != dossier.catalogue_version_id:
        # What was asked has changed: the same file may not prove it any more.
        return {}
    return {
        row.requirement_code: CarriedVerdict(row.verdict, row.comment, previous.number)
        for row in instruction.of_dossier(session, previous.id)
        if row.requirement_code in same and row.verdict != instruction.TO_CLARIFY
    }
