"""Notifications: stored and readable in the tool; the mail is only a copy (DSR 4.2, 4.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    and_,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from workflow import outbox
from workflow.db import Base, Instant
from workflow.domain import absence_cover, mandate, notification_template
from workflow.domain import dossier as dossiers
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.notification_template import Wording
from workflow.domain.person import OPERATOR_SIDE, Actor, Person, PersonRole
from workflow.domain.phrases import in_both, reason
from workflow.errors import NotFound

__all__ = [
    "BOTH",
    "TOPIC",
    "Notification",
    "Recipient",
    "inbox_of",
    "mark_read",
    "notify",
    "notify_person",
    "of_dossier",
    "reason",
    "recipient",
    "recipients",
    "told_to",
]

TOPIC = "notification"
"""The outbox's topic: make the mail copies of a notification."""
MOST_RECIPIENTS = 200
BOTH = ("operator", "legal_representative")
UNRECORDED = frozenset({"mentioned"})
"""Kinds that only repeat what is internal: the history tells what made them, to the Agency."""


class Notification(Base):
    """What a role was told about a dossier, and when; the sentences as they were sent.

    The French text is the notification; the English goes with it in the mails of those who
    read English.
    """

    __tablename__ = "notification"
    __table_args__ = (
        Index(None, "dossier_id", "role", "id"),
        Index(None, "role", "read_at", "id"),
        Index(None, "role", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    role: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    subject_en: Mapped[str | None] = mapped_column(String(300))
    body_en: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Set when one person was told, not everybody who has the role."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a copy goes; without `person_id` the address has no account."""

    address: str
    person_id: int | None
    language: str


def notify(call: Call, role: str, kind: str, **facts: object) -> None:
    """Tell a role something about the call's dossier, and queue the mail copies.

    What the operator is told, its legal representative is told too (DOMAIN A7); nobody is told
    the same thing twice in a turn. `facts` fill the campaign's text of that kind; instants and
    days are written as Paris reads them.
    """
    dossier = dossiers.of(call)
    reached = [
        each
        for each in (BOTH if role == "operator" else (role,))
        if (dossier.id, each, kind) not in call.told
    ]
    if not reached:
        return
    french, english = _worded(call, kind, facts)
    for each in reached:
        call.told.add((dossier.id, each, kind))
        _tell(call, dossier.id, each, kind, french, english)


def notify_person(call: Call, person_id: int, role: str, kind: str, **facts: object) -> None:
    """Tell one person of the Agency, in one of their roles, and whoever stands in for them.

    A stand-in whom an interest or a recusal keeps off the dossier is not told. `facts` fill the
    text of that kind as they do for `notify`.
    """
    dossier = dossiers.of(call)
    french, english = _worded(call, kind, facts)
    _tell(call, dossier.id, role, kind, french, english, person_id)
    cover = absence_cover.told_instead(call.session, person_id, dossier.id, call.effective_at)
    if cover is None or cover.stand_in_id is None or cover.stand_in_id == call.actor.person_id:
        return
    french = french.followed(f"Vous le recevez pour le compte de {cover.person}, en son absence.")
    if english is not None:
        english = english.followed(f"You receive this for {cover.person}, who is away.")
    own = call.session.get_one(Person, cover.stand_in_id).roles
    held = role if role in own else min(own)  # A message is read in a role that one has.
    _tell(call, dossier.id, held, kind, french, english, cover.stand_in_id)


def _worded(call: Call, kind: str, facts: Mapping[str, object]) -> tuple[Wording, Wording | None]:
    dossier = dossiers.of(call)
    named = {
        **facts,
        "number": dossier.number,
        "service": dossier.service_name,
        "company": dossier.company_name,
    }
    texts = notification_template.wordings(call.session, call.campaign.id, kind)
    french = texts["fr"].filled({name: str(in_both(fact)) for name, fact in named.items()})
    english = texts.get("en")
    if english is not None:
        english = english.filled({name: in_both(fact).english for name, fact in named.items()})
    return french, english


def _tell(
    call: Call,
    dossier_id: int,
    role: str,
    kind: str,
    french: Wording,
    english: Wording | None,
    person_id: int | None = None,
) -> None:
    notification = Notification(
        dossier_id=dossier_id,
        role=role,
        person_id=person_id,
        kind=kind,
        subject=french.subject,
        body=french.body,
        subject_en=None if english is None else english.subject,
        body_en=None if english is None else english.body,
        created_at=call.recorded_at,
    )
    call.session.add(notification)
    call.session.flush()  # The outbox names the notification.
    outbox.put(call.session, TOPIC, {"notification_id": notification.id}, call.recorded_at)
    if kind not in UNRECORDED:
        call.record(AuditKind.NOTIFICATION_SENT, {"role": role, "kind": kind})


def recipient(session: Session, person_id: int) -> list[Recipient]:
    """Where to mail one person; nowhere once their account is closed."""
    person = session.get_one(Person, person_id)
    return [Recipient(person.email, person.id, person.locale)] if person.is_active else []


def told_to(person_id: int | None) -> ColumnElement[bool]:
    """The condition that a notification is for everybody of its role, or for this person."""
    return or_(Notification.person_id.is_(None), Notification.person_id == person_id)


def recipients(session: Session, dossier_id: int, role: str, at: datetime) -> list[Recipient]:
    """Whom to mail: the role's active persons, and of a dossier's operator only its own.

    A mandate gives the mails of what it allows, and takes all of them when it is over. The legal
    representative is reached at the address declared in the dossier, with or without an account
    (DOMAIN A7).
    """
    dossier = dossiers.get(session, dossier_id)
    if role in OPERATOR_SIDE:
        company = mandate.people_acting(session, dossier.operator_id, at)
        people = [person for person, actor in company if role in actor.roles]
    else:
        people = session.scalars(
            select(Person)
            .join(PersonRole, PersonRole.person_id == Person.id)
            .where(PersonRole.role == role, Person.is_active.is_(True))
            .order_by(Person.email)
            .limit(MOST_RECIPIENTS)
        ).all()
    found = [Recipient(each.email, each.id, each.locale) for each in people]
    declared = dossier.legal_representative_email
    if role == "legal_representative" and declared not in [each.address for each in found]:
        found.append(Recipient(declared, None, "fr"))
    return found


def of_dossier(
    session: Session, dossier_id: int, actor: Actor, *, limit: int = 200
) -> Sequence[Notification]:
    """What was said about a dossier, newest first; an operator sees its own side's only."""
    dossiers.visible_to(session, dossier_id, actor)
    query = select(Notification).where(Notification.dossier_id == dossier_id)
    if not actor.is_agency:
        query = query.where(Notification.role.in_(sorted(OPERATOR_SIDE)))
    return session.scalars(query.order_by(Notification.id.desc()).limit(limit)).all()


def inbox_of(
    session: Session, actor: Actor, *, before: int | None = None, limit: int = 100
) -> Sequence[Notification]:
    """What the actor's roles have been told, newest first; once, to a person of both roles."""
    query = _inbox(actor)
    if before is not None:
        query = query.where(Notification.id < before)
    return session.scalars(query.order_by(Notification.id.desc()).limit(limit)).all()


def count_unread(session: Session, actor: Actor, *, limit: int) -> int:
    """How many of them nobody has read yet, at most `limit`."""
    unread = _inbox(actor).where(Notification.read_at.is_(None)).limit(limit)
    found = unread.with_only_columns(Notification.id).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def _inbox(actor: Actor) -> Select[Notification]:
    # Of an operator, its few dossiers are sought first, not all that its role was ever told.
    role = Notification.role if actor.is_agency else func.coalesce(Notification.role, "")
    query = select(Notification).where(role.in_(sorted(actor.roles)), told_to(actor.person_id))
    if actor.roles.issuperset(BOTH):
        query = query.where(~_told_as_operator_too())
    if not actor.is_agency:
        own = select(dossiers.Dossier.id).where(dossiers.Dossier.operator_id == actor.operator_id)
        query = query.where(Notification.dossier_id.in_(own))
    return query


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
    if found is None or not _is_told(session, found, actor):
        raise NotFound(
            f"Expected a notification of yours but {notification_id} is none. Check the number."
        )
    found.read_at = found.read_at or at


def _is_told(session: Session, notification: Notification, actor: Actor) -> bool:
    if notification.role not in actor.roles:
        return False
    if notification.person_id not in (None, actor.person_id):
        return False
    if notification.role not in OPERATOR_SIDE:
        return True
    return dossiers.get(session, notification.dossier_id).operator_id == actor.operator_id
