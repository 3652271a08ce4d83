"""The instructor's desk: take the next dossier, and what the Agency keeps to itself on one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_required

from api import queue_door
from web import answering, hands_shown
from web.access import visible_dossier
from web.desk_view import hands_of, internal_view
from web.dossier_head import head_of
from web.hands_shown import HandsChanged
from web.kept import redisplays
from web.language import _
from web.older_entries import asked_before
from web.runtime import now, runtime
from web.signed_in import actor, requires_role
from web.whole_number import posted_number
from workflow.domain import custody, deviation, internal_note, second_opinion
from workflow.domain import instruction_assignment as assignments
from workflow.domain.audit_kinds import HANDS
from workflow.engine import acts, human_tasks, turn
from workflow.errors import Conflict, InvalidAnswer
from workflow.service_tasks.registry import Call

TASK = "instruct_dossier"
PER_PAGE = 50

part = Blueprint("desk", __name__)


@part.post("/file/suivant")
@requires_role("instructor")
def take_next() -> Any:
    """Take the head of the queue, and go to its instruction."""
    campaign = request.form.get("campaign") or None
    try:
        number = queue_door.take_next(runtime(), actor(), campaign, key=answering.act_key())
    except Conflict:
        flash(_("Aucun dossier n'est à prendre pour l'instant."), "done")
        return redirect(url_for("queue.index", campagne=campaign), 303)
    flash(_("Le dossier %(number)s est à vous.", number=number), "done")
    return redirect(_instruction(number), 303)


@part.route("/dossiers/<number>/prendre", methods=["GET", "POST"])
@requires_role("instructor")
@redisplays
def take(number: str) -> Any:
    """Take a chosen dossier; a reason is asked when it is not the next one."""
    reason = request.form.get("reason", "")
    if request.method == "GET" or "~refresh" in request.form:
        return _take_page(number, reason, {}), 200
    try:
        _perform(number, hands_shown.guarded(lambda call: assignments.take(call, reason)))
    except InvalidAnswer as refusal:
        return _take_page(number, reason, answering.sentences_of(refusal)), 422
    except HandsChanged:
        return _take_page(number, reason, {}, stale=True), 409
    flash(_("Le dossier %(number)s est à vous.", number=number), "done")
    return redirect(_instruction(number), 303)


@part.get("/file/ecarts")
@login_required
def deviations() -> Any:
    """Every dossier taken before one that preceded it, with the reason: equal treatment."""
    internal_note.require_agency(actor())
    before = asked_before()
    with runtime().database.reading() as session:
        found = deviation.deviations(session, before=before, limit=PER_PAGE + 1)
        rows = found[:PER_PAGE]
        return render_template(
            "queue/deviations.html",
            rows=rows,
            is_first=before is None,
            more=url_for(".deviations", avant=rows[-1].id) if len(found) > PER_PAGE else None,
            present=now(),
        )


@part.get("/dossiers/<number>/interne")
@login_required
def internal(number: str) -> Any:
    """Notes (see `web.comments`), opinions and declared interests: for the Agency only."""
    return _internal_page(number, {}), 200


@part.post("/dossiers/<number>/interne/avis")
@requires_role("instructor")
def ask_opinion(number: str) -> Any:
    """Ask a colleague for an opinion."""
    of, question = posted_number("of"), request.form.get("question", "")
    return _done(
        number,
        lambda call: second_opinion.ask(call, of=of, question=question),
        _("Avis demandé."),
    )


@part.post("/dossiers/<number>/interne/avis/<int(max=2147483647):opinion_id>")
@login_required
def answer_opinion(number: str, opinion_id: int) -> Any:
    """Give the opinion that was asked."""
    text = request.form.get("answer", "")
    return _done(
        number, lambda call: second_opinion.answer(call, opinion_id, text), _("Avis donné.")
    )


@part.post("/dossiers/<number>/interne/interets")
@requires_role("instructor")
def declare(number: str) -> Any:
    """Declare a conflict of interest, or that there is none."""
    said, reason = request.form.get("conflict", ""), request.form.get("reason", "")

    def verb(call: Call) -> None:
        if said not in ("yes", "no"):
            raise InvalidAnswer(
                "Expected yes or no but found neither. Choose one.",
                {"conflict": [_("Choisissez si vous avez un conflit d'intérêts.")]},
            )
        assignments.declare_interest(call, has_conflict=said == "yes", reason=reason)

    return _done(number, verb, _("Déclaration enregistrée."))


def _done(number: str, verb: Callable[[Call], Any], sentence: str) -> Any:
    try:
        _perform(number, verb)
    except InvalidAnswer as refusal:
        return _internal_page(number, answering.sentences_of(refusal)), 422
    flash(sentence, "done")
    return redirect(url_for("desk.internal", number=number), 303)


def _perform(number: str, verb: Callable[[Call], Any]) -> None:
    with runtime().database.reading() as session:
        dossier_id = visible_dossier(session, number, actor()).id
    acts.perform(runtime(), actor(), dossier_id, verb)


def _internal_page(number: str, faults: dict[str, list[str]]) -> str:
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        view = internal_view(session, runtime(), dossier, actor())
        return render_template(
            "dossiers/internal.html",
            head=head_of(session, dossier, actor()),
            dossier=dossier,
            view=view,
            faults=faults,
            typed=request.form,
            present=now(),
        )


def _take_page(
    number: str, reason: str, faults: dict[str, list[str]], *, stale: bool = False
) -> str:
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        campaign = turn.campaign_of(session, runtime(), dossier.campaign_id)
        hands = hands_of(session, campaign, dossier, actor())
        kept = None if stale else answering.posted_mark()
        return render_template(
            "queue/take.html",
            dossier=dossier,
            hands=hands,
            is_queued=custody.custodies(session, [dossier.id])[dossier.id].in_queue,
            reason=reason,
            faults=faults,
            mark=kept or hands_shown.mark(session, dossier.id),
            happened=answering.what_happened(session, dossier.id, *HANDS) if stale else "",
        )


def _instruction(number: str) -> str:
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        task_id = human_tasks.open_at(session, dossier.id, TASK)
    return url_for("tasks.show", task_id=task_id) if task_id else url_for("queue.index")
