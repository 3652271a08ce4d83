"""The proof file of a dossier: what is expected, what is attached, and the SSI questionnaire."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import login_required
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from api.resources.proofs import NEVER_KEPT
from web import answering
from web.access import visible_dossier
from web.dossier_words import PROOF_KINDS
from web.forms_render import posted_form, shown_form
from web.kept import redisplays
from web.language import _, _n
from web.runtime import runtime
from web.signed_in import actor, requires_role
from web.stored_file import saved
from workflow.domain import catalogue_changes, proof, requirement, ssi
from workflow.domain import dossier as dossiers
from workflow.domain.dossier import Dossier
from workflow.domain.file_store import StoredFile
from workflow.domain.proof import READERS, Completeness, Proof
from workflow.domain.requirement import Requirement
from workflow.engine import acts
from workflow.engine.waiting import HumanTask
from workflow.errors import InvalidAnswer, NotAllowed, NotFound
from workflow.service_tasks.registry import Call

FORM = "ssi_questionnaire"
PIECE = 256 * 1024
MOST_FILES = 200

part = Blueprint("proofs", __name__)

Place = tuple[str, int]


@dataclass(frozen=True)
class Expected:
    """One expected proof with the files given for it."""

    code: str
    position: int
    kind: str
    files: list[Proof]
    text: str = ""
    """What the catalogue says of it, beside its kind."""

    @property
    def field(self) -> str:
        """The name of its file input."""
        return f"file.{self.code}.{self.position}"


@dataclass(frozen=True)
class RequirementRow:
    """A requirement with its expected proofs."""

    requirement: Requirement
    expected: list[Expected]

    @property
    def is_provided(self) -> bool:
        """Whether each expected proof has a file."""
        return all(each.files for each in self.expected)


@part.get("/dossiers/<number>/preuves")
@login_required
def matrix(number: str) -> Any:
    """Requirements, the proofs they expect, the files attached."""
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        _require_reader(dossier)
        if not _is_handed_in(dossier):
            return render_template("proofs/not_yet.html", dossier=dossier)
        return _matrix_page(session, dossier, [])


@part.post("/dossiers/<number>/preuves")
@requires_role("operator")
def attach(number: str) -> Any:
    """Attach the chosen files, all in one act."""
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        dossiers.require_party(session, dossier.id, "operator", actor())
        session.expunge_all()
    chosen = list(_chosen_files())
    faults: list[str] = [] if chosen else [_("Aucun fichier n'est choisi. Choisissez-en un.")]
    if chosen:
        try:
            _keep(dossier.id, chosen)
        except InvalidAnswer as refusal:
            faults = [each for list_ in refusal.faults.values() for each in list_]
    if faults:
        with runtime().database.reading() as session:
            return _matrix_page(session, visible_dossier(session, number, actor()), faults), 422
    flash(_n("%(num)s fichier joint.", "%(num)s fichiers joints.", len(chosen)), "done")
    return redirect(url_for("proofs.matrix", number=number), 303)


@part.route("/dossiers/<number>/preuves/<int:proof_id>/retirer", methods=["GET", "POST"])
@requires_role("operator")
def remove(number: str, proof_id: int) -> Any:
    """Take a file away, after a confirmation."""
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        found = proof.find_readable(session, proof_id, actor())
        session.expunge_all()
    if request.method == "GET":
        return render_template("proofs/remove.html", dossier=dossier, proof=found)
    acts.perform(runtime(), actor(), dossier.id, lambda call: proof.remove(call, proof_id))
    flash(_("Fichier retiré : %(name)s.", name=found.file_name), "done")
    return redirect(url_for("proofs.matrix", number=number), 303)


@part.get("/preuves/<int:proof_id>")
@login_required
def download(proof_id: int) -> Response:
    """One file, as it was attached: always saved, never shown in the page."""
    with runtime().database.reading() as session:
        found = proof.find_readable(session, proof_id, actor())
        _require_handed_in(dossiers.get(session, found.dossier_id))
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
        session.expunge_all()
    may_answer = _may_change(dossier)
    faults: dict[str, list[str]] = {}
    if request.method == "POST":
        posted = posted_form(form)
        values = posted.answer
        if posted.is_submitted:
            try:
                clean = form.validate(values)
                plain = {key: _plain(value) for key, value in clean.items()}
                acts.perform(
                    runtime(), actor(), dossier.id, lambda call: proof.answer_ssi(call, plain)
                )
                flash(_("Questionnaire enregistré."), "done")
                return redirect(url_for("proofs.matrix", number=number), 303)
            except InvalidAnswer as refusal:
                faults = answering.sentences_of(refusal)
    page = render_template(
        "proofs/questionnaire.html",
        dossier=dossier,
        shown=shown_form(form, values, faults),
        may_answer=may_answer,
        answered=bool(values),
    )
    return page, 422 if faults else 200, NEVER_KEPT


def _matrix_page(session: Session, dossier: Dossier, faults: list[str]) -> str:
    may_change = _may_change(dossier)
    rows = _rows(session, dossier)
    expected = [each for row in rows for each in row.expected]
    state = Completeness(
        len(expected),
        sum(bool(each.files) for each in expected),
        (),
        ssi.is_done(session, dossier.id),
    )
    task_id = session.scalar(
        select(HumanTask.id).where(
            HumanTask.dossier_id == dossier.id,
            HumanTask.element_id == "submit_proofs",
            HumanTask.closed_at.is_(None),
        )
    )
    return render_template(
        "proofs/matrix.html",
        dossier=dossier,
        rows=rows,
        file=state,
        faults=faults,
        may_change=may_change,
        own=actor().operator_id == dossier.operator_id,
        task_id=task_id if may_change else None,
        proof_kinds=PROOF_KINDS,
        may_see_ssi=actor().operator_id == dossier.operator_id or "ssi_officer" in actor().roles,
    )


def _rows(session: Session, dossier: Dossier) -> list[RequirementRow]:
    files: dict[Place, list[Proof]] = {}
    for each in proof.of_dossier(session, dossier.id):
        files.setdefault((each.requirement_code, each.position), []).append(each)
    return [
        RequirementRow(
            found,
            [
                Expected(found.code, at, kind, files.get((found.code, at), []), text)
                for at, (kind, text) in enumerate(catalogue_changes.proofs_of(found), start=1)
            ],
        )
        for found in requirement.applicable(session, dossier)
        if found.proofs
    ]


def _require_reader(dossier: Dossier) -> None:
    if actor().operator_id != dossier.operator_id and not actor().roles & READERS:
        raise NotAllowed(
            f"Expected someone who may read proofs but {actor().name} may not: they are"
            " confidential (DSR 4.7)."
        )


def _is_handed_in(dossier: Dossier) -> bool:
    """Whether this person may see the files: the Agency sees none before they are submitted."""
    own = actor().operator_id == dossier.operator_id
    return own or dossier.complete_received_at is not None


def _require_handed_in(dossier: Dossier) -> None:
    if not _is_handed_in(dossier):
        raise NotFound("Expected a submitted proof but this one is not. Wait for the submission.")


def _may_change(dossier: Dossier) -> bool:
    return (
        "operator" in actor().roles
        and actor().operator_id == dossier.operator_id
        and dossier.complete_received_at is None
        and dossier.ended_at is None
    )


def _chosen_files() -> Iterator[tuple[Place, FileStorage]]:
    for name, files in request.files.lists():
        mark, _dot, place = name.partition(".")
        code, _dot, position = place.rpartition(".")
        if mark == "file" and position.isdecimal() and len(position) < 4:
            yield from (((code, int(position)), each) for each in files if each.filename)


def _keep(dossier_id: int, chosen: list[tuple[Place, FileStorage]]) -> None:
    # Written to disk first: the transaction must not wait for it.
    stored = [
        (place, file, runtime().files.put(_pieces(file))) for place, file in chosen[:MOST_FILES]
    ]
    acts.perform(runtime(), actor(), dossier_id, lambda call: _attach_all(call, stored))


def _attach_all(call: Call, stored: list[tuple[Place, FileStorage, StoredFile]]) -> None:
    for (code, position), file, kept in stored:
        proof.attach(
            call,
            requirement_code=code,
            position=position,
            file_name=file.filename or "",
            media_type=file.mimetype,
            stored=kept,
        )


def _pieces(file: FileStorage) -> Iterator[bytes]:
    while piece := file.stream.read(PIECE):
        yield piece


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
