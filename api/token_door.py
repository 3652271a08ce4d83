"""The door of API tokens: make one, revoke one, know a person by one. Recorded like accounts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from workflow import audit_log
from workflow.domain import api_token, mandate
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.person import Actor, Person, actor_of
from workflow.errors import NotAllowed

if TYPE_CHECKING:
    from workflow.engine.runtime import Runtime

USE_NOTED_EVERY = timedelta(hours=1)
"""A token's last use is kept to the hour, so that reading does not write each time."""


def create(runtime: Runtime, actor: Actor, label: str, at: datetime) -> str:
    """A new token of this person, shown once; raises InvalidInput, Conflict."""
    with runtime.database.transaction() as session:
        person = session.get(Person, actor.person_id)
        if person is None:
            raise NotAllowed("Expected a person with an account but found none. Sign in again.")
        token = api_token.create(session, person, label, at)
        _record(runtime, session, actor, AuditKind.ACCOUNT_TOKEN_CREATED, label=label.strip())
        return token


def revoke(runtime: Runtime, actor: Actor, token_id: int, at: datetime) -> None:
    """End a token of this person; raises NotFound."""
    with runtime.database.transaction() as session:
        revoked = api_token.revoke(session, actor.person_id or 0, token_id, at)
        _record(runtime, session, actor, AuditKind.ACCOUNT_TOKEN_REVOKED, label=revoked.label)


def actor_by(runtime: Runtime, token: str, at: datetime) -> Actor | None:
    """The person that a token stands for, or None."""
    with runtime.database.reading() as session:
        found = api_token.find(session, token)
        if found is None:
            return None
        person = session.get_one(Person, found.person_id)
        actor = mandate.acting(session, actor_of(session, person), runtime.clock.now())
        token_id, used = found.id, found.last_used_at
    if used is None or used + USE_NOTED_EVERY <= at:
        with runtime.database.transaction() as session:
            session.get_one(api_token.ApiToken, token_id).last_used_at = at
    return actor


def _record(
    runtime: Runtime, session: Session, actor: Actor, kind: AuditKind, **payload: Any
) -> None:
    now = runtime.clock.now()
    event = audit_log.Event(kind, payload, actor.person_id, actor.name, now, now)
    audit_log.append(session, audit_log.HOUSE, [event])
