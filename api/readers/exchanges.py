"""What the Agency and an operator told each other about a dossier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.readers import dossiers as dossier_reader
from workflow.domain.convention import Convention
from workflow.domain.dossier import Dossier
from workflow.domain.notification import Notification, told_to
from workflow.domain.person import OPERATOR_SIDE, Actor
from workflow.domain.reservation import Reservation
from workflow.domain.solicitation import Question, Solicitation
from workflow.domain.solicitation_states import State, states_of
from workflow.errors import NotFound

_SOLICITATION = (
    "number",
    "kind",
    "sent_at",
    "seen_at",
    "answered_at",
    "answer",
    "withdrawn_at",
    "withdrawal_reason",
    "closed_at",
)


def solicitations(
    session: Session, dossier_id: int, now: datetime, *, after: int | None, limit: int
) -> list[dict[str, Any]]:
    """A dossier's solicitations with their questions, in order, one more than `limit`."""
    known = session.scalars(
        select(Solicitation)
        .where(Solicitation.dossier_id == dossier_id)
        .order_by(Solicitation.number)
    ).all()
    states = states_of(session, dossier_id, known, now)
    rows = [row for row in known if row.number > (after or 0)][: limit + 1]
    questions = _questions(session, [row.id for row in rows])
    return [_solicitation(row, questions[row.id], states[row.id]) for row in rows]


def _solicitation(row: Solicitation, asked: Sequence[Question], state: State) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in _SOLICITATION},
        "state": state.name,
        "was_late": state.was_late,
        "first_step_at": state.first_step_at,
        "questions": [question.text for question in asked],
        "answers": [
            {"number": question.position, "text": question.text, "answer": question.answer}
            for question in asked
        ],
    }


def _questions(session: Session, ids: Sequence[int]) -> Mapping[int, list[Question]]:
    found: dict[int, list[Question]] = defaultdict(list)
    for question in session.scalars(
        select(Question)
        .where(Question.solicitation_id.in_(ids))
        .order_by(Question.solicitation_id, Question.position)
    ):
        found[question.solicitation_id].append(question)
    return found


def reservations(
    session: Session, dossier_id: int, *, after: int | None, limit: int
) -> Sequence[Reservation]:
    """A dossier's reservations in the order in which the college made them."""
    return session.scalars(
        select(Reservation)
        .where(Reservation.dossier_id == dossier_id, Reservation.id > (after or 0))
        .order_by(Reservation.id)
        .limit(limit + 1)
    ).all()


def convention(session: Session, dossier: Dossier) -> Convention:
    """The convention of a dossier; raises NotFound before it is sent."""
    found = session.get(Convention, dossier.id)
    if found is None:
        raise NotFound(
            f"Expected a convention of dossier {dossier.number} but none was sent yet."
            " It is sent once the dossier is admissible."
        )
    return found


def inbox(
    session: Session, actor: Actor, *, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """What the person's roles were told, newest first, one more than `limit`."""
    # Of an operator, its few dossiers are sought first, not all that its role was ever told.
    every = dossier_reader.sees_all(actor)
    role = Notification.role if every else func.coalesce(Notification.role, "")
    query = select(Notification).where(role.in_(sorted(actor.roles)), told_to(actor.person_id))
    if not every:
        own = select(Dossier.id).where(Dossier.operator_id == actor.operator_id)
        query = query.where(Notification.dossier_id.in_(own))
    elif actor.roles & OPERATOR_SIDE:
        own = select(Dossier.id).where(Dossier.operator_id == actor.operator_id)
        to_the_agency = Notification.role.not_in(sorted(OPERATOR_SIDE))
        query = query.where(to_the_agency | Notification.dossier_id.in_(own))
    if before is not None:
        query = query.where(Notification.id < before)
    rows = session.scalars(query.order_by(Notification.id.desc()).limit(limit + 1)).all()
    numbers = dossier_reader.numbers(session, (row.dossier_id for row in rows))
    names = ("id", "role", "kind", "subject", "body", "created_at", "read_at")
    return [
        {**{name: getattr(row, name) for name in names}, "dossier": numbers.get(row.dossier_id)}
        for row in rows
    ]
