"""Invitations to open an account: sent by who may invite, taken up by their link."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_required

from web import account_door, answering
from web.accounts import link_to, open_session, require_same_twice, typed_email
from web.kept import is_refresh, redisplays
from web.language import _
from web.procedure_words import faults_in_words
from web.runtime import runtime, system_now
from web.security import limiter
from web.signed_in import ROLE_NAMES, actor
from workflow.domain import account_invitation
from workflow.domain.account_invitation import AlreadyInvited
from workflow.domain.person import OPERATOR_SIDE
from workflow.errors import Conflict, InvalidAnswer, NotAllowed

part = Blueprint("invitations", __name__)


@part.route("/invitation/<token>", methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
@redisplays
def accept(token: str) -> Any:
    """Open the account that an invitation kept."""
    seat = account_door.seat_kept(runtime(), token, system_now())
    if seat is None:
        return render_template("link_over.html", what="invitation"), 404
    name = request.form.get("name", "")
    if request.method == "GET" or is_refresh():
        return render_template("accept.html", seat=seat, faults={}, name=name)
    try:
        require_same_twice()
        person = account_door.accept_invitation(
            runtime(), token, name=name, password=request.form["password"], at=system_now()
        )
    except InvalidAnswer as refusal:
        faults = faults_in_words(refusal)
        return render_template("accept.html", seat=seat, faults=faults, name=name), 422
    open_session(person)
    flash(_("Compte ouvert. Bienvenue, %(name)s.", name=person.name), "done")
    return redirect(url_for("public.front"), 303)


@part.route("/compte/inviter", methods=["GET", "POST"])
@login_required
@limiter.limit("30 per hour", methods=["POST"])
@redisplays
def invite() -> Any:
    """Invite a colleague of one's own company; an administrator, a person of the agency."""
    roles = _offered_roles()
    if not roles:
        raise NotAllowed("Expected an operator's person or an administrator. Ask one of them.")
    role, happened = request.form.get("role", ""), ""
    faults: dict[str, list[str]] = {}
    if request.method == "POST" and not is_refresh():
        try:
            _require_offered(role, roles)
            return _invited(typed_email(), role)
        except InvalidAnswer as refusal:
            faults = faults_in_words(refusal)
        except AlreadyInvited:
            faults = {"email": [_already_invited()]}
            happened = answering.who_invited(typed_email(), actor().operator_id)
        except Conflict:
            faults = {"email": [_("Cette adresse a déjà un compte. Demandez-lui de se connecter.")]}
            happened = answering.who_opened(typed_email(), actor())
    page = render_template(
        "invite.html",
        roles=[(each, ROLE_NAMES[each]) for each in roles],
        faults=faults,
        happened=happened,
        email=typed_email(),
        role=role or (roles[0] if len(roles) == 1 else ""),
    )
    return page, 422 if faults else 200


def _invited(email: str, role: str) -> Any:
    token = account_door.invite(
        runtime(),
        actor(),
        email=email,
        role=role,
        operator_id=actor().operator_id if role in OPERATOR_SIDE else None,
        letter=_letter,
        at=system_now(),
    )
    return render_template("invited.html", email=email, link=link_to("invitations.accept", token))


def _already_invited() -> str:
    if actor().operator_id is None:
        return _(
            "Cette adresse est déjà invitée. Renvoyez l'invitation, ou retirez-la, depuis"
            " « Invitations »."
        )
    return _(
        "Cette adresse est déjà invitée. Renvoyez l'invitation, ou retirez-la, depuis"
        " « Mon entreprise »."
    )


def _offered_roles() -> tuple[str, ...]:
    with runtime().database.reading() as session:
        return account_invitation.offered_roles(session, actor())


def _require_offered(role: str, roles: tuple[str, ...]) -> None:
    if role not in roles:
        raise InvalidAnswer(
            f"Expected a role among {', '.join(roles)} but found {role!r}. Choose one of them.",
            {"role": [_("Le rôle manque. Choisissez-en un.")]},
        )


def _letter(token: str) -> tuple[str, str]:
    """The mail that carries an invitation's link."""
    body = _(
        "Bonjour,\n\n%(name)s vous invite à ouvrir un compte sur Jalon, où se suit le"
        " référencement des services. Ce lien est valable 7 jours :\n%(link)s\n",
        name=actor().name,
        link=link_to("invitations.accept", token),
    )
    return _("Jalon : invitation à ouvrir un compte"), body


def renewed_page(invitation_id: int, back: tuple[str, str]) -> Any:
    """Send an invitation again, and show its link; `back` is the list from which it was asked."""
    found, token = account_door.renew_invitation(
        runtime(), actor(), invitation_id, _letter, system_now()
    )
    link = link_to("invitations.accept", token)
    return render_template("renewed.html", email=found.email, link=link, back=back)
