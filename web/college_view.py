"""What sessions of the college decided, as their pages list it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.domain.college import CollegeDecision
from workflow.domain.dossier import Dossier
from workflow.domain.reservation import MOST_RESERVATIONS, Reservation

MOST_DECISIONS = 300


def decisions_of(
    session: Session, session_ids: Sequence[int], *, after: int = 0, limit: int = MOST_DECISIONS
) -> dict[int, list[tuple[Any, ...]]]:
    """What some sessions decided, newest first: (decision, dossier) by session, in order."""
    found: dict[int, list[tuple[Any, ...]]] = {}
    rows = session.execute(
        select(CollegeDecision, Dossier)
        .join(Dossier, Dossier.id == CollegeDecision.dossier_id)
        .where(CollegeDecision.session_id.in_(session_ids), CollegeDecision.id > after)
        .order_by(CollegeDecision.session_id.desc(), CollegeDecision.id)
        .limit(limit)
    )
    for decision, dossier in rows:
        found.setdefault(decision.session_id, []).append((decision, dossier))
    return found


def decision_counts(session: Session, session_ids: Sequence[int]) -> dict[int, int]:
    """How many decisions some sessions took, by session."""
    rows = session.execute(
        select(CollegeDecision.session_id, func.count().label("decisions"))
        .where(CollegeDecision.session_id.in_(session_ids))
        .group_by(CollegeDecision.session_id)
    )
    return {row.session_id: row.decisions for row in rows}


def reservations_by_decision(
    session: Session, decision_ids: Sequence[int]
) -> dict[int, list[Reservation]]:
    """The reservations of some decisions, in order, by decision."""
    found: dict[int, list[Reservation]] = {}
    rows = session.scalars(
        select(Reservation)
        .where(Reservation.decision_id.in_(decision_ids))
        .order_by(Reservation.decision_id, Reservation.number)
        .limit(MOST_RESERVATIONS * max(1, len(decision_ids)))
    )
    for row in rows:
        found.setdefault(row.decision_id, []).append(row)
    return found
