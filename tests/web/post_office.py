"""A real mail server for tests, which takes, refuses, hangs up, or is not there."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from workflow.settings import Settings

HOST = "127.0.0.1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@dataclass
class PostOffice:
    """Takes mails at one port; `recipient_reply` and `data_reply` are answers to come, in order."""

    port: int = field(default_factory=free_port)
    mails: list[EmailMessage] = field(default_factory=list[EmailMessage])
    addressed: list[str] = field(default_factory=list[str])
    recipient_replies: list[str] = field(default_factory=list[str])
    data_replies: list[str] = field(default_factory=list[str])
    drop_after_data: int = 0
    connections: int = 0
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    _controller: Controller | None = None

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, replies: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return replies

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient_replies:
            reply = self.recipient_replies.pop(0)
            if not reply.startswith("2"):
                return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.drop_after_data:
            self.drop_after_data -= 1
            assert server.transport is not None
            server.transport.abort()
            await asyncio.sleep(0)
            return "421 closing"
        if self.data_replies:
            reply = self.data_replies.pop(0)
            if not reply.startswith("2"):
                return reply
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.addressed += envelope.rcpt_tos
        return "250 taken"

    def open(self) -> None:
        self._controller = Controller(self, hostname=HOST, port=self.port, **self.options)
        self._controller.start()

    def close(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    @contextmanager
    def opened(self) -> Iterator[PostOffice]:
        self.open()
        try:
            yield self
        finally:
            self.close()

    def settings(self, settings: Settings, **more: Any) -> Settings:
        """Settings that send here."""
        return replace(settings, **{"smtp_host": HOST, "smtp_port": self.port, **more})

    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails]

    def to(self, address: str) -> list[EmailMessage]:
        return [
            mail
            for mail, sent_to in zip(self.mails, self.addressed, strict=True)
            if sent_to == address
        ]


def text_of(mail: EmailMessage) -> str:
    """What a mail says as text, unbreakable spaces made plain."""
    part = mail.get_body(("plain",))
    assert part is not None
    return part.get_content().replace("\u00a0", " ").replace("\u202f", " ").replace("\r\n", "\n")


def page_of(mail: EmailMessage) -> str:
    """The HTML of a mail."""
    part = mail.get_body(("html",))
    assert part is not None
    return part.get_content()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate that nobody vouches for, of this machine's address, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "courriel.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    written, secret = folder / "certificate.pem", folder / "key.pem"
    written.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return written, secret


def tls(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """What a server speaks TLS with, and the certificate to trust."""
    written, secret = certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(written, secret)
    return context, written


def only(user: str, password: str) -> Any:
    """Lets one user in."""

    def check(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        known = (data.login, data.password) == (user.encode(), password.encode())
        return AuthResult(success=known, handled=False)

    return check
