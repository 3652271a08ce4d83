"""« Se connecter avec … »: to the identity provider and back, and out of it again."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Flask,
    abort,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)

from web import identity_door
from web.accounts import BY_PROVIDER, open_session
from web.error_pages import SENTENCES, Sentences, error_page
from web.identity_provider import (
    ProviderFailed,
    SignInDeclined,
    SignInInterrupted,
    address_of_end,
    ask_provider,
    heard_claims,
    init_identity_provider,
    provider_name,
)
from web.kept import local_path
from web.language import _, _l
from web.runtime import runtime, system_now
from web.security import limiter
from workflow.domain.identity import IdentityRefused
from workflow.errors import NotFound
from workflow.settings import Settings

part = Blueprint("external_sign_in", __name__)
WANTED = "wanted_page"
INVITATION = "invitation"
"""Keys of the session: where one was going; by which invitation's link one came."""

WHY_NOT = {
    "unverified": _l(
        "Votre fournisseur d'identité n'a pas vérifié votre adresse électronique. Faites-la"
        " vérifier chez lui, puis recommencez."
    ),
    "unknown": _l(
        "Aucun compte n'existe pour votre adresse, et Jalon n'en ouvre pas de lui-même. Demandez"
        " une invitation : à un collègue de votre entreprise, ou à l'administrateur pour l'ANS."
    ),
    "other_address": _l(
        "Cette invitation est pour une autre adresse que celle que connaît votre fournisseur."
        " Demandez une invitation à cette adresse-ci, ou ouvrez le compte avec un mot de passe."
    ),
    "closed": _l("Votre compte est désactivé. Demandez à l'administrateur de le rouvrir."),
    "other_subject": _l(
        "Ce compte est lié à une autre identité chez le même fournisseur. Demandez à"
        " l'administrateur de délier l'ancienne, puis recommencez."
    ),
}


SENTENCES.update(
    {
        ProviderFailed.code: Sentences(
            _l("Le fournisseur d'identité ne répond pas comme il faut"),
            _l(
                "Vous n'êtes pas connecté. Réessayez dans quelques minutes, ou entrez avec votre"
                " mot de passe. Si cela dure, prévenez l'administrateur."
            ),
        ),
        SignInInterrupted.code: Sentences(
            _l("Cette connexion s'est interrompue"),
            _l(
                "Le retour du fournisseur ne correspond à aucune connexion commencée dans ce"
                " navigateur, ou elle a déjà servi. Recommencez depuis la page de connexion."
            ),
        ),
        SignInDeclined.code: Sentences(
            _l("La connexion a été refusée chez le fournisseur"),
            _l("Vous n'êtes pas connecté. Recommencez, ou entrez avec votre mot de passe."),
        ),
    }
)


def init_external_sign_in(app: Flask, settings: Settings) -> None:
    """Know the provider of the settings, and give its name to the sign-in page."""
    init_identity_provider(app, settings)

    @app.context_processor
    def give_provider() -> dict[str, Any]:
        return {
            "provider_name": provider_name(),
            "passwords_for_all": settings.local_passwords,
        }


@part.get("/connexion/fournisseur")
@limiter.limit("60 per minute")
def begin() -> Any:
    """Go to the provider; the page that was wanted is kept for the return."""
    _require_provider()
    answer = ask_provider()
    session[WANTED] = local_path(request.args.get("to"))
    session[INVITATION] = request.args.get("invitation", "")[:100] or None
    return answer


@part.get("/connexion/fournisseur/retour")
@limiter.limit("60 per minute")
def come_back() -> Any:
    """Enter the account of whom the provider names."""
    _require_provider()
    wanted, invitation = local_path(session.pop(WANTED, None)), session.pop(INVITATION, None)
    claims = heard_claims()
    try:
        person = identity_door.sign_in(runtime(), claims, system_now(), invitation)
    except NotFound:
        return render_template("link_over.html", what="invitation"), 404
    except IdentityRefused as refusal:
        page = render_template(
            "no_account.html", sentence=WHY_NOT[refusal.reason], email=claims.email
        )
        return page, refusal.http_status
    open_session(person)
    session[BY_PROVIDER] = True
    return redirect(wanted, 303)


@part.get("/deconnexion/fournisseur")
def leave_provider() -> Any:
    """Sign out at the provider too, where it lets people."""
    _require_provider()
    address = address_of_end()
    if address is None:
        sentence = _("Fermez votre session chez %(name)s, ou le navigateur.", name=provider_name())
        flash(sentence, "alert")
        return redirect(url_for("accounts.sign_in"), 303)
    return redirect(address, 303)


@part.app_errorhandler(ProviderFailed)
def tell_failure(failure: ProviderFailed) -> Any:
    """The page that says so; the way by a password stays."""
    return error_page(failure.code, failure.http_status)


def _require_provider() -> None:
    if provider_name() is None:
        abort(404)
