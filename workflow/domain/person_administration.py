"""What an administrator does to accounts: close, open again, change roles, settle invitations.

At least one administrator can always sign in, and nobody closes or demotes themselves.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from workflow.domain import instruction_assignment
from workflow.domain.absence import INSTRUCTOR
from workflow.domain.api_token import ApiToken
from workflow.domain.person import (
    OPERATOR_SIDE,
    OUTSIDERS,
    PARTNER,
    ROLES,
    Actor,
    Person,
    PersonRole,
)
from workflow.errors import Conflict, InvalidAnswer

ADMINISTRATOR = "administrator"


class StillHolds(Conflict):
    """The person holds dossiers of the queue: they go to a colleague or to the queue first."""

    code = "still_holds"


class LastAdministrator(Conflict):
    """Without this person nobody could administrate any more."""

    code = "last_administrator"


def deactivate(session: Session, person: Person, by: Actor, at: datetime) -> int:
    """Close an account: its sessions end at once and its tokens are revoked; returns how many.

    Raises Conflict for one's own account and for a closed one, LastAdministrator. `at` is the
    machine's instant.
    """
    _lock_administrators(session)
    require_closable(session, person, by)
    require_nothing_held(session, person)
    person.is_active = False
    person.sessions_ended += 1
    revoked = session.execute(
        update(ApiToken)
        .where(ApiToken.person_id == person.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=at)
        .returning(ApiToken.id)
    )
    return len(revoked.all())


def require_closable(session: Session, person: Person, by: Actor) -> None:
    """Refuse one's own account, a closed one and the last administrator's; raises Conflict."""
    if not person.is_active or person.id == by.person_id:
        raise Conflict(
            f"Expected an active account of somebody else but {person.name}'s is not."
            " Choose another."
        )
    _require_another(session, person)


def reactivate(person: Person) -> None:
    """Open a closed account again, without its old sessions and tokens; raises Conflict."""
    if person.is_active:
        raise Conflict(f"Expected a closed account but {person.name}'s is open. Nothing to do.")
    person.is_active = True


def change_roles(
    session: Session,
    person: Person,
    roles: Collection[str],
    by: Actor,
    *,
    held: Collection[str] | None = None,
) -> None:
    """Give exactly these roles; raises InvalidAnswer, Conflict, LastAdministrator.

    `held` are those that were shown when it was decided: others by now are a Conflict.
    """
    wanted = frozenset(roles)
    require_fitting(person, wanted)
    _lock_administrators(session)
    session.refresh(person, ["granted"])
    if held is not None and frozenset(held) != person.roles:
        raise Conflict(
            f"Expected {person.name} to hold {sorted(held)} but the roles are"
            f" {sorted(person.roles)} by now. Read them again."
        )
    if wanted == person.roles:
        raise Conflict(f"Expected other roles but {person.name} holds these. Choose others.")
    if ADMINISTRATOR in person.roles - wanted:
        if person.id == by.person_id:
            raise Conflict(
                "Expected to take the administrator's role from somebody else but it is your own."
                " Ask another administrator."
            )
        _require_another(session, person)
    held = person.roles
    if INSTRUCTOR in held - wanted:
        require_nothing_held(session, person)
    session.execute(
        delete(PersonRole).where(
            PersonRole.person_id == person.id, PersonRole.role.in_(held - wanted)
        )
    )
    session.add_all(PersonRole(person_id=person.id, role=role) for role in wanted - held)
    session.flush()
    session.expire(person, ["granted"])


def require_nothing_held(session: Session, person: Person) -> None:
    """Refuse to take the dossiers of the queue out of everybody's sight; raises StillHolds."""
    # Whoever gives them a dossier at this instant has done so, or waits and is refused.
    session.execute(select(Person.id).where(Person.id == person.id).with_for_update())
    if instruction_assignment.held_by(session, person.id):
        raise StillHolds(
            f"Expected nothing in the hands of {person.name} but dossiers of the queue are."
            " Hand them over, or give them back to the queue, first."
        )


def offered_roles(person: Person) -> tuple[str, ...]:
    """The roles that a person may hold: those of a company, of a partner, or of the Agency."""
    if person.operator_id is not None or person.roles & OPERATOR_SIDE:
        return tuple(role for role in ROLES if role in OPERATOR_SIDE)
    if PARTNER in person.roles:
        return (PARTNER,)
    return tuple(role for role in ROLES if role not in OUTSIDERS)


def require_fitting(person: Person, wanted: frozenset[str]) -> None:
    """Refuse roles that a person cannot hold; raises InvalidAnswer."""
    if not wanted or wanted - set(offered_roles(person)):
        raise InvalidAnswer(
            f"Expected roles among {', '.join(offered_roles(person))} but found"
            f" {sorted(wanted)}. Choose at least one of them.",
            {"roles": ["Choisissez au moins un rôle parmi ceux de la liste."]},
        )


def _lock_administrators(session: Session) -> None:
    # Two administrators who close each other at the same instant must not both succeed.
    session.execute(
        select(PersonRole).where(PersonRole.role == ADMINISTRATOR).with_for_update()
    ).all()


def _require_another(session: Session, person: Person) -> None:
    if ADMINISTRATOR not in person.roles:
        return
    others = session.scalar(
        select(func.count())
        .select_from(Person)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(PersonRole.role == ADMINISTRATOR, Person.is_active.is_(True), Person.id != person.id)
    )
    if not others:
        raise LastAdministrator(
            f"Expected another active administrator but {person.name} is the last one."
            " Name another first."
        )
