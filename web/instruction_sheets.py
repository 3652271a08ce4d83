"""What stands before the instructor: each requirement, its files, and the verdict so far.

On a new attempt, the previous verdict is filled in beforehand where every file is the same: the
instructor confirms it by saving, or judges otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from web.dossier_words import Look
from web.proof_words import look_of
from workflow.domain import carried_verdict, instruction, proof, requirement, submission
from workflow.domain.carried_verdict import CarriedVerdict
from workflow.domain.dossier import Dossier
from workflow.domain.instruction import Verdict
from workflow.domain.proof import Proof
from workflow.domain.requirement import Requirement
from workflow.domain.stored_content import states_of


@dataclass(frozen=True)
class SheetFile:
    """A file of a requirement; `is_new` since the version before the last."""

    proof: Proof
    scan: Look
    is_new: bool


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


def sheets_of(session: Session, dossier: Dossier) -> tuple[dict[str, Sheet], list[Requirement]]:
    """The sheets of a dossier by requirement, and the recommendations, which nobody judges."""
    files = _files(session, dossier)
    given = {row.requirement_code: row for row in instruction.of_dossier(session, dossier.id)}
    proposed = carried_verdict.proposals(session, dossier)
    sheets: dict[str, Sheet] = {}
    recommendations: list[Requirement] = []
    for each in requirement.catalogue_of(session, dossier.catalogue_version_id):
        if each.type == "recommendation":
            recommendations.append(each)
        elif each.profile in dossier.profiles:
            verdict = given.get(each.code)
            carried = None if verdict else proposed.get(each.code)
            sheets[each.code] = Sheet(each, files.get(each.code, []), verdict, carried)
    return sheets, recommendations


def _files(session: Session, dossier: Dossier) -> dict[str, list[SheetFile]]:
    shown = [each for each in proof.of_dossier(session, dossier.id) if each.handed_in_at]
    known = states_of(session, (each.content_key for each in shown))
    last = submission.latest(session, dossier.id)
    earlier = None if last is None else submission.before(session, last)
    before = {mark.sha256 for mark in submission.marks_of(earlier)}
    found: dict[str, list[SheetFile]] = {}
    for each in shown:
        is_new = earlier is not None and each.sha256 not in before
        found.setdefault(each.requirement_code, []).append(
            SheetFile(each, look_of(known.get(each.content_key)), is_new)
        )
    return found
