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
from flask_wtf.csrf import CSRFError

from web.signed_in import signed_in

REFRESH = "~refresh"
PREFIX = "kept:"
_MOST_FIELDS = 500
_NEVER_KEPT = ("csrf_token", REFRESH, "to")

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
        if name not in _NEVER_KEPT and not name.startswith(("~", PREFIX)) and "password" not in name
    ]
    return fields[:_MOST_FIELDS]


def carried_fields() -> Fields:
    """What the page before this one carried along, under its original names."""
    fields = [
        (name.removeprefix(PREFIX), value)
        for name, value in request.form.items(multi=True)
        if name.startswith(PREFIX)
    ]
    return fields[:_MOST_FIELDS]


def ask_to_sign_in() -> Any:
    """For a page that needs an account: the sign-in page, with what was typed kept."""
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
        "accounts.accept",
    }
)


def _redisplayed_by_view() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, "redisplays", False))


def _only_redisplay() -> Any:
    if request.method == "POST" and is_refresh() and not _redisplayed_by_view():
        return redirect(local_path(here()), 303)
    return None
