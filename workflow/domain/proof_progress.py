"""How far several proof files are, read at once: what is expected, given and missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from workflow.domain.dossier import Dossier
from workflow.domain.proof import MOST_PROOFS, Completeness, Proof
from workflow.domain.requirement import ExpectedProof, catalogue_of
from workflow.domain.ssi import SsiAnswers
from workflow.domain.stored_content import INFECTED, NOT_SCANNED, StoredContent

_QUESTIONNAIRE = ("", 0)
"""The place of the SSI questionnaire among those of proofs."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One proof that a catalogue asks for in a profile."""

    profile: str
    proof: ExpectedProof


def asked_by(session: Session, catalogue_version_id: int) -> list[Asked]:
    """Every proof that a version of a catalogue asks for, in its order."""
    return [
        Asked(each.profile, ExpectedProof(each.code, position, kind))
        for each in catalogue_of(session, catalogue_version_id)
        if each.type != "recommendation"
        for position, kind in enumerate(each.proofs, start=1)
    ]


def completeness_of(
    session: Session, dossiers: Iterable[Dossier], asked: Callable[[int], Sequence[Asked]]
) -> dict[int, Completeness]:
    """What each proof file still lacks, in the catalogue's order, by the dossier's id.

    `asked` tells the proofs of a version of a catalogue: see `asked_by`.
    """
    known = {dossier.id: dossier for dossier in dossiers}
    given = _given(session, list(known)) if known else set()
    found: dict[int, Completeness] = {}
    for dossier in known.values():
        expected = [
            each.proof
            for each in asked(dossier.catalogue_version_id)
            if each.profile in dossier.profiles
        ]
        missing = tuple(
            each
            for each in expected
            if (dossier.id, each.requirement_code, each.position) not in given
        )
        is_answered = (dossier.id, *_QUESTIONNAIRE) in given
        found[dossier.id] = Completeness(
            len(expected), len(expected) - len(missing), missing, is_answered
        )
    return found


def _given(session: Session, dossier_ids: Sequence[int]) -> set[tuple[int, str, int]]:
    """What has a sound file, and whose questionnaire is filled."""
    files = (
        select(Proof.dossier_id, Proof.requirement_code, Proof.position)
        .outerjoin(StoredContent, StoredContent.sha256 == Proof.content_key)
        .where(
            Proof.dossier_id.in_(dossier_ids),
            func.coalesce(StoredContent.scan_state, NOT_SCANNED) != INFECTED,
        )
    )
    code, position = _QUESTIONNAIRE
    answers = select(SsiAnswers.dossier_id, literal(code), literal(position)).where(
        SsiAnswers.dossier_id.in_(dossier_ids)
    )
    rows = session.execute(union_all(files, answers).limit(MOST_PROOFS * len(dossier_ids)))
    return {(dossier_id, code, position) for dossier_id, code, position in rows}
