"""The configured identity provider, spoken to in OpenID Connect: code flow, PKCE, state, nonce.

The only user of Authlib. What the provider says is believed once its signature, issuer,
audience, time and nonce are checked; whoever it names still needs an account here.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Flask, current_app, session, url_for
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.wrappers import Response

from web.runtime import runtime
from workflow.domain.identity import LONGEST_SUBJECT, Claims
from workflow.errors import JalonError
from workflow.settings import Settings

EXTENSION = "jalon_identity_provider"
PATIENCE_SECONDS = 10
"""How long the provider may take for one answer."""
_UNUSABLE = (RequestException, AuthlibBaseError, JoseError, RuntimeError, ValueError, KeyError)


class ProviderFailed(Exception):
    """The provider did not answer, or not as OpenID Connect says; nobody was signed in.

    No refusal of ours: the fault is on the other side (502).
    """

    code = "provider_failed"
    http_status = 502


class SignInInterrupted(JalonError):
    """The return fits no sign-in begun in this browser: given up, repeated, or too old."""

    code = "sign_in_interrupted"
    http_status = 400


class SignInDeclined(JalonError):
    """The person, or the provider, said no."""

    code = "sign_in_declined"
    http_status = 403


def init_identity_provider(app: Flask, settings: Settings) -> None:
    """Know the provider of the settings, if there is one; nothing is asked of it yet."""
    if not settings.oidc_issuer:
        return
    known = OAuth(app)
    known.register(
        "provider",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        server_metadata_url=issuer_of(settings) + "/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": PATIENCE_SECONDS,
        },
    )
    app.extensions[EXTENSION] = known.provider


def issuer_of(settings: Settings) -> str:
    """The provider's address without a final slash."""
    return settings.oidc_issuer.rstrip("/")


def provider_name() -> str | None:
    """The provider in people's words, or None when none is configured."""
    if EXTENSION not in current_app.extensions:
        return None
    settings = runtime().settings
    return settings.oidc_name or issuer_of(settings).split("://")[-1]


def ask_provider() -> Response:
    """Send the browser to the provider; raises ProviderFailed."""
    # Each beginning is kept in the session's cookie, which has room for one.
    for begun in [name for name in session if name.startswith("_state_")]:
        session.pop(begun)
    try:
        _require_own_metadata()
        return current_app.extensions[EXTENSION].authorize_redirect(_address_of_return())
    except (RequestException, AuthlibBaseError, RuntimeError, ValueError) as fault:
        raise _failed(fault) from fault


def heard_claims() -> Claims:
    """What the provider says at the return; raises the three errors of this module."""
    try:
        _require_own_metadata()
        token = current_app.extensions[EXTENSION].authorize_access_token(
            claims_options={
                "iss": {"essential": True, "values": [_metadata()["issuer"]]},
                "aud": {"essential": True, "value": runtime().settings.oidc_client_id},
            }
        )
        said = token.get("userinfo") or {}
        if said and "email" not in said:
            said = {**said, **_more(token, said["sub"])}
    except OAuthError as refusal:
        raise _refused(refusal) from refusal
    except _UNUSABLE as fault:
        raise _failed(fault) from fault
    return _claims(said)


def address_of_end() -> str | None:
    """Where one signs out at the provider, when it has such a place (RP-initiated logout)."""
    try:
        place = _metadata().get("end_session_endpoint")
    except (RequestException, ValueError):
        return None
    if not isinstance(place, str):
        return None
    back = runtime().settings.base_url.rstrip("/") + url_for("accounts.sign_in")
    asked = {"client_id": runtime().settings.oidc_client_id, "post_logout_redirect_uri": back}
    return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"


def _metadata() -> dict[str, Any]:
    return current_app.extensions[EXTENSION].load_server_metadata()


def _require_own_metadata() -> None:
    # Discovery 4.3: a document that names another issuer is not this provider's.
    named = str(_metadata().get("issuer", ""))
    if named.rstrip("/") != issuer_of(runtime().settings):
        raise ValueError(f"the provider names itself {named[:200]!r}")


def _more(token: dict[str, Any], subject: str) -> dict[str, Any]:
    found: dict[str, Any] = current_app.extensions[EXTENSION].userinfo(token=token)
    if found.get("sub") != subject:
        raise ValueError("the user info is another subject's")
    return found


def _claims(said: dict[str, Any]) -> Claims:
    subject = str(said.get("sub") or "")
    if not subject or len(subject) > LONGEST_SUBJECT:
        raise _failed(ValueError("no subject that can be kept"))
    return Claims(
        issuer=issuer_of(runtime().settings),
        subject=subject,
        email=str(said.get("email") or "").strip().lower()[:254],
        # Some providers write the word.
        email_verified=said.get("email_verified") in (True, "true"),
        name=str(said.get("name") or ""),
    )


def _address_of_return() -> str:
    return runtime().settings.base_url.rstrip("/") + url_for("external_sign_in.come_back")


def _refused(refusal: OAuthError) -> Exception:
    current_app.logger.info("The identity provider refused: %s", refusal)
    if refusal.error == "mismatching_state":
        return SignInInterrupted(
            "Expected the return of a sign-in begun here but found another one. Begin again."
        )
    if refusal.error in ("access_denied", "login_required", "consent_required"):
        return SignInDeclined("Expected the provider's consent but it was declined. Begin again.")
    return _failed(refusal)


def _failed(fault: Exception) -> ProviderFailed:
    current_app.logger.warning("The identity provider failed: %s: %s", type(fault).__name__, fault)
    return ProviderFailed(
        "Expected an answer of the identity provider but none can be used. Try again later."
    )
