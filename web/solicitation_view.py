"""Solicitations as the pages show them: questions with their answers, and what each is now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from web.dossier_words import Look
from web.solicitation_words import STATES
from workflow.domain.deadline import DeadlineRecord
from workflow.domain.proof import MOST_PROOFS, Proof
from workflow.domain.solicitation import Question, Solicitation
from workflow.domain.solicitation_states import State, first_step_id, state_of

MOST_SOLICITATIONS = 50


@dataclass(frozen=True)
class AskedAndAnswered:
    """A solicitation with its questions."""

    solicitation: Solicitation
    questions: list[Question]
    state: State

    @property
    def look(self) -> Look:
        """The words and the mark of its state."""
        return STATES[self.state.name]

    @property
    def is_open(self) -> bool:
        """Whether it waits for its answer."""
        return self.solicitation.closed_at is None


def solicitations_of(session: Session, dossier_id: int, now: datetime) -> list[AskedAndAnswered]:
    """A dossier's solicitations with their questions and states, newest first, in one statement."""
    newest = (
        select(Solicitation.id)
        .where(Solicitation.dossier_id == dossier_id)
        .order_by(Solicitation.number.desc())
        .limit(MOST_SOLICITATIONS)
    )
    rows = session.execute(
        select(Solicitation, Question, DeadlineRecord)
        .join(Question, Question.solicitation_id == Solicitation.id)
        .outerjoin(DeadlineRecord, DeadlineRecord.id == first_step_id())
        .where(Solicitation.id.in_(newest))
        .order_by(Solicitation.number.desc(), Question.position)
    )
    found: dict[int, AskedAndAnswered] = {}
    for solicitation, question, step in rows:
        state = state_of(solicitation, step, now)
        asked = found.setdefault(solicitation.id, AskedAndAnswered(solicitation, [], state))
        asked.questions.append(question)
    return list(found.values())


def files_of(session: Session, dossier_id: int) -> dict[int, list[Proof]]:
    """The proofs added in answer to each solicitation of a dossier, by its id."""
    rows = session.scalars(
        select(Proof)
        .where(Proof.dossier_id == dossier_id, Proof.solicitation_id.is_not(None))
        .order_by(Proof.id)
        .limit(MOST_PROOFS)
    )
    found: dict[int, list[Proof]] = {}
    for each in rows:
        found.setdefault(each.solicitation_id or 0, []).append(each)
    return found
