"""What pages ask for by themselves: whether their act was done, and the way back to a tab."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, render_template
from flask_login import login_required

from web.runtime import runtime
from web.signed_in import actor
from workflow.engine import idempotency

part = Blueprint("resuming", __name__)


@part.get("/reconnexion")
@login_required
def back() -> Any:
    """Signed in again in another tab: the first one goes on by itself."""
    return render_template("back_to_tab.html")


@part.get("/envois/<key>.json")
@login_required
def sent(key: str) -> Any:
    """Whether the act of a page was done: asked by one that the browser brought back."""
    person_id = actor().person_id
    with runtime().database.reading() as session:
        done = person_id is not None and idempotency.was_done(session, key, person_id)
    return jsonify(done=done)
