"""The people with an account: the administrator lists them and closes an account."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from web import account_door
from web.language import _
from web.runtime import runtime
from web.signed_in import actor, requires_role
from web.standings import role_name
from workflow.domain.operator import Operator
from workflow.domain.person import Person
from workflow.errors import Conflict, NotFound

PER_PAGE = 100

part = Blueprint("people", __name__)


@part.get("/personnes")
@requires_role("administrator")
def index() -> Any:
    """Everyone with an account, by name."""
    after = request.args.get("apres", "")[:254]
    with runtime().database.reading() as session:
        rows = session.execute(
            select(Person, Operator.company_name)
            .outerjoin(Operator, Operator.id == Person.operator_id)
            .where(Person.email > after)
            .order_by(Person.email)
            .limit(PER_PAGE + 1)
        ).all()
        shown = rows[:PER_PAGE]
        return render_template(
            "people/index.html",
            rows=shown,
            next_after=shown[-1][0].email if len(rows) > PER_PAGE else None,
            role_name=role_name,
            me=actor().person_id,
        )


@part.route("/personnes/<int:person_id>/desactiver", methods=["GET", "POST"])
@requires_role("administrator")
def deactivate(person_id: int) -> Any:
    """Close an account, after a confirmation; what its person did stays in the history."""
    if request.method == "GET":
        with runtime().database.reading() as session:
            return render_template("people/deactivate.html", person=_active(session, person_id))
    person = account_door.deactivate(runtime(), actor(), person_id)
    flash(_("Compte désactivé : %(name)s.", name=person.name), "done")
    return redirect(url_for("people.index"), 303)


def _active(session: Session, person_id: int) -> Person:
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(f"Expected a person {person_id} but there is none. Check the number.")
    if not person.is_active or person.id == actor().person_id:
        raise Conflict(
            f"Expected an active account of somebody else but {person.name}'s is not."
            " Choose another."
        )
    return person
