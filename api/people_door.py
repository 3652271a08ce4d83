"""The door of administrators: accounts closed, opened, given roles; tokens.

The pages and the API come through here; invitations and letters are those of `web.account_door`.

Each act is one transaction, recorded. `at` is the machine's instant, as for all accounts.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from workflow import audit_log
from workflow.domain import (
    api_token,
    custody,
    hand_over,
    instruction_assignment,
    person_administration,
)
from workflow.domain.absence import INSTRUCTOR
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.person import Actor, Person
from workflow.engine import acts
from workflow.errors import NotFound

ACCOUNT_CLOSED = "Compte désactivé."
ROLE_TAKEN = "Rôle d’instructeur retiré."
"""Why dossiers change hands then, as their history keeps it."""

if TYPE_CHECKING:
    from workflow.engine.runtime import Runtime


def deactivate(
    runtime: Runtime, actor: Actor, person_id: int, at: datetime, *, to: int | None = None
) -> Person:
    """Close somebody's account; raises NotFound, Conflict. What they did stays in the history.

    The dossiers that they hold go to the instructor `to`, or back to the queue, one transaction
    each, before.
    """
    with runtime.database.reading() as session:
        person_administration.require_closable(session, known_person(session, person_id), actor)
    settle_held(runtime, actor, person_id, to, ACCOUNT_CLOSED)
    with runtime.database.transaction() as session:
        person = known_person(session, person_id)
        revoked = person_administration.deactivate(session, person, actor, at)
        facts = {"email": person.email, "tokens_revoked": revoked}
        record(runtime, session, AuditKind.ACCOUNT_DEACTIVATED, actor, **facts)
        return person


def settle_held(runtime: Runtime, actor: Actor, person_id: int, to: int | None, why: str) -> None:
    """Take somebody's dossiers of the queue out of their hands; raises RecipientUnfit."""
    with runtime.database.reading() as session:
        held = instruction_assignment.held_by(session, person_id)
        if held and to is not None:
            custody.require_recipient(session, to)

    def verb(call: Call) -> bool:
        return hand_over.settle(call, holder_id=person_id, to=to, why=why)

    for dossier_id in held:
        # A suspended dossier has to be looked after by somebody too.
        acts.perform(runtime, actor, dossier_id, verb, even_held=True)


def reactivate(runtime: Runtime, actor: Actor, person_id: int) -> Person:
    """Open a closed account again; raises NotFound, Conflict."""
    with runtime.database.transaction() as session:
        person = known_person(session, person_id)
        person_administration.reactivate(person)
        record(runtime, session, AuditKind.ACCOUNT_REACTIVATED, actor, email=person.email)
        return person


def change_roles(
    runtime: Runtime,
    actor: Actor,
    person_id: int,
    roles: Collection[str],
    *,
    held: Collection[str] | None = None,
) -> Person:
    """Give somebody exactly these roles; raises NotFound, InvalidAnswer, Conflict.

    `held` are the roles that were shown when it was decided. Whoever instructs no more gives
    the dossiers in their hands back to the queue.
    """
    with runtime.database.reading() as session:
        person = known_person(session, person_id)
        person_administration.require_fitting(person, frozenset(roles))
        is_current = held is None or frozenset(held) == person.roles
        leaves = is_current and INSTRUCTOR in person.roles - frozenset(roles)
    if leaves:
        settle_held(runtime, actor, person_id, None, ROLE_TAKEN)
    with runtime.database.transaction() as session:
        person = known_person(session, person_id)
        before = sorted(person.roles)
        person_administration.change_roles(session, person, roles, actor, held=held)
        facts = {"email": person.email, "before": before, "after": sorted(person.roles)}
        record(runtime, session, AuditKind.ACCOUNT_ROLES_CHANGED, actor, **facts)
        return person


def revoke_token(runtime: Runtime, actor: Actor, token_id: int, at: datetime) -> Person:
    """End anybody's token; raises NotFound when it does not live."""
    with runtime.database.transaction() as session:
        token, person = live_token(session, token_id)
        revoked = api_token.revoke(session, token.person_id, token_id, at)
        facts = {"label": revoked.label, "email": person.email}
        record(runtime, session, AuditKind.ACCOUNT_TOKEN_REVOKED, actor, **facts)
        return person


def live_token(session: Session, token_id: int) -> tuple[api_token.ApiToken, Person]:
    """A token that lives and whose it is; raises NotFound."""
    token = session.get(api_token.ApiToken, token_id)
    if token is None or token.revoked_at is not None:
        raise NotFound(f"Expected a token that lives but {token_id} is none. Read the list again.")
    return token, session.get_one(Person, token.person_id)


def known_person(session: Session, person_id: int) -> Person:
    """The person of a number; raises NotFound."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(f"Expected a person {person_id} but there is none. Check the number.")
    return person


def record(
    runtime: Runtime, session: Session, kind: AuditKind, actor: Actor, **payload: Any
) -> None:
    """Append what happened to an account to the history of the house."""
    now = runtime.clock.now()
    event = audit_log.Event(kind, payload, actor.person_id, actor.name, now, now)
    audit_log.append(session, audit_log.HOUSE, [event])
