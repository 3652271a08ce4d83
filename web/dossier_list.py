"""The list of the dossiers that someone may read: searched, filtered, sorted, counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import render_template
from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from web.campaign_view import campaign_title, campaigns_in_force
from web.dossier_counts import MOST_COUNTED, MOST_OF_TAB, Counts, counted, counted_tabs
from web.dossier_filters import DAYS_AHEAD, MYSELF, ORDERS, USUAL_ORDER, Wanted, order
from web.dossier_words import ENDS
from web.language import LazyString, _, _l, language
from web.list_filters import Asked, Column, Filter, Option, asked, chips
from web.runtime import now, runtime
from web.search_tabs import Kept, Tab, tabs
from web.signed_in import actor
from web.standings import standings
from web.whole_number import whole_number
from workflow.domain import read_mark
from workflow.domain.dossier import Dossier
from workflow.domain.operator import Operator
from workflow.domain.person import Person
from workflow.domain.saved_search import SORT

PER_PAGE = 25
OF_OPERATORS = ("q", "ou")
"""What operators filter by; the others tell what the Agency keeps to itself."""
HOUSE: tuple[tuple[LazyString, Mapping[str, str]], ...] = (
    (_l("Tous"), {}),
    (_l("En cours"), {"ou": "en-cours"}),
    (_l("Non lus"), {"lu": "non"}),
    (_l("Pris par vous"), {"instructeur": MYSELF}),
    (_l("Échéance sous 5 jours du calendrier"), {"echeance": "5", "tri": "echeance"}),
)
_PLACES: tuple[tuple[str, LazyString], ...] = (
    ("en-cours", _l("En cours")),
    ("operateur", _l("Chez l'opérateur")),
    ("ans", _l("À l'ANS")),
    ("college", _l("Au collège")),
    ("closes", _l("Procédure close")),
)
_PHASES: tuple[tuple[str, LazyString], ...] = (
    ("recevabilite", _l("Recevabilité")),
    ("convention", _l("Convention")),
    ("preuves", _l("Preuves")),
    ("instruction", _l("Instruction")),
    ("college", _l("Collège")),
    ("reserves", _l("Levée de réserves")),
)


def page() -> Any:
    """The list as this request asks for it."""
    who = actor()
    search = asked("dossiers", "dossiers.index", ORDERS, USUAL_ORDER, {})
    if not who.is_agency:
        own = {name: search.filters[name] for name in OF_OPERATORS if name in search.filters}
        search = replace(search, filters=own)
    with runtime().database.reading() as session:
        kept = Kept.of(session, "dossiers") if who.is_agency else Kept([])
        answer = kept.redirection(search)
        return answer if answer is not None else _shown(session, search, kept)


def _shown(session: Session, search: Asked, kept: Kept) -> str:
    who = actor()
    begin = (search.turn - 1) * PER_PAGE
    wanted = Wanted.of(search.filters, who, now())
    unread = (
        read_mark.is_unread(who.person_id, Dossier.id) & Dossier.ended_at.is_(None)
        if who.is_agency and who.person_id
        else literal(False)
    )
    clauses, columns = order(search.order)
    query = select(Dossier, unread).where(*wanted.clauses(), *clauses).order_by(*columns)
    rows = session.execute(query.offset(begin).limit(PER_PAGE + 1)).all()
    found = rows[:PER_PAGE]
    counts = counted(session, wanted) if who.is_agency else None
    offered = _filters(session, search, counts)
    views = _tabs(session, search, kept) if who.is_agency else []
    return render_template(
        "dossiers/index.html",
        items=standings(session, runtime(), [dossier for dossier, _is_unread in found]),
        fresh={dossier.id for dossier, is_unread in found if is_unread},
        unread=next((each.count for each in views if each.label == _("Non lus")), 0),
        begin=begin,
        has_more=len(rows) > PER_PAGE,
        search=search,
        columns=_columns(search),
        filters=[*offered, _sorting(search)],
        chips=chips(search, offered, _("Recherche")),
        tabs=views,
        current=kept.current(search),
        most=MOST_COUNTED,
        is_capped=counts is not None and counts.is_capped,
        agency=who.is_agency,
        may_deposit="operator" in who.roles,
        present=now(),
    )


def _tabs(session: Session, search: Asked, kept: Kept) -> list[Tab]:
    house = [(str(label), asks) for label, asks in HOUSE]
    asks = [each for _label, each in house] + [row.filters for row, _default in kept.shown]
    bare = [{name: value for name, value in each.items() if name != SORT} for each in asks]
    wanted = [Wanted.of(each, actor(), now()) for each in bare if each]
    numbers = iter(counted_tabs(session, wanted))
    known = {_key(each): next(numbers) for each in bare if each}
    return tabs(search, house, kept, lambda each: known.get(_key(each)), most=MOST_OF_TAB)


def _key(filters: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(filters.items()))


def _filters(session: Session, search: Asked, counts: Counts | None) -> list[Filter]:
    ends = [(end, str(look.words)) for end, look in ENDS.items()]
    places = _filter(search, counts, "ou", _("Où il en est"), [*_said(_PLACES), *ends])
    if counts is None:
        return [places]
    return [
        places,
        _filter(search, counts, "phase", _("Phase"), _said(_PHASES), usual=_("Toutes")),
        _filter(search, counts, "lu", _("Lecture"), [("non", _("Non lus"))]),
        *(
            _filter(search, counts, name, label, values, is_more=True)
            for name, label, values in _more_filters(session, search, counts)
        ),
    ]


def _more_filters(
    session: Session, search: Asked, counts: Counts
) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Name, words and values of the filters that stand folded."""
    campaigns = campaigns_in_force(session, runtime())
    profiles = {
        each: campaign.profile_name(each, language())
        for campaign in campaigns
        for each in campaign.profiles
    }
    operators = _named(session, search, counts, "operateur")
    people = _named(session, search, counts, "instructeur")
    counts.of["instructeur"][MYSELF] = counts.of["instructeur"][str(actor().person_id)]
    days = [(str(each), _("Sous %(days)s jours du calendrier", days=each)) for each in DAYS_AHEAD]
    return [
        ("operateur", _("Opérateur"), operators),
        ("profil", _("Profil"), list(profiles.items())),
        ("campagne", _("Campagne"), [(each.id, campaign_title(each)) for each in campaigns]),
        ("instructeur", _("Instructeur"), [(MYSELF, _("Vous")), *people]),
        ("echeance", _("Prochaine date"), days),
    ]


def _filter(
    search: Asked,
    counts: Counts | None,
    name: str,
    label: str,
    values: list[tuple[str, str]],
    *,
    is_more: bool = False,
    usual: str = "",
) -> Filter:
    """One filter with, for the Agency, how many dossiers each of its values would leave."""

    def option(value: str, words: str) -> Option:
        if counts is None:
            return Option(value, words)
        count = counts.of[name][value]
        return Option(value, words, count, count >= MOST_COUNTED)

    options = [option(value, words) for value, words in values]
    return Filter(name, label, options, search.filters.get(name, ""), is_more, usual)


def _named(session: Session, search: Asked, counts: Counts, name: str) -> list[tuple[str, str]]:
    """The values that are rows of another table, by name; the one asked for too."""
    found = {value: counts.names[name, value] for value in counts.of[name]}
    asked_for = search.filters.get(name, "")
    row_id = whole_number(asked_for)
    if asked_for not in found and row_id is not None:
        if name == "operateur":
            company = session.get(Operator, row_id)
            found |= {asked_for: company.company_name} if company is not None else {}
        else:
            person = session.get(Person, row_id)
            found |= {asked_for: person.name} if person is not None else {}
    return sorted(found.items(), key=lambda each: each[1].casefold())


def _columns(search: Asked) -> list[Column]:
    company = [search.column(_("Opérateur"), "operateur")] if actor().is_agency else []
    return [
        search.column(_("Service"), "service"),
        *company,
        search.column(_("Déposé le"), "depot", falls=True),
        search.column(_("Où il en est")),
        search.column(_("Prochaine date"), "echeance"),
        search.column(_("Signalements")),
    ]


def _sorting(search: Asked) -> Filter:
    orders = [
        ("depot", _("Le premier déposé d'abord")),
        ("service", _("Service, de A à Z")),
        ("-service", _("Service, de Z à A")),
        ("echeance", _("Date la plus proche d'abord")),
        ("-echeance", _("Date la plus lointaine d'abord")),
    ]
    if actor().is_agency:
        orders += [
            ("operateur", _("Opérateur, de A à Z")),
            ("-operateur", _("Opérateur, de Z à A")),
        ]
    return search.sorting(_("Le dernier déposé d'abord"), orders)


def _said(values: tuple[tuple[str, LazyString], ...]) -> list[tuple[str, str]]:
    return [(value, str(words)) for value, words in values]
