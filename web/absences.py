"""Absences: one's own, those in which one stands in, and the whole team's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_required
from sqlalchemy.orm import Session

from web import answering
from web.access import require_agency
from web.error_pages import LAST_ACTS, SENTENCES, LastAct, Sentences
from web.forms_render import posted_day
from web.kept import is_refresh, redisplays
from web.language import _, _l
from web.runtime import now, runtime
from web.signed_in import actor, requires_role, signed_in
from web.whole_number import posted_number, whole_number
from workflow.clock import paris_date
from workflow.domain import absence, absence_acts, covered_dossiers
from workflow.domain.absence import ASSIGNING_ROLE, INSTRUCTOR, NamedAbsence
from workflow.domain.absence_acts import AbsenceOver, AbsenceOverlaps, AbsenceWish
from workflow.domain.audit_kinds import ABSENCES
from workflow.domain.covered_dossiers import Covered
from workflow.domain.person import Person
from workflow.errors import InvalidAnswer, NotFound

STATES = {
    "running": (_l("En cours"), "diamond", "mine"),
    "coming": (_l("À venir"), "ring", "mute"),
    "over": (_l("Terminée"), "minus", "mute"),
}
WEEKS = 8
WEEK = timedelta(days=7)
ONE = "/absences/<int(max=2147483647):absence_id>"

part = Blueprint("absences", __name__)

SENTENCES[AbsenceOverlaps.code] = Sentences(
    _l("Une absence est déjà déclarée sur ces jours"),
    _l("Rien n'a été changé. Mettez fin à la première, ou choisissez d'autres jours."),
)
SENTENCES[AbsenceOver.code] = Sentences(
    _l("Cette absence est terminée"),
    _l("Rien n'a été changé : il n'y a plus rien à modifier."),
)


@dataclass(frozen=True)
class TeamWeek:
    """One week, by its Monday, and who is away on some of its days."""

    monday: date
    away: list[tuple[NamedAbsence, date, date]]
    """Each absence with its first and last day within the week."""


@part.app_context_processor
def give_covered() -> dict[str, Any]:
    """Let a page ask what falls to its reader for those who are away, only if it shows it."""
    return {"covered_dossiers": _covered}


@part.get("/absences")
@login_required
def index() -> Any:
    """One's absences, and those of colleagues that one covers."""
    require_agency(actor())
    today = paris_date(now())
    with runtime().database.reading() as session:
        return render_template(
            "absences/index.html",
            own=absence.of_person(session, _person_id()),
            asked=absence.asked_of(session, _person_id(), today),
            # As on the home page: only an instructor can look after the dossiers of another.
            covered=covered_dossiers.covered_by(session, _person_id(), now())
            if INSTRUCTOR in actor().roles
            else [],
            instructs=INSTRUCTOR in actor().roles,
            assigns=ASSIGNING_ROLE in actor().roles,
            states=STATES,
            today=today,
        )


@part.get("/absences/equipe")
@requires_role(ASSIGNING_ROLE)
def team() -> Any:
    """Who is away in the coming weeks, week by week."""
    today = paris_date(now())
    with runtime().database.reading() as session:
        found = absence.of_team(session, today)
        return render_template(
            "absences/team.html",
            weeks=list(_weeks(found, today)),
            later=[
                each for each in found if each.absence.first_day >= _monday(today) + WEEK * WEEKS
            ],
            total=len(found),
            today=today,
        )


@part.route("/absences/nouvelle", methods=["GET", "POST"])
@login_required
@redisplays
def declare() -> Any:
    """Declare an absence: days, and who stands in."""
    require_agency(actor())
    faults: dict[str, list[str]] = {}
    stale = False
    if request.method == "POST" and not is_refresh() and "~person" not in request.form:
        try:
            with runtime().database.transaction() as session:
                absence_acts.declare(session, actor(), _typed(), now())
            flash(_("Absence déclarée. Aucun délai n'est arrêté."), "done")
            own = _absent_id() == _person_id()
            return redirect(url_for(".index" if own else ".team"), 303)
        except InvalidAnswer as refusal:
            faults = answering.sentences_of(refusal)
        except AbsenceOverlaps:
            stale = True
    return _declare_page(faults, stale=stale)


@part.route(f"{ONE}/fin", methods=["GET", "POST"])
@login_required
def end(absence_id: int) -> Any:
    """End an absence, or withdraw one to come, after a confirmation."""
    require_agency(actor())
    if request.method == "GET":
        return _end_page(absence_id)
    with runtime().database.transaction() as session:
        ended = absence_acts.end(session, actor(), absence_id, now())
        own = ended.person_id == actor().person_id
    flash(_("Absence terminée."), "done")
    return redirect(url_for(".index" if own else ".team"), 303)


@part.route(f"{ONE}/refus", methods=["GET", "POST"])
@login_required
@redisplays
def refuse(absence_id: int) -> Any:
    """Refuse to stand in: the team covers."""
    require_agency(actor())
    if request.method == "GET" or is_refresh():
        return _refusal_page(absence_id)
    with runtime().database.transaction() as session:
        absence_acts.refuse(session, actor(), absence_id, request.form.get("reason", ""), now())
    flash(_("Suppléance refusée. La personne absente est prévenue."), "done")
    return redirect(url_for(".index"), 303)


def _covered() -> list[Covered]:
    person = signed_in()
    if person is None or INSTRUCTOR not in person.actor.roles:
        return []
    with runtime().database.reading() as session:
        return covered_dossiers.covered_by(session, person.actor.person_id or 0, now())


def _declare_page(faults: dict[str, list[str]], *, stale: bool) -> Any:
    with runtime().database.reading() as session:
        absent = _absent_id()
        happened = _what_happened(session, person=absent) if stale else ""
        page = render_template(
            "absences/declare.html",
            people=_people(session),
            absent=absent,
            colleagues=absence.colleagues_of(session, absent),
            typed=request.form,
            me=_person_id(),
            today=paris_date(now()),
            faults=faults,
            happened=happened,
        )
        return page, 409 if stale else 422 if faults else 200


def _what_happened(session: Session, **facts: Any) -> str:
    return answering.what_happened_in_house(session, *ABSENCES, **facts)


def _last_act(session: Session, given: Mapping[str, Any]) -> LastAct | None:
    if "absence_id" not in given:
        return None
    sentence = _what_happened(session, absence=given["absence_id"])
    return LastAct(sentence, _("Relire les absences"), url_for("absences.index"))


LAST_ACTS[part.name] = _last_act


def _end_page(absence_id: int) -> Any:
    """An absence of one's own; of anybody for who assigns."""
    today = paris_date(now())
    with runtime().database.reading() as session:
        known: Sequence[NamedAbsence] = [
            *absence.of_person(session, _person_id()),
            *(absence.of_team(session, today) if ASSIGNING_ROLE in actor().roles else ()),
        ]
        found = _among(known, absence_id)
        if found.absence.state_on(today) == "over":
            raise AbsenceOver("Expected an absence running or to come but it is over.")
        return render_template("absences/end.html", found=found, me=_person_id())


def _refusal_page(absence_id: int) -> Any:
    """An absence in which one stands in and has not refused."""
    with runtime().database.reading() as session:
        found = _among(absence.asked_of(session, _person_id(), paris_date(now())), absence_id)
        if found.is_refused:
            raise AbsenceOver("Expected an absence to cover but it is refused already.")
        return render_template("absences/refuse.html", found=found)


def _among(known: Sequence[NamedAbsence], absence_id: int) -> NamedAbsence:
    found = next((each for each in known if each.absence.id == absence_id), None)
    if found is None:
        raise NotFound(f"Expected an absence {absence_id} of yours but there is none.")
    return found


def _people(session: Session) -> list[Person]:
    """For whom an absence may be declared: oneself, or anybody of the team."""
    if ASSIGNING_ROLE not in actor().roles:
        return []
    return absence.agency_people(session)


def _person_id() -> int:
    return actor().person_id or 0


def _absent_id() -> int:
    chosen = request.form.get("person", request.args.get("personne", ""))
    absent = whole_number(chosen)
    return _person_id() if absent is None else absent


def _typed() -> AbsenceWish:
    faults: dict[str, list[str]] = {}
    first, last = posted_day("first_day", faults), posted_day("last_day", faults)
    stand_in_id = posted_number("stand_in")
    if stand_in_id is None and request.form.get("stand_in") != "team":
        faults["stand_in"] = [_("Choisissez un collègue, ou l'équipe.")]
    if faults:
        raise InvalidAnswer("Expected an absence that can be read but found otherwise.", faults)
    return AbsenceWish(
        person_id=_absent_id(),
        first_day=first,
        last_day=last,
        stand_in_id=stand_in_id,
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _weeks(found: Sequence[NamedAbsence], today: date) -> list[TeamWeek]:
    weeks: list[TeamWeek] = []
    for number in range(WEEKS):
        monday = _monday(today) + WEEK * number
        sunday = monday + timedelta(days=6)
        away = [
            (each, max(each.absence.first_day, monday), min(each.absence.last_day, sunday))
            for each in found
            if each.absence.first_day <= sunday and each.absence.last_day >= monday
        ]
        weeks.append(TeamWeek(monday, away))
    return weeks
