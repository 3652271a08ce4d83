"""The team's load: who has what, what nobody has, what is old; each figure is a list."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, url_for
from flask_login import login_required
from sqlalchemy import select
from sqlalchemy.orm import Session

from web.access import require_agency
from web.campaign_view import ASKED, campaign_at_hand, campaign_choices
from web.chart import Chart
from web.language import _
from web.runtime import now, runtime
from web.signed_in import actor
from workflow.clock import paris_date
from workflow.domain import absence, queue_view
from workflow.domain.absence import NamedAbsence
from workflow.domain.campaign import Campaign
from workflow.domain.dossier import Dossier
from workflow.domain.interest import DECLARING_ROLE
from workflow.domain.person import Person, PersonRole
from workflow.domain.queue_view import Place

SOON, LATER = "5", "10"
"""Business days within which an instruction is said to end soon."""
MOST_PEOPLE = 200

part = Blueprint("team", __name__)


@dataclass(frozen=True)
class Load:
    """What one instructor has taken, or what nobody has (`person_id` None)."""

    person_id: int | None
    name: str
    taken: int
    suspended: int
    soon: int
    later: int
    oldest: Place | None
    """The one whose clock has run longest, of those whose clock runs."""


@part.get("/equipe")
@login_required
def index() -> Any:
    """The load of the instruction, by person."""
    require_agency(actor())
    with runtime().database.reading() as session:
        campaign = campaign_at_hand(session, runtime())
        places = _places(session, campaign)
        loads = _loads(session, places)
        return render_template(
            "team/index.html",
            campaign=campaign,
            choices=campaign_choices(session, runtime(), campaign),
            loads=loads,
            free=_load(None, _("À prendre"), [each for each in places if each.holder_id is None]),
            whole=_load(None, _("Toute la file"), places),
            away=_away(session),
            numbers=_numbers(session, places, loads),
            chart=_chart(loads),
            soon=SOON,
            later=LATER,
            link=_link(campaign),
            me=actor().person_id,
            present=now(),
        )


@part.get("/equipe.csv")
@login_required
def table() -> Response:
    """The same figures for a spreadsheet."""
    require_agency(actor())
    with runtime().database.reading() as session:
        places = _places(session, campaign_at_hand(session, runtime()))
        loads = _loads(session, places)
    loads.append(_load(None, _("À prendre"), [each for each in places if each.holder_id is None]))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(
        [
            _("Instructeur"),
            _("Pris"),
            _("Chez l'opérateur"),
            _("Fin sous %(days)s jours ouvrés", days=SOON),
            _("Fin sous %(days)s jours ouvrés", days=LATER),
        ]
    )
    for load in loads:
        writer.writerow([load.name, load.taken, load.suspended, load.soon, load.later])
    return Response(
        "\ufeff" + text.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="equipe.csv"'},
    )


def _places(session: Session, campaign: Campaign) -> list[Place]:
    return queue_view.places(session, campaign, now(), person_id=actor().person_id or 0)


def _loads(session: Session, places: Sequence[Place]) -> list[Load]:
    """Every instructor, by name, and whoever else has taken a dossier."""
    holders = {place.holder_id for place in places if place.holder_id is not None}
    instructs = select(PersonRole.person_id).where(PersonRole.role == DECLARING_ROLE)
    rows = session.execute(
        select(Person.id, Person.name)
        .where(
            (Person.id.in_(instructs) & Person.is_active.is_(True)) | Person.id.in_(sorted(holders))
        )
        .order_by(Person.name)
        .limit(MOST_PEOPLE)
    )
    return [
        _load(row.id, row.name, [each for each in places if each.holder_id == row.id])
        for row in rows
    ]


def _away(session: Session) -> dict[int, NamedAbsence]:
    """Who is away today, and who stands in."""
    today = paris_date(now())
    return {
        each.absence.person_id: each
        for each in absence.of_team(session, today)
        if each.absence.state_on(today) == "running"
    }


def _load(person_id: int | None, name: str, places: Sequence[Place]) -> Load:
    active = [place for place in places if place.state == "actif"]
    return Load(
        person_id,
        name,
        len(places),
        len(places) - len(active),
        sum(SOON in place.within for place in active),
        sum(LATER in place.within for place in active),
        max(active, key=lambda place: (place.spent, -place.rank), default=None),
    )


def _numbers(session: Session, places: Sequence[Place], loads: Sequence[Load]) -> dict[int, str]:
    """The numbers of the dossiers that the page names."""
    whole = _load(None, "", places)
    free = _load(None, "", [each for each in places if each.holder_id is None])
    named = [load.oldest.dossier_id for load in (*loads, whole, free) if load.oldest]
    rows = session.execute(
        select(Dossier.id, Dossier.number).where(Dossier.id.in_(sorted(set(named))))
    )
    return {row.id: row.number for row in rows}


def _chart(loads: Sequence[Load]) -> Chart:
    return Chart(
        "equipe",
        _("Dossiers pris, par instructeur"),
        _("Instructeur"),
        _("Dossiers"),
        [(load.name, load.taken) for load in loads],
    )


def _link(campaign: Campaign) -> Any:
    """The address of the dossiers behind a figure of the queue."""

    def address(load: Load, **filters: str) -> str:
        whose = {"pris": str(load.person_id)} if load.person_id is not None else {}
        values: dict[str, Any] = {**whose, **filters, ASKED: campaign.id}
        return url_for("queue.index", **values)

    return address
