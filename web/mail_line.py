"""The line to the mail server: TLS, sign-in, several mails on one connection, every refusal.

A certificate is always verified when there is TLS. A password never travels without it.
"""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import parseaddr

from workflow.outbox import DeliveryFailed, DeliveryRefused, Unreachable
from workflow.settings import Settings

PATIENCE_SECONDS = 20
MAILS_PER_CONNECTION = 50
CLOSING = 421
"""The reply by which a server says that it closes, whatever was asked."""


class MailLine:
    """A connection that is opened when a mail leaves and kept for those that follow."""

    def __init__(self, settings: Settings, local_name: str) -> None:
        self.settings = settings
        self.local_name = local_name
        self._server: smtplib.SMTP | None = None
        self._sent = 0

    def send(self, mail: EmailMessage, to: str) -> None:
        """Hand a mail over; returns once the server answered for it. Raises DeliveryFailed."""
        server = self._server or self._open()
        try:
            server.send_message(mail, parseaddr(self.settings.mail_from)[1], [to])
        except smtplib.SMTPRecipientsRefused as refusal:
            code, reply = refusal.recipients[to]
            raise self._refused(code, reply) from refusal
        except smtplib.SMTPResponseException as refusal:
            raise self._refused(refusal.smtp_code, refusal.smtp_error) from refusal
        except smtplib.SMTPServerDisconnected as broken:
            self.drop()
            raise DeliveryFailed(
                "Expected an answer about the mail but the server hung up. It is sent again,"
                " under the same message id.",
                failure="dropped",
            ) from broken
        except OSError as broken:
            self.drop()
            raise Unreachable(
                f"Expected the mail server to answer but {broken}.", failure="dropped"
            ) from broken
        self._sent += 1
        if self._sent >= MAILS_PER_CONNECTION:
            self.close()

    def close(self) -> None:
        """Take leave of the server."""
        server, self._server = self._server, None
        if server is None:
            return
        try:
            server.quit()
        except (smtplib.SMTPException, OSError):
            server.close()

    def drop(self) -> None:
        """Let the connection go without a word."""
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def _open(self) -> smtplib.SMTP:
        where = f"{self.settings.smtp_host}:{self.settings.smtp_port}"
        try:
            self._server, self._sent = self._connected(), 0
            if self.settings.smtp_security == "starttls":
                self._server.starttls(context=self._trust())
            if self.settings.smtp_user:
                self._server.login(self.settings.smtp_user, self.settings.smtp_password)
            return self._server
        except smtplib.SMTPAuthenticationError as refusal:
            raise self._unreachable(
                f"Expected {where} to take the user of JALON_SMTP_USER but it refused. Check the"
                " password.",
                "authentication",
                refusal.smtp_code,
            ) from refusal
        except smtplib.SMTPNotSupportedError as refusal:
            raise self._unreachable(
                f"Expected {where} to speak as JALON_SMTP_SECURITY says but {refusal}", "security"
            ) from refusal
        except ssl.SSLError as refusal:
            raise self._unreachable(
                f"Expected {where} to prove who it is but {refusal}. Give its certificate in"
                " JALON_SMTP_CA_FILE.",
                "certificate",
            ) from refusal
        except smtplib.SMTPResponseException as refusal:
            raise self._unreachable(
                f"Expected {where} to welcome us but it answered {refusal.smtp_code}"
                f" {_text(refusal.smtp_error)}.",
                "unreachable",
                refusal.smtp_code,
            ) from refusal
        except (smtplib.SMTPException, OSError) as failure:
            raise self._unreachable(
                f"Expected {where} to answer but {failure}.", "unreachable"
            ) from failure

    def _connected(self) -> smtplib.SMTP:
        host, port = self.settings.smtp_host, self.settings.smtp_port
        if self.settings.smtp_security == "tls":
            return smtplib.SMTP_SSL(
                host, port, self.local_name, timeout=PATIENCE_SECONDS, context=self._trust()
            )
        return smtplib.SMTP(host, port, self.local_name, timeout=PATIENCE_SECONDS)

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.settings.smtp_ca_file or None)

    def _unreachable(self, sentence: str, failure: str, code: int | None = None) -> Unreachable:
        self.drop()
        return Unreachable(sentence, failure=failure, reply_code=code)

    def _refused(self, code: int, reply: bytes | str) -> DeliveryFailed:
        sentence = f"Expected the mail to be taken but the server answered {code} {_text(reply)}."
        if code == CLOSING:
            return self._unreachable(sentence, "temporary", code)
        if 500 <= code < 600:
            return DeliveryRefused(sentence, failure="refused", reply_code=code)
        return DeliveryFailed(sentence, failure="temporary", reply_code=code)


def _text(reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return " ".join(text.split()).rstrip(".")[:300]
