"""What a deployment may set: read once from the environment, refused when unknown or wrong."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from workflow.errors import InvalidInput

PREFIX = "JALON_"
MOST = {"port": 65_535, "threads": 1_000}
MOST_OTHERS = 1_000_000
WORDS = {"smtp_security": ("none", "starttls", "tls")}
PROJECT = Path(__file__).resolve().parent.parent


class InvalidSetting(InvalidInput):
    """A setting that is unknown or cannot be read."""

    code = "invalid_setting"


@dataclass(frozen=True)
class Settings:
    """One deployment's settings; each field is the environment variable ``JALON_<NAME>``."""

    database_url: str = f"sqlite:///{PROJECT / 'var' / 'jalon.sqlite3'}"
    """SQLAlchemy address of the database."""
    secret_key: str = ""
    """Signs session cookies; required outside the demo."""
    proofs_folder: Path = PROJECT / "var" / "proofs"
    """Where files are stored."""
    file_store: str = ""
    """Where files are stored instead: s3://bucket/prefix, with the AWS variables."""
    s3_endpoint: str = ""
    """Address of an S3-compatible store; empty: that of AWS."""
    uploads_folder: str = ""
    """Unfinished uploads, shared by all nodes; empty: uploads, beside the proofs' folder."""
    clamav: str = ""
    """The antivirus: unix:/path or tcp:host:port of clamd; empty: files are not scanned."""
    bpmn_folder: Path = PROJECT / "bpmn"
    """Diagrams, tables and campaigns."""
    forms_folder: Path = PROJECT / "forms"
    """Forms of the human tasks."""
    host: str = "127.0.0.1"
    port: int = 8000
    threads: int = 8
    """Threads of the embedded server."""
    sweep_seconds: int = 15
    """Pause between two sweeps of the worker (timers, outbox)."""
    max_upload_megabytes: int = 64
    """Largest file taken in one request."""
    secure_cookies: bool = False
    """True behind HTTPS: cookies travel on HTTPS only."""
    smtp_host: str = ""
    """Mail server; empty: mails are not sent, the copies stored in the tool stand alone."""
    smtp_port: int = 25
    smtp_security: str = "none"
    """How the mail server is spoken to: none, starttls or tls (from the first byte on)."""
    smtp_user: str = ""
    smtp_password: str = ""
    """Sign-in to the mail server; never sent without TLS."""
    smtp_ca_file: str = ""
    """Certificates (PEM) to trust instead of the machine's, for a server with its own."""
    mail_from: str = "jalon@localhost"
    """Sender of mails."""
    mail_reply_to: str = ""
    """Where answers to mails go; empty: to the sender."""
    seal_certificate: str = ""
    """PKCS#12 file of the certificate that seals documents; empty: none is issued."""
    seal_passphrase: str = ""
    """Opens the sealing certificate."""
    trust_folder: str = ""
    """Folder of the authorities (PEM or DER) whose certificates may sign conventions."""
    base_url: str = "http://127.0.0.1:8000"
    """Address of the product in mails, and of the return from an identity provider."""
    oidc_issuer: str = ""
    """Identity provider (OpenID Connect): its address, as it names itself; empty: none."""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    """What the provider knows this deployment by."""
    oidc_name: str = ""
    """The provider in people's words, on the sign-in page."""
    local_passwords: bool = True
    """Whether people enter with a password here; if not, administrators alone do."""
    guided_visits: bool = False
    """Whether everybody is offered the first visit of their role; the demo always offers it."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the ``JALON_*`` variables; raises InvalidSetting on an unknown or wrong one."""
        source = os.environ if environment is None else environment
        given = {k[len(PREFIX) :].lower(): v for k, v in source.items() if k.startswith(PREFIX)}
        known = {field.name: field.type for field in fields(cls)}
        for name in sorted(set(given) - set(known)):
            raise InvalidSetting(
                f"Expected a known setting but found {PREFIX}{name.upper()}."
                f" Known ones: {', '.join(PREFIX + n.upper() for n in sorted(known))}."
            )
        values: dict[str, Any] = {n: _read(n, str(known[n]), text) for n, text in given.items()}
        return cls(**values)._whole()

    def _whole(self) -> Settings:
        if self.smtp_user and self.smtp_security == "none":
            raise InvalidSetting(
                f"Expected a password to travel under TLS but {PREFIX}SMTP_SECURITY is none."
                f" Set it to starttls or tls, or leave {PREFIX}SMTP_USER out."
            )
        self._require_whole_provider()
        return self

    def _require_whole_provider(self) -> None:
        given = (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)
        if any(given) and not all(given):
            raise InvalidSetting(
                f"Expected {PREFIX}OIDC_ISSUER, {PREFIX}OIDC_CLIENT_ID and"
                f" {PREFIX}OIDC_CLIENT_SECRET together but some are missing. Set all three."
            )
        address = urlsplit(self.oidc_issuer)
        local = address.hostname in ("localhost", "127.0.0.1", "::1")
        if self.oidc_issuer and address.scheme != "https" and not local:
            raise InvalidSetting(
                f"Expected an https:// address in {PREFIX}OIDC_ISSUER but found"
                f" {self.oidc_issuer[:80]!r}. Write it as the provider names itself."
            )
        if not self.local_passwords and not self.oidc_issuer:
            raise InvalidSetting(
                f"Expected a way to sign in but {PREFIX}LOCAL_PASSWORDS is false and no provider"
                f" is set. Set {PREFIX}OIDC_ISSUER, or leave passwords on."
            )


def _read(name: str, kind: str, text: str) -> str | int | bool | Path:
    if text not in WORDS.get(name, (text,)):
        raise InvalidSetting(
            f"Expected one of {', '.join(WORDS[name])} in {PREFIX}{name.upper()} but found"
            f" {text[:40]!r}. Write one of these words."
        )
    if kind == "bool":
        if text not in ("true", "false"):
            raise InvalidSetting(
                f"Expected true or false in {PREFIX}{name.upper()} but found {text!r}."
                " Write one of the two words."
            )
        return text == "true"
    if kind == "int":
        most = MOST.get(name, MOST_OTHERS)
        if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_OTHERS))):
            text = "0"
        if not 0 < int(text) <= most:
            raise InvalidSetting(
                f"Expected a whole number from 1 to {most} in {PREFIX}{name.upper()}."
                " Write digits only."
            )
        return int(text)
    return Path(text) if kind == "Path" else text
