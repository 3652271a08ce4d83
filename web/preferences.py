"""How the pages look, speak and answer to someone: theme, language, keys, widths.

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
SPLITS = ("text", "even", "proof")
"""Which side of the review of proofs is the wider one."""
SPLIT_COOKIE = "split"
KEYS = ("on", "off")
KEYS_COOKIE = "keys"
YEAR = 365 * 24 * 3600

part = Blueprint("preferences", __name__)
csrf.exempt(part)


@part.app_context_processor
def give_theme() -> dict[str, Any]:
    """The chosen theme, None when the machine's own is followed."""
    theme = request.cookies.get(THEME_COOKIE)
    return {"theme": theme if theme in THEMES else None, "here": _address_to_return_to}


@part.app_context_processor
def give_habits() -> dict[str, Any]:
    """Whether keys of one letter act (WCAG 2.1.4), for people of the Agency; the chosen widths."""
    person = signed_in()
    at_work = person is not None and person.actor.is_agency
    split = request.cookies.get(SPLIT_COOKIE)
    return {
        "keys_on": at_work and request.cookies.get(KEYS_COOKIE) != "off",
        "split": split if split in SPLITS else "even",
    }


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


@part.post("/raccourcis")
def choose_keys() -> Any:
    """Keep in a cookie whether keys of one letter act."""
    return _keep(KEYS_COOKIE, _one_of("keys", KEYS))


@part.post("/partage")
def choose_split() -> Any:
    """Keep in a cookie which side of the review is the wider one."""
    return _keep(SPLIT_COOKIE, _one_of("split", SPLITS))


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
