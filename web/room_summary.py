"""The summary of one dossier before the college: how it was judged, when, and what came before.

Members read the comments of the instruction beside what is not conform; what is projected, which
partners may see, is told without them (DSR 4.7). Neither shows a proof, an internal note or an
answer of the SSI questionnaire.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from web.clock_view import ClockFigures, clock_figures, clocks_of
from web.room_view import Room
from workflow.domain.college import CollegeDecision, CollegeSession
from workflow.domain.convention import Convention
from workflow.domain.deadline import DeadlineRecord
from workflow.domain.dossier import Dossier
from workflow.domain.instruction import NOT_CONFORM, Verdict
from workflow.domain.person import Person
from workflow.domain.requirement import CATALOGUE_LIMIT, Requirement
from workflow.domain.solicitation import Question, Solicitation

INSTRUCTION = "instruction"
RECOMMENDATION = "recommendation"
MOST_ROWS = 50


@dataclass(frozen=True)
class NotConform:
    """A requirement that was judged not conform, and why."""

    requirement: Requirement
    comment: str


@dataclass(frozen=True)
class Asked:
    """One solicitation: how many questions, when, and when they were answered."""

    number: int
    kind: str
    questions: int
    sent_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True)
class EarlierDecision:
    """What a session decided on the candidature that this one follows."""

    session_number: int
    outcome: str
    decided_at: datetime
    reasons: str


@dataclass(frozen=True)
class Summary:
    """What the college reads of one dossier."""

    dossier: Dossier
    counts: dict[str, int]
    not_conform: list[NotConform]
    recommendations: int
    codes: list[tuple[str, str]]
    """The requirements that a reservation may name: code, code and statement."""
    instructors: list[str]
    figures: ClockFigures | None
    why: dict[str, Any] | None
    """The sum of the indicative date of the instruction, as stored."""
    legal_day: Any
    convention_at: datetime | None
    asked: list[Asked]
    earlier: list[EarlierDecision]


def summary_of(session: Session, room: Room, dossier: Dossier, now: datetime) -> Summary:
    """The summary of a dossier of the agenda."""
    judged = _judged(session, dossier)
    binding = [row for row in judged if row.Requirement.type != RECOMMENDATION]
    convention_at, record = _dates(session, dossier.id)
    ledger = clocks_of(session, [dossier.id]).get(dossier.id, [])
    return Summary(
        dossier=dossier,
        counts=dict(Counter(row.Verdict.verdict for row in binding if row.Verdict)),
        not_conform=[
            NotConform(row.Requirement, row.Verdict.comment)
            for row in binding
            if row.Verdict and row.Verdict.verdict == NOT_CONFORM
        ],
        recommendations=len(judged) - len(binding),
        codes=[
            (row.Requirement.code, f"{row.Requirement.code}, {_short(row.Requirement.statement)}")
            for row in binding
        ],
        instructors=list(dict.fromkeys(row.name for row in binding if row.name)),
        figures=clock_figures(ledger, room.campaign.delays[INSTRUCTION].amount, now),
        why=record.explanation if record else None,
        legal_day=record and (record.last_day or record.fires_at),
        convention_at=convention_at,
        asked=_asked(session, dossier.id),
        earlier=_earlier(session, dossier),
    )


def _judged(session: Session, dossier: Dossier) -> Sequence[Any]:
    """The requirements of the dossier's profiles with their verdicts, and who gave them."""
    return session.execute(
        select(Requirement, Verdict, Person.name)
        .outerjoin(
            Verdict,
            and_(Verdict.dossier_id == dossier.id, Verdict.requirement_code == Requirement.code),
        )
        .outerjoin(Person, Person.id == Verdict.by)
        .where(
            Requirement.catalogue_version_id == dossier.catalogue_version_id,
            Requirement.profile.in_(dossier.profiles),
        )
        .order_by(Requirement.position)
        .limit(CATALOGUE_LIMIT)
    ).all()


def _dates(session: Session, dossier_id: int) -> tuple[datetime | None, DeadlineRecord | None]:
    """When the convention came into force, and the date of the instruction as last stored."""
    row = session.execute(
        select(Convention.countersigned_at, DeadlineRecord)
        .outerjoin(
            DeadlineRecord,
            and_(
                DeadlineRecord.dossier_id == Convention.dossier_id,
                DeadlineRecord.key == INSTRUCTION,
            ),
        )
        .where(Convention.dossier_id == dossier_id)
        .order_by(DeadlineRecord.id.desc())
        .limit(1)
    ).first()
    return (row[0], row[1]) if row else (None, None)


def _asked(session: Session, dossier_id: int) -> list[Asked]:
    rows = session.execute(
        select(Solicitation, func.count(Question.position))
        .outerjoin(Question, Question.solicitation_id == Solicitation.id)
        .where(Solicitation.dossier_id == dossier_id)
        .group_by(Solicitation.id)
        .order_by(Solicitation.number)
        .limit(MOST_ROWS)
    )
    return [
        Asked(each.number, each.kind, count, each.sent_at, each.answered_at) for each, count in rows
    ]


def _earlier(session: Session, dossier: Dossier) -> list[EarlierDecision]:
    if dossier.previous_dossier_id is None:
        return []
    rows = session.execute(
        select(CollegeDecision, CollegeSession.number)
        .join(CollegeSession, CollegeSession.id == CollegeDecision.session_id)
        .where(CollegeDecision.dossier_id == dossier.previous_dossier_id)
        .order_by(CollegeDecision.id.desc())
        .limit(MOST_ROWS)
    )
    return [
        EarlierDecision(number, each.outcome, each.decided_at, each.reasons)
        for each, number in rows
    ]


def _short(text: str, length: int = 70) -> str:
    return text if len(text) <= length else text[:length].rsplit(" ", 1)[0] + "…"
