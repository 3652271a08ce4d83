"""The log of mail copies: one row for each notification and address, from queued to settled.

The notification kept in the tool is the one that counts; this tells what became of its copies.
Instants are the machine's, as in every log; `digest_due_at` alone is of the procedure's clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from secrets import token_hex

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow import audit_log, outbox
from workflow.clock import PARIS, UTC, paris_date
from workflow.db import Base, Instant
from workflow.domain import mail_preference
from workflow.domain.notification import (
    BOTH,
    Notification,
    Recipient,
    recipient,
    recipients,
)
from workflow.domain.notification_duty import is_due
from workflow.outbox import Attempt

TOPIC = "mail"
"""The outbox's topic: send one mail."""
DIGEST_HOUR = 8
"""When the daily digest leaves, in Paris."""
DIGEST_KIND = "digest"
SETTLED = ("sent", "failed", "digested", "opted_out", "read")
STATES = ("queued", "retrying", "awaiting_digest", *SETTLED)
LONGEST_ERROR = 500


class MailDelivery(Base):
    """One copy on its way to one address; a digest is a copy of no notification.

    `message_id` is drawn with the row, so that a copy tried again is known by its reader as the
    same. `reply_code` is the mail server's last answer, `failure` a stable word for it.
    """

    __tablename__ = "mail_delivery"
    __table_args__ = (
        UniqueConstraint("notification_id", "address"),
        Index(None, "state", "id"),
        Index(None, "state", "digest_due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notification_id: Mapped[int | None] = mapped_column(ForeignKey("notification.id"))
    address: Mapped[str] = mapped_column(String(254))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(20))
    message_id: Mapped[str] = mapped_column(String(200))
    attempts: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None] = mapped_column(String(40))
    reply_code: Mapped[int | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    queued_at: Mapped[datetime] = mapped_column(Instant)
    tried_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    digest_due_at: Mapped[datetime | None] = mapped_column(Instant)
    digest_id: Mapped[int | None] = mapped_column(ForeignKey("mail_delivery.id"), index=True)


def make_copies(
    session: Session, notification_id: int, domain: str, *, at: datetime
) -> list[MailDelivery]:
    """Queue the copies of a notification, each address once; those made already stay.

    `domain` is the right part of the message ids; `at` the machine's instant. What is legally
    due leaves at once; the rest as each person chose.
    """
    notification = session.get_one(Notification, notification_id)
    made = set(
        session.scalars(
            select(MailDelivery.address).where(MailDelivery.notification_id == notification_id)
        )
    )
    copies = [
        _copy(session, notification, each, domain, at)
        for each in _reached(session, notification)
        if each.address not in made
    ]
    session.add_all(copies)
    session.flush()  # The outbox names the rows.
    for copy in copies:
        if copy.state == "queued":
            _send(session, copy, at)
    return copies


def compose_digests(
    session: Session, domain: str, *, now: datetime, at: datetime
) -> list[MailDelivery]:
    """Gather what waits for a digest, one mail for each address; nothing waits, no mail.

    `now` is the procedure's instant, `at` the machine's. What was read in the tool meanwhile is
    left out.
    """
    # Two workers at that hour would make two digests of one day.
    audit_log.serialise(session, "mail_digests")
    waiting = session.scalars(
        select(MailDelivery)
        .where(MailDelivery.state == "awaiting_digest", MailDelivery.digest_due_at <= now)
        .order_by(MailDelivery.address, MailDelivery.id)
    ).all()
    by_address: dict[str, list[MailDelivery]] = {}
    for copy in waiting:
        if _is_read(session, copy):
            copy.state, copy.settled_at = "read", at
        else:
            by_address.setdefault(copy.address, []).append(copy)
    return [_digest(session, copies, domain, at) for copies in by_address.values()]


def digest_is_due(session: Session, now: datetime) -> bool:
    """Whether something waits for a digest whose hour has come."""
    waiting = select(MailDelivery.id).where(
        MailDelivery.state == "awaiting_digest", MailDelivery.digest_due_at <= now
    )
    return session.scalar(waiting.limit(1)) is not None


def gathered(session: Session, digest_id: int) -> Sequence[Notification]:
    """The notifications of a digest, oldest first."""
    return session.scalars(
        select(Notification)
        .join(MailDelivery, MailDelivery.notification_id == Notification.id)
        .where(MailDelivery.digest_id == digest_id)
        .order_by(Notification.id)
    ).all()


def note(session: Session, delivery_id: int, attempt: Attempt) -> None:
    """Keep how one try to send a copy went."""
    copy = session.get_one(MailDelivery, delivery_id)
    error = attempt.error
    copy.attempts, copy.tried_at = copy.attempts + 1, attempt.at
    copy.failure = None if error is None else error.failure
    copy.last_error = None if error is None else str(error)[:LONGEST_ERROR]
    copy.reply_code = 250 if error is None else error.reply_code
    if error is not None and not attempt.is_last:
        copy.state = "retrying"
        return
    copy.state, copy.settled_at = ("sent" if error is None else "failed"), attempt.at


def requeue(session: Session, delivery_id: int) -> None:
    """Have a copy that was given up tried again."""
    copy = session.get_one(MailDelivery, delivery_id)
    copy.state, copy.settled_at = "queued", None


def withdraw_declined(session: Session, address: str, kinds: Sequence[str], at: datetime) -> None:
    """Leave out of the next digest what an address has declined since."""
    session.execute(
        update(MailDelivery)
        .where(
            MailDelivery.address == address,
            MailDelivery.state == "awaiting_digest",
            MailDelivery.kind.in_(kinds),
        )
        .values(state="opted_out", settled_at=at)
    )


def log_of(
    session: Session, *, state: str | None = None, before: int | None = None, limit: int = 100
) -> Sequence[tuple[MailDelivery, Notification | None]]:
    """The log, newest first, with the notification that each row copies."""
    query = select(MailDelivery, Notification).outerjoin(
        Notification, Notification.id == MailDelivery.notification_id
    )
    if state is not None:
        query = query.where(MailDelivery.state == state)
    if before is not None:
        query = query.where(MailDelivery.id < before)
    return [
        (delivery, notification)
        for delivery, notification in session.execute(
            query.order_by(MailDelivery.id.desc()).limit(limit)
        )
    ]


def next_digest_at(instant: datetime) -> datetime:
    """The next hour of the digest after an instant."""
    day = paris_date(instant)
    for ahead in range(2):
        hour = day + timedelta(days=ahead)
        found = datetime(hour.year, hour.month, hour.day, DIGEST_HOUR, tzinfo=PARIS)
        if found > instant:
            return found.astimezone(UTC)
    raise AssertionError("a day has an hour of the digest")


def _reached(session: Session, notification: Notification) -> list[Recipient]:
    """Whom a notification is copied to; nobody twice who was told it in another role."""
    if notification.person_id is not None:
        return recipient(session, notification.person_id)
    # Mandates are judged on the day of the notification, by the clock of the procedure.
    at = notification.created_at
    found = recipients(session, notification.dossier_id, notification.role, at)
    if notification.role != BOTH[1]:
        return found
    twin = session.scalars(
        select(Notification.id).where(
            Notification.dossier_id == notification.dossier_id,
            Notification.role == BOTH[0],
            Notification.kind == notification.kind,
            Notification.created_at == notification.created_at,
        )
    ).first()
    if twin is None:
        return found
    others = recipients(session, notification.dossier_id, BOTH[0], at)
    told = {each.address for each in others}
    return [each for each in found if each.address not in told]


def _copy(
    session: Session, notification: Notification, to: Recipient, domain: str, at: datetime
) -> MailDelivery:
    copy = MailDelivery(
        notification_id=notification.id,
        address=to.address,
        person_id=to.person_id,
        kind=notification.kind,
        language=to.language if notification.body_en else "fr",
        state="queued",
        message_id=new_message_id(domain),
        attempts=0,
        queued_at=at,
    )
    if is_due(notification.kind, notification.role):
        return copy
    if mail_preference.declined_by(session, to.address, [notification.kind]):
        copy.state, copy.settled_at = "opted_out", at
    elif mail_preference.rhythm_of(session, to.person_id) == mail_preference.DIGEST:
        copy.state = "awaiting_digest"
        copy.digest_due_at = next_digest_at(notification.created_at)
    return copy


def _digest(
    session: Session, copies: Sequence[MailDelivery], domain: str, at: datetime
) -> MailDelivery:
    newest = copies[-1]
    digest = MailDelivery(
        address=newest.address,
        person_id=newest.person_id,
        kind=DIGEST_KIND,
        language=newest.language,
        state="queued",
        message_id=new_message_id(domain),
        attempts=0,
        queued_at=at,
    )
    session.add(digest)
    session.flush()  # Its members name it.
    for copy in copies:
        copy.state, copy.settled_at, copy.digest_id = "digested", at, digest.id
    _send(session, digest, at)
    return digest


def _is_read(session: Session, copy: MailDelivery) -> bool:
    if copy.notification_id is None:
        return False
    return session.get_one(Notification, copy.notification_id).read_at is not None


def _send(session: Session, copy: MailDelivery, at: datetime) -> None:
    outbox.put(session, TOPIC, {"delivery_id": copy.id}, at)


def new_message_id(domain: str) -> str:
    """A message id that no other mail has."""
    return f"<{token_hex(16)}@{domain}>"
