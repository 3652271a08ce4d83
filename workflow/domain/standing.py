"""Rare acts on a dossier that its diagram does not draw: who may do them, and why they did."""

from __future__ import annotations

from collections.abc import Collection

from workflow.domain import instruction_queue
from workflow.domain.call import Call
from workflow.domain.person import Actor
from workflow.errors import InvalidAnswer, NotAllowed

MAY_RESTORE_RANK = frozenset({"process_owner"})
MAY_REOPEN = frozenset({"process_owner"})
MAY_CHANGE_CAMPAIGN = frozenset({"process_owner", "administrator"})
LONGEST_REASON = 2_000


def require_role(actor: Actor, roles: Collection[str]) -> None:
    """Refuse a person who holds none of these roles."""
    if not actor.roles & set(roles):
        raise NotAllowed(
            f"Expected one of the roles {', '.join(sorted(roles))} but {actor.name} has"
            f" {sorted(actor.roles)}. Ask a person who has one."
        )


def require_reason(reason: str | None, field: str = "reason") -> str:
    """A reason as kept; raises InvalidAnswer on one that is missing or too long."""
    text = reason.strip() if isinstance(reason, str) else ""
    if not text or len(text) > LONGEST_REASON:
        raise InvalidAnswer(
            f"Expected a {field} of 1 to {LONGEST_REASON} characters but found {len(text)}."
            " Write why.",
            {field: [f"Indiquez le motif, en {LONGEST_REASON} caractères au plus."]},
        )
    return text


def restore_rank(call: Call, reason: str) -> None:
    """Give the call's dossier its first rank back (DOMAIN A8): the process owner's right."""
    require_role(call.actor, MAY_RESTORE_RANK)
    instruction_queue.restore_rank(call, require_reason(reason))
