"""The people with an account: what each may do, how they enter; an administrator changes it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import or_, select

from api import people_door
from web import answering, identity_door
from web.error_pages import SENTENCES, Sentences
from web.identity_provider import issuer_of
from web.kept import is_refresh, redisplays
from web.language import _, _l
from web.procedure_words import faults_in_words
from web.runtime import runtime, system_now
from web.signed_in import ROLE_NAMES, actor, requires_role
from web.standings import role_name
from web.whole_number import posted_number
from workflow.domain import (
    api_token,
    custody,
    identity,
    instruction_assignment,
    person_administration,
)
from workflow.domain.operator import Operator
from workflow.domain.person import Person
from workflow.domain.person_administration import ADMINISTRATOR, LastAdministrator, StillHolds
from workflow.errors import Conflict, InvalidAnswer

PER_PAGE = 100
ONE = "/personnes/<int(max=2147483647):person_id>"

part = Blueprint("people", __name__)

SENTENCES[LastAdministrator.code] = Sentences(
    _l("C'est le dernier administrateur"),
    _l("Rien n'a été changé. Donnez d'abord ce rôle à une autre personne."),
)
SENTENCES[StillHolds.code] = Sentences(
    _l("Cette personne tient encore des dossiers"),
    _l("Rien n'a été changé : un dossier lui est arrivé entre-temps. Recommencez."),
)


@part.get("/personnes")
@requires_role(ADMINISTRATOR)
def index() -> Any:
    """Everyone with an account, by address; all, or those whose name or address has a word."""
    after, words = request.args.get("apres", "")[:254], request.args.get("q", "").strip()[:100]
    query = select(Person, Operator.company_name).outerjoin(
        Operator, Operator.id == Person.operator_id
    )
    if words:
        like = f"%{words.replace('%', '').replace('_', '')}%"
        query = query.where(
            or_(
                Person.name.ilike(like),
                Person.email.ilike(like),
                Operator.company_name.ilike(like),
            )
        )
    with runtime().database.reading() as session:
        rows = session.execute(
            query.where(Person.email > after).order_by(Person.email).limit(PER_PAGE + 1)
        ).all()
        shown = rows[:PER_PAGE]
        return render_template(
            "people/index.html",
            rows=shown,
            words=words,
            next_after=shown[-1][0].email if len(rows) > PER_PAGE else None,
            role_name=role_name,
            me=actor().person_id,
        )


@part.get(ONE)
@requires_role(ADMINISTRATOR)
def show(person_id: int) -> Any:
    """One person: roles, ways to enter, tokens."""
    with runtime().database.reading() as session:
        person = people_door.known_person(session, person_id)
        return render_template(
            "people/show.html",
            person=person,
            company=_company(session.get(Operator, person.operator_id or 0)),
            identities=identity.of_person(session, person_id),
            tokens=api_token.of_person(session, person_id),
            role_name=role_name,
            is_me=person.id == actor().person_id,
            issuer=issuer_of(runtime().settings),
        )


@part.route(f"{ONE}/roles", methods=["GET", "POST"])
@requires_role(ADMINISTRATOR)
@redisplays
def change_roles(person_id: int) -> Any:
    """Choose the roles of somebody, read what that changes, confirm."""
    with runtime().database.reading() as session:
        person = people_door.known_person(session, person_id)
        offered = person_administration.offered_roles(person)
        held = person.roles
    chosen = frozenset(request.form.getlist("roles")) if request.method == "POST" else held
    shown = frozenset(request.form.getlist("held")) or held
    faults: dict[str, list[str]] = {}
    confirming, happened = False, ""
    if request.method == "POST" and not is_refresh():
        try:
            person_administration.require_fitting(person, chosen)
            if chosen == held:
                raise InvalidAnswer(
                    "Expected other roles but found the same. Change one.",
                    {"roles": [_("Rien n'a changé. Changez au moins un rôle.")]},
                )
            if request.form.get("confirmed") == "yes" or shown != held:
                people_door.change_roles(runtime(), actor(), person_id, chosen, held=shown)
                flash(_("Rôles changés : %(name)s.", name=person.name), "done")
                return redirect(url_for("people.show", person_id=person_id), 303)
            confirming = True
        except InvalidAnswer as refusal:
            faults = faults_in_words(refusal)
        except Conflict:
            if shown == held:
                raise
            happened = _changed(person)
    page = render_template(
        "people/roles.html",
        person=person,
        offered=[(role, ROLE_NAMES[role]) for role in offered],
        chosen=chosen,
        given=[role_name(role) for role in offered if role in chosen - held],
        taken=[role_name(role) for role in sorted(held - chosen)],
        confirming=confirming,
        held=sorted(held),
        happened=happened,
        role_name=role_name,
        faults=faults,
    )
    return page, 409 if happened else 422 if faults else 200


def _changed(person: Person) -> str:
    with runtime().database.reading() as session:
        return answering.what_happened_in_house(
            session, "account:roles_changed", email=person.email
        )


@part.route(f"{ONE}/desactiver", methods=["GET", "POST"])
@requires_role(ADMINISTRATOR)
def deactivate(person_id: int) -> Any:
    """Close an account, after a confirmation; what its person did stays in the history."""
    if request.method == "GET":
        person = _person(person_id)
        _require(person.is_active and person.id != actor().person_id, person)
        with runtime().database.reading() as session:
            return render_template(
                "people/deactivate.html",
                person=person,
                held=instruction_assignment.held_by(session, person_id),
                colleagues=[each for each in custody.instructors(session) if each.id != person_id],
            )
    to = posted_number("to")
    person = people_door.deactivate(runtime(), actor(), person_id, system_now(), to=to)
    flash(_("Compte désactivé : %(name)s.", name=person.name), "done")
    return redirect(url_for("people.index"), 303)


@part.route(f"{ONE}/reactiver", methods=["GET", "POST"])
@requires_role(ADMINISTRATOR)
def reactivate(person_id: int) -> Any:
    """Open a closed account again, after a confirmation."""
    if request.method == "GET":
        person = _person(person_id)
        _require(not person.is_active, person)
        return render_template("people/reactivate.html", person=person, role_name=role_name)
    person = people_door.reactivate(runtime(), actor(), person_id)
    flash(_("Compte réactivé : %(name)s.", name=person.name), "done")
    return redirect(url_for("people.show", person_id=person_id), 303)


@part.post(f"{ONE}/identites/<int(max=2147483647):identity_id>/delier")
@requires_role(ADMINISTRATOR)
def unlink(person_id: int, identity_id: int) -> Any:
    """Undo the link to a provider's identity; the next entry there makes a new one."""
    identity_door.unlink(runtime(), actor(), identity_id)
    flash(_("Identité déliée. Les sessions de cette personne sont fermées."), "done")
    return redirect(url_for("people.show", person_id=person_id), 303)


def _person(person_id: int) -> Person:
    with runtime().database.reading() as session:
        return people_door.known_person(session, person_id)


def _company(operator: Operator | None) -> str | None:
    return operator.company_name if operator else None


def _require(fits: bool, person: Person) -> None:
    if not fits:
        raise Conflict(
            f"Expected an account for which this makes sense but {person.name}'s is not."
            " Read the list of people again."
        )
