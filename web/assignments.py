"""In whose hands a dossier is, and the acts that change it: for the Agency only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel.speaklater import LazyString
from flask_login import login_required
from sqlalchemy import select
from sqlalchemy.orm import Session

from web import answering, hands_shown
from web.access import require_agency, visible_dossier
from web.dossier_head import head_of
from web.error_pages import SENTENCES, Sentences
from web.hand_over_words import REFUSALS
from web.hands_shown import HandsChanged
from web.kept import is_refresh, redisplays
from web.language import _l
from web.runtime import now, runtime
from web.signed_in import actor
from web.whole_number import posted_number
from workflow.domain import absence_cover, custody, hand_over, interest
from workflow.domain.absence import ASSIGNING_ROLE, INSTRUCTOR
from workflow.domain.absence_cover import Cover
from workflow.domain.audit_kinds import HANDS
from workflow.domain.custody import Custody
from workflow.domain.dossier import Dossier
from workflow.domain.person import Actor, Person
from workflow.engine import acts
from workflow.errors import InvalidAnswer
from workflow.service_tasks.registry import Call

part = Blueprint("assignments", __name__)

_UNCHANGED = _l(
    "Le dossier reste entre les mêmes mains. Relisez-le, puis recommencez s'il le faut."
)
SENTENCES.update(
    {
        code: Sentences(words, _UNCHANGED)
        for code, words in REFUSALS.items()
        if code not in SENTENCES
    }
)


@dataclass(frozen=True)
class Act:
    """An act that changes hands, as a section of the page offers it."""

    name: str
    title: LazyString
    line: LazyString
    button: LazyString
    done: LazyString
    to_somebody: bool = False
    needs_reason: bool = True


ACTS: Mapping[str, Act] = {
    act.name: act
    for act in (
        Act(
            "decline",
            _l("Décliner"),
            _l("Le dossier retourne à qui vous l'a confié, sinon dans la file, à son rang."),
            _l("Décliner le dossier"),
            _l("Dossier décliné."),
        ),
        Act(
            "hand_over",
            _l("Confier à un collègue"),
            _l("Le brouillon en cours le suit. Votre collègue est prévenu et peut décliner."),
            _l("Confier le dossier"),
            _l("Dossier confié."),
            to_somebody=True,
        ),
        Act(
            "give_back",
            _l("Rendre à la file"),
            _l("Le dossier garde son rang et son brouillon : quelqu'un d'autre le prendra."),
            _l("Rendre le dossier à la file"),
            _l("Dossier rendu à la file."),
            needs_reason=False,
        ),
        Act(
            "assign",
            _l("Affecter à un instructeur"),
            _l(
                "Un motif est demandé si le dossier n'est pas le prochain de la file, ou s'il est"
                " déjà entre les mains de quelqu'un. Il paraît dans la liste des écarts."
            ),
            _l("Affecter le dossier"),
            _l("Dossier affecté."),
            to_somebody=True,
            needs_reason=False,
        ),
        Act(
            "take_back",
            _l("Reprendre pour la file"),
            _l("La personne qui le tient est prévenue. Le dossier garde son rang."),
            _l("Remettre le dossier dans la file"),
            _l("Dossier remis dans la file."),
        ),
    )
}


@dataclass(frozen=True)
class HandsPage:
    """What the page of one dossier's hands shows."""

    known: Custody
    giver: str | None
    cover: Cover | None
    acts: list[Act]
    people: list[tuple[Person, str | None]]
    """The instructors to whom it may go, with what bars some of them."""
    away: Mapping[int, Cover]
    """Those of them who are absent, by id."""


@part.route("/dossiers/<number>/mains", methods=["GET", "POST"])
@login_required
@redisplays
def show(number: str) -> Any:
    """Who holds a dossier, since when, by whom; and the acts that change it."""
    require_agency(actor())
    if request.method == "GET" or is_refresh():
        return _page(number, {}, 200)
    act = ACTS.get(request.form.get("act", ""))
    if act is None:
        return _page(number, {}, 422)
    with runtime().database.reading() as session:
        dossier_id = visible_dossier(session, number, actor()).id
    try:
        # The house's own order: a suspended dossier changes hands too.
        verb = hands_shown.guarded(_verb(act.name))
        acts.perform(runtime(), actor(), dossier_id, verb, even_held=True)
    except HandsChanged:
        return _page(number, {}, 409)
    except InvalidAnswer as refusal:
        faults = answering.sentences_of(refusal)
        return _page(number, {f"{act.name}-{key}": said for key, said in faults.items()}, 422)
    flash(str(act.done), "done")
    return redirect(url_for(".show", number=number), 303)


def _verb(name: str) -> Callable[[Call], object]:
    why, to = request.form.get("reason", ""), posted_number("to")
    verbs: Mapping[str, Callable[[Call], object]] = {
        "assign": lambda call: hand_over.assign(call, to=to, why=why),
        "hand_over": lambda call: hand_over.hand_over(call, to=to, why=why),
        "give_back": lambda call: hand_over.give_back(call, why=why),
        "take_back": lambda call: hand_over.take_back(call, why=why),
        "decline": lambda call: hand_over.decline(call, why=why),
    }
    return verbs[name]


def _page(number: str, faults: Mapping[str, list[str]], status: int) -> Any:
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        stale = status == HandsChanged.http_status
        happened = answering.what_happened(session, dossier.id, *HANDS) if stale else ""
        kept = None if stale else answering.posted_mark()
        view = _view(session, dossier, actor())
        held = view.known.assignment
        page = render_template(
            "assignments/show.html",
            happened=happened,
            mark=kept or str(held.id if held else 0),
            dossier=dossier,
            head=head_of(session, dossier, actor()),
            view=view,
            me=actor().person_id,
            instructs=INSTRUCTOR in actor().roles,
            faults=faults,
            act_typed=request.form.get("act", ""),
            typed=request.form,
            present=now(),
        )
        return page, status


def _view(session: Session, dossier: Dossier, who: Actor) -> HandsPage:
    known = custody.custodies(session, [dossier.id])[dossier.id]
    holder_id = known.holder_id
    away = absence_cover.covers(session, now())
    cover = away.get(holder_id) if holder_id else None
    stands_in = cover is not None and cover.stand_in_id == who.person_id and INSTRUCTOR in who.roles
    offered = _offered(known, who, stands_in=stands_in)
    people: list[tuple[Person, str | None]] = []
    if any(act.to_somebody for act in offered):
        known_people = [each for each in custody.instructors(session) if each.id != holder_id]
        barred = interest.conflicts_of(session, [each.id for each in known_people], [dossier.id])
        people = [
            (each, "declared" if (each.id, dossier.id) in barred else None) for each in known_people
        ]
    giver_id = known.assignment.given_by if known.assignment else None
    giver = session.scalar(select(Person.name).where(Person.id == giver_id)) if giver_id else None
    return HandsPage(known, giver, cover, offered, people, away)


def _offered(known: Custody, who: Actor, *, stands_in: bool) -> list[Act]:
    if not known.in_queue:
        return []
    mine = known.holder_id is not None and known.holder_id == who.person_id
    names: list[str] = []
    if mine and known.assignment is not None and known.assignment.given_by is not None:
        names.append("decline")
    if mine or stands_in:
        names += ["hand_over", "give_back"]
    if ASSIGNING_ROLE in who.roles:
        names.append("assign")
        if known.assignment is not None:
            names.append("take_back")
    return [ACTS[name] for name in names]
