"""Passwords and secret tokens: how they are hashed, and what is long enough."""

from __future__ import annotations

import hashlib
import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from workflow.errors import InvalidAnswer

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1024
HASHER = PasswordHasher()
"""argon2id with the library's present cost; tests put a cheaper one here."""


def hashed(password: str) -> str:
    """The argon2id hash of a password; raises InvalidAnswer when it is too short or too long."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidAnswer(
            f"Expected a password of {SHORTEST_PASSWORD} characters or more but found"
            f" {len(password)}. Choose a longer one.",
            {"password": [f"Le mot de passe compte au moins {SHORTEST_PASSWORD} caractères."]},
        )
    return HASHER.hash(password)


def matches(password: str, password_hash: str | None) -> bool:
    """Whether a password is the hashed one.

    Without a hash as much time is spent, so that the answer's delay tells nobody which
    accounts exist.
    """
    try:
        return HASHER.verify(password_hash or _nobody(), password) and bool(password_hash)
    except VerificationError:
        return False


@lru_cache(maxsize=1)
def _nobody() -> str:
    return HASHER.hash(secrets.token_urlsafe(32))


def new_token() -> str:
    """A secret to send once by mail; only its hash is kept."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is kept of a token: it is random enough to need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()
