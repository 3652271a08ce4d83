"""What an invited partner reads of a dossier: its facts and how its requirements were judged.

Neither proofs, nor the comments of the instruction, nor the SSI questionnaire (DSR 4.7).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.dossier import Dossier
from workflow.domain.instruction import NOT_CONFORM, Verdict
from workflow.domain.requirement import CATALOGUE_LIMIT, Requirement


@dataclass(frozen=True, slots=True)
class Synthesis:
    """A dossier, how many requirements got each verdict, and those that are not conform."""

    dossier: Dossier
    counts: dict[str, int]
    not_conform: tuple[Requirement, ...]


def of(session: Session, found: Sequence[Dossier]) -> list[Synthesis]:
    """The synthesis of each of these dossiers, in the same order."""
    ids = [dossier.id for dossier in found]
    rows = session.execute(
        select(Verdict.dossier_id, Verdict.verdict, Requirement)
        .join(Dossier, Dossier.id == Verdict.dossier_id)
        .join(
            Requirement,
            (Requirement.catalogue_version_id == Dossier.catalogue_version_id)
            & (Requirement.code == Verdict.requirement_code),
        )
        .where(Verdict.dossier_id.in_(ids))
        .order_by(Verdict.dossier_id, Requirement.position)
        .limit(CATALOGUE_LIMIT * max(1, len(ids)))
    ).all()
    counts = {each: Counter[str]() for each in ids}
    failing: dict[int, list[Requirement]] = {each: [] for each in ids}
    for dossier_id, verdict, requirement in rows:
        counts[dossier_id][verdict] += 1
        if verdict == NOT_CONFORM:
            failing[dossier_id].append(requirement)
    return [
        Synthesis(dossier, dict(counts[dossier.id]), tuple(failing[dossier.id]))
        for dossier in found
    ]
