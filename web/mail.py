"""Mails: copies of what the tool keeps, sent through the configured server."""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any

from workflow.db import Database
from workflow.domain import notification
from workflow.outbox import DeliveryFailed
from workflow.settings import Settings

PATIENCE_SECONDS = 20


class MailCarrier:
    """Sends one mail of the outbox; without a server the stored copy stands alone."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database = database
        self.settings = settings

    def __call__(self, payload: Mapping[str, Any]) -> None:
        """Send to a person (``to``), or to a dossier's role; raises DeliveryFailed."""
        if not self.settings.smtp_host:
            return
        recipients = self._recipients(payload)
        if not recipients:
            return
        mail = EmailMessage()
        mail["Subject"] = str(payload["subject"])
        mail["From"] = self.settings.mail_from
        mail["To"] = ", ".join(recipients)
        mail.set_content(str(payload["body"]))
        try:
            with smtplib.SMTP(
                self.settings.smtp_host, self.settings.smtp_port, timeout=PATIENCE_SECONDS
            ) as server:
                server.send_message(mail)
        except smtplib.SMTPException as failure:
            raise DeliveryFailed(str(failure)) from failure

    def _recipients(self, payload: Mapping[str, Any]) -> list[str]:
        if "to" in payload:
            return [str(payload["to"])]
        with self.database.reading() as session:
            return notification.recipients(session, payload["dossier_id"], payload["role"])
