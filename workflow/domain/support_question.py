"""Questions to the support on the functioning of the tool (DSR 4.6, DOMAIN P12).

A question stands beside every dossier: it moves no clock, no date and no rank. What it says is
kept from everybody but its operator's people, the support and the auditors; the history keeps
only fingerprints.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, select, true
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.domain import letter, support_letters
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.internal_note import worded
from workflow.domain.person import OPERATOR_SIDE, Actor, Person, PersonRole
from workflow.errors import NotFound

PROCESS = "support_question"
ASK, CLOSE, ASK_AGAIN = "ask_support", "close_question", "ask_again"
READERS = frozenset({"support", "auditor"})
"""Who reads every question at the Agency; everybody else there reads none."""
ASKED, ANSWERED, REDIRECTED, ASKED_AGAIN = "asked", "answered", "redirected", "asked_again"
FROM_SUPPORT = frozenset({ANSWERED, REDIRECTED})
LONGEST_SUBJECT, LONGEST_TEXT = 200, 8_000
MOST_MESSAGES = 500
MOST_RECIPIENTS = 200

_KINDS: Mapping[str, AuditKind] = {
    ASKED: AuditKind.SUPPORT_ASKED,
    ANSWERED: AuditKind.SUPPORT_ANSWERED,
    REDIRECTED: AuditKind.SUPPORT_REDIRECTED,
    ASKED_AGAIN: AuditKind.SUPPORT_ASKED_AGAIN,
}


class SupportQuestion(Base):
    """One thread, carried by its own instance; open until `closed_at`."""

    __tablename__ = "support_question"
    __table_args__ = (Index(None, "operator_id", "id"), Index(None, "closed_at", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[int] = mapped_column(unique=True)
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operator.id"))
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT))
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class SupportMessage(Base):
    """One message of a thread; `read_at` is when the other side first read it."""

    __tablename__ = "support_message"
    __table_args__ = (Index(None, "question_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("support_question.id"))
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def is_from_support(self) -> bool:
        """Whether the support wrote it."""
        return self.kind in FROM_SUPPORT


def ask(call: Call, subject: str, text: str) -> SupportQuestion:
    """Open a thread; raises InvalidAnswer on a subject or a text that is empty or too long."""
    question = SupportQuestion(
        instance_id=call.instance_id,
        operator_id=call.actor.operator_id,
        subject=worded(subject, "subject", LONGEST_SUBJECT),
        asked_by=call.actor.person_id,
        asked_at=call.effective_at,
    )
    call.session.add(question)
    call.session.flush()  # Its messages, and the rest of the turn, name it by its id.
    _say(call, question, ASKED, text)
    return question


def answer(call: Call, text: str) -> None:
    """Answer a question on the tool."""
    _say(call, _of(call), ANSWERED, text)


def redirect(call: Call, text: str) -> None:
    """Send a question back that is not on the tool, with the way to go."""
    _say(call, _of(call), REDIRECTED, text)


def ask_again(call: Call, text: str) -> None:
    """Write to the support again in the same thread; raises NotFound on a stranger's."""
    question = _of(call)
    _require_own(question, call.actor)
    _say(call, question, ASKED_AGAIN, text)


def close(call: Call) -> None:
    """Close a thread: its asker's side does; raises NotFound on a stranger's."""
    question = _of(call)
    _require_own(question, call.actor)
    question.closed_at, question.closed_by = call.effective_at, call.actor.person_id
    call.record(AuditKind.SUPPORT_CLOSED, {"question": question.id, "process": PROCESS})
    _tell(call, question, "closed", "support")


def visible_to(session: Session, question_id: int, actor: Actor) -> SupportQuestion:
    """A thread that this person may read; others are told that there is none (NotFound)."""
    found = session.get(SupportQuestion, question_id)
    if found is None or not (actor.roles & READERS or _is_own(found, actor)):
        raise NotFound(
            f"Expected a question {question_id} of yours but there is none. Check its number."
        )
    return found


def of_instance(session: Session, instance_id: int) -> SupportQuestion:
    """The thread that an instance carries; raises NotFound."""
    found = session.scalars(
        select(SupportQuestion).where(SupportQuestion.instance_id == instance_id)
    ).first()
    if found is None:
        raise NotFound(
            "Expected a question to the support but there is none. Check the address, or ask it."
        )
    return found


def readable_by(actor: Actor) -> ColumnElement[bool]:
    """The condition that a person may read a thread."""
    if actor.roles & READERS:
        return true()
    own = SupportQuestion.asked_by == actor.person_id
    if actor.operator_id is None:
        return own
    return own | (SupportQuestion.operator_id == actor.operator_id)


def listed(
    session: Session, actor: Actor, *, before: int | None = None, limit: int = 50
) -> Sequence[SupportQuestion]:
    """The threads this person may read, newest first."""
    query = select(SupportQuestion).where(readable_by(actor))
    if before is not None:
        query = query.where(SupportQuestion.id < before)
    return session.scalars(query.order_by(SupportQuestion.id.desc()).limit(limit)).all()


def messages_of(session: Session, question_id: int) -> list[tuple[SupportMessage, str]]:
    """A thread's messages with their authors' names, in order."""
    rows = session.execute(
        select(SupportMessage, Person.name)
        .outerjoin(Person, Person.id == SupportMessage.by)
        .where(SupportMessage.question_id == question_id)
        .order_by(SupportMessage.id)
        .limit(MOST_MESSAGES)
    )
    return [(message, name or "") for message, name in rows]


def last_messages(session: Session, question_ids: Sequence[int]) -> dict[int, SupportMessage]:
    """The last message of each of these threads."""
    rows = session.scalars(
        select(SupportMessage)
        .where(SupportMessage.question_id.in_(question_ids))
        .order_by(SupportMessage.id)
    )
    return {message.question_id: message for message in rows}


def unread_by(session: Session, actor: Actor) -> Sequence[SupportQuestion]:
    """The threads of an operator's person with an answer that nobody of its side has read."""
    return session.scalars(
        select(SupportQuestion)
        .where(
            readable_by(actor),
            SupportQuestion.id.in_(
                select(SupportMessage.question_id).where(
                    SupportMessage.read_at.is_(None), SupportMessage.kind.in_(FROM_SUPPORT)
                )
            ),
        )
        .order_by(SupportQuestion.id.desc())
        .limit(20)
    ).all()


def mark_read(session: Session, question: SupportQuestion, actor: Actor, at: datetime) -> None:
    """Keep when the other side first read what was written to it; an auditor's eye is none."""
    own, support = _is_own(question, actor), "support" in actor.roles
    for message, _name in messages_of(session, question.id):
        if message.read_at is None and (own if message.is_from_support else support):
            message.read_at = at


def _of(call: Call) -> SupportQuestion:
    found = of_instance(call.session, call.instance_id)
    call.kept.add(found)
    return found


def _is_own(question: SupportQuestion, actor: Actor) -> bool:
    if not actor.roles & OPERATOR_SIDE:
        return False
    if question.asked_by is not None and question.asked_by == actor.person_id:
        return True
    return actor.operator_id is not None and question.operator_id == actor.operator_id


def _require_own(question: SupportQuestion, actor: Actor) -> None:
    if not _is_own(question, actor):
        raise NotFound(
            f"Expected a question {question.id} of yours but there is none. Check its number."
        )


def _say(call: Call, question: SupportQuestion, kind: str, text: str) -> None:
    said = worded(text, "text", LONGEST_TEXT)
    call.session.add(
        SupportMessage(
            question_id=question.id,
            kind=kind,
            text=said,
            by=call.actor.person_id,
            at=call.effective_at,
        )
    )
    fingerprint = hashlib.sha256(said.encode()).hexdigest()
    facts = {"question": question.id, "process": PROCESS, "sha256": fingerprint}
    call.record(_KINDS[kind], facts)
    _tell(call, question, kind, "operator" if kind in FROM_SUPPORT else "support")


def _tell(call: Call, question: SupportQuestion, kind: str, role: str) -> None:
    """Mail the other side that there is something to read; never what."""
    subject, body = support_letters.about(kind, question.id, question.subject)
    for person in _people(call.session, question, role):
        letter.send(
            call.session, person, subject, body, call.recorded_at, page=f"/aide/{question.id}"
        )
    facts = {"role": role, "kind": f"support_{kind}", "process": PROCESS, "question": question.id}
    call.record(AuditKind.NOTIFICATION_SENT, facts)


def _people(session: Session, question: SupportQuestion, role: str) -> Sequence[Person]:
    query = select(Person).where(Person.is_active.is_(True))
    if role == "support":
        query = query.join(PersonRole, PersonRole.person_id == Person.id)
        query = query.where(PersonRole.role == role)
    else:
        query = query.where(Person.id == question.asked_by)
    return session.scalars(query.order_by(Person.email).limit(MOST_RECIPIENTS)).all()
