"""Accounts: sign in and out, passwords, invitations."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_limiter.util import get_remote_address
from flask_login import login_required, login_user, logout_user

from web import account_door
from web.demo_accounts import DEMO_ACCOUNTS, DEMO_COLLEAGUES, DEMO_PASSWORD
from web.kept import carried_fields, is_refresh, local_path, redisplays
from web.language import _
from web.procedure_words import faults_in_words
from web.runtime import runtime, system_now
from web.security import limiter
from web.signed_in import SignedIn, actor, signed_in_as
from workflow.domain import account_invitation
from workflow.domain.person import Person
from workflow.errors import InvalidAnswer, NotFound

part = Blueprint("accounts", __name__)
BY_PROVIDER = "by_provider"
"""Key of the session: one came in by the identity provider."""


def typed_email() -> str:
    """The address that a form carries, as it is kept."""
    return request.form.get("email", "").strip().lower()


def _address_of_person() -> str:
    return f"{typed_email()} {get_remote_address()}"


def _was_refused(response: Any) -> bool:
    return response.status_code == 401


@part.app_context_processor
def give_demo_accounts() -> dict[str, Any]:
    """The demo's accounts for the sign-in page, nothing outside the demo."""
    if not current_app.config["DEMO"]:
        return {"demo_accounts": (), "demo_password": ""}
    return {"demo_accounts": DEMO_ACCOUNTS + DEMO_COLLEAGUES, "demo_password": DEMO_PASSWORD}


@part.route("/connexion", methods=["GET", "POST"])
@limiter.limit("60 per minute", methods=["POST"])
@limiter.limit("20 per 10 minutes", methods=["POST"], deduct_when=_was_refused)
@limiter.limit(
    "6 per 10 minutes", methods=["POST"], key_func=_address_of_person, deduct_when=_was_refused
)
@redisplays
def sign_in() -> Any:
    """Sign in; what an ended session had typed is carried along."""
    if request.method == "GET" or is_refresh():
        return render_template(
            "sign_in.html", to=request.values.get("to"), email=typed_email(), kept=[]
        )
    kept = carried_fields()
    person = account_door.sign_in(runtime(), typed_email(), request.form.get("password", ""))
    if person is None:
        page = render_template(
            "sign_in.html", to=request.form.get("to"), email=typed_email(), kept=kept, refused=True
        )
        return page, 401
    open_session(person)
    to = local_path(request.form.get("to"))
    if kept:
        return render_template("resume.html", to=to, kept=kept)
    return redirect(to, 303)


@part.post("/deconnexion")
@login_required
def sign_out() -> Any:
    """Leave."""
    account_door.sign_out(runtime(), actor())
    by_provider = session.get(BY_PROVIDER)
    logout_user()
    session.clear()
    flash(_("Vous êtes déconnecté."), "done")
    # A provider that goes on knowing this browser would let the next person in.
    return redirect(url_for("accounts.sign_in", sorti=1 if by_provider else None), 303)


@part.route("/mot-de-passe-oublie", methods=["GET", "POST"])
@limiter.limit("10 per hour", methods=["POST"])
@redisplays
def forgotten() -> Any:
    """Ask for a link to choose a new password; the answer is the same for everyone."""
    if request.method == "POST" and not is_refresh():
        token = account_door.ask_for_reset(runtime(), typed_email(), _reset_letter, system_now())
        # Only the demo, whose passwords everyone may see, tells whether there is an account.
        shown = link_to("accounts.reset", token) if token and current_app.config["DEMO"] else None
        return render_template("reset_sent.html", email=typed_email(), link=shown)
    return render_template("forgotten.html", email=typed_email())


@part.route("/mot-de-passe/<token>", methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
@redisplays
def reset(token: str) -> Any:
    """Choose a new password by the link of a mail."""
    if request.method == "GET" or is_refresh():
        return render_template("reset.html", faults={})
    try:
        require_same_twice()
        account_door.reset_password(runtime(), token, request.form["password"], system_now())
    except InvalidAnswer as refusal:
        return render_template("reset.html", faults=faults_in_words(refusal)), 422
    except NotFound:
        return render_template("link_over.html", what="reset"), 404
    flash(_("Mot de passe changé. Connectez-vous avec le nouveau."), "done")
    return redirect(url_for("accounts.sign_in"), 303)


@part.get("/compte")
@login_required
def account() -> Any:
    """One's own account."""
    with runtime().database.reading() as reading:
        roles = account_invitation.offered_roles(reading, actor())
    return render_template("account.html", may_invite=bool(roles))


@part.route("/compte/mot-de-passe", methods=["GET", "POST"])
@login_required
@limiter.limit("10 per 10 minutes", methods=["POST"])
@redisplays
def change_password() -> Any:
    """Choose a new password."""
    if request.method == "GET" or is_refresh():
        return render_template("change_password.html", faults={})
    try:
        require_same_twice()
        person = account_door.change_password(
            runtime(),
            actor(),
            request.form.get("current_password", ""),
            request.form["password"],
            system_now(),
        )
    except InvalidAnswer as refusal:
        return render_template("change_password.html", faults=faults_in_words(refusal)), 422
    # Every other session of this account ends; this one goes on.
    open_session(person)
    flash(_("Mot de passe changé. Vos autres sessions sont fermées."), "done")
    return redirect(url_for("accounts.account"), 303)


def require_same_twice() -> None:
    """Raises InvalidAnswer when the password was not typed twice alike."""
    if request.form.get("password", "") != request.form.get("password_again", ""):
        raise InvalidAnswer(
            "Expected the same password twice but found two different ones. Type both again.",
            {"password_again": [_("Les deux mots de passe diffèrent. Retapez-les tous les deux.")]},
        )


def open_session(person: Person) -> None:
    """Let this browser act as `person` from now on."""
    with runtime().database.reading() as reading:
        known = reading.get(Person, person.id)
        if known is None:
            raise NotFound("Expected an account but found none. Sign in again.")
        who: SignedIn = signed_in_as(reading, known)
    # A session known before sign-in is worth nothing after it.
    session.clear()
    session.permanent = True
    login_user(who)


def link_to(endpoint: str, token: str) -> str:
    """The address of a page that a token opens, as a mail carries it."""
    return runtime().settings.base_url.rstrip("/") + url_for(endpoint, token=token)


def _reset_letter(token: str) -> tuple[str, str]:
    body = _(
        "Bonjour,\n\nPour choisir un nouveau mot de passe, ouvrez ce lien dans l'heure :\n"
        "%(link)s\n\nSi vous n'avez rien demandé, ignorez ce message : rien n'est changé.\n",
        link=link_to("accounts.reset", token),
    )
    return _("Jalon : choisir un nouveau mot de passe"), body
