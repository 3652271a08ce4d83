"""Notifications: stored and readable in the tool; the mail is only a copy (DSR 4.2, 4.5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, and_, exists, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from workflow import outbox
from workflow.clock import PARIS
from workflow.db import Base, Instant
from workflow.domain import dossier as dossiers
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.notification_texts import TEXTS, typeset
from workflow.domain.person import OPERATOR_SIDE, Actor, Person, PersonRole
from workflow.errors import NotFound

MAIL = "mail"
MOST_RECIPIENTS = 200
BOTH = ("operator", "legal_representative")


class Notification(Base):
    """What a role was told about a dossier, and when; the sentences as they were sent."""

    __tablename__ = "notification"
    __table_args__ = (
        Index(None, "dossier_id", "role", "id"),
        Index(None, "role", "read_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    role: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)


def notify(call: Call, role: str, kind: str, **facts: object) -> None:
    """Tell a role something about the call's dossier, in French, and queue the mail.

    What the operator is told, its legal representative is told too (DOMAIN A7); nobody is told
    the same thing twice in a turn. `facts` fill the text of that kind; instants and days are
    written as Paris reads them.
    """
    dossier = dossiers.of(call)
    subject, body = TEXTS[kind]
    words = {name: _words(fact) for name, fact in facts.items()}
    words |= {
        "number": dossier.number,
        "service": dossier.service_name,
        "company": dossier.company_name,
    }
    for reached in BOTH if role == "operator" else (role,):
        if (dossier.id, reached, kind) not in call.told:
            call.told.add((dossier.id, reached, kind))
            _tell(
                call,
                Notification(
                    dossier_id=dossier.id,
                    role=reached,
                    kind=kind,
                    subject=typeset(subject).format(**words),
                    body=typeset(body).format(**words).strip(),
                    created_at=call.recorded_at,
                ),
            )


def _tell(call: Call, notification: Notification) -> None:
    call.session.add(notification)
    outbox.put(
        call.session,
        MAIL,
        {
            "dossier_id": notification.dossier_id,
            "role": notification.role,
            "subject": notification.subject,
            "body": notification.body,
        },
        call.recorded_at,
    )
    call.record(AuditKind.NOTIFICATION_SENT, {"role": notification.role, "kind": notification.kind})


def recipients(session: Session, dossier_id: int, role: str) -> list[str]:
    """The addresses to mail: the role's active persons, and of a dossier's operator only its own.

    The legal representative is reached at the address declared in the dossier, with or without
    an account (DOMAIN A7).
    """
    dossier = dossiers.get(session, dossier_id)
    query = (
        select(Person.email)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(PersonRole.role == role, Person.is_active.is_(True))
        .order_by(Person.email)
        .limit(MOST_RECIPIENTS)
    )
    if role in OPERATOR_SIDE:
        query = query.where(Person.operator_id == dossier.operator_id)
    found = list(session.scalars(query))
    if role == "legal_representative" and dossier.legal_representative_email not in found:
        found.append(dossier.legal_representative_email)
    return found


def of_dossier(
    session: Session, dossier_id: int, actor: Actor, *, limit: int = 200
) -> Sequence[Notification]:
    """What was said about a dossier, newest first; an operator sees its own side's only."""
    dossiers.visible_to(session, dossier_id, actor)
    query = select(Notification).where(Notification.dossier_id == dossier_id)
    if not actor.roles - OPERATOR_SIDE:
        query = query.where(Notification.role.in_(sorted(OPERATOR_SIDE)))
    return session.scalars(query.order_by(Notification.id.desc()).limit(limit)).all()


def inbox_of(session: Session, actor: Actor, *, limit: int = 100) -> Sequence[Notification]:
    """What the actor's roles have been told, newest first; once, to a person of both roles."""
    query = select(Notification).where(Notification.role.in_(sorted(actor.roles)))
    if actor.roles.issuperset(BOTH):
        query = query.where(~_told_as_operator_too())
    if not actor.roles - OPERATOR_SIDE:
        query = query.join(dossiers.Dossier).where(
            dossiers.Dossier.operator_id == actor.operator_id
        )
    return session.scalars(query.order_by(Notification.id.desc()).limit(limit)).all()


def _told_as_operator_too() -> ColumnElement[bool]:
    twin = aliased(Notification)
    return and_(
        Notification.role == "legal_representative",
        exists().where(
            twin.dossier_id == Notification.dossier_id,
            twin.role == "operator",
            twin.kind == Notification.kind,
            twin.created_at == Notification.created_at,
        ),
    )


def mark_read(session: Session, notification_id: int, actor: Actor, at: datetime) -> None:
    """Keep when a notification was first read; raises NotFound when it is not the actor's."""
    found = session.get(Notification, notification_id)
    if found is None or found.role not in actor.roles:
        raise NotFound(
            f"Expected a notification of yours but {notification_id} is none. Check the number."
        )
    dossiers.visible_to(session, found.dossier_id, actor)
    found.read_at = found.read_at or at


def _words(fact: object) -> str:
    if isinstance(fact, datetime):
        return fact.astimezone(PARIS).strftime("%d/%m/%Y à %H\u00a0h\u00a0%M")
    return fact.strftime("%d/%m/%Y") if isinstance(fact, date) else str(fact)


def reason(text: str | None) -> str:
    """A motive as the end of a sentence; nothing without one."""
    return f" Motif\u00a0: {text.strip()}" if text and text.strip() else ""
