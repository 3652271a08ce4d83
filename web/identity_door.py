"""The door of those whom an identity provider knows: enter, and be recorded like everyone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from web.account_door import NOBODY, record
from workflow.domain import identity
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.identity import Claims, ExternalIdentity, IdentityRefused
from workflow.domain.person import Actor, Person, actor_of
from workflow.errors import Conflict

if TYPE_CHECKING:
    from workflow.engine.runtime import Runtime


def sign_in(
    runtime: Runtime, claims: Claims, at: datetime, invitation: str | None = None
) -> Person:
    """The account of someone known elsewhere, opened now if an `invitation`'s token says so.

    Raises IdentityRefused, which is recorded too; NotFound when the invitation is over.
    """
    try:
        with runtime.database.transaction() as session:
            if invitation is not None:
                _accept(runtime, session, claims, invitation, at)
            person, is_new = identity.enter(session, claims, at)
            actor = actor_of(session, person)
            facts = {"email": person.email, "issuer": claims.issuer}
            if is_new:
                record(runtime, session, AuditKind.ACCOUNT_IDENTITY_LINKED, actor, **facts)
            record(runtime, session, AuditKind.ACCOUNT_SIGNED_IN, actor, **facts)
            return person
    except IdentityRefused as refusal:
        with runtime.database.transaction() as session:
            facts = {"email": claims.email, "issuer": claims.issuer, "reason": refusal.reason}
            record(runtime, session, AuditKind.ACCOUNT_SIGN_IN_REFUSED, NOBODY, **facts)
        raise
    except IntegrityError as twice:
        # The same first sign-in in two windows: one of them has linked the account.
        raise Conflict("Expected one first sign-in but found two at once. Begin again.") from twice


def _accept(runtime: Runtime, session: Session, claims: Claims, token: str, at: datetime) -> None:
    person = identity.accept_invitation(session, claims, token, at)
    if person is not None:
        kind, actor = AuditKind.ACCOUNT_INVITATION_ACCEPTED, actor_of(session, person)
        record(runtime, session, kind, actor, email=person.email, issuer=claims.issuer)


def unlink(runtime: Runtime, actor: Actor, identity_id: int) -> Person:
    """Undo the link of an account to a provider's subject; raises NotFound."""
    with runtime.database.transaction() as session:
        gone: ExternalIdentity = identity.unlink(session, identity_id)
        person = session.get_one(Person, gone.person_id)
        # Whoever entered by that subject does not stay in.
        person.sessions_ended += 1
        facts = {"email": person.email, "issuer": gone.issuer}
        record(runtime, session, AuditKind.ACCOUNT_IDENTITY_UNLINKED, actor, **facts)
        return person
