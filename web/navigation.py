"""The entries of the header, by role.

An entry whose page is not part of this application (yet, or outside the demo) is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, g, request, url_for
from flask_babel.speaklater import LazyString

from web.language import _l
from web.signed_in import signed_in

AGENCY = frozenset(
    {
        "admissibility_officer",
        "instructor",
        "signatory",
        "college_member",
        "college_president",
        "ssi_officer",
        "support",
        "process_owner",
        "auditor",
        "administrator",
    }
)
OPERATOR_SIDE = frozenset({"operator", "legal_representative"})


@dataclass(frozen=True)
class Entry:
    """One entry: its page, its words, and who sees it (None: everyone, also without account)."""

    endpoint: str
    label: LazyString
    roles: frozenset[str] | None = None
    holds: frozenset[str] = frozenset()
    """Other parts, or single pages, that stand under this entry."""
    key: str = ""
    """The keys that lead there, one after the other (`web.shortcuts` lists them)."""


@dataclass(frozen=True)
class ShownEntry:
    """An entry as the header draws it."""

    address: str
    label: str
    current: bool
    key: str


IN_THE_FOOTER = frozenset({"public.verify", "procedure.show"})
ENTRIES: tuple[Entry, ...] = (
    Entry("home.index", _l("Accueil"), AGENCY | OPERATOR_SIDE, key="g a"),
    Entry("dossiers.index", _l("Dossiers"), AGENCY | OPERATOR_SIDE, key="g d"),
    Entry("dossiers.deposit", _l("Déposer"), frozenset({"operator"})),
    Entry("company.index", _l("Mon entreprise"), OPERATOR_SIDE),
    Entry("partner_sessions.index", _l("Séances"), frozenset({"partner"})),
    Entry(
        "queue.index",
        _l("File d'instruction"),
        AGENCY,
        frozenset({"bulk", "absences", "team", "searches", "desk", "templates"}),
        key="g f",
    ),
    Entry("ssi.index", _l("Questionnaires SSI"), frozenset({"ssi_officer"})),
    Entry("support.index", _l("Questions"), OPERATOR_SIDE | {"support"}),
    Entry("college.index", _l("Collège"), AGENCY, frozenset({"college_room", "partner_sessions"})),
    Entry(
        "steering.index",
        _l("Pilotage"),
        frozenset({"process_owner", "auditor", "college_president"}),
    ),
    Entry(
        "administration.index",
        _l("Administration"),
        frozenset({"administrator"}),
        frozenset({"people", "outgoing", "closures"}),
    ),
    Entry(
        "parameters.index",
        _l("Paramètres"),
        frozenset({"auditor", "process_owner", "administrator"}),
        frozenset({"catalogues", "notification_texts"}),
    ),
    Entry(
        "history.index",
        _l("Historique"),
        frozenset({"auditor", "process_owner"}),
        frozenset({"consultations"}),
    ),
    Entry("public.register", _l("Registre"), holds=frozenset({"public.compare_register"})),
    Entry("procedure.show", _l("La procédure"), holds=frozenset({"procedure"})),
    Entry(
        "public.verify",
        _l("Vérifier un numéro"),
        holds=frozenset({"public.verify_number", "verification"}),
    ),
)


def init_navigation(app: Flask) -> None:
    """Give `navigation()` to the templates."""
    app.jinja_env.globals["navigation"] = navigation


def navigation() -> list[ShownEntry]:
    """The entries for whoever reads this page."""
    person = signed_in()
    roles = person.actor.roles if person else frozenset[str]()
    here = request.endpoint or ""
    return [
        ShownEntry(url_for(entry.endpoint), str(entry.label), _is_current(entry, here), entry.key)
        for entry in ENTRIES
        if entry.endpoint in current_app.view_functions
        and (entry.roles is None or roles & entry.roles)
        # With many entries of their own, people find these in the footer.
        and not (person and entry.endpoint in IN_THE_FOOTER)
    ]


def stand_under(endpoint: str) -> None:
    """Say under which entry this page stands, when its address does not tell."""
    g.stands_under = endpoint


def _is_current(entry: Entry, here: str) -> bool:
    if "stands_under" in g:
        return entry.endpoint == g.stands_under
    if entry.endpoint == here:
        return True
    if any(each.endpoint == here for each in ENTRIES):
        return False
    if request.url_rule is not None and request.url_rule.rule.startswith("/dossiers/<number>"):
        # Whatever part serves it, a page about one dossier stands under the dossiers.
        return entry.endpoint == "dossiers.index"
    # Pages of one part stand under its first entry; the public ones each under their own.
    part = here.split(".")[0]
    own = entry.endpoint.endswith(".index") and entry.endpoint.split(".")[0] == part
    return own or not entry.holds.isdisjoint({part, here})
