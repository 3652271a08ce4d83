"""One task of someone: its form, what to read beside it, and what the answer does."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_required
from sqlalchemy import select
from sqlalchemy.orm import Session

from web import (
    answering,
    draft_view,
    navigation,
    prepared_rows,
    presence,
    solicitation_templates,
    stakes,
    task_context,
)
from web.desk_view import bar_of, hands_of
from web.dossier_words import DECISIONS, NATURES, PROOF_KINDS, VERDICTS, questions_title
from web.forms_render import posted_form, shown_form
from web.kept import redisplays, typed_texts
from web.language import _, _l
from web.procedure_words import in_words
from web.runtime import now, runtime, system_now
from web.signed_in import actor
from web.task_at_hand import TaskAtHand, at_hand
from web.task_context import Answer, Reading
from workflow.domain import solicitation
from workflow.domain.dossier import Dossier
from workflow.domain.interest import Barred
from workflow.engine import acts, human_tasks, turn
from workflow.engine.waiting import HumanTask
from workflow.errors import Conflict, InvalidAnswer, OutOfTime

part = Blueprint("tasks", __name__)

AGREE_CORRECTION = "agree_correction"
CONSEQUENCES = {
    "check_admissibility": _l("Le contrôle n'est pas enregistré"),
    "answer_admissibility_solicitation": _l("La réponse n'est pas envoyée"),
    "answer_solicitation": _l("La réponse n'est pas envoyée"),
    "sign_convention": _l("La convention n'est pas signée"),
    "countersign_convention": _l("La convention n'est pas contresignée"),
    "submit_proofs": _l("Les preuves ne sont pas déposées"),
    "instruct_dossier": _l("L'instruction n'est pas enregistrée"),
    "correct_reservations": _l("Les corrections ne sont pas déposées"),
    "verify_corrections": _l("La vérification n'est pas enregistrée"),
    "confirm_lifting": _l("La levée n'est pas confirmée"),
    "hold_session": _l("La séance n'est pas enregistrée"),
    "agree_correction": _l("Votre réponse n'est pas enregistrée"),
}
BUTTONS = {
    "check_admissibility": _l("Enregistrer le contrôle"),
    "answer_admissibility_solicitation": _l("Envoyer la réponse"),
    "answer_solicitation": _l("Envoyer la réponse"),
    "instruct_dossier": _l("Enregistrer l'instruction"),
    "correct_reservations": _l("Déposer les corrections"),
    "verify_corrections": _l("Enregistrer la vérification"),
    "hold_session": _l("Enregistrer les décisions de la séance"),
    "agree_correction": _l("Enregistrer ma réponse"),
}
DONE = {
    ("check_admissibility", "admissible"): _l("Contrôle enregistré : le dossier est recevable."),
    ("check_admissibility", "solicit"): _l("Contrôle enregistré : les questions sont envoyées."),
    ("check_admissibility", "ineligible"): _l("Contrôle enregistré : l'opérateur est notifié."),
    ("answer_admissibility_solicitation", ""): _l("Réponse envoyée. L'ANS reprend son contrôle."),
    ("answer_solicitation", ""): _l("Réponse envoyée. L'instruction reprend, son décompte aussi."),
    ("sign_convention", ""): _l("Convention signée. L'ANS la contresigne ensuite."),
    ("countersign_convention", ""): _l("Convention contresignée : elle est en vigueur."),
    ("submit_proofs", ""): _l("Preuves déposées. Le dossier est dans la file d'instruction."),
    ("instruct_dossier", "complete"): _l("Instruction enregistrée et close. Le collège décidera."),
    ("instruct_dossier", "solicit"): _l(
        "Instruction enregistrée : les questions sont envoyées, le décompte est suspendu."
    ),
    ("correct_reservations", ""): _l("Corrections déposées. L'ANS les vérifie."),
    ("verify_corrections", "lifted"): _l(
        "Vérification enregistrée. Le président du collège confirme la levée."
    ),
    ("verify_corrections", "insufficient"): _l(
        "Vérification enregistrée. L'opérateur reprend la main avec le délai qui lui reste."
    ),
    ("confirm_lifting", ""): _l("Levée confirmée : le service est référencé."),
    ("agree_correction", "agree"): _l("Correction acceptée. Le dossier est corrigé."),
    ("agree_correction", "decline"): _l("Correction refusée : l'ANS est prévenue."),
    ("hold_session", ""): _l("Décisions de la séance enregistrées et notifiées."),
}


@part.route("/taches/<task_id>", methods=["GET", "POST"])
@login_required
@redisplays
def show(task_id: str) -> Any:
    """Answer a task."""
    if request.method == "GET":
        with runtime().database.reading() as session:
            known = _known(session, task_id)
            if not _is_unseen(session, known.task):
                return form_page(session, known, None, {}, 200)
        # Kept before it is shown; it moves no date (DOMAIN A4).
        acts.perform(runtime(), actor(), known.task.dossier_id or 0, solicitation.note_seen)
        with runtime().database.reading() as session:
            return form_page(session, _known(session, task_id), None, {}, 200)
    with runtime().database.reading() as session:
        known = _known(session, task_id)
        form = runtime().forms.get(known.task.form_key)
        posted = posted_form(form)
        if not posted.is_submitted:
            answer = solicitation_templates.inserted(session, posted.answer)
            return form_page(session, known, answer, {}, 200)
    return _complete(task_id, form.key, posted.answer)


def _complete(task_id: str, form_key: str, answer: Answer) -> Any:
    told, places = prepared_rows.said(form_key, answer)
    try:
        done = human_tasks.complete(
            runtime(),
            task_id,
            told,
            actor(),
            revision=answering.posted_revision(),
            idempotency_key=answering.act_key(),
        )
    except InvalidAnswer as refusal:
        faults = prepared_rows.placed(answering.sentences_of(refusal), places)
        with runtime().database.reading() as session:
            return form_page(session, _known(session, task_id), answer, faults, 422)
    except Barred:
        with runtime().database.reading() as session:
            return form_page(session, _known(session, task_id), answer, {}, 403)
    except Conflict as refusal:
        return _refused(task_id, answer, refusal)
    flash(str(_done_sentence(form_key, answer)), "done")
    return redirect(_after(form_key, done.dossier_id), 303)


def _is_unseen(session: Session, task: HumanTask) -> bool:
    """Whether a task asks questions that the operator has not seen yet."""
    if task.closed_at is not None or task.element_id not in stakes.QUESTION_TASKS:
        return False
    asked = solicitation.open_of(session, task.dossier_id) if task.dossier_id else None
    return asked is not None and asked.seen_at is None


def _known(session: Session, task_id: str) -> TaskAtHand:
    known = at_hand(session, task_id, actor(), system_now())
    # Its dossier is read along: the check finds it in the session.
    human_tasks.require_may_complete(session, known.task, actor())
    return known


def _refused(task_id: str, answer: Answer, refusal: Conflict) -> Any:
    """A page that is too old shows the form again; a task that is over says how it ended."""
    with runtime().database.reading() as session:
        known = _known(session, task_id)
        if known.task.closed_at is not None or isinstance(refusal, OutOfTime):
            return _over_page(known, 409)
        stale = answering.is_stale(refusal, answering.posted_revision(), known.revision)
        happened = answering.what_happened(session, known.task.dossier_id) if stale else None
        if happened is None:
            raise refusal
        return form_page(session, known, answer, {}, 409, happened=happened)


def _over_page(known: TaskAtHand, status: int) -> Any:
    page = render_template(
        "tasks/over.html", task=known.task, dossier=known.dossier, texts=typed_texts()
    )
    return page, status


def form_page(
    session: Session,
    known: TaskAtHand,
    answer: Answer | None,
    faults: dict[str, list[str]],
    status: int,
    *,
    happened: str | None = None,
    draft: draft_view.ShownDraft | None = None,
) -> Any:
    """The page of a task: as prepared, as drafted, or with what was typed and its faults."""
    task, dossier = known.task, known.dossier
    if task.closed_at is not None:
        return _over_page(known, 200 if request.method == "GET" else 409)
    opened = stakes.OpenTask(task, dossier, known.process_id, known.deployment_id)
    timers = stakes.timers_of(session, [task.instance_id])
    (stake,) = stakes.with_dates(session, runtime(), [opened], timers, asks=False)
    version = known.campaign_version_id
    campaign = turn.campaign_of(session, runtime(), known.campaign_id, version)
    bar = bar_of(session, campaign, task, dossier, actor(), known.declared)
    if bar is not None:
        return _barred_page(task, dossier, bar)
    context = task_context.context_of(Reading(session, task, dossier, campaign))
    form = runtime().forms.get(task.form_key)
    kept_draft, drafted = draft_view.shown(task.id, known.draft) if answer is None else (None, None)
    values = context.answered(drafted) if answer is None else answer
    # A page shown again for another reason than staleness keeps the revision it was opened on.
    kept = None if happened or answer is None else answering.posted_revision()
    navigation.stand_under("dossiers.index" if dossier else "college.index")
    shown = shown_form(form, values, faults, options=context.options, offers=context.offers)
    page = render_template(
        context.template,
        title=questions_title(len(context.asked.questions)) if context.asked else shown.title,
        task=task,
        stake=stake,
        dossier=dossier,
        campaign=campaign,
        around=presence.at_task(
            session, task, dossier.number if dossier else "", actor(), known.others
        ),
        hands=hands_of(session, campaign, dossier, actor(), known.declared, held=known.held)
        if dossier and task.form_key == "instruct_dossier"
        else None,
        context=context,
        shown=shown,
        happened=happened,
        draft=draft or kept_draft or draft_view.posted(draft_view.place_of_task(task.id)),
        revision=known.revision if kept is None else kept,
        key=answering.act_key(),
        submit=BUTTONS.get(task.form_key) or in_words(task.label),
        consequence=CONSEQUENCES.get(task.form_key) or _("La réponse n'est pas enregistrée"),
        verdict_looks=VERDICTS,
        decision_looks=DECISIONS,
        natures=NATURES,
        proof_kinds=PROOF_KINDS,
        present=now(),
        may_see_proofs=True,
    )
    return page, status


def _barred_page(task: HumanTask, dossier: Dossier | None, bar: str) -> Any:
    page = render_template(
        "tasks/barred.html", task=task, dossier=dossier, bar=bar, texts=typed_texts()
    )
    return page, 403


def _done_sentence(form_key: str, answer: Answer) -> Any:
    outcome = str(answer.get("outcome") or "")
    known = DONE.get((form_key, outcome)) or DONE.get((form_key, ""))
    return known or _("C'est enregistré.")


def _after(form_key: str, dossier_id: int | None) -> str:
    with runtime().database.reading() as session:
        number = (
            session.scalar(select(Dossier.number).where(Dossier.id == dossier_id))
            if dossier_id is not None
            else None
        )
    if number is None:
        return url_for("college.index")
    page = "dossiers.exchanges" if form_key == AGREE_CORRECTION else "dossiers.show"
    return url_for(page, number=number)
