"""Mails: copies of what the tool keeps, and letters, sent through the configured server."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any

from sqlalchemy.orm import Session

from web import mail_letter, mail_opt_out
from web.mail_line import MailLine
from workflow.clock import Clock
from workflow.db import Database
from workflow.domain import mail_delivery
from workflow.domain.dossier import Dossier
from workflow.domain.mail_delivery import SETTLED, MailDelivery
from workflow.domain.notification import Notification
from workflow.domain.notification_duty import ALL_INFORMATION, is_due
from workflow.outbox import Attempt, Carrier, Unreachable
from workflow.settings import Settings


class CopyMaker:
    """Makes the copies of one notification: a row of the log for each address.

    Without a mail server none is made: the notification kept in the tool stands alone.
    """

    def __init__(self, database: Database, settings: Settings, clock: Clock) -> None:
        self.database = database
        self.settings = settings
        self.clock = clock

    def __call__(self, payload: Mapping[str, Any]) -> None:
        """Make the copies that are not made yet."""
        if not self.settings.smtp_host:
            return
        with self.database.transaction() as session:
            mail_delivery.make_copies(
                session,
                payload["notification_id"],
                mail_letter.sending_domain(self.settings),
                at=self.clock.now(),
            )


class DigestRound:
    """Composes the daily digests when their hour has come on the procedure's clock."""

    def __init__(self, database: Database, settings: Settings, clock: Clock, system: Clock) -> None:
        self.database = database
        self.settings = settings
        self.clock = clock
        self.system = system

    def __call__(self) -> None:
        """Queue the digests that are due; nothing waits, no mail."""
        if not self.settings.smtp_host:
            return
        now = self.clock.now()
        with self.database.reading() as session:
            if not mail_delivery.digest_is_due(session, now):
                return
        with self.database.transaction() as session:
            domain = mail_letter.sending_domain(self.settings)
            mail_delivery.compose_digests(session, domain, now=now, at=self.system.now())


class MailCarrier(Carrier):
    """Sends the mails of the outbox, those of one sweep on one connection.

    A copy's outcome is noted in the transaction that settles its row of the outbox. A mail is
    sent twice only when this process dies between the server's acceptance and that transaction;
    the second bears the same message id.
    """

    def __init__(self, database: Database, settings: Settings, clock: Clock) -> None:
        self.database = database
        self.settings = settings
        self.clock = clock
        self.line = MailLine(settings, mail_letter.sending_domain(settings))

    def __call__(self, payload: Mapping[str, Any]) -> None:
        """Send one copy (``delivery_id``) or one letter (``to``); raises DeliveryFailed."""
        if "delivery_id" in payload:
            self._send_copy(payload["delivery_id"])
        elif self.settings.smtp_host:
            self._send_letter(payload)

    def note(self, session: Session, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Keep in the log how a try went."""
        if "delivery_id" in payload:
            mail_delivery.note(session, payload["delivery_id"], attempt)

    def close(self) -> None:
        """Take leave of the server."""
        self.line.close()

    def _send_copy(self, delivery_id: int) -> None:
        if not self.settings.smtp_host:
            raise Unreachable("Expected a mail server but none is set. Set JALON_SMTP_HOST.")
        with self.database.reading() as session:
            copy = session.get_one(MailDelivery, delivery_id)
            if copy.state in SETTLED:
                return
            mail = self._composed(session, copy)
        self.line.send(mail, copy.address)

    def _composed(self, session: Session, copy: MailDelivery) -> EmailMessage:
        mail_letter.require_mailable(copy.address)
        if copy.notification_id is None:
            opt_out = mail_opt_out.address_of(self.settings, copy.address, ALL_INFORMATION)
            told = [
                (each, _number(session, each)) for each in mail_delivery.gathered(session, copy.id)
            ]
            letter = mail_letter.of_digest(told, copy, self.settings, opt_out)
        else:
            one = session.get_one(Notification, copy.notification_id)
            opt_out = None
            if not is_due(one.kind, one.role):
                opt_out = mail_opt_out.address_of(self.settings, copy.address, one.kind)
            number = _number(session, one)
            letter = mail_letter.of_notification(one, number, copy, self.settings, opt_out)
        return self._message(letter, copy.address, copy.message_id, is_copy=True)

    def _send_letter(self, payload: Mapping[str, Any]) -> None:
        to = mail_letter.require_mailable(str(payload["to"]))
        letter = mail_letter.of_words(
            str(payload["subject"]),
            str(payload["body"]),
            str(payload.get("language", "fr")),
            mail_letter.page_address(str(payload.get("page") or ""), self.settings),
        )
        domain = mail_letter.sending_domain(self.settings)
        message_id = payload.get("message_id") or mail_delivery.new_message_id(domain)
        self.line.send(self._message(letter, to, str(message_id), is_copy=False), to)

    def _message(
        self, letter: mail_letter.Letter, to: str, message_id: str, *, is_copy: bool
    ) -> EmailMessage:
        return mail_letter.message(
            letter, to, message_id, self.clock.now(), self.settings, is_copy=is_copy
        )


def _number(session: Session, told: Notification) -> str:
    return session.get_one(Dossier, told.dossier_id).number
