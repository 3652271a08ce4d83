"""Solicitations: what the Agency asks an operator about its dossier (DSR 4.2, 4.4).

One is open at a time, with as many questions as needed; it runs from its posting in the tool,
not from its reading (DOMAIN A4, A10). It is sent, seen, answered, or withdrawn by the role that
asked it; what it is now is read off its dates (`solicitation_states`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.domain import dossier as dossiers
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.notification import notify
from workflow.domain.notification_texts import delay_named
from workflow.domain.standing import require_reason
from workflow.errors import Conflict, InvalidAnswer, InvalidInput

ASKING_ROLE = {"admissibility": "admissibility_officer", "instruction": "instructor"}
"""Kind of solicitation → the role that asks, and that is told of the answer."""
MOST_QUESTIONS = 50
LONGEST_QUESTION = 2_000


class Solicitation(Base):
    """One solicitation of a dossier; `answer` is what was said on the whole of it.

    `closed_at` without an answer or a withdrawal: the dossier ended first.
    """

    __tablename__ = "solicitation"
    __table_args__ = (Index(None, "dossier_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]
    sent_at: Mapped[datetime] = mapped_column(Instant)
    sent_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    seen_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawal_reason: Mapped[str | None] = mapped_column(Text)


class Question(Base):
    """One question of a solicitation, and what the operator answered to it."""

    __tablename__ = "question"

    solicitation_id: Mapped[int] = mapped_column(ForeignKey("solicitation.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)


def send(call: Call, kind: str, questions: Sequence[str]) -> dict[str, Any]:
    """Ask the operator; returns when, from which its delays run.

    Raises InvalidAnswer without a question, Conflict while another solicitation is open.
    """
    if kind not in ASKING_ROLE:
        raise InvalidInput(
            f"Expected a kind among {', '.join(ASKING_ROLE)} but found {kind!r}. Choose one."
        )
    asked = _asked(questions)
    last = _last(call)
    if last is not None and last.closed_at is None:
        raise Conflict(
            f"Expected no open solicitation but number {last.number} waits for its answer."
            " Wait for it."
        )
    solicitation = Solicitation(
        dossier_id=call.dossier_id,
        kind=kind,
        number=1 if last is None else last.number + 1,
        sent_at=call.effective_at,
        sent_by=call.actor.person_id,
    )
    call.session.add(solicitation)
    call.session.flush()  # Its questions and the turn need the id.
    call.session.add_all(
        Question(solicitation_id=solicitation.id, position=position, text=text)
        for position, text in enumerate(asked, start=1)
    )
    facts = {"kind": kind, "number": solicitation.number, "questions": asked}
    call.record(AuditKind.SOLICITATION_SENT, facts)
    _tell(call, kind, asked)
    return {"sent_at": solicitation.sent_at, "solicitation_id": solicitation.id}


def note_seen(call: Call) -> None:
    """Keep when a person of the operator's side first opened the questions.

    It moves no clock and no date: delays run from the posting (DOMAIN A4).
    """
    last = _last(call)
    if last is None or last.closed_at is not None or last.seen_at is not None:
        return
    if call.actor.operator_id != dossiers.of(call).operator_id:
        return
    last.seen_at, last.seen_by = call.effective_at, call.actor.person_id
    call.record(AuditKind.SOLICITATION_SEEN, {"kind": last.kind, "number": last.number})


def withdraw(call: Call, motive: str | None) -> None:
    """Take the open solicitation back, for a reason that the operator is told.

    Raises InvalidAnswer without a reason, Conflict when none is open.
    """
    said = require_reason(motive)
    last = require_open(call)
    last.withdrawn_at = last.closed_at = call.effective_at
    last.withdrawn_by, last.withdrawal_reason = call.actor.person_id, said
    facts = {"kind": last.kind, "number": last.number, "reason": said}
    call.record(AuditKind.SOLICITATION_WITHDRAWN, facts)
    notify(call, "operator", "solicitation_withdrawn", solicitation=last.number, reason=said)


def close_open(call: Call) -> None:
    """Close the solicitation that will not be answered any more: its dossier ends."""
    last = _last(call)
    if last is not None and last.closed_at is None:
        last.closed_at = call.effective_at
        call.record(AuditKind.SOLICITATION_CLOSED, {"kind": last.kind, "number": last.number})


def of_dossier(session: Session, dossier_id: int, *, limit: int = 200) -> Sequence[Solicitation]:
    """A dossier's solicitations in order."""
    return session.scalars(
        select(Solicitation)
        .where(Solicitation.dossier_id == dossier_id)
        .order_by(Solicitation.number)
        .limit(limit)
    ).all()


def open_of(session: Session, dossier_id: int) -> Solicitation | None:
    """The solicitation that a dossier's operator has not answered yet."""
    last = _last_of(session, dossier_id)
    return last if last is not None and last.closed_at is None else None


def questions_of(session: Session, solicitation_id: int) -> list[Question]:
    """The questions of a solicitation in order, each with its answer."""
    return list(
        session.scalars(
            select(Question)
            .where(Question.solicitation_id == solicitation_id)
            .order_by(Question.position)
            .limit(MOST_QUESTIONS)
        )
    )


def require_open(call: Call) -> Solicitation:
    """The open solicitation of the call's dossier; raises Conflict when there is none."""
    last = _last(call)
    if last is None or last.closed_at is not None:
        raise Conflict("Expected an open solicitation but there is none. Reload the dossier.")
    return last


def _last(call: Call) -> Solicitation | None:
    return None if call.dossier_id is None else _last_of(call.session, call.dossier_id)


def _last_of(session: Session, dossier_id: int) -> Solicitation | None:
    return session.scalars(
        select(Solicitation)
        .where(Solicitation.dossier_id == dossier_id)
        .order_by(Solicitation.number.desc())
        .limit(1)
    ).first()


def _asked(questions: Sequence[str] | None) -> list[str]:
    asked = [str(text).strip() for text in questions or () if text and str(text).strip()]
    too_long = any(len(text) > LONGEST_QUESTION for text in asked)
    if not asked or len(asked) > MOST_QUESTIONS or too_long:
        raise InvalidAnswer(
            f"Expected 1 to {MOST_QUESTIONS} questions of at most {LONGEST_QUESTION} characters"
            f" but found {len(asked)}. Correct the questions.",
            {
                "questions": [
                    f"Posez de 1 à {MOST_QUESTIONS} questions, de {LONGEST_QUESTION} caractères"
                    " au plus chacune."
                ]
            },
        )
    return asked


def _tell(call: Call, kind: str, asked: Sequence[str]) -> None:
    facts = {"questions": "\n".join(f"{n}. {text}" for n, text in enumerate(asked, start=1))}
    if kind == "admissibility":
        facts["delay"] = delay_named(call.campaign, "admissibility_solicitation")
    else:
        facts["deprioritise"] = delay_named(call.campaign, "solicitation_deprioritise")
        facts["delay"] = delay_named(call.campaign, "solicitation_delay")
        facts["abandon"] = delay_named(call.campaign, "solicitation_abandon")
    # The legal representative left an address and a phone, the contact only a name (DOMAIN A7).
    for role in ("operator", "legal_representative"):
        notify(call, role, f"solicitation_{kind}", **facts)
