"""The Agency's partners at the college: whom it invites to one session (DSR 4.5). [règle 67]

An invited partner reads the agenda of that session and the synthesis of its dossiers, until the
session is closed; every other dossier does not exist for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, and_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow import audit_log
from workflow.db import Base, Instant
from workflow.domain import agenda
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.campaign import Campaign
from workflow.domain.college import CollegeSession
from workflow.domain.dossier import Dossier
from workflow.domain.person import OUTSIDERS, PARTNER, Actor, Person, PersonRole
from workflow.errors import Conflict, InvalidAnswer, NotAllowed, NotFound

MAY_INVITE = frozenset({"college_president", "process_owner"})
MOST_INVITED = 50


class CollegeInvitation(Base):
    """One partner's person invited to one session."""

    __tablename__ = "college_invitation"
    __table_args__ = (Index(None, "session_id", "id"), Index(None, "person_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("college_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation: Mapped[str] = mapped_column(String(80))
    invited_at: Mapped[datetime] = mapped_column(Instant)
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


def invite(
    session: Session,
    actor: Actor,
    campaign: Campaign,
    session_id: int,
    *,
    person_id: int | None,
    organisation: str,
    at: datetime,
) -> CollegeInvitation:
    """Invite a partner's person to a session that is not held yet.

    Raises NotAllowed, NotFound, Conflict once it is held, InvalidAnswer.
    """
    require_may_invite(actor)
    sitting = _open_session(session, session_id)
    faults: dict[str, list[str]] = {}
    person = session.get(Person, person_id) if person_id is not None else None
    if person is None or person.id not in {each.id for each in candidates(session)}:
        faults["person"] = ["Choisissez une personne d’un partenaire dans la liste."]
    if organisation not in campaign.college.partners:
        faults["organisation"] = ["Choisissez l’organisme que cette personne représente."]
    if any(row.person_id == person_id for row, _name in invited(session, session_id)):
        faults["person"] = ["Cette personne est déjà invitée à cette séance."]
    if faults or person is None:
        raise InvalidAnswer("Expected a partner to invite but found none. Choose one.", faults)
    given = CollegeInvitation(
        session_id=session_id,
        person_id=person.id,
        organisation=organisation,
        invited_at=at,
        invited_by=actor.person_id,
    )
    session.add(given)
    _record(session, actor, AuditKind.PARTNER_INVITED, sitting, person, organisation, at)
    return given


def withdraw(session: Session, actor: Actor, invitation_id: int, at: datetime) -> CollegeSession:
    """Take an invitation back at once; raises NotAllowed, NotFound, Conflict once it is over."""
    require_may_invite(actor)
    found = session.get(CollegeInvitation, invitation_id)
    if found is None:
        raise NotFound(f"Expected an invitation {invitation_id} but there is none. Check it.")
    if found.withdrawn_at is not None:
        raise Conflict(f"Expected invitation {invitation_id} to stand but it was taken back.")
    sitting = _open_session(session, found.session_id)
    found.withdrawn_at, found.withdrawn_by = at, actor.person_id
    person = session.get_one(Person, found.person_id)
    kind = AuditKind.PARTNER_INVITATION_WITHDRAWN
    _record(session, actor, kind, sitting, person, found.organisation, at)
    return sitting


def require_may_invite(actor: Actor) -> None:
    """Refuse all but the college's president and its secretary, the process owner."""
    if not actor.roles & MAY_INVITE:
        raise NotAllowed(
            f"Expected the president of the college or the process owner but {actor.name} is"
            " neither. Ask one of them."
        )


def candidates(session: Session) -> Sequence[Person]:
    """The partners' people with an account, by name: never someone of the Agency."""
    agency = select(PersonRole.person_id).where(PersonRole.role.not_in(sorted(OUTSIDERS)))
    return session.scalars(
        select(Person)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(PersonRole.role == PARTNER, Person.is_active.is_(True), Person.id.not_in(agency))
        .order_by(Person.name, Person.id)
        .limit(MOST_INVITED)
    ).all()


def invited(session: Session, session_id: int) -> list[tuple[CollegeInvitation, str]]:
    """Who is invited to a session, with their names, in order."""
    rows = session.execute(
        select(CollegeInvitation, Person.name)
        .join(Person, Person.id == CollegeInvitation.person_id)
        .where(CollegeInvitation.session_id == session_id, CollegeInvitation.withdrawn_at.is_(None))
        .order_by(CollegeInvitation.id)
        .limit(MOST_INVITED)
    )
    return [(row, name) for row, name in rows]


def expected(session: Session, session_id: int) -> list[dict[str, str]]:
    """Who is invited, as the attendance of the session names partners."""
    return [
        {"organisation": row.organisation, "name": name}
        for row, name in invited(session, session_id)
    ]


def sitting_of(
    session: Session, instance_id: int
) -> tuple[CollegeSession | None, list[dict[str, str]]]:
    """The session that an instance convenes, and whom it expects as `expected` names them."""
    rows = session.execute(
        select(CollegeSession, CollegeInvitation.organisation, Person.name)
        .outerjoin(
            CollegeInvitation,
            and_(
                CollegeInvitation.session_id == CollegeSession.id,
                CollegeInvitation.withdrawn_at.is_(None),
            ),
        )
        .outerjoin(Person, Person.id == CollegeInvitation.person_id)
        .where(CollegeSession.instance_id == instance_id)
        .order_by(CollegeInvitation.id)
        .limit(MOST_INVITED)
    ).all()
    sitting = rows[0][0] if rows else None
    return sitting, [
        {"organisation": organisation, "name": name}
        for _sitting, organisation, name in rows
        if name
    ]


def sessions_of(session: Session, actor: Actor) -> list[tuple[CollegeSession, str]]:
    """The sessions still to be held to which this person is invited, and for whom they sit."""
    if PARTNER not in actor.roles or actor.person_id is None:
        return []
    rows = session.execute(
        select(CollegeSession, CollegeInvitation.organisation)
        .join(CollegeInvitation, CollegeInvitation.session_id == CollegeSession.id)
        .where(
            CollegeInvitation.person_id == actor.person_id,
            CollegeInvitation.withdrawn_at.is_(None),
            CollegeSession.held_at.is_(None),
        )
        .order_by(CollegeSession.scheduled_at, CollegeSession.id)
        .limit(MOST_INVITED)
    )
    return [(sitting, organisation) for sitting, organisation in rows]


def session_for(session: Session, actor: Actor, session_id: int) -> tuple[CollegeSession, str]:
    """An open session to which this person is invited; NotFound for any other."""
    for sitting, organisation in sessions_of(session, actor):
        if sitting.id == session_id:
            return sitting, organisation
    raise NotFound(f"Expected a session {session_id} but there is none. Check its address.")


def dossier_for(session: Session, actor: Actor, session_id: int, number: str) -> Dossier:
    """A dossier on the agenda of a session to which this person is invited, else NotFound."""
    sitting, _organisation = session_for(session, actor, session_id)
    for found in agenda.ready(session, sitting.campaign_id):
        if found.number == number:
            return found
    raise NotFound(f"Expected a dossier {number[:40]!r} but there is none. Check the number.")


def _open_session(session: Session, session_id: int) -> CollegeSession:
    found = session.get(CollegeSession, session_id)
    if found is None:
        raise NotFound(f"Expected a session {session_id} but there is none. Check its address.")
    if found.held_at is not None:
        raise Conflict(f"Expected session {found.number} to be open but it was held.")
    return found


def _record(
    session: Session,
    actor: Actor,
    kind: AuditKind,
    sitting: CollegeSession,
    person: Person,
    organisation: str,
    at: datetime,
) -> None:
    payload: dict[str, Any] = {
        "campaign": sitting.campaign_id,
        "session": sitting.number,
        "person": person.name,
        "person_id": person.id,
        "organisation": organisation,
    }
    event = audit_log.Event(kind, payload, actor.person_id, actor.name, at, at)
    audit_log.append(session, audit_log.HOUSE, [event])
