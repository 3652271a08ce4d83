"""One's own access tokens: made here, shown once, revoked here."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_login import login_required

from api import token_door
from web.kept import is_refresh, redisplays
from web.language import _
from web.runtime import runtime, system_now
from web.security import limiter
from web.signed_in import actor
from workflow.domain import api_token
from workflow.domain.api_token import LONGEST_LABEL, MOST_TOKENS
from workflow.errors import Conflict, InvalidInput, NotFound

part = Blueprint("my_tokens", __name__)


@part.route("/compte/jetons", methods=["GET", "POST"])
@login_required
@limiter.limit("20 per hour", methods=["POST"])
@redisplays
def index() -> Any:
    """The tokens by which programs act for whoever reads this; a POST makes one."""
    label = request.form.get("label", "")
    if request.method == "GET" or is_refresh():
        return _page(label)
    try:
        token = token_door.create(runtime(), actor(), label, system_now())
    except InvalidInput:
        sentence = _("Dites à quoi il sert, en %(most)s caractères au plus.", most=LONGEST_LABEL)
        return _page(label, {"label": [sentence]}), 422
    except Conflict:
        sentence = _("Vous avez déjà %(most)s jetons. Révoquez-en un d'abord.", most=MOST_TOKENS)
        return _page(label, {"label": [sentence]}), 409
    answer = make_response(render_template("my_tokens/made.html", token=token, label=label.strip()))
    answer.cache_control.no_store = True
    return answer


@part.route("/compte/jetons/<int(max=2147483647):token_id>/revoquer", methods=["GET", "POST"])
@login_required
def revoke(token_id: int) -> Any:
    """End a token, after a confirmation."""
    if request.method == "POST":
        token_door.revoke(runtime(), actor(), token_id, system_now())
        flash(_("Jeton révoqué. Il n'agit plus pour vous."), "done")
        return redirect(url_for(".index"), 303)
    found = [token for token in _tokens() if token.id == token_id]
    if not found:
        raise NotFound(f"Expected a token of yours but {token_id} is none. Check the list.")
    return render_template("my_tokens/revoke.html", token=found[0])


def _page(label: str, faults: dict[str, list[str]] | None = None) -> str:
    return render_template(
        "my_tokens/index.html", tokens=_tokens(), label=label, faults=faults or {}
    )


def _tokens() -> list[api_token.ApiToken]:
    with runtime().database.reading() as session:
        found = list(api_token.of_person(session, actor().person_id or 0))
        session.expunge_all()
    return found
