"""The people of the procedure, what they may do, and the actor of a turn."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from workflow.db import Base, Instant
from workflow.domain import passwords
from workflow.domain.operator import Operator
from workflow.errors import Conflict, InvalidAnswer, InvalidInput, NotFound

__all__ = [
    "CLOCK",
    "LANE_ROLES",
    "OPERATOR_SIDE",
    "OUTSIDERS",
    "PARTNER",
    "ROLES",
    "SYSTEM",
    "Actor",
    "Operator",
    "PasswordReset",
    "Person",
    "PersonRole",
    "actor_of",
    "add_person",
    "authenticate",
    "find_by_email",
    "is_email",
    "reset_password",
    "set_password",
    "start_password_reset",
]

ROLES = (
    "operator",
    "legal_representative",
    "admissibility_officer",
    "instructor",
    "signatory",
    "college_member",
    "college_president",
    "ssi_officer",
    "support",
    "process_owner",
    "auditor",
    "administrator",
    "partner",
)
PARTNER = "partner"
"""A person of CNDA, GIE SV or CNAM, invited to a session of the college (DSR 4.5)."""
LANE_ROLES = tuple(role for role in ROLES if role != PARTNER)
"""The roles that diagrams may name: a partner has no task."""
OPERATOR_SIDE = frozenset({"operator", "legal_representative"})
OUTSIDERS = OPERATOR_SIDE | {PARTNER}
"""The roles that do not make anyone a person of the Agency."""
PASSWORD_RESET_LASTS = timedelta(hours=1)


@dataclass(frozen=True)
class Actor:
    """Who acts in a turn; `operator_id` is set for the persons of an operator only.

    `mandate_id` is the mandate by which someone signs in the legal representative's place, and
    `mandate_over` says that the mandates of a company's person have all ended.
    """

    person_id: int | None
    name: str
    roles: frozenset[str]
    operator_id: int | None
    mandate_id: int | None = None
    mandate_over: bool = False

    @property
    def is_agency(self) -> bool:
        """Whether someone acts for the Agency in some role: then every dossier is readable."""
        return bool(self.roles - OUTSIDERS)


CLOCK = Actor(None, "Horloge", frozenset(), None)
SYSTEM = Actor(None, "Jalon", frozenset(), None)


class Person(Base):
    """Someone with an account; without a password hash nobody can sign in with it."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operator.id"), index=True)
    locale: Mapped[str] = mapped_column(String(8), default="fr")
    is_active: Mapped[bool] = mapped_column(default=True)
    sessions_ended: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often all sessions were ended: one that began before is worth nothing."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    granted: Mapped[list[PersonRole]] = relationship(lazy="selectin", order_by="PersonRole.role")

    @property
    def roles(self) -> frozenset[str]:
        """The roles this person holds."""
        return frozenset(grant.role for grant in self.granted)


class PersonRole(Base):
    """One role of one person."""

    __tablename__ = "person_role"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(40), primary_key=True)


class PasswordReset(Base):
    """A right to choose a new password once."""

    __tablename__ = "password_reset"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


def is_email(text: str) -> bool:
    """Whether a text looks like one address; only a mail that arrives proves it."""
    return (
        len(text) <= 254
        and re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s.,;<>]+", text) is not None
    )


def add_person(
    session: Session,
    *,
    email: str,
    name: str,
    password: str | None,
    roles: Iterable[str],
    operator_id: int | None = None,
    at: datetime,
) -> Person:
    """Open an account. Raises InvalidAnswer, or Conflict when the address has one already."""
    address = known_address(email)
    if not name.strip():
        raise InvalidAnswer(
            "Expected a name but found none. Type the person's name.",
            {"name": ["Indiquez un nom."]},
        )
    if find_by_email(session, address) is not None:
        raise Conflict(
            f"Expected a new address but {address} already has an account. Use that account."
        )
    person = Person(
        email=address,
        name=name.strip(),
        password_hash=None if password is None else passwords.hashed(password),
        operator_id=operator_id,
        locale="fr",
        is_active=True,
        created_at=at,
        granted=[PersonRole(role=known_role(role)) for role in sorted(set(roles))],
    )
    session.add(person)
    session.flush()  # The caller needs the account's id.
    return person


def set_password(session: Session, person: Person, password: str, at: datetime) -> None:
    """Change a password and close the resets still open; raises InvalidAnswer when too short."""
    person.password_hash = passwords.hashed(password)
    for reset in session.scalars(
        select(PasswordReset).where(
            PasswordReset.person_id == person.id, PasswordReset.used_at.is_(None)
        )
    ):
        reset.used_at = at


def find_by_email(session: Session, email: str) -> Person | None:
    """The person of an address, whatever its capitals."""
    return session.scalars(select(Person).where(Person.email == email.strip().lower())).first()


def authenticate(session: Session, email: str, password: str) -> Person | None:
    """The active person with this address and password, in as much time when there is none."""
    person = find_by_email(session, email)
    known = person if person is not None and person.is_active else None
    if not passwords.matches(password, known.password_hash if known else None):
        return None
    return known


def actor_of(session: Session, person: Person) -> Actor:
    """What a person may do now."""
    return Actor(person.id, person.name, person.roles, person.operator_id)


def start_password_reset(session: Session, email: str, at: datetime) -> str | None:
    """A token to send to that address, or None when nobody active has it (tell nobody)."""
    person = find_by_email(session, email)
    if person is None or not person.is_active:
        return None
    token = passwords.new_token()
    session.add(
        PasswordReset(
            person_id=person.id,
            token_hash=passwords.token_hash(token),
            created_at=at,
            expires_at=at + PASSWORD_RESET_LASTS,
        )
    )
    return token


def reset_password(session: Session, token: str, password: str, at: datetime) -> Person:
    """Choose a new password; raises NotFound when the token is unknown, used or too old."""
    reset = session.scalars(
        select(PasswordReset).where(PasswordReset.token_hash == passwords.token_hash(token))
    ).first()
    person = None if reset is None else session.get(Person, reset.person_id)
    if reset is None or person is None or reset.used_at is not None or reset.expires_at <= at:
        raise NotFound(
            "Expected a password reset that is still open but found none. Ask for a new one."
        )
    set_password(session, person, password, at)
    reset.used_at = at
    return person


def known_address(email: str) -> str:
    """An address as it is kept; raises InvalidAnswer when it is none."""
    address = email.strip().lower()
    if not is_email(address):
        raise InvalidAnswer(
            f"Expected an e-mail address but found {email!r}. Type it as name@example.fr.",
            {"email": ["Cette adresse électronique n’est pas valable."]},
        )
    return address


def known_role(role: str) -> str:
    """A role that exists; raises InvalidInput."""
    if role not in ROLES:
        raise InvalidInput(
            f"Expected a role among {', '.join(ROLES)} but found {role!r}. Choose one of them."
        )
    return role
