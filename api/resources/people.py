"""The people with an account, for administrators: who they are, their roles, open or closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, validate
from marshmallow import fields as f
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from api import people_door
from api.access import actor, allowed
from api.context import runtime, system_now
from api.paging import PageQuery, page, page_of, position
from api.parsing import Part
from api.schemas import instant, plain_text, texts, whole_number, yes_or_no
from workflow.domain.operator import Operator
from workflow.domain.person import ROLES, Person
from workflow.domain.person_administration import ADMINISTRATOR

part = Part("api-people", "The people with an account.")
LONGEST_SEARCH = 100


class PersonSchema(Schema):
    """Someone with an account."""

    id = whole_number()
    email = plain_text()
    name = plain_text()
    company_name = plain_text(nullable=True, description="None for the Agency's own people.")
    roles = texts(enum=ROLES)
    is_active = yes_or_no(description="Whether the account is open.")
    created_at = instant()


class PeopleQuery(PageQuery):
    """Which people."""

    search = f.String(
        validate=validate.Length(1, LONGEST_SEARCH),
        metadata={"description": "A part of the name, the address or the company's name."},
    )


class RolesSchema(Schema):
    """The roles someone is to hold, exactly."""

    roles = f.List(
        f.String(validate=validate.OneOf(ROLES)),
        required=True,
        validate=validate.Length(1, len(ROLES)),
    )
    held = f.List(
        f.String(validate=validate.OneOf(ROLES)),
        validate=validate.Length(max=len(ROLES)),
        metadata={"description": "Those that were read before: others by now are a conflict."},
    )


class ClosingSchema(Schema):
    """Who takes over."""

    to = f.Integer(
        validate=validate.Range(1, 2**31 - 1),
        metadata={"description": "The instructor who takes their dossiers; the queue otherwise."},
    )


@part.get("/people")
@allowed(ADMINISTRATOR)
@part.arguments(PeopleQuery, location="query")
@part.response(200, page_of(PersonSchema))
def list_people(query: dict[str, Any]) -> dict[str, Any]:
    """List the people with an account, by number"""
    after = position(query.get("cursor"), int)
    wanted = select(Person).outerjoin(Operator, Operator.id == Person.operator_id)
    if after:
        wanted = wanted.where(Person.id > after[0])
    if "search" in query:
        columns = (Person.name, Person.email, Operator.company_name)
        wanted = wanted.where(
            or_(*(c.icontains(query["search"], autoescape=True) for c in columns))
        )
    with runtime().database.reading() as session:
        rows = session.scalars(wanted.order_by(Person.id).limit(query["limit"] + 1)).all()
        kept, following = page(rows, query["limit"], lambda person: [person.id])
        return {"items": _shown(session, kept), "next": following}


@part.get("/people/<int(max=2147483647):person_id>")
@allowed(ADMINISTRATOR)
@part.response(200, PersonSchema)
def get_person(person_id: int) -> dict[str, Any]:
    """Read one person"""
    return _read(person_id)


@part.put("/people/<int(max=2147483647):person_id>/roles")
@allowed(ADMINISTRATOR)
@part.arguments(RolesSchema)
@part.response(200, PersonSchema)
def change_roles(body: dict[str, Any], person_id: int) -> dict[str, Any]:
    """Give someone exactly these roles

    Whoever instructs no more gives the dossiers in their hands back to the queue.
    """
    people_door.change_roles(runtime(), actor(), person_id, body["roles"], held=body.get("held"))
    return _read(person_id)


@part.post("/people/<int(max=2147483647):person_id>/deactivation")
@allowed(ADMINISTRATOR)
@part.arguments(ClosingSchema)
@part.response(200, PersonSchema)
def deactivate(body: dict[str, Any], person_id: int) -> dict[str, Any]:
    """Close an account

    Its sessions and tokens end at once; what the person did stays in the history.
    """
    people_door.deactivate(runtime(), actor(), person_id, system_now(), to=body.get("to"))
    return _read(person_id)


@part.post("/people/<int(max=2147483647):person_id>/reactivation")
@allowed(ADMINISTRATOR)
@part.response(200, PersonSchema)
def reactivate(person_id: int) -> dict[str, Any]:
    """Open a closed account again"""
    people_door.reactivate(runtime(), actor(), person_id)
    return _read(person_id)


def _read(person_id: int) -> dict[str, Any]:
    with runtime().database.reading() as session:
        return _shown(session, [people_door.known_person(session, person_id)])[0]


def _shown(session: Session, people: Sequence[Person]) -> list[dict[str, Any]]:
    ids = {person.operator_id for person in people if person.operator_id is not None}
    companies = dict(
        session.execute(
            select(Operator.id, Operator.company_name).where(Operator.id.in_(ids))
        ).all()
        if ids
        else ()
    )
    return [
        {
            "id": person.id,
            "email": person.email,
            "name": person.name,
            "company_name": companies.get(person.operator_id or 0),
            "roles": [role for role in ROLES if role in person.roles],
            "is_active": person.is_active,
            "created_at": person.created_at,
        }
        for person in people
    ]
