"""The door of accounts: sign-in, passwords, invitations. Each act is one transaction, recorded.

Passwords and tokens live on the machine's clock: every `at` is a system instant. The history
and the outbox keep the procedure's own time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from api.people_door import record
from web.language import _, language
from web.mail_letter import sending_domain
from workflow import audit_log, outbox
from workflow.domain import account_invitation, mail_delivery
from workflow.domain import person as people
from workflow.domain.account_invitation import Invitation
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.person import Actor, Operator, Person, actor_of
from workflow.errors import InvalidAnswer, NotFound

if TYPE_CHECKING:
    from workflow.engine.runtime import Runtime

NOBODY = Actor(None, "", frozenset(), None)
Letter = Callable[[str], tuple[str, str]]
"""From a secret token, the subject and the body of the mail that carries it."""


def sign_in(runtime: Runtime, email: str, password: str) -> Person | None:
    """The person with this address and password, or None; both are recorded."""
    # Hashing takes long on purpose: it must not hold the one writing transaction.
    with runtime.database.reading() as session:
        person = people.authenticate(session, email, password)
        actor = actor_of(session, person) if person else NOBODY
        session.expunge_all()
    if person is not None and not _may_use_password(runtime, actor):
        person = None
    kind = AuditKind.ACCOUNT_SIGNED_IN if person else AuditKind.ACCOUNT_SIGN_IN_REFUSED
    with runtime.database.transaction() as session:
        record(runtime, session, kind, actor, email=email.strip().lower()[:254])
    return person


def _may_use_password(runtime: Runtime, actor: Actor) -> bool:
    return runtime.settings.local_passwords or "administrator" in actor.roles


def sign_out(runtime: Runtime, actor: Actor) -> None:
    """Record that someone left."""
    with runtime.database.transaction() as session:
        record(runtime, session, AuditKind.ACCOUNT_SIGNED_OUT, actor)


def change_password(
    runtime: Runtime, actor: Actor, current: str, password: str, at: datetime
) -> Person:
    """Choose a new password; raises InvalidAnswer when the current one is wrong or it is short."""
    with runtime.database.reading() as session:
        email = _person(session, actor.person_id).email
        known = people.authenticate(session, email, current) is not None
    if not known:
        raise InvalidAnswer(
            "Expected the current password but found another one. Type it again.",
            {"current_password": [_("Ce n'est pas votre mot de passe actuel. Retapez-le.")]},
        )
    with runtime.database.transaction() as session:
        person = _person(session, actor.person_id)
        people.set_password(session, person, password, at)
        record(runtime, session, AuditKind.ACCOUNT_PASSWORD_CHANGED, actor, by="person")
        return person


def ask_for_reset(runtime: Runtime, email: str, letter: Letter, at: datetime) -> str | None:
    """Send a link to choose a new password, if the address has an account; returns its token."""
    with runtime.database.transaction() as session:
        token = people.start_password_reset(session, email, at)
        if token is None:
            return None
        address = email.strip().lower()
        send(runtime, session, address, letter(token))
        record(runtime, session, AuditKind.ACCOUNT_PASSWORD_RESET_ASKED, NOBODY, email=address)
        return token


def reset_password(runtime: Runtime, token: str, password: str, at: datetime) -> Person:
    """Choose a new password by a link; raises NotFound, InvalidAnswer."""
    with runtime.database.transaction() as session:
        person = people.reset_password(session, token, password, at)
        actor = actor_of(session, person)
        record(runtime, session, AuditKind.ACCOUNT_PASSWORD_CHANGED, actor, by="link")
        return person


def invite(
    runtime: Runtime,
    actor: Actor,
    *,
    email: str,
    role: str,
    operator_id: int | None,
    letter: Letter,
    at: datetime,
) -> str:
    """Keep a seat and send its link; returns the token.

    Raises InvalidAnswer, Conflict, AlreadyInvited.
    """
    with runtime.database.transaction() as session:
        # Of two tabs that invite the same address at once, the second finds the first.
        audit_log.serialise(session, audit_log.HOUSE)
        token = account_invitation.invite(
            session,
            email=email,
            role=role,
            operator_id=operator_id,
            invited_by=actor.person_id,
            at=at,
        )
        address = email.strip().lower()
        send(runtime, session, address, letter(token))
        facts = {"email": address, "role": role, "operator_id": operator_id}
        record(runtime, session, AuditKind.ACCOUNT_INVITED, actor, **facts)
        return token


def renew_invitation(
    runtime: Runtime, actor: Actor, invitation_id: int, letter: Letter, at: datetime
) -> tuple[Invitation, str]:
    """Send an invitation again with a new link; returns its token. Raises NotFound."""
    with runtime.database.transaction() as session:
        found, token = account_invitation.renew(session, actor, invitation_id, at)
        send(runtime, session, found.email, letter(token))
        facts = {"email": found.email, "role": found.role, "operator_id": found.operator_id}
        record(runtime, session, AuditKind.ACCOUNT_INVITATION_RENEWED, actor, **facts)
        return found, token


def withdraw_invitation(
    runtime: Runtime, actor: Actor, invitation_id: int, at: datetime
) -> Invitation:
    """Let an invitation's link open nothing any more; raises NotFound."""
    with runtime.database.transaction() as session:
        found = account_invitation.withdraw(session, actor, invitation_id, at)
        facts = {"email": found.email, "role": found.role, "operator_id": found.operator_id}
        record(runtime, session, AuditKind.ACCOUNT_INVITATION_WITHDRAWN, actor, **facts)
        return found


@dataclass(frozen=True)
class Seat:
    """What an open invitation keeps for whoever holds its link."""

    email: str
    role: str
    company_name: str | None
    invited_by: str | None


def seat_kept(runtime: Runtime, token: str, at: datetime) -> Seat | None:
    """The seat of an invitation; None when its link is over."""
    with runtime.database.reading() as session:
        kept = account_invitation.by_token(session, token, at)
        if kept is None:
            return None
        company = session.get(Operator, kept.operator_id) if kept.operator_id else None
        inviter = session.get(Person, kept.invited_by) if kept.invited_by else None
        return Seat(
            kept.email,
            kept.role,
            company.company_name if company else None,
            inviter.name if inviter else None,
        )


def accept_invitation(
    runtime: Runtime, token: str, *, name: str, password: str, at: datetime
) -> Person:
    """Take the seat; raises NotFound, InvalidAnswer, Conflict."""
    with runtime.database.transaction() as session:
        person = account_invitation.accept(session, token, name=name, password=password, at=at)
        actor = actor_of(session, person)
        record(runtime, session, AuditKind.ACCOUNT_INVITATION_ACCEPTED, actor, email=person.email)
        return person


def choose_language(runtime: Runtime, person_id: int, language: str) -> None:
    """Keep the language in which someone reads the pages."""
    with runtime.database.transaction() as session:
        _person(session, person_id).locale = language


def _person(session: Session, person_id: int | None) -> Person:
    person = session.get(Person, person_id) if person_id is not None else None
    if person is None:
        raise NotFound("Expected an account but found none. Sign in again.")
    return person


def send(runtime: Runtime, session: Session, address: str, letter: tuple[str, str]) -> None:
    """Queue a letter that carries a link."""
    subject, body = letter
    mail = {
        "to": address,
        "subject": subject,
        "body": body,
        "language": language(),
        "message_id": mail_delivery.new_message_id(sending_domain(runtime.settings)),
    }
    outbox.put(session, mail_delivery.TOPIC, mail, runtime.clock.now())
