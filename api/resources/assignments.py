"""In whose hands dossiers are, and who is away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response
from marshmallow import Schema, validate
from marshmallow import fields as f
from sqlalchemy import select

from api.access import AGENCY, actor, allowed
from api.context import runtime
from api.parsing import Part
from api.readers import dossiers
from api.schemas import day, instant, plain_text, whole_number, yes_or_no
from workflow.clock import paris_date
from workflow.domain import absence, absence_acts, custody, hand_over
from workflow.domain.absence import ASSIGNING_ROLE, NamedAbsence
from workflow.domain.absence_acts import AbsenceWish
from workflow.domain.call import Call
from workflow.domain.person import Person
from workflow.engine import acts

part = Part("api-assignments", "Who looks after which dossier, and who is away.")
ONE_PERSON = validate.Range(1, 2**31 - 1)
LONGEST = validate.Length(max=20_000)


class AssignmentSchema(Schema):
    """In whose hands a dossier is; all is null while it is in nobody's."""

    person_id = whole_number(nullable=True)
    person = plain_text(nullable=True)
    way = plain_text(nullable=True, enum=["taken", "assigned", "handed_over"])
    given_by = plain_text(nullable=True)
    since = instant(nullable=True)
    reason = plain_text(nullable=True)
    in_queue = yes_or_no(description="Only dossiers of the queue change hands.")


class WhySchema(Schema):
    """Why."""

    reason = f.String(load_default="", validate=LONGEST)


class GivingSchema(WhySchema):
    """To whom, and why."""

    person = f.Integer(
        required=True, validate=ONE_PERSON, metadata={"description": "Id of an instructor."}
    )


class AbsenceSchema(Schema):
    """Somebody away; nobody stands in: the team covers."""

    id = whole_number()
    person = plain_text()
    first_day = day()
    last_day = day(description="Inclusive.")
    stand_in = plain_text(nullable=True)
    refused = yes_or_no(description="The stand-in said no: the team covers.")
    state = plain_text(enum=["coming", "running", "over"])


class AbsencesSchema(Schema):
    """Absences that concern me: mine, those in which I stand in, the team's if I assign."""

    items = f.List(f.Nested(AbsenceSchema), required=True)


class WishSchema(Schema):
    """An absence to declare."""

    first_day = f.Date(required=True)
    last_day = f.Date(required=True)
    stand_in = f.Integer(
        load_default=None,
        allow_none=True,
        validate=ONE_PERSON,
        metadata={"description": "Id of a colleague; without one, the team covers."},
    )
    person = f.Integer(
        load_default=None,
        allow_none=True,
        validate=ONE_PERSON,
        metadata={"description": "Somebody else, for who assigns dossiers."},
    )


class DeclaredSchema(Schema):
    """What was declared."""

    id = whole_number()


@part.get("/dossiers/<number>/assignment")
@allowed(*AGENCY)
@part.response(200, AssignmentSchema)
def get_assignment(number: str) -> dict[str, Any]:
    """Read in whose hands a dossier is"""
    with runtime().database.reading() as session:
        dossier = dossiers.find(session, number, actor())
        known = custody.custodies(session, [dossier.id])[dossier.id]
        held = known.assignment
        giver = session.scalar(
            select(Person.name).where(Person.id == (held.given_by if held else None))
        )
        return {
            "person_id": known.holder_id,
            "person": known.holder,
            "way": held.way if held else None,
            "given_by": giver,
            "since": held.taken_at if held else None,
            "reason": held.reason if held else None,
            "in_queue": known.in_queue,
        }


@part.post("/dossiers/<number>/assignment")
@allowed(ASSIGNING_ROLE)
@part.arguments(GivingSchema)
@part.response(204)
def assign(body: dict[str, Any], number: str) -> Response:
    """Assign a dossier to an instructor; a departure from the queue needs a reason"""
    given = {"to": body["person"], "why": body["reason"]}
    return _act(number, lambda call: hand_over.assign(call, **given))


@part.post("/dossiers/<number>/taking-back")
@allowed(ASSIGNING_ROLE)
@part.arguments(WhySchema)
@part.response(204)
def take_back(body: dict[str, Any], number: str) -> Response:
    """Put a dossier that somebody holds back into the queue, with a reason"""
    return _act(number, lambda call: hand_over.take_back(call, why=body["reason"]))


@part.post("/dossiers/<number>/hand-over")
@allowed("instructor")
@part.arguments(GivingSchema)
@part.response(204)
def give_to_colleague(body: dict[str, Any], number: str) -> Response:
    """Hand a dossier that I hold over to a colleague, with a reason"""
    given = {"to": body["person"], "why": body["reason"]}
    return _act(number, lambda call: hand_over.hand_over(call, **given))


@part.post("/dossiers/<number>/giving-back")
@allowed("instructor")
@part.arguments(WhySchema)
@part.response(204)
def give_back(body: dict[str, Any], number: str) -> Response:
    """Give a dossier that I hold back to the queue"""
    return _act(number, lambda call: hand_over.give_back(call, why=body["reason"]))


@part.post("/dossiers/<number>/declining")
@allowed("instructor")
@part.arguments(WhySchema)
@part.response(204)
def decline(body: dict[str, Any], number: str) -> Response:
    """Decline a dossier that somebody gave me, with a reason"""
    return _act(number, lambda call: hand_over.decline(call, why=body["reason"]))


@part.get("/absences")
@allowed(*AGENCY)
@part.response(200, AbsencesSchema)
def list_absences() -> dict[str, Any]:
    """List the absences that concern me"""
    today, me = paris_date(runtime().clock.now()), actor().person_id or 0
    with runtime().database.reading() as session:
        found = [*absence.of_person(session, me), *absence.asked_of(session, me, today)]
        if ASSIGNING_ROLE in actor().roles:
            found += absence.of_team(session, today)
        known = {each.absence.id: each for each in found}
        return {
            "items": [
                {**_shown(each), "state": each.absence.state_on(today)}
                for each in sorted(known.values(), key=lambda one: one.absence.first_day)
            ]
        }


@part.post("/absences")
@allowed(*AGENCY)
@part.arguments(WishSchema)
@part.response(201, DeclaredSchema)
def declare_absence(body: dict[str, Any]) -> dict[str, Any]:
    """Declare an absence; no delay stops for it"""
    wish = AbsenceWish(
        person_id=body["person"],
        first_day=body["first_day"],
        last_day=body["last_day"],
        stand_in_id=body["stand_in"],
    )
    with runtime().database.transaction() as session:
        return {"id": absence_acts.declare(session, actor(), wish, runtime().clock.now()).id}


@part.post("/absences/<int(max=2147483647):absence_id>/end")
@allowed(*AGENCY)
@part.response(204)
def end_absence(absence_id: int) -> Response:
    """End an absence at once, or withdraw one to come"""
    with runtime().database.transaction() as session:
        absence_acts.end(session, actor(), absence_id, runtime().clock.now())
    return Response(status=204)


@part.post("/absences/<int(max=2147483647):absence_id>/refusal")
@allowed(*AGENCY)
@part.arguments(WhySchema)
@part.response(204)
def refuse_to_stand_in(body: dict[str, Any], absence_id: int) -> Response:
    """Refuse to stand in for somebody: the team covers"""
    with runtime().database.transaction() as session:
        now = runtime().clock.now()
        absence_acts.refuse(session, actor(), absence_id, body["reason"], now)
    return Response(status=204)


def _act(number: str, verb: Callable[[Call], Any]) -> Response:
    with runtime().database.reading() as session:
        dossier_id = dossiers.find(session, number, actor()).id
    # The house's own order: a suspended dossier changes hands too.
    acts.perform(runtime(), actor(), dossier_id, verb, even_held=True)
    return Response(status=204)


def _shown(each: NamedAbsence) -> dict[str, Any]:
    found = each.absence
    return {
        "id": found.id,
        "person": each.person,
        "first_day": found.first_day,
        "last_day": found.last_day,
        "stand_in": each.stand_in,
        "refused": each.is_refused,
    }
