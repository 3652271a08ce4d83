"""Who may call a route: said on every view, enforced before anything of a request is read.

A person is known by the session cookie of the pages, or by an API token. Writes under the
cookie prove by a CSRF token that they come from a page of ours; a bearer token needs none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, current_app, g, request
from flask_login import current_user
from flask_smorest import Blueprint as Documented
from flask_wtf.csrf import validate_csrf
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized
from wtforms.validators import ValidationError

from api import token_door
from api.context import runtime, system_now
from workflow.domain.person import OUTSIDERS, ROLES, Actor
from workflow.errors import NotAllowed, NotFound

EVERYONE = ROLES
"""Any person with a role: what each may see or do is decided per dossier, or by the diagram."""
AGENCY = tuple(role for role in ROLES if role not in OUTSIDERS)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADERS = ("X-CSRFToken", "X-CSRF-Token")
_ROLES = "allowed_roles"

View = TypeVar("View", bound=Callable[..., Any])


def allowed(*roles: str) -> Callable[[View], View]:
    """Only persons with one of these roles may call the view."""
    unknown = set(roles) - set(ROLES)
    if unknown or not roles:
        raise ValueError(f"Expected roles among {ROLES} but found {sorted(unknown)}.")

    def mark(view: View) -> View:
        documented: Any = Documented.doc(**{"x-roles": [r for r in ROLES if r in roles]})(view)
        documented.__dict__[_ROLES] = frozenset(roles)
        return documented

    return mark


def public(view: View) -> View:
    """Anyone may call the view, without an account."""
    documented: Any = Documented.doc(security=[])(view)
    documented.__dict__[_ROLES] = frozenset[str]()
    return documented


def roles_of(view: Callable[..., Any]) -> frozenset[str] | None:
    """The roles that may call a view, none of them for everybody; None when nothing was said."""
    return getattr(view, _ROLES, None)


def guard(part: Blueprint) -> None:
    """Enforce what the views of a blueprint say; a view that says nothing is closed."""
    part.before_request(_admit)


def actor() -> Actor:
    """Who acts in this request; only in views that are not public."""
    return g.jalon_actor


def _admit() -> None:
    if "\0" in request.path:
        raise NotFound("Expected an address without null characters. Check it.")
    roles = roles_of(current_app.view_functions[request.endpoint or ""])
    if roles is not None and not roles:
        return
    person = _bearer() if "Authorization" in request.headers else _signed_in()
    g.jalon_actor = person  # Whoever is refused is known too: the attempt is kept.
    if not roles or not person.roles & roles:
        raise NotAllowed(
            f"Expected a person who is {' or '.join(sorted(roles or ()))} but {person.name} has"
            f" {sorted(person.roles)}. Ask a person who has one of these roles."
        )


def _bearer() -> Actor:
    given = request.authorization
    if given is not None and given.type == "bearer" and given.token:
        person = token_door.actor_by(runtime(), given.token, system_now())
        if person is not None:
            g.jalon_bearer = True
            return person
    raise _unauthenticated("Expected a token that lives but found another one. Ask for a new one.")


def _signed_in() -> Actor:
    if not hasattr(current_app, "login_manager") or not current_user.is_authenticated:
        raise _unauthenticated(
            "Expected a session or a token but found none."
            " Sign in, or send the header Authorization: Bearer and a token."
        )
    if request.method not in SAFE_METHODS and current_app.config.get("WTF_CSRF_ENABLED", True):
        _require_own_page()
    return current_user.actor


def by_token() -> bool:
    """Whether the person of this request came with an API token."""
    return g.get("jalon_bearer", False)


def _require_own_page() -> None:
    token = next((request.headers[name] for name in CSRF_HEADERS if name in request.headers), None)
    try:
        validate_csrf(token)
    except ValidationError as refusal:
        raise Forbidden(
            f"Expected the page's token in the header {CSRF_HEADERS[0]} but found none that fits."
            " Reload the page, or use an API token."
        ) from refusal


def _unauthenticated(sentence: str) -> Unauthorized:
    return Unauthorized(sentence, www_authenticate=WWWAuthenticate("bearer", {"realm": "jalon"}))
