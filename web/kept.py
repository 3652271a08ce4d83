"""What was typed is kept: when a session ended, or a page stood open for too long.

Nothing is ever sent again by itself. The typed fields travel as hidden fields of the page that
explains what happened; from there a person goes back to the original form, filled in, through
the control field `~refresh`. Only views marked with `redisplays` answer it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError, generate_csrf

from web.signed_in import signed_in

REFRESH = "~refresh"
PREFIX = "kept:"
KEEPING = "Jalon-Keeps"
"""Header of what a page sends by itself to keep what is typed."""
PERSON = "~as"
"""Field that names who opened the page: what they type is never kept for somebody else."""
_MOST_FIELDS = 5_000
_LONG_ENOUGH_TO_COPY = 15
_NEVER_KEPT = ("csrf_token", "to")
_CARRIED = ("~key", "~revision", "~shown", "~draft", "~place", "~rows", "~texts")
"""Control fields that belong to what was typed: the versions it was read on, emptied lists."""

View = TypeVar("View", bound=Callable[..., Any])
Fields = list[tuple[str, str]]


def init_kept(app: Flask) -> None:
    """Explain stale pages, and guard views that cannot show a form again."""
    app.register_error_handler(CSRFError, _stale_page)
    app.before_request(_only_redisplay)


def redisplays(view: View) -> View:
    """Mark a view that, on `~refresh`, shows its form filled with what is posted and acts not."""
    view.__dict__["redisplays"] = True
    return view


def is_refresh() -> bool:
    """Whether the form is to be shown again as typed, and nothing else."""
    return REFRESH in request.form


def local_path(text: str | None) -> str:
    """`text` when it is an address within this site, else the front page."""
    parts = urlsplit((text or "").replace("\\", "/"))
    inside = not parts.scheme and not parts.netloc and parts.path.startswith("/")
    return text if text and inside and not text.startswith("//") else url_for("public.front")


def here() -> str:
    """The address of this page, to come back to."""
    return request.full_path.rstrip("?")


def typed_fields() -> Fields:
    """What was typed in this request, without passwords and control fields."""
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in _NEVER_KEPT
        and (name in _CARRIED or not name.startswith(("~", PREFIX)))
        and "password" not in name
    ]
    return fields[:_MOST_FIELDS]


def typed_texts() -> list[str]:
    """The texts typed in this request that are long enough to be worth copying."""
    return [
        text
        for name, text in typed_fields()
        if len(text) >= _LONG_ENOUGH_TO_COPY and not name.startswith("~")
    ]


def carried_fields() -> Fields:
    """What the page before this one carried along, under its original names."""
    fields = [
        (name.removeprefix(PREFIX), value)
        for name, value in request.form.items(multi=True)
        if name.startswith(PREFIX)
    ]
    return fields[:_MOST_FIELDS]


def is_of_reader() -> bool:
    """Whether the page that posts was opened by who is signed in now; one that says nothing is."""
    who, opened_by = signed_in(), request.form.get(PERSON)
    return opened_by is None or (who is not None and opened_by == str(who.actor.person_id))


def ask_to_sign_in() -> Any:
    """For a page that needs an account: the sign-in page, with what was typed kept."""
    if KEEPING in request.headers:
        # The page says so itself, and tries again once its person has signed in elsewhere.
        return Response(status=401)
    if "HX-Request" in request.headers:
        # A part of a page cannot be shown; the next full request explains why.
        return Response(status=204)
    if request.method != "POST":
        return redirect(url_for("accounts.sign_in", to=here()))
    page = render_template(
        "sign_in.html", expired=True, to=here(), kept=typed_fields(), files=bool(request.files)
    )
    return page, 401


def _stale_page(_error: CSRFError) -> Any:
    if not signed_in() and request.endpoint not in _PUBLIC_FORMS:
        return ask_to_sign_in()
    if KEEPING in request.headers:
        # Its person signed in again: the page learns its new token and saves at once.
        known = {"Jalon-Token": generate_csrf()} if is_of_reader() else None
        return Response(status=400 if known else 403, headers=known)
    if "HX-Request" in request.headers:
        return Response(status=204)
    page = render_template(
        "stale.html", to=here(), kept=typed_fields(), can_return=_redisplayed_by_view()
    )
    return page, 400


_PUBLIC_FORMS = frozenset(
    {
        "accounts.sign_in",
        "accounts.forgotten",
        "accounts.reset",
        "invitations.accept",
    }
)


def _redisplayed_by_view() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, "redisplays", False))


def _only_redisplay() -> Any:
    if request.method == "POST" and is_refresh() and not _redisplayed_by_view():
        return redirect(local_path(here()), 303)
    return None
