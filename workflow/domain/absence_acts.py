"""Absences declared, ended, refused; each is entered in the chain of the house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow import audit_log
from workflow.clock import paris_date
from workflow.domain import absence_letters as letters
from workflow.domain.absence import (
    ASSIGNING_ROLE,
    Absence,
    colleagues_of,
    overlapping,
)
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.person import Actor, Person
from workflow.domain.phrase import Phrase
from workflow.errors import Conflict, InvalidAnswer, NotAllowed, NotFound

LONGEST_ABSENCE = timedelta(days=366)
FARTHEST = timedelta(days=730)
LONGEST_REFUSAL = 2_000


class AbsenceOverlaps(Conflict):
    """The person has already declared an absence on one of these days."""

    code = "absence_overlaps"


class AbsenceOver(Conflict):
    """The absence has ended, or was withdrawn: nothing is left to change."""

    code = "absence_over"


@dataclass(frozen=True, kw_only=True)
class AbsenceWish:
    """An absence about to be declared; without a person it is the actor's own."""

    person_id: int | None
    first_day: date
    last_day: date
    stand_in_id: int | None


def declare(session: Session, actor: Actor, wish: AbsenceWish, at: datetime) -> Absence:
    """Declare an absence, one's own or, by who assigns dossiers, a colleague's.

    Raises NotAllowed, InvalidAnswer on days and stand-ins that cannot be, AbsenceOverlaps.
    """
    person = _absent_person(session, actor, wish.person_id)
    faults = _faults_of_days(wish, paris_date(at)) | _faults_of_stand_in(session, person, wish)
    if faults:
        raise InvalidAnswer(
            f"Expected days to come and a colleague who is there but {', '.join(sorted(faults))}"
            " stand against it. Correct these fields.",
            faults,
        )
    # Two tabs that declare the same days must not both succeed.
    session.execute(select(Person.id).where(Person.id == person.id).with_for_update())
    if overlapping(session, person.id, wish.first_day, wish.last_day) is not None:
        raise AbsenceOverlaps(
            f"Expected days on which {person.name} has declared no absence but one is declared."
            " End that one first, or choose other days."
        )
    declared = Absence(
        person_id=person.id,
        first_day=wish.first_day,
        last_day=wish.last_day,
        stand_in_id=wish.stand_in_id,
        declared_by=actor.person_id or 0,
        declared_at=at,
    )
    session.add(declared)
    session.flush()  # The entry names it by its id.
    _record(session, actor, AuditKind.ABSENCE_DECLARED, declared, at)
    letters.tell_of_absence(session, declared, person, actor.person_id, at)
    letters.warn_those_covered(session, declared, person, at)
    return declared


def end(session: Session, actor: Actor, absence_id: int, at: datetime) -> Absence:
    """End an absence at once, or withdraw one to come; raises NotFound, NotAllowed, AbsenceOver."""
    found = _own(session, actor, absence_id, paris_date(at))
    found.ended_at = at
    _record(session, actor, AuditKind.ABSENCE_ENDED, found, at)
    letters.tell_of_end(session, found, actor.person_id, at)
    return found


def refuse(session: Session, actor: Actor, absence_id: int, reason: str, at: datetime) -> Absence:
    """Refuse to stand in: the team covers. Raises NotFound, InvalidAnswer, AbsenceOver."""
    found = session.get(Absence, absence_id)
    if found is None or found.stand_in_id != actor.person_id:
        raise NotFound(f"Expected an absence {absence_id} in which you stand in but there is none.")
    if found.state_on(paris_date(at)) == "over" or found.refused_at is not None:
        raise AbsenceOver("Expected an absence to cover but it is over, or refused. It stands.")
    text = reason.strip()
    if len(text) > LONGEST_REFUSAL:
        raise InvalidAnswer(
            f"Expected a reason of at most {LONGEST_REFUSAL} characters but found {len(text)}.",
            {
                "reason": [
                    Phrase(
                        f"Écrivez au plus {LONGEST_REFUSAL} caractères.",
                        f"Write at most {LONGEST_REFUSAL} characters.",
                    )
                ]
            },
        )
    found.refused_at, found.refusal = at, text or None
    _record(session, actor, AuditKind.ABSENCE_STAND_IN_REFUSED, found, at)
    letters.tell_of_refusal(session, found, actor.name, at)
    return found


def _absent_person(session: Session, actor: Actor, person_id: int | None) -> Person:
    wanted = actor.person_id if person_id is None else person_id
    if wanted != actor.person_id and ASSIGNING_ROLE not in actor.roles:
        raise NotAllowed(
            f"Expected one's own absence but {actor.name} declares a colleague's."
            f" A person who is {ASSIGNING_ROLE} may."
        )
    person = session.get(Person, wanted) if wanted is not None else None
    if person is None or person.operator_id is not None or not person.is_active:
        raise InvalidAnswer(
            f"Expected an active person of the Agency but found {person_id}. Choose one.",
            {
                "person": [
                    Phrase("Choisissez une personne dans la liste.", "Choose a person in the list.")
                ]
            },
        )
    return person


def _faults_of_days(wish: AbsenceWish, today: date) -> dict[str, list[str]]:
    if wish.last_day < wish.first_day:
        return {
            "last_day": [
                Phrase("Le dernier jour précède le premier.", "The last day is before the first.")
            ]
        }
    if wish.last_day < today:
        return {
            "last_day": [
                Phrase(
                    "Ces jours sont passés\u00a0: une absence se déclare pour la suite.",
                    "These days are over: an absence is declared for days to come.",
                )
            ]
        }
    if wish.last_day - wish.first_day > LONGEST_ABSENCE:
        return {
            "last_day": [
                Phrase("Une absence dure au plus un an.", "An absence lasts a year at most.")
            ]
        }
    if wish.first_day - today > FARTHEST:
        return {
            "first_day": [
                Phrase("Une absence commence dans les deux ans.", "It begins within two years.")
            ]
        }
    return {}


def _faults_of_stand_in(
    session: Session, person: Person, wish: AbsenceWish
) -> dict[str, list[str]]:
    if wish.stand_in_id is None:
        return {}
    known = {each.id: each for each in colleagues_of(session, person.id)}
    stand_in = known.get(wish.stand_in_id)
    if stand_in is None:
        return {
            "stand_in": [
                Phrase(
                    "Choisissez un collègue dans la liste, ou l’équipe.",
                    "Choose a colleague in the list, or the team.",
                )
            ]
        }
    away = overlapping(session, stand_in.id, wish.first_day, wish.last_day)
    if away is None:
        return {}
    days = f"{away.first_day:%d/%m/%Y} to {away.last_day:%d/%m/%Y}"
    return {
        "stand_in": [
            Phrase(
                f"{stand_in.name} est absent du {letters.days_of(away)}."
                " Choisissez quelqu’un d’autre.",
                f"{stand_in.name} is away from {days}. Choose somebody else.",
            )
        ]
    }


def _own(session: Session, actor: Actor, absence_id: int, today: date) -> Absence:
    found = session.get(Absence, absence_id)
    if found is None or (found.person_id != actor.person_id and ASSIGNING_ROLE not in actor.roles):
        raise NotFound(f"Expected an absence {absence_id} of yours but there is none. Check it.")
    if found.state_on(today) == "over":
        raise AbsenceOver("Expected an absence running or to come but it is over. Nothing to do.")
    return found


def _record(
    session: Session, actor: Actor, kind: AuditKind, absence: Absence, at: datetime
) -> None:
    payload: dict[str, Any] = {
        "absence": absence.id,
        "person": absence.person_id,
        "name": session.get_one(Person, absence.person_id).name,
        "first_day": absence.first_day,
        "last_day": absence.last_day,
        "stand_in": absence.stand_in_id,
    }
    event = audit_log.Event(kind, payload, actor.person_id, actor.name, at, at)
    audit_log.append(session, audit_log.HOUSE, [event])
