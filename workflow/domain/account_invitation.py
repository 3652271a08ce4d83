"""Invitations to open an account: a seat is kept for an address, and its link is sent.

Operators invite colleagues of their company, administrators people of the Agency. An address has
one such seat in a company at most; sent again, its old link ends. Instants are the machine's.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.domain import mandate, passwords
from workflow.domain.person import (
    OPERATOR_SIDE,
    ROLES,
    Actor,
    Person,
    add_person,
    find_by_email,
    known_address,
    known_role,
)
from workflow.domain.person_administration import ADMINISTRATOR
from workflow.errors import Conflict, NotFound

INVITATION_LASTS = timedelta(days=7)
MOST_LISTED = 50


class AlreadyInvited(Conflict):
    """The address holds an invitation that nobody took or withdrew, expired or not."""

    code = "already_invited"


class Invitation(Base):
    """A seat kept for someone; only the hash of its token is stored."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operator.id"), index=True)
    role: Mapped[str] = mapped_column(String(40))
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)

    def is_open(self, at: datetime) -> bool:
        """Whether its link can still be followed."""
        return self.is_waiting and self.expires_at > at

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has taken or withdrawn it, expired or not."""
        return self.used_at is None and self.withdrawn_at is None


WAITING = (Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None))


def invite(
    session: Session,
    *,
    email: str,
    role: str,
    operator_id: int | None,
    invited_by: int | None,
    at: datetime,
) -> str:
    """Keep a seat for an address; returns the token to send.

    Raises InvalidAnswer, AlreadyInvited, Conflict when the address has an account.
    """
    address = known_address(email)
    if find_by_email(session, address) is not None:
        raise Conflict(
            f"Expected a new address but {address} already has an account. Use that account."
        )
    if _is_invited(session, address, operator_id):
        raise AlreadyInvited(
            f"Expected a new address but {address} is invited already. Send that invitation again."
        )
    token = passwords.new_token()
    session.add(
        Invitation(
            token_hash=passwords.token_hash(token),
            email=address,
            operator_id=operator_id,
            role=known_role(role),
            invited_by=invited_by,
            created_at=at,
            expires_at=at + INVITATION_LASTS,
        )
    )
    return token


def offered_roles(session: Session, actor: Actor) -> tuple[str, ...]:
    """The roles for which someone may invite; none for most people of the Agency."""
    if actor.operator_id is not None and actor.roles & OPERATOR_SIDE:
        return tuple(
            role for role in ROLES if role in OPERATOR_SIDE and _may_offer(session, actor, role)
        )
    if ADMINISTRATOR in actor.roles:
        return tuple(role for role in ROLES if role not in OPERATOR_SIDE)
    return ()


def _may_offer(session: Session, actor: Actor, role: str) -> bool:
    """Who cannot sign must not open the account of someone who can, once somebody can."""
    if role != mandate.REPRESENTATIVE or actor.operator_id is None:
        return True
    if mandate.REPRESENTATIVE in actor.roles and actor.mandate_id is None:
        return True
    known = mandate.colleagues(session, actor.operator_id)
    return not any(each.is_active and role in each.roles for each in known)


def _is_invited(session: Session, address: str, operator_id: int | None) -> bool:
    """Whether an invitation to a company, or to the Agency, waits for this address."""
    query = select(Invitation.id).where(
        Invitation.operator_id == operator_id, Invitation.email == address, *WAITING
    )
    return session.scalar(query.limit(1)) is not None


def by_token(session: Session, token: str, at: datetime) -> Invitation | None:
    """The seat that a token keeps; None when it is unknown, used, withdrawn or too old."""
    found = session.scalars(
        select(Invitation).where(Invitation.token_hash == passwords.token_hash(token))
    ).first()
    return found if found is not None and found.is_open(at) else None


def accept(
    session: Session, token: str, *, name: str, password: str | None, at: datetime
) -> Person:
    """Take the seat that was kept; raises NotFound when the token is unknown, used or too old.

    Without a password, the person enters by an identity provider.
    """
    invitation = by_token(session, token, at)
    if invitation is None:
        raise NotFound(
            "Expected an invitation that is still open but found none. Ask for a new one."
        )
    invitation.used_at = at
    return add_person(
        session,
        email=invitation.email,
        name=name,
        password=password,
        roles=[invitation.role],
        operator_id=invitation.operator_id,
        at=at,
    )


def waiting_of(session: Session, operator_id: int) -> list[tuple[Invitation, str | None]]:
    """What a company sent and nobody took, expired or not, newest first, with who sent it."""
    rows = session.execute(
        select(Invitation, Person.name)
        .outerjoin(Person, Person.id == Invitation.invited_by)
        .where(Invitation.operator_id == operator_id, *WAITING)
        .order_by(Invitation.id.desc())
        .limit(MOST_LISTED)
    )
    return [(row[0], row[1]) for row in rows]


def renew(
    session: Session, actor: Actor, invitation_id: int, at: datetime
) -> tuple[Invitation, str]:
    """The invitation with a new link, good for seven more days; the old link ends.

    Raises NotFound.
    """
    found = _waiting(session, actor, invitation_id)
    token = passwords.new_token()
    found.token_hash = passwords.token_hash(token)
    found.expires_at = at + INVITATION_LASTS
    return found, token


def withdraw(session: Session, actor: Actor, invitation_id: int, at: datetime) -> Invitation:
    """Let the link open nothing any more; raises NotFound."""
    found = _waiting(session, actor, invitation_id)
    found.withdrawn_at = at
    return found


def _waiting(session: Session, actor: Actor, invitation_id: int) -> Invitation:
    """An invitation that nobody took, of one's own company; any for administrators."""
    found = session.get(Invitation, invitation_id)
    if found is None or not found.is_waiting or not _may_settle(session, actor, found):
        raise NotFound("Expected an invitation still open but found none. Read the list again.")
    return found


def _may_settle(session: Session, actor: Actor, invitation: Invitation) -> bool:
    if ADMINISTRATOR in actor.roles:
        return True
    own = actor.operator_id is not None and actor.operator_id == invitation.operator_id
    return own and invitation.role in offered_roles(session, actor)
