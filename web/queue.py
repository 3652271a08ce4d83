"""The instruction queue: who comes next, and what stands in the way (DSR 4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request
from flask_login import login_required
from sqlalchemy import select
from sqlalchemy.orm import Session

from web import answering
from web.access import require_agency
from web.campaign_view import ASKED, campaign_choices, current_campaign
from web.clock_view import ClockFigures, clock_figures, clocks_of
from web.language import _
from web.list_filters import Asked, Column, asked, chips
from web.queue_filters import HOUSE, filters, sorting
from web.runtime import now, runtime
from web.search_tabs import Kept, tabs
from web.signed_in import actor
from web.standings import Standing, standings
from web.whole_number import whole_number
from workflow.domain import instruction_assignment, queue_view, second_opinion
from workflow.domain.campaign import Campaign
from workflow.domain.dossier import Dossier
from workflow.domain.instruction_queue import QueueEntry
from workflow.domain.person import Person
from workflow.domain.queue_view import FOUND, LEGAL_ORDER, MOST_PLACES, ORDERS, Place

PER_PAGE = 50

part = Blueprint("queue", __name__)


@dataclass(frozen=True)
class QueueRow:
    """One place of the queue, as a list shows it."""

    place: Place
    entry: QueueEntry
    standing: Standing
    clock: ClockFigures | None

    @property
    def task_id(self) -> str | None:
        """The instruction to take, when the operator does not hold the hand."""
        tasks = [stake.task for stake in self.standing.stakes]
        return next((task.id for task in tasks if task.element_id == "instruct_dossier"), None)

    @property
    def is_suspended(self) -> bool:
        """Whether the operator's answer is awaited."""
        return self.clock is not None and not self.clock.is_running


@part.get("/file")
@login_required
def index() -> Any:
    """The queue of a campaign: in the law's order, or as whoever reads it filters and sorts it."""
    require_agency(actor())
    with runtime().database.reading() as session:
        campaign = current_campaign(session, runtime())
        beside = {ASKED: campaign.id} if campaign and request.args.get(ASKED) else {}
        search = asked("queue", "queue.index", list(ORDERS), LEGAL_ORDER, beside)
        kept = Kept.of(session, "queue")
        answer = kept.redirection(search)
        if answer is not None:
            return answer
        return _page(session, campaign, search, kept)


def _page(session: Session, campaign: Campaign | None, search: Asked, kept: Kept) -> str:
    who = actor()
    places = _places(session, campaign, search)
    instructor = "instructor" in who.roles
    return render_template(
        "queue/index.html",
        **_list(session, campaign, search, places),
        first=_next_of(session, campaign, places) if instructor and campaign else None,
        person_id=who.person_id,
        key=answering.act_key(),
        opinions=second_opinion.asked_of(session, who),
        instructor=instructor,
        total=len(places),
        unread=sum(place.is_unread for place in places),
        most=MOST_PLACES,
        search=search,
        columns=_columns(search),
        tabs=tabs(
            search,
            [(str(label), asks) for label, asks in HOUSE],
            kept,
            lambda asks: None if "q" in asks else queue_view.count(places, asks),
        ),
        current=kept.current(search),
        days=campaign.delays["instruction"].amount if campaign else 0,
        campaign=campaign,
        choices=campaign_choices(session, runtime(), campaign),
        present=now(),
    )


def _list(
    session: Session, campaign: Campaign | None, search: Asked, places: Sequence[Place]
) -> dict[str, Any]:
    """The rows that are asked for, and the filters; in the law's order, deprioritised ones last."""
    wanted = {**search.filters, **({"q": FOUND} if "q" in search.filters else {})}
    chosen = queue_view.choose(places, wanted, search.order)
    begin = (search.turn - 1) * PER_PAGE
    rows = _rows(session, campaign, chosen.places[begin : begin + PER_PAGE]) if campaign else []
    people = _people(session, search, places)
    offered = filters(search, campaign, chosen.counts, people) if campaign else []
    legal = search.order == LEGAL_ORDER
    return {
        "ranked": [row for row in rows if not (legal and row.place.is_deprioritised)],
        "later": [row for row in rows if legal and row.place.is_deprioritised],
        "found": len(chosen.places),
        "begin": begin,
        "filters": [*offered, sorting(search)],
        "chips": chips(search, offered, _("Recherche")),
    }


def _places(session: Session, campaign: Campaign | None, search: Asked) -> list[Place]:
    if campaign is None:
        return []
    words = search.filters.get("q", "")
    return queue_view.places(
        session, campaign, now(), person_id=actor().person_id or 0, words=words
    )


def _people(session: Session, search: Asked, places: Sequence[Place]) -> dict[str, str]:
    """Who has taken something, by name; whom the address asks for too."""
    found = {str(place.holder_id): place.holder for place in places if place.holder}
    asked_for = search.filters.get("pris", "")
    person_id = whole_number(asked_for)
    if asked_for not in found and person_id is not None:
        person = session.get(Person, person_id)
        return found | ({asked_for: person.name} if person is not None else {})
    return found


def _columns(search: Asked) -> list[Column]:
    return [
        search.column(_("Rang"), LEGAL_ORDER, "num"),
        search.column(_("Service"), "service"),
        search.column(_("Opérateur"), "operateur"),
        search.column(_("Profils")),
        search.column(_("Complet le"), "complet"),
        search.column(_("Temps d'instruction"), "temps", falls=True),
        search.column(_("État")),
    ]


def _next_of(session: Session, campaign: Campaign, places: Sequence[Place]) -> Place | None:
    """The place that "take the next" would hand to this person."""
    first = instruction_assignment.head(session, campaign, actor().person_id)
    return next((each for each in places if first and each.dossier_id == first.dossier_id), None)


def _rows(session: Session, campaign: Campaign, places: Sequence[Place]) -> list[QueueRow]:
    ids = [place.dossier_id for place in places]
    entries = {
        entry.dossier_id: (entry, dossier)
        for entry, dossier in session.execute(
            select(QueueEntry, Dossier)
            .join(Dossier, Dossier.id == QueueEntry.dossier_id)
            .where(QueueEntry.dossier_id.in_(ids))
        )
    }
    known = standings(session, runtime(), [entries[each][1] for each in ids])
    clocks = clocks_of(session, ids)
    days = campaign.delays["instruction"].amount
    return [
        QueueRow(
            place,
            entries[place.dossier_id][0],
            standing,
            clock_figures(clocks.get(place.dossier_id, []), days, now()),
        )
        for place, standing in zip(places, known, strict=True)
    ]
