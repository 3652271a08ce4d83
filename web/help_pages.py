"""« Aide » : what each page is for, what one does there, what its words mean; and the glossary."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.routing import BuildError

from web.guide_texts import PageHelp, glossary, helps, said
from web.language import _l, language

part = Blueprint("guide", __name__)

CHAPTERS = (
    (_l("L'espace de travail"), ("home", "dossiers", "drafts", "notifications", "search", "tasks")),
    (_l("Le dossier"), ("proofs", "submissions", "evidence", "documents", "dates", "corrections")),
    (_l("L'instruction"), ("queue", "desk", "ssi", "templates")),
    (_l("Le collège"), ("college", "partner_sessions")),
    (_l("L'entreprise et l'aide"), ("company", "support")),
    (_l("Le compte"), ("accounts", "my_mails", "external_sign_in", "visits")),
    (_l("Le pilotage"), ("steering", "parameters", "catalogues", "notification_texts", "diagrams")),
    (_l("L'audit"), ("history", "consultations")),
    (_l("L'administration"), ("administration", "people", "outgoing", "closures", "demo")),
    (_l("Le public"), ("public", "verification")),
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
    known = {blueprint: str(title) for title, parts in CHAPTERS for blueprint in parts}
    chapters: dict[str, list[PageHelp]] = {str(title): [] for title, _parts in CHAPTERS}
    for each in helps().values():
        title = known.get(each.endpoint.partition(".")[0], str(OTHERS))
        chapters.setdefault(title, []).append(each)
    return [
        (title, [(url_for(".page", name=e.endpoint), said(e.title), said(e.purpose)) for e in all_])
        for title, all_ in chapters.items()
        if all_
    ]


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
