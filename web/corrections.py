"""Corrections of clerical errors: propose one, take it back, and what a dossier's page tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_required
from sqlalchemy import select
from sqlalchemy.orm import Session

from web import answering
from web.access import visible_dossier
from web.correction_words import FACTS, STATES
from web.forms_render import posted_form, shown_form
from web.kept import redisplays, typed_texts
from web.language import LazyString, _, language
from web.runtime import now, runtime
from web.signed_in import actor
from web.words import date_words
from workflow.domain import correctable, correction, suspension
from workflow.domain.correction import Correction, Told
from workflow.domain.dossier import Dossier
from workflow.domain.person import OPERATOR_SIDE, Actor
from workflow.engine import human_tasks, messages
from workflow.engine.waiting import HumanTask
from workflow.errors import Conflict, InvalidAnswer, NotAllowed

part = Blueprint("corrections", __name__)

Faults = dict[str, list[str]]


@dataclass(frozen=True)
class ShownCorrections:
    """What a dossier's page tells of corrections, and what this person may do."""

    told: list[Told]
    may_propose: bool
    may_withdraw: bool
    tasks: dict[int, str]
    """Instance of a proposal → the task of this person that answers it."""


@part.app_template_filter("fact_name")
def fact_name(fact: str) -> str:
    """A fact of the deposit as pages call it."""
    return str(FACTS.get(fact, fact))


@part.app_template_filter("fact_value")
def fact_value(text: str, fact: str) -> str:
    """A kept value as pages tell it."""
    if fact == "planned_proof_on":
        return date_words(date.fromisoformat(text), now(), language(), weekday=False, year=True)
    if fact == "publication_authorised":
        return _("autorisée") if text == "true" else _("non autorisée")
    return text


@part.app_template_global()
def correction_states() -> Mapping[str | None, tuple[LazyString, str, str]]:
    """How proposals stand, for templates."""
    return STATES


def shown_corrections(session: Session, dossier: Dossier, who: Actor) -> ShownCorrections:
    """What a dossier's page tells of corrections."""
    told = correction.of_dossier(session, dossier.id)
    open_ones = [each.correction for each in told if each.correction.outcome is None]
    officer = dossier.ended_at is None and bool(who.roles & correction.PROPOSERS)
    if not officer and not open_ones:
        return ShownCorrections(told, False, False, {})
    if suspension.current(session, dossier.id) is not None:
        return ShownCorrections(told, False, False, {})
    return ShownCorrections(told, officer, officer, _tasks(session, open_ones, dossier, who))


def _tasks(
    session: Session, found: list[Correction], dossier: Dossier, who: Actor
) -> dict[int, str]:
    own = who.operator_id == dossier.operator_id and who.roles & OPERATOR_SIDE
    if not found or not own:
        return {}
    rows = session.execute(
        select(HumanTask.instance_id, HumanTask.id).where(
            HumanTask.instance_id.in_([each.instance_id for each in found]),
            HumanTask.closed_at.is_(None),
        )
    )
    return {row.instance_id: row.id for row in rows}


@part.route("/dossiers/<number>/corrections/nouvelle", methods=["GET", "POST"])
@login_required
@redisplays
def propose(number: str) -> Any:
    """Propose to correct one fact of the deposit."""
    dossier = _of_officer(number)
    form = runtime().forms.get(correction.PROPOSE)
    answer: dict[str, Any] | None = None
    faults: Faults = {}
    happened = ""
    facts = [(name, correctable.text_of(getattr(dossier, name))) for name in FACTS]
    mark = answering.mark_of(*facts)
    if request.method == "POST":
        posted = posted_form(form)
        answer = posted.answer
        if posted.is_submitted:
            try:
                if answering.posted_mark() not in (None, mark):
                    raise Conflict(
                        f"Expected the facts of dossier {number} that were shown but one of them"
                        " was corrected meanwhile. Read them again."
                    )
                human_tasks.start(
                    runtime(),
                    correction.PROCESS,
                    correction.PROPOSE,
                    answer,
                    actor(),
                    about_dossier_id=dossier.id,
                    idempotency_key=answering.act_key(),
                )
                flash(
                    _("Correction proposée. Rien ne change sans l'accord de l'opérateur."), "done"
                )
                return redirect(url_for("dossiers.exchanges", number=number) + "#corrections", 303)
            except InvalidAnswer as refusal:
                faults = answering.sentences_of(refusal)
            except Conflict:
                happened = _happened(dossier)
    page = render_template(
        "corrections/propose.html",
        dossier=dossier,
        facts=facts,
        shown=shown_form(form, answer, faults),
        key=answering.act_key(),
        mark=mark if happened else answering.posted_mark() or mark,
        happened=happened,
    )
    return page, 409 if happened else 422 if faults else 200


def _happened(dossier: Dossier) -> str:
    """What was proposed, agreed or done last on a dossier, while a page stood open."""
    with runtime().database.reading() as session:
        kinds = ("correction:proposed", "correction:declined", "correction:withdrawn")
        return answering.what_happened(session, dossier.id, *kinds, "dossier:corrected")


@part.route(
    "/dossiers/<number>/corrections/<int(max=2147483647):correction_id>/retrait",
    methods=["GET", "POST"],
)
@login_required
@redisplays
def withdraw(number: str, correction_id: int) -> Any:
    """Take a proposal back."""
    dossier = _of_officer(number)
    with runtime().database.reading() as session:
        proposed = correction.find(session, dossier.id, correction_id)
    if request.method == "GET" and proposed.outcome is not None:
        raise Conflict(
            f"Expected proposal {correction_id} to wait for an answer but it is {proposed.outcome}."
            " Reload the dossier."
        )
    form = runtime().forms.get(correction.WITHDRAW)
    answer: dict[str, Any] | None = None
    faults: Faults = {}
    if request.method == "POST":
        posted = posted_form(form)
        answer = posted.answer
        if posted.is_submitted:
            try:
                messages.send_beside(
                    runtime(),
                    proposed.instance_id,
                    correction.WITHDRAW,
                    answer,
                    actor(),
                    idempotency_key=answering.act_key(),
                )
                flash(_("Proposition retirée. L'opérateur est notifié avec le motif."), "done")
                return redirect(url_for("dossiers.exchanges", number=number) + "#corrections", 303)
            except InvalidAnswer as refusal:
                faults = answering.sentences_of(refusal)
            except Conflict:
                page = render_template(
                    "dossiers/too_late.html",
                    dossier=dossier,
                    title=_("Retirer la proposition"),
                    happened=_happened(dossier),
                    texts=typed_texts(),
                )
                return page, 409
    page = render_template(
        "corrections/withdraw.html",
        dossier=dossier,
        proposed=proposed,
        shown=shown_form(form, answer, faults),
        key=answering.act_key(),
    )
    return page, 422 if faults else 200


def _of_officer(number: str) -> Dossier:
    who = actor()
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, who)
        if not who.roles & correction.PROPOSERS:
            raise NotAllowed(
                f"Expected an admissibility officer but {who.name} is not. Ask one of them."
            )
        if request.method == "GET" and dossier.ended_at is not None:
            raise Conflict(
                f"Expected dossier {number} to be under way but it has ended."
                " Its facts are what they were then."
            )
        if request.method == "GET" and suspension.current(session, dossier.id) is not None:
            raise Conflict(
                f"Expected dossier {number} to be under way but it is suspended. Resume it first."
            )
    return dossier
