"""The proof file of a dossier: what is expected, what is attached, and the SSI questionnaire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import login_required
from sqlalchemy.orm import Session

from api.resources.proofs import NEVER_KEPT
from api.stored_file import given_out, saved
from web import answering
from web.access import require_proof_reader, visible_dossier
from web.chosen_files import attach_chosen
from web.dossier_words import PROOF_KINDS
from web.forms_render import posted_form, shown_form
from web.kept import redisplays
from web.language import _
from web.proof_matrix import matrix_of
from web.proof_words import names_of
from web.runtime import runtime, system_now
from web.signed_in import actor, requires_role
from web.whole_number import whole_number
from workflow.domain import dossier as dossiers
from workflow.domain import proof, requirement, ssi
from workflow.domain.dossier import Dossier
from workflow.engine import acts, human_tasks, turn, uploads
from workflow.engine.reception import ProofPlace
from workflow.errors import Conflict, InvalidAnswer
from workflow.service_tasks.registry import Call

FORM = "ssi_questionnaire"
MISSING = "manquantes"
"""The view of what is still lacking."""
PIECE_MEGABYTES = 8
"""How much of a file one request of the browser carries: what a cut loses at most."""

part = Blueprint("proofs", __name__)


class AnsweredMeanwhile(Conflict):
    """Somebody else answered the questionnaire while its page stood open."""


@part.get("/dossiers/<number>/preuves")
@login_required
def matrix(number: str) -> Any:
    """Requirements, the proofs they expect, the files attached."""
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        require_proof_reader(dossier, actor())
        if actor().operator_id != dossier.operator_id and dossier.complete_received_at is None:
            return render_template("proofs/not_yet.html", dossier=dossier)
        return _matrix_page(session, dossier, [])


@part.post("/dossiers/<number>/preuves")
@requires_role("operator")
def attach(number: str) -> Any:
    """Attach the chosen files, all in one act: for those whose browser runs no script."""
    return attach_chosen(number, _place, _matrix_page, url_for("proofs.matrix", number=number))


@part.route("/dossiers/<number>/preuves/<int:proof_id>/retirer", methods=["GET", "POST"])
@requires_role("operator")
def remove(number: str, proof_id: int) -> Any:
    """Take a file of this dossier away, after a confirmation."""
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        found = proof.require_removable(session, dossier, actor(), proof_id)
        asked = requirement.catalogue_of(session, dossier.catalogue_version_id)
        session.expunge_all()
    if request.method == "GET":
        statements = {each.code: each.statement for each in asked}
        return render_template(
            "proofs/remove.html",
            dossier=dossier,
            proof=found,
            statement=statements.get(found.requirement_code, ""),
            kind=names_of(asked).get((found.requirement_code, found.position)),
        )
    acts.perform(runtime(), actor(), dossier.id, lambda call: proof.remove(call, proof_id))
    flash(_("Fichier retiré : %(name)s.", name=found.file_name), "done")
    return redirect(url_for("proofs.matrix", number=number), 303)


@part.post("/dossiers/<number>/preuves/envois/<upload_id>/abandonner")
@requires_role("operator")
def cancel(number: str, upload_id: str) -> Any:
    """Forget an upload that was interrupted."""
    uploads.cancel(runtime(), actor(), upload_id, system_now())
    flash(_("Envoi abandonné."), "done")
    return redirect(url_for("proofs.matrix", number=number), 303)


@part.get("/preuves/<int:proof_id>")
@login_required
def download(proof_id: int) -> Response:
    """One file, as it was attached: always saved, never shown in the page."""
    with runtime().database.reading() as session:
        found = proof.find_readable(session, proof_id, actor())
        own = dossiers.get(session, found.dossier_id).operator_id == actor().operator_id
        given_out(session, found.content_key, to_its_sender=own)
        key, name, media_type = found.content_key, found.file_name, found.media_type
    return saved(key, name, media_type)


@part.route("/dossiers/<number>/questionnaire-ssi", methods=["GET", "POST"])
@login_required
@redisplays
def questionnaire(number: str) -> Any:
    """The SSI maturity questionnaire: filled by the operator, read by the SSI officer too."""
    form = runtime().forms.get(FORM)
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        values = dict(ssi.answers_for(session, dossier.id, actor()))
        mark = _mark(session, dossier.id)
        session.expunge_all()
    may_answer, happened, shown_mark = _may_change(dossier), "", answering.posted_mark()
    faults: dict[str, list[str]] = {}
    if request.method == "POST":
        posted = posted_form(form)
        values = posted.answer
        if posted.is_submitted:
            try:
                clean = form.validate(values)
                plain = {key: _plain(value) for key, value in clean.items()}
                acts.perform(runtime(), actor(), dossier.id, lambda call: _answer(call, plain))
                flash(_("Questionnaire enregistré."), "done")
                return redirect(url_for("proofs.matrix", number=number), 303)
            except InvalidAnswer as refusal:
                faults = answering.sentences_of(refusal)
            except AnsweredMeanwhile:
                with runtime().database.reading() as session:
                    mark, shown_mark = _mark(session, dossier.id), None
                    happened = answering.what_happened(session, dossier.id, "ssi:answered")
    page = render_template(
        "proofs/questionnaire.html",
        dossier=dossier,
        shown=shown_form(form, values, faults),
        may_answer=may_answer,
        answered=bool(values),
        happened=happened,
        mark=shown_mark or mark,
    )
    return page, 409 if happened else 422 if faults else 200, NEVER_KEPT


def _mark(session: Session, dossier_id: int) -> str:
    """A mark of the version of the questionnaire: 0 before the first."""
    stored = session.get(ssi.SsiAnswers, dossier_id)
    return stored.completed_at.isoformat() if stored else "0"


def _answer(call: Call, answers: Mapping[str, Any]) -> None:
    """Keep the questionnaire, unless a colleague did since the page was opened."""
    shown, dossier_id = answering.posted_mark(), call.dossier_id or 0
    if shown is not None and shown != _mark(call.session, dossier_id):
        raise AnsweredMeanwhile("Expected the answers that were shown but others were given.")
    proof.answer_ssi(call, answers)


def _matrix_page(session: Session, dossier: Dossier, faults: list[str]) -> str:
    campaign = turn.campaign_of(session, runtime(), dossier.campaign_id)
    shown = matrix_of(session, runtime(), campaign, dossier, actor())
    only_missing = request.args.get("vue") == MISSING
    own = actor().operator_id == dossier.operator_id
    largest = runtime().settings.max_upload_megabytes
    return render_template(
        "proofs/matrix.html",
        dossier=dossier,
        campaign=campaign,
        matrix=shown,
        rows=shown.missing if only_missing else shown.rows,
        only_missing=only_missing,
        faults=faults,
        own=own,
        task_id=_task_id(session, dossier, shown.answered is not None) if own else None,
        proof_kinds=PROOF_KINDS,
        largest_megabytes=largest,
        piece_bytes=min(largest, PIECE_MEGABYTES) * 1024 * 1024,
        may_see_ssi=own or "ssi_officer" in actor().roles,
    )


def _task_id(session: Session, dossier: Dossier, is_answer: bool) -> str | None:
    """The open task that hands in what is attached."""
    element = "answer_solicitation" if is_answer else "submit_proofs"
    return human_tasks.open_at(session, dossier.id, element)


def _place(text: str) -> ProofPlace | None:
    code, _dot, position = text.rpartition(".")
    number = whole_number(position)
    return None if number is None else ProofPlace(code, number)


def _may_change(dossier: Dossier) -> bool:
    """The questionnaire is closed with the deposit; files may be added in answers."""
    return (
        "operator" in actor().roles
        and actor().operator_id == dossier.operator_id
        and dossier.complete_received_at is None
        and dossier.ended_at is None
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
