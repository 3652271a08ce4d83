"""« Aide » : what each page is for, what one does there, what its words mean; and the glossary."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.routing import BuildError

from web.guide_texts import glossary, helps, said
from web.language import _l, language

part = Blueprint("guide", __name__)

CHAPTERS = (
    (_l("L'espace de travail"), ("home", "tasks", "dossiers", "notifications")),
    (
        _l("Le dossier"),
        (
            "proofs",
            "submissions",
            "evidence",
            "documents",
            "dates",
            "corrections",
            "standing_acts",
        ),
    ),
    (
        _l("L'instruction"),
        (
            "queue",
            "desk",
            "proof_review",
            "assignments",
            "bulk",
            "team",
            "absences",
            "searches",
            "comments",
            "ssi",
            "templates",
        ),
    ),
    (_l("Le collège"), ("college", "college_room", "partner_sessions")),
    (_l("L'entreprise et l'aide"), ("company", "support")),
    (_l("Le compte"), ("accounts", "my_mails", "my_tokens", "resuming", "guide", "shortcuts")),
    (_l("Le pilotage"), ("steering", "parameters", "catalogues", "notification_texts", "diagrams")),
    (_l("L'audit"), ("history", "consultations")),
    (_l("L'administration"), ("administration", "people", "outgoing", "closures", "demo")),
    (_l("Le public"), ("public", "procedure", "verification")),
)
OTHERS = _l("Autres pages")


@part.app_template_global()
def help_address() -> str:
    """The address of the help of the page that is shown."""
    endpoint = request.endpoint or ""
    if endpoint in helps():
        return url_for("guide.page", name=endpoint)
    return url_for("guide.index")


@part.get("/guide")
def index() -> Any:
    """The help of every page, by chapter."""
    return render_template("guide/index.html", chapters=_chapters())


@part.get("/guide/glossaire")
def words() -> Any:
    """The words of the procedure."""
    terms = sorted(glossary().values(), key=lambda term: _sorted_word(said(term.word)))
    return render_template("guide/words.html", terms=terms, said=said)


@part.get("/guide/<name>")
def page(name: str) -> Any:
    """The help of one page; `name` is its endpoint."""
    found = helps().get(name)
    if found is None:
        raise NotFound
    return render_template(
        "guide/page.html",
        help=found,
        said=said,
        acts=[said({language(): each}) for each in found.acts[language()]],
        terms=[glossary()[key] for key in found.words],
        address=_address(name),
    )


def _chapters() -> list[tuple[str, list[tuple[str, str, str]]]]:
    ahead = dict(helps())
    chapters: list[tuple[str, list[tuple[str, str, str]]]] = []
    for title, parts in (*CHAPTERS, (OTHERS, ())):
        chosen = [
            ahead.pop(endpoint)
            for endpoint in sorted(ahead, key=lambda each: _place(each, parts))
            if not parts or endpoint.partition(".")[0] in parts
        ]
        # One text may be the help of several addresses: it is listed once.
        told = {said(each.title): each for each in reversed(chosen)}
        lines = [
            (url_for(".page", name=each.endpoint), name, said(each.purpose))
            for name, each in reversed(told.items())
        ]
        chapters += [(str(title), lines)] if lines else []
    return chapters


def _place(endpoint: str, parts: tuple[str, ...]) -> int:
    blueprint = endpoint.partition(".")[0]
    return parts.index(blueprint) if blueprint in parts else len(parts)


def _address(endpoint: str) -> str | None:
    """The page itself, when its address needs nothing else."""
    if endpoint not in current_app.view_functions:
        return None
    try:
        return url_for(endpoint)
    except BuildError:
        return None


def _sorted_word(word: str) -> str:
    return word.lower().translate(str.maketrans("àâéèêëîïôöùûüç", "aaeeeeiioouuuc"))
