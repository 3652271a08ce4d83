"""How the pages look and speak to someone: theme and language.

A preference is no act: it needs no account, and its form no token.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, redirect, request, url_for
from werkzeug.exceptions import BadRequest

from web import account_door
from web.kept import here, local_path
from web.language import COOKIE, LANGUAGES
from web.runtime import runtime
from web.security import csrf
from web.signed_in import signed_in

THEMES = ("light", "dark")
THEME_COOKIE = "theme"
YEAR = 365 * 24 * 3600

part = Blueprint("preferences", __name__)
csrf.exempt(part)


@part.app_context_processor
def give_theme() -> dict[str, Any]:
    """The chosen theme, None when the machine's own is followed."""
    theme = request.cookies.get(THEME_COOKIE)
    return {"theme": theme if theme in THEMES else None, "here": _address_to_return_to}


@part.post("/theme")
def choose_theme() -> Any:
    """Keep a theme in a cookie."""
    return _keep(THEME_COOKIE, _one_of("theme", THEMES))


@part.post("/langue")
def choose_language() -> Any:
    """Keep a language in a cookie, and with the account of whoever is signed in."""
    language = _one_of("language", LANGUAGES)
    person = signed_in()
    if person and person.actor.person_id is not None:
        account_door.choose_language(runtime(), person.actor.person_id, language)
    return _keep(COOKIE, language)


def _one_of(name: str, choices: tuple[str, ...]) -> str:
    value = request.form.get(name, "")
    if value not in choices:
        raise BadRequest
    return value


def _keep(cookie: str, value: str) -> Any:
    response = redirect(local_path(request.form.get("to")), 303)
    response.set_cookie(
        cookie,
        value,
        max_age=YEAR,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response


def _address_to_return_to() -> str:
    # What answers POST alone has no page to come back to.
    methods = request.url_rule.methods if request.url_rule else None
    return here() if methods and "GET" in methods else url_for("public.front")
