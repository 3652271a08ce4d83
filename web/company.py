"""« Mon entreprise »: its people, their mandates, who signs in the representative's place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from web import account_door, answering
from web.answering import sentences_of
from web.error_pages import LAST_ACTS, LastAct
from web.forms_render import posted_day
from web.invitations import renewed_page
from web.kept import is_refresh, redisplays
from web.language import _, _l
from web.runtime import now, runtime, system_now
from web.security import limiter
from web.signed_in import actor, requires_role
from web.standings import role_name
from web.whole_number import posted_number
from workflow.clock import paris_date
from workflow.domain import account_invitation, mandate
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
            invitations=account_invitation.waiting_of(session, _operator_id()),
            offered=account_invitation.offered_roles(session, actor()),
            at=system_now(),
        )


@part.route("/entreprise/mandats", methods=["GET", "POST"])
@requires_role(mandate.REPRESENTATIVE)
@redisplays
def grant() -> Any:
    """Give a colleague a mandate."""
    mandate.require_representative(actor())
    faults: dict[str, list[str]] = {}
    stale = False
    if request.method == "POST" and not is_refresh():
        try:
            with runtime().database.transaction() as session:
                _require_shown(session)
                given = mandate.grant(session, actor(), _typed(), now())
                number = given.number
            flash(_("Mandat %(number)s donné.", number=number), "done")
            return redirect(url_for(".index"), 303)
        except InvalidAnswer as refusal:
            faults = sentences_of(refusal)
        except Conflict:
            stale = True
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
            happened=_what_happened(session) if stale else "",
            mark=(None if stale else answering.posted_mark()) or _mark(session),
        )
        return page, 409 if stale else 422 if faults else 200


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


@part.post("/entreprise/invitations/<int(max=2147483647):invitation_id>/renvoyer")
@requires_role(*sorted(OPERATOR_SIDE))
@limiter.limit("30 per hour")
def renew(invitation_id: int) -> Any:
    """Send a colleague's invitation again; its old link ends."""
    return renewed_page(invitation_id, (_("Mon entreprise"), url_for(".index")))


@part.post("/entreprise/invitations/<int(max=2147483647):invitation_id>/retirer")
@requires_role(*sorted(OPERATOR_SIDE))
def withdraw(invitation_id: int) -> Any:
    """Let the link of a colleague's invitation open nothing any more."""
    found = account_door.withdraw_invitation(runtime(), actor(), invitation_id, system_now())
    flash(_("Invitation retirée : %(email)s.", email=found.email), "done")
    return redirect(url_for(".index"), 303)


def _mark(session: Session) -> str:
    """A mark of the mandates that a page shows, or has in mind."""
    given = mandate.all_of(session, _operator_id())
    return answering.mark_of(*((each.id, each.revoked_at) for each, _name in given))


def _require_shown(session: Session) -> None:
    """Refuse (Conflict) when a mandate was given or revoked while the page stood open."""
    # Two pages that give a mandate at once follow one another.
    session.execute(select(Operator.id).where(Operator.id == _operator_id()).with_for_update())
    shown = answering.posted_mark()
    if shown is not None and shown != _mark(session):
        raise Conflict("Expected the mandates that were shown but they have changed. Read again.")


def _what_happened(session: Session, **facts: Any) -> str:
    kinds = ("mandate:granted", "mandate:revoked")
    return answering.what_happened_in_house(session, *kinds, operator_id=_operator_id(), **facts)


def _last_act(session: Session, given: Mapping[str, Any]) -> LastAct | None:
    if "mandate_id" not in given:
        return None
    found = mandate.of_operator(session, _operator_id(), int(given["mandate_id"]))
    sentence = _what_happened(session, mandate=found.number)
    return LastAct(sentence, _("Relire les mandats"), url_for("company.index"))


LAST_ACTS[part.name] = _last_act


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
    may_sign = request.form.get("may_sign", "")
    if may_sign not in ("yes", "no"):
        faults["may_sign"] = [_("Choisissez si cette personne peut signer.")]
    since = posted_day("since", faults)
    until = posted_day("until", faults) if request.form.get("until", "").strip() else None
    if faults:
        raise InvalidAnswer("Expected a mandate that can be read but found otherwise.", faults)
    return Grant(
        person_id=posted_number("person"),
        may_sign=may_sign == "yes",
        since=since,
        until=until,
        basis=request.form.get("basis", ""),
    )
