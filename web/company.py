"""« Mon entreprise »: its people, their mandates, who signs in the representative's place."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from web.answering import sentences_of
from web.forms_render import posted_day
from web.kept import is_refresh, redisplays
from web.language import _, _l
from web.runtime import now, runtime
from web.signed_in import actor, requires_role
from web.standings import role_name
from workflow.clock import paris_date
from workflow.domain import mandate
from workflow.domain.mandate import Grant, Mandate
from workflow.domain.operator import Operator
from workflow.domain.person import OPERATOR_SIDE, Person
from workflow.errors import Conflict, InvalidAnswer, NotFound

STATES = {
    "live": (_l("En vigueur"), "check", "done"),
    "pending": (_l("À venir"), "ring", "mute"),
    "expired": (_l("Échu"), "minus", "mute"),
    "revoked": (_l("Révoqué"), "cross", "alert"),
}

part = Blueprint("company", __name__)


@part.get("/entreprise")
@requires_role(*sorted(OPERATOR_SIDE))
def index() -> Any:
    """The people of one's company and their mandates."""
    if actor().operator_id is None:
        return render_template("company/index.html", operator=None)
    with runtime().database.reading() as session:
        operator = session.get(Operator, _operator_id())
        return render_template(
            "company/index.html",
            operator=operator,
            people=mandate.colleagues(session, _operator_id()),
            mandates=mandate.all_of(session, _operator_id()),
            today=paris_date(now()),
            states=STATES,
            role_name=role_name,
            represents=_represents(),
            me=actor().person_id,
        )


@part.route("/entreprise/mandats", methods=["GET", "POST"])
@requires_role(mandate.REPRESENTATIVE)
@redisplays
def grant() -> Any:
    """Give a colleague a mandate."""
    mandate.require_representative(actor())
    faults: dict[str, list[str]] = {}
    if request.method == "POST" and not is_refresh():
        try:
            with runtime().database.transaction() as session:
                given = mandate.grant(session, actor(), _typed(), now())
                number = given.number
            flash(_("Mandat %(number)s donné.", number=number), "done")
            return redirect(url_for(".index"), 303)
        except InvalidAnswer as refusal:
            faults = sentences_of(refusal)
    with runtime().database.reading() as session:
        page = render_template(
            "company/grant.html",
            candidates=[
                each
                for each in mandate.colleagues(session, _operator_id())
                if each.is_active and mandate.REPRESENTATIVE not in each.roles
            ],
            typed=request.form,
            today=paris_date(now()),
            faults=faults,
        )
        return page, 422 if faults else 200


@part.route(
    "/entreprise/mandats/<int(max=2147483647):mandate_id>/revoquer", methods=["GET", "POST"]
)
@requires_role(mandate.REPRESENTATIVE)
def revoke(mandate_id: int) -> Any:
    """End a mandate at once, after a confirmation."""
    operator_id = mandate.require_representative(actor())
    if request.method == "GET":
        with runtime().database.reading() as session:
            found = mandate.of_operator(session, operator_id, mandate_id)
            _require_not_over(found)
            holder = session.get_one(Person, found.person_id)
            return render_template("company/revoke.html", mandate=found, holder=holder)
    with runtime().database.transaction() as session:
        number = mandate.revoke(session, actor(), mandate_id, now()).number
    flash(_("Mandat %(number)s révoqué.", number=number), "done")
    return redirect(url_for(".index"), 303)


def _operator_id() -> int:
    operator_id = actor().operator_id
    if operator_id is None:
        raise NotFound("Expected a company but found none. Deposit a first dossier.")
    return operator_id


def _represents() -> bool:
    return mandate.REPRESENTATIVE in actor().roles and actor().mandate_id is None


def _require_not_over(found: Mandate) -> None:
    if found.state_on(paris_date(now())) in ("revoked", "expired"):
        raise Conflict(f"Expected mandate {found.number} to be in force but it is over.")


def _typed() -> Grant:
    """The mandate as typed; raises InvalidAnswer on what cannot be read."""
    faults: dict[str, list[str]] = {}
    chosen, may_sign = request.form.get("person", ""), request.form.get("may_sign", "")
    if may_sign not in ("yes", "no"):
        faults["may_sign"] = [_("Choisissez si cette personne peut signer.")]
    since = posted_day("since", faults)
    until = posted_day("until", faults) if request.form.get("until", "").strip() else None
    if faults:
        raise InvalidAnswer("Expected a mandate that can be read but found otherwise.", faults)
    return Grant(
        person_id=int(chosen) if chosen.isdecimal() and len(chosen) < 10 else None,
        may_sign=may_sign == "yes",
        since=since,
        until=until,
        basis=request.form.get("basis", ""),
    )
