"""How someone is known at an identity provider: one account here, one subject there.

The provider's subject is what counts (OpenID Connect Core 5.7). An address serves once, at the
first sign-in, to find the account; from then on a changed address at the provider neither
takes another account over nor loses its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.domain import account_invitation
from workflow.domain.person import Person, find_by_email
from workflow.errors import NotAllowed, NotFound

LONGEST_SUBJECT = 255
"""What OpenID Connect allows."""


class ExternalIdentity(Base):
    """The subject by which one provider knows one person. Instants are the machine's."""

    __tablename__ = "external_identity"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        UniqueConstraint("issuer", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(400))
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT))
    linked_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a provider says of someone who has just signed in there."""

    issuer: str
    subject: str
    email: str
    email_verified: bool
    name: str = ""


class IdentityRefused(NotAllowed):
    """Someone whom the provider knows but who has no account to enter here.

    `reason` is `unverified`, `unknown`, `closed`, `other_subject` or `other_address`.
    """

    code = "identity_refused"

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


def enter(session: Session, claims: Claims, at: datetime) -> tuple[Person, bool]:
    """The account of someone, and whether it was linked just now; raises IdentityRefused."""
    known = _known(session, claims)
    if known is not None:
        person = session.get_one(Person, known.person_id)
        _require_open(person)
        known.last_used_at = at
        return person, False
    person = _first_time(session, claims)
    session.add(
        ExternalIdentity(
            person_id=person.id,
            issuer=claims.issuer,
            subject=claims.subject,
            linked_at=at,
            last_used_at=at,
        )
    )
    return person, True


def accept_invitation(session: Session, claims: Claims, token: str, at: datetime) -> Person | None:
    """Open the account that an invitation kept for this very address, without a password.

    None when the subject has an account already. Raises NotFound when the invitation is over,
    Conflict when its address has an account by now, IdentityRefused.
    """
    if _known(session, claims) is not None:
        return None
    _require_verified(claims)
    name = claims.name.strip()[:200] or claims.email
    person = account_invitation.accept(session, token, name=name, password=None, at=at)
    if person.email != claims.email:
        raise IdentityRefused(
            "other_address",
            f"Expected the person invited as {person.email} but found {claims.email}."
            " Ask for an invitation to that address.",
        )
    return person


def unlink(session: Session, identity_id: int) -> ExternalIdentity:
    """Forget a subject, so that the next sign-in links anew; raises NotFound."""
    found = session.get(ExternalIdentity, identity_id)
    if found is None:
        raise NotFound(f"Expected a link {identity_id} but there is none. Read the page again.")
    session.delete(found)
    return found


def of_person(session: Session, person_id: int) -> list[ExternalIdentity]:
    """By whom a person is known, oldest first."""
    return list(
        session.scalars(
            select(ExternalIdentity)
            .where(ExternalIdentity.person_id == person_id)
            .order_by(ExternalIdentity.id)
        )
    )


def _known(session: Session, claims: Claims) -> ExternalIdentity | None:
    return session.scalars(
        select(ExternalIdentity).where(
            ExternalIdentity.issuer == claims.issuer, ExternalIdentity.subject == claims.subject
        )
    ).first()


def _require_verified(claims: Claims) -> None:
    if not claims.email or not claims.email_verified:
        raise IdentityRefused(
            "unverified",
            "Expected an address that the provider has verified but found none."
            " Have it verified there, then sign in again.",
        )


def _first_time(session: Session, claims: Claims) -> Person:
    _require_verified(claims)
    person = find_by_email(session, claims.email)
    if person is None:
        raise IdentityRefused(
            "unknown",
            f"Expected an account of {claims.email} but there is none. Ask for an invitation.",
        )
    _require_open(person)
    other = select(ExternalIdentity.id).where(
        ExternalIdentity.issuer == claims.issuer, ExternalIdentity.person_id == person.id
    )
    if session.scalar(other) is not None:
        raise IdentityRefused(
            "other_subject",
            f"Expected the person whom the provider has known as {claims.email} but found another"
            " one. Ask an administrator to undo the link.",
        )
    return person


def _require_open(person: Person) -> None:
    if not person.is_active:
        raise IdentityRefused(
            "closed", f"Expected an active account but {person.email}'s is closed. Ask why."
        )
