"""What the Agency and an operator told each other about a dossier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.readers import dossiers as dossier_reader
from workflow.domain.convention import Convention
from workflow.domain.dossier import Dossier
from workflow.domain.notification import Notification
from workflow.domain.person import OPERATOR_SIDE, Actor
from workflow.domain.reservation import Reservation
from workflow.domain.solicitation import Question, Solicitation
from workflow.errors import NotFound


def solicitations(
    session: Session, dossier_id: int, *, after: int | None, limit: int
) -> list[dict[str, Any]]:
    """A dossier's solicitations with their questions, in order, one more than `limit`."""
    rows = session.scalars(
        select(Solicitation)
        .where(Solicitation.dossier_id == dossier_id, Solicitation.number > (after or 0))
        .order_by(Solicitation.number)
        .limit(limit + 1)
    ).all()
    questions = _questions(session, [row.id for row in rows])
    names = ("number", "kind", "sent_at", "answered_at", "answer", "closed_at")
    return [
        {**{name: getattr(row, name) for name in names}, "questions": questions[row.id]}
        for row in rows
    ]


def _questions(session: Session, ids: Sequence[int]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for question in session.scalars(
        select(Question)
        .where(Question.solicitation_id.in_(ids))
        .order_by(Question.solicitation_id, Question.position)
    ):
        found[question.solicitation_id].append(question.text)
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
    query = select(Notification).where(Notification.role.in_(sorted(actor.roles)))
    if not dossier_reader.sees_all(actor):
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


def is_told(session: Session, notification: Notification, actor: Actor) -> bool:
    """Whether a notification stands in this person's inbox."""
    if notification.role not in actor.roles:
        return False
    if notification.role not in OPERATOR_SIDE:
        return True
    dossier = session.get_one(Dossier, notification.dossier_id)
    return dossier.operator_id == actor.operator_id
