"""Mandates: who, within a company, may do its tasks and sign in its legal representative's place.

Without any mandate a person does what their roles say. Once given one, a person acts by it: when
the last one ends, so does all that they could do and read for the company, at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow import audit_log
from workflow.clock import paris_date
from workflow.db import Base, Instant
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.counter import next_value
from workflow.domain.person import OPERATOR_SIDE, Actor, Person, actor_of
from workflow.errors import Conflict, InvalidAnswer, NotAllowed, NotFound

REPRESENTATIVE = "legal_representative"
LONGEST_BASIS = 500
MOST_MANDATES = 500


class Mandate(Base):
    """What a company's legal representative lets one person do; days are of Paris.

    `until` is the last day, none without an end; `basis` names the deed, such as a power of
    attorney and its date.
    """

    __tablename__ = "mandate"
    __table_args__ = (Index(None, "operator_id", "id"), Index(None, "person_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operator.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    may_sign: Mapped[bool]
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    basis: Mapped[str] = mapped_column(String(LONGEST_BASIS))
    granted_at: Mapped[datetime] = mapped_column(Instant)
    granted_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    def state_on(self, day: date) -> str:
        """Whether it is "pending", "live", "expired" or "revoked" on a day."""
        if self.revoked_at is not None:
            return "revoked"
        if day < self.since:
            return "pending"
        return "live" if self.until is None or day <= self.until else "expired"


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A mandate about to be given."""

    person_id: int | None
    may_sign: bool
    since: date
    until: date | None
    basis: str


def acting(session: Session, actor: Actor, at: datetime) -> Actor:
    """What a person of a company may do at an instant, their mandates considered."""
    if actor.person_id is None or actor.operator_id is None:
        return actor
    if REPRESENTATIVE in actor.roles and actor.mandate_id is None:
        return actor
    return acting_by(actor, _of_person(session, actor.operator_id, actor.person_id), at)


def acting_by(actor: Actor, held: Sequence[Mandate], at: datetime) -> Actor:
    """The same as `acting` for who has read the person's mandates already."""
    if actor.operator_id is None or (REPRESENTATIVE in actor.roles and actor.mandate_id is None):
        return actor
    return _as_mandated(actor, held, paris_date(at))


def people_acting(session: Session, operator_id: int, at: datetime) -> list[tuple[Person, Actor]]:
    """A company's active people by e-mail address, with what each may do at an instant.

    Those whose mandate is over are left out.
    """
    people = session.scalars(
        select(Person)
        .where(Person.operator_id == operator_id, Person.is_active.is_(True))
        .order_by(Person.email)
        .limit(MOST_MANDATES)
    ).all()
    held: dict[int, list[Mandate]] = {}
    for each in session.scalars(
        select(Mandate)
        .where(Mandate.operator_id == operator_id)
        .order_by(Mandate.id)
        .limit(MOST_MANDATES)
    ):
        held.setdefault(each.person_id, []).append(each)
    found: list[tuple[Person, Actor]] = []
    for each in people:
        actor = actor_of(session, each)
        if REPRESENTATIVE not in actor.roles:
            actor = _as_mandated(actor, held.get(each.id, []), paris_date(at))
        if not actor.mandate_over:
            found.append((each, actor))
    return found


def _as_mandated(actor: Actor, held: Sequence[Mandate], day: date) -> Actor:
    live = [each for each in held if each.state_on(day) == "live"]
    if live:
        signing = next((each for each in live if each.may_sign), None)
        added = {"operator"} | ({REPRESENTATIVE} if signing else set())
        return replace(actor, roles=actor.roles | added, mandate_id=signing.id if signing else None)
    if any(each.state_on(day) in ("expired", "revoked") for each in held):
        return replace(
            actor, roles=actor.roles - OPERATOR_SIDE, operator_id=None, mandate_over=True
        )
    return actor


def signing(session: Session, actor: Actor, at: datetime) -> Mandate | None:
    """The mandate by which this person signs; None for the legal representative in person.

    Read in the signing's own transaction: raises NotAllowed when it was revoked meanwhile.
    """
    if actor.mandate_id is None:
        return None
    found = session.get(Mandate, actor.mandate_id, populate_existing=True)
    if found is None or not found.may_sign or found.state_on(paris_date(at)) != "live":
        raise NotAllowed(
            f"Expected a mandate to sign that is in force but that of {actor.name} is not."
            " The legal representative signs, or gives another mandate."
        )
    return found


def grant(session: Session, actor: Actor, wanted: Grant, at: datetime) -> Mandate:
    """Give a colleague a mandate, entered in the chain of the house.

    Raises NotAllowed to all but the company's legal representative, InvalidAnswer.
    """
    operator_id = require_representative(actor)
    today = paris_date(at)
    _refuse(_faults(session, operator_id, wanted, today))
    given = Mandate(
        number=f"M-{today.year}-{next_value(session, f'mandate:{today.year}'):03d}",
        operator_id=operator_id,
        person_id=wanted.person_id or 0,
        may_sign=wanted.may_sign,
        since=wanted.since,
        until=wanted.until,
        basis=wanted.basis.strip(),
        granted_at=at,
        granted_by=actor.person_id or 0,
    )
    session.add(given)
    session.flush()  # The entry names it by its id.
    facts = {"may_sign": given.may_sign, "since": given.since, "until": given.until}
    _record(session, actor, AuditKind.MANDATE_GRANTED, given, at, {**facts, "basis": given.basis})
    return given


def revoke(session: Session, actor: Actor, mandate_id: int, at: datetime) -> Mandate:
    """End a mandate at once; raises NotAllowed, NotFound, Conflict when it is over already."""
    operator_id = require_representative(actor)
    found = of_operator(session, operator_id, mandate_id)
    state = found.state_on(paris_date(at))
    if state in ("revoked", "expired"):
        raise Conflict(f"Expected mandate {found.number} to be in force but it is {state}.")
    found.revoked_at, found.revoked_by = at, actor.person_id
    _record(session, actor, AuditKind.MANDATE_REVOKED, found, at, {})
    return found


def require_representative(actor: Actor) -> int:
    """The company whose legal representative this person is, not by mandate; or NotAllowed."""
    is_own = REPRESENTATIVE in actor.roles and actor.mandate_id is None
    if actor.operator_id is None or actor.person_id is None or not is_own:
        raise NotAllowed(
            f"Expected the company's legal representative but {actor.name} is not."
            " Only the legal representative gives or revokes mandates."
        )
    return actor.operator_id


def of_operator(session: Session, operator_id: int, mandate_id: int) -> Mandate:
    """A mandate of a company; raises NotFound, also on another company's."""
    found = session.get(Mandate, mandate_id)
    if found is None or found.operator_id != operator_id:
        raise NotFound(f"Expected a mandate {mandate_id} of yours but there is none. Check it.")
    return found


def all_of(session: Session, operator_id: int) -> list[tuple[Mandate, str]]:
    """A company's mandates with the name of who holds each, last given first."""
    rows = session.execute(
        select(Mandate, Person.name)
        .join(Person, Person.id == Mandate.person_id)
        .where(Mandate.operator_id == operator_id)
        .order_by(Mandate.id.desc())
        .limit(MOST_MANDATES)
    )
    return [(mandate, name) for mandate, name in rows]


def colleagues(session: Session, operator_id: int) -> Sequence[Person]:
    """The people with an account for a company, by name."""
    return session.scalars(
        select(Person)
        .where(Person.operator_id == operator_id)
        .order_by(Person.name, Person.id)
        .limit(MOST_MANDATES)
    ).all()


def _of_person(session: Session, operator_id: int, person_id: int) -> Sequence[Mandate]:
    return session.scalars(
        select(Mandate)
        .where(Mandate.operator_id == operator_id, Mandate.person_id == person_id)
        .order_by(Mandate.id)
        .limit(MOST_MANDATES)
    ).all()


def _faults(session: Session, operator_id: int, wanted: Grant, today: date) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    person = session.get(Person, wanted.person_id) if wanted.person_id is not None else None
    if person is None or person.operator_id != operator_id or not person.is_active:
        faults["person"] = ["Choisissez une personne de votre entreprise."]
    elif REPRESENTATIVE in person.roles:
        faults["person"] = ["Un représentant légal n’a pas besoin de mandat\u00a0: il signe déjà."]
    if wanted.since < today:
        faults["since"] = ["Un mandat ne commence pas dans le passé."]
    if wanted.until is not None and wanted.until < wanted.since:
        faults["until"] = ["Le dernier jour précède le premier."]
    if not 1 <= len(wanted.basis.strip()) <= LONGEST_BASIS:
        faults["basis"] = [
            f"Indiquez l’acte qui donne ce mandat, en {LONGEST_BASIS} caractères au plus."
        ]
    return faults


def _refuse(faults: dict[str, list[str]]) -> None:
    if faults:
        raise InvalidAnswer(
            f"Expected a mandate that may be given but {', '.join(sorted(faults))} stand against"
            " it. Correct these fields.",
            faults,
        )


def _record(
    session: Session,
    actor: Actor,
    kind: AuditKind,
    mandate: Mandate,
    at: datetime,
    facts: dict[str, Any],
) -> None:
    holder = session.get(Person, mandate.person_id)
    payload = {
        "mandate": mandate.number,
        "operator_id": mandate.operator_id,
        "person": holder.name if holder else "",
        "person_id": mandate.person_id,
        **facts,
    }
    event = audit_log.Event(kind, payload, actor.person_id, actor.name, at, at)
    audit_log.append(session, audit_log.HOUSE, [event])
