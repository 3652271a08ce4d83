"""Find a dossier as one types: number, company, service, SIRET, people; by permission."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask_login import login_required

from web.forms_render import is_fragment
from web.runtime import now, runtime
from web.signed_in import actor
from web.standings import standings
from workflow.domain import dossier_word

LONGEST_TYPED = 100

part = Blueprint("search", __name__)


@part.get("/recherche")
@login_required
def index() -> Any:
    """The dossiers that every typed word finds; alone, without its frame, as one types."""
    typed = request.args.get("q", "").strip()[:LONGEST_TYPED]
    with runtime().database.reading() as session:
        found = dossier_word.search(session, actor(), typed)
        return render_template(
            "search/found.html" if is_fragment() else "search/index.html",
            typed=typed,
            short=len(typed) < dossier_word.SHORTEST_TYPED,
            found=standings(session, runtime(), found),
            most=dossier_word.MOST_FOUND,
            present=now(),
        )
