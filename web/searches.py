"""Searches kept by name: keep one, rename, share, make it one's default, delete it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_required

from web.access import require_agency
from web.answering import sentences_of
from web.kept import is_refresh, local_path, redisplays
from web.language import LazyString, _, _l
from web.list_filters import ALL
from web.runtime import now, runtime
from web.signed_in import actor
from workflow.domain import read_mark, saved_search
from workflow.domain.person import Person
from workflow.domain.saved_search import (
    FILTERS,
    LONGEST_NAME,
    SavedSearch,
    SearchNameTaken,
    TooManySearches,
)
from workflow.errors import InvalidAnswer

ONE = "/recherches/<int(max=2147483647):search_id>"
ENDPOINTS = {"queue": "queue.index", "dossiers": "dossiers.index"}
PAGES: dict[str, LazyString] = {"queue": _l("File d'instruction"), "dossiers": _l("Dossiers")}

part = Blueprint("searches", __name__)


@part.get("/recherches")
@login_required
def index() -> Any:
    """One's own searches, and those that colleagues share."""
    require_agency(actor())
    with runtime().database.reading() as session:
        rows = saved_search.offered(session, actor())
        names = _names(session, {search.person_id for search, _default in rows})
        return render_template(
            "searches/index.html",
            rows=rows,
            names=names,
            pages=PAGES,
            me=actor().person_id,
            address=address_of,
            may_remove=saved_search.may_remove,
        )


@part.route("/recherches/nouvelle", methods=["GET", "POST"])
@login_required
@redisplays
def add() -> Any:
    """Keep the filters of a list under a name."""
    require_agency(actor())
    given = request.form if request.method == "POST" else request.args
    page = given.get("list", "queue")
    names = FILTERS.get(page, ())
    filters = {name: given[name] for name in names if given.get(name)}
    if request.method == "GET" or is_refresh():
        return _form(None, page, filters, {})
    try:
        with runtime().database.transaction() as session:
            added = saved_search.add(
                session,
                actor(),
                now(),
                page=page,
                name=request.form.get("name", ""),
                filters=filters,
                shared="shared" in request.form,
            )
            if "default" in request.form:
                saved_search.choose(session, actor(), page, added.id)
            address = address_of(added)
    except (InvalidAnswer, SearchNameTaken, TooManySearches) as refusal:
        return _form(None, page, filters, _faults(refusal))
    flash(_("Recherche gardée."), "done")
    return redirect(address, 303)


@part.route(ONE, methods=["GET", "POST"])
@login_required
@redisplays
def change(search_id: int) -> Any:
    """Rename one's own search, share it or not; make any that one reads one's default."""
    with runtime().database.reading() as session:
        search = saved_search.readable(session, actor(), search_id)
        is_default = saved_search.is_default(session, actor(), search)
        keeper = _names(session, {search.person_id}).get(search.person_id, "")
        session.expunge_all()
    if request.method == "GET" or is_refresh():
        return _form(search, search.page, search.filters, {}, is_default=is_default, keeper=keeper)
    is_own = search.person_id == actor().person_id
    wanted = "default" in request.form
    try:
        with runtime().database.transaction() as session:
            if is_own:
                saved_search.change(
                    session,
                    actor(),
                    now(),
                    search_id,
                    name=request.form.get("name", ""),
                    shared="shared" in request.form,
                )
            if wanted != is_default:
                saved_search.choose(session, actor(), search.page, search_id if wanted else None)
    except (InvalidAnswer, SearchNameTaken) as refusal:
        return _form(search, search.page, search.filters, _faults(refusal), is_default=wanted)
    flash(_("Recherche enregistrée."), "done")
    return redirect(url_for("searches.index"), 303)


@part.route(f"{ONE}/supprimer", methods=["GET", "POST"])
@login_required
def remove(search_id: int) -> Any:
    """Delete a search, after a confirmation."""
    if request.method == "POST":
        with runtime().database.transaction() as session:
            name = saved_search.remove(session, actor(), search_id).name
        flash(_("Recherche supprimée : %(name)s.", name=name), "done")
        return redirect(url_for("searches.index"), 303)
    with runtime().database.reading() as session:
        search = saved_search.removable(session, actor(), search_id)
        return render_template("searches/remove.html", search=search)


@part.post("/dossiers/tout-lu")
@login_required
def read_all() -> Any:
    """Keep that one has read every dossier under way."""
    require_agency(actor())
    with runtime().database.transaction() as session:
        read_mark.keep_all(session, actor())
    flash(_("Tous les dossiers en cours sont marqués comme lus."), "done")
    return redirect(local_path(request.form.get("to")), 303)


def address_of(search: SavedSearch) -> str:
    """Where a search is read."""
    return _address(search.page, search.filters)


def _address(page: str, filters: Mapping[str, str]) -> str:
    values: dict[str, Any] = dict(filters) or {ALL: "tout"}
    return url_for(ENDPOINTS.get(page, "queue.index"), **values)


def _names(session: Any, ids: set[int]) -> dict[int, str]:
    found = session.query(Person.id, Person.name).filter(Person.id.in_(sorted(ids)))
    return {row.id: row.name for row in found}


def _faults(refusal: InvalidAnswer | SearchNameTaken | TooManySearches) -> dict[str, list[str]]:
    if isinstance(refusal, InvalidAnswer):
        return sentences_of(refusal)
    if isinstance(refusal, SearchNameTaken):
        return {"name": [_("Vous avez déjà une recherche de ce nom. Choisissez-en un autre.")]}
    return {
        "name": [
            _(
                "Vous gardez déjà %(most)s recherches. Supprimez-en une d'abord.",
                most=saved_search.MOST_SEARCHES,
            )
        ]
    }


def _form(
    search: SavedSearch | None,
    page: str,
    filters: dict[str, str],
    faults: dict[str, list[str]],
    *,
    is_default: bool = False,
    keeper: str = "",
) -> Any:
    typed = request.method == "POST"
    shown = render_template(
        "searches/edit.html",
        search=search,
        page=page,
        page_name=PAGES.get(page, page),
        filters=filters,
        name=request.form.get("name", "") if typed else search.name if search else "",
        shared="shared" in request.form if typed else bool(search and search.shared),
        default="default" in request.form if typed else is_default,
        is_own=search is None or search.person_id == actor().person_id,
        keeper=keeper,
        longest=LONGEST_NAME,
        faults=faults,
        back=_address(page, filters),
    )
    return shown, 422 if faults else 200
