"""The door of administrators, as the pages know it: `api.people_door`, and letters sent again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from api.people_door import (
    change_roles,
    deactivate,
    known_person,
    live_token,
    reactivate,
    record,
    revoke_token,
    withdraw_invitation,
)
from web.account_door import Letter, send
from workflow.domain import person_administration
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.person import Actor, Invitation

if TYPE_CHECKING:
    from workflow.engine.runtime import Runtime

__all__ = [
    "change_roles",
    "deactivate",
    "known_person",
    "live_token",
    "reactivate",
    "renew_invitation",
    "revoke_token",
    "withdraw_invitation",
]


def renew_invitation(
    runtime: Runtime, actor: Actor, invitation_id: int, letter: Letter, at: datetime
) -> tuple[Invitation, str]:
    """Send an invitation again with a new link; returns its token. Raises NotFound."""
    with runtime.database.transaction() as session:
        found, token = person_administration.renew(session, invitation_id, at)
        send(runtime, session, found.email, letter(token))
        facts = {"email": found.email, "role": found.role}
        record(runtime, session, AuditKind.ACCOUNT_INVITATION_RENEWED, actor, **facts)
        return found, token
