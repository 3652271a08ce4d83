"""The address that declines a kind of mail in one click, without signing in (RFC 8058).

It is signed, so that nobody declines for others; it does not expire, since old mails are read.
"""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeSerializer

from workflow.errors import NotFound
from workflow.settings import Settings

SALT = "jalon-mail-opt-out"
PATH = "/courriels/refus/"


def address_of(settings: Settings, address: str, kind: str) -> str | None:
    """Where `address` declines `kind`; None when this deployment has no key to sign with."""
    if not settings.secret_key:
        return None
    token = URLSafeSerializer(settings.secret_key, salt=SALT).dumps([address, kind])
    return f"{settings.base_url.rstrip('/')}{PATH}{token}"


def read(settings: Settings, token: str) -> tuple[str, str]:
    """Whose mails of which kind a token declines; raises NotFound for one that is not ours."""
    try:
        address, kind = URLSafeSerializer(settings.secret_key, salt=SALT).loads(token)
    except (BadSignature, ValueError, TypeError) as wrong:
        raise NotFound(
            "Expected an address from one of our mails but found another one."
            " Open the link of the mail again."
        ) from wrong
    return str(address), str(kind)
