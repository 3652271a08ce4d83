"""The SSI maturity questionnaire: compulsory, informative, never part of the instruction.

Open from the deposit, needed to submit the proof file (DSR 4.3, DOMAIN A13); read by the
operator and the SSI officer only. [règle 57]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant, Json
from workflow.domain import dossier as dossiers
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.dossier import Dossier
from workflow.domain.person import Actor
from workflow.errors import Conflict, InvalidAnswer, NotAllowed

AT_ONCE = 50


class SsiAnswers(Base):
    """A dossier's answers to the questionnaire."""

    __tablename__ = "ssi_answers"
    __table_args__ = (Index(None, "completed_at", "dossier_id"),)

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    answers: Mapped[dict[str, Any]] = mapped_column(Json)
    completed_at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


def answer_ssi(call: Call, answers: Mapping[str, Any]) -> None:
    """Keep the questionnaire's answers; Conflict once the proof file is submitted.

    The history keeps that it was answered, not what: the instruction must not read it.
    """
    dossier = dossiers.of(call)
    dossiers.require_party(call.session, dossier.id, "operator", call.actor)
    if dossier.complete_received_at is not None or dossier.ended_at is not None:
        raise Conflict(
            f"Expected dossier {dossier.number} to wait for its proof file but it does not any"
            " more. The questionnaire is closed."
        )
    if not answers:
        raise InvalidAnswer(
            "Expected answers to the questionnaire but found none. Answer each question.",
            {"answers": ["Répondez au questionnaire."]},
        )
    stored = call.session.get(SsiAnswers, dossier.id)
    if stored is None:
        stored = SsiAnswers(dossier_id=dossier.id)
        call.session.add(stored)
    stored.answers = dict(answers)
    stored.completed_at = call.effective_at
    stored.by = call.actor.person_id
    call.record(AuditKind.SSI_ANSWERED, {"questions": len(answers)})


def is_done(session: Session, dossier_id: int) -> bool:
    """Whether the questionnaire is filled."""
    return session.get(SsiAnswers, dossier_id) is not None


def require_officer(actor: Actor) -> None:
    """Refuse whoever is not the SSI officer (NotAllowed)."""
    if "ssi_officer" not in actor.roles:
        raise NotAllowed(
            f"Expected the SSI officer but {actor.name} is not."
            " These answers play no part in the instruction."
        )


def answered(
    session: Session, actor: Actor, *, before: int | None = None, limit: int = AT_ONCE
) -> list[tuple[Dossier, SsiAnswers]]:
    """The dossiers whose questionnaire is filled, last first; for the SSI officer only.

    `before`: those that come after this dossier in that order.
    """
    require_officer(actor)
    query = select(Dossier, SsiAnswers).join(SsiAnswers, SsiAnswers.dossier_id == Dossier.id)
    last = None if before is None else session.get(SsiAnswers, before)
    if last is not None:
        earlier = SsiAnswers.completed_at < last.completed_at
        tied = (SsiAnswers.completed_at == last.completed_at) & (
            SsiAnswers.dossier_id < last.dossier_id
        )
        query = query.where(or_(earlier, tied))
    newest = query.order_by(SsiAnswers.completed_at.desc(), SsiAnswers.dossier_id.desc())
    return [(dossier, answers) for dossier, answers in session.execute(newest.limit(limit))]


def answered_count(session: Session, actor: Actor) -> int:
    """How many dossiers have filled the questionnaire; for the SSI officer only."""
    require_officer(actor)
    return session.scalar(select(func.count()).select_from(SsiAnswers)) or 0


def counts(session: Session, actor: Actor) -> dict[str, Counter[str]]:
    """How many dossiers gave each answer, by question; for the SSI officer only.

    A question with several answers counts each one; yes and no are "true" and "false".
    """
    require_officer(actor)
    found: dict[str, Counter[str]] = {}
    # The database counts equal questionnaires together.
    rows = session.execute(select(SsiAnswers.answers, func.count()).group_by(SsiAnswers.answers))
    for answers, count in rows:
        for question, value in answers.items():
            counted = found.setdefault(question, Counter())
            for each in value if isinstance(value, list) else [value]:
                counted[_text(each)] += count
    return found


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def answers_for(session: Session, dossier_id: int, actor: Actor) -> Mapping[str, Any]:
    """The answers, for the SSI officer and the operator's own side; NotAllowed to others."""
    dossier = dossiers.visible_to(session, dossier_id, actor)
    if "ssi_officer" not in actor.roles and actor.operator_id != dossier.operator_id:
        raise NotAllowed(
            "Expected the SSI officer or the operator but found another role."
            " These answers play no part in the instruction."
        )
    stored = session.get(SsiAnswers, dossier_id)
    return {} if stored is None else stored.answers
