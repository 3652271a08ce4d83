"""The evidence of corrections: files that show that a reservation of the college is corrected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import login_required
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from web.access import visible_dossier
from web.dossier_words import NATURES
from web.language import _, _n
from web.runtime import runtime
from web.signed_in import actor, requires_role
from web.stored_file import saved
from workflow.domain import dossier as dossiers
from workflow.domain import evidence, reservation
from workflow.domain.dossier import Dossier
from workflow.domain.evidence import Evidence
from workflow.domain.file_store import StoredFile
from workflow.domain.proof import READERS
from workflow.domain.reservation import Reservation
from workflow.engine import acts
from workflow.errors import InvalidAnswer, NotAllowed
from workflow.service_tasks.registry import Call

PIECE = 256 * 1024
MOST_FILES = 50

part = Blueprint("evidence", __name__)


@dataclass(frozen=True)
class ReservationRow:
    """A reservation with the files given for it."""

    reservation: Reservation
    files: list[Evidence]
    may_attach: bool


@part.get("/dossiers/<number>/reserves")
@login_required
def index(number: str) -> Any:
    """The reservations of a dossier and the evidence of their correction."""
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        if actor().operator_id != dossier.operator_id and not actor().roles & READERS:
            raise NotAllowed(
                f"Expected someone who may read proofs but {actor().name} may not: they are"
                " confidential (DSR 4.7)."
            )
        return _page(session, dossier, [])


@part.post("/dossiers/<number>/reserves")
@requires_role("operator")
def attach(number: str) -> Any:
    """Attach the chosen files, all in one act."""
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        dossiers.require_party(session, dossier.id, "operator", actor())
        session.expunge_all()
    chosen = list(_chosen_files())[:MOST_FILES]
    faults: list[str] = [] if chosen else [_("Aucun fichier n'est choisi. Choisissez-en un.")]
    if chosen:
        # Written to disk first: the transaction must not wait for it.
        stored = [(rank, file, runtime().files.put(_pieces(file))) for rank, file in chosen]
        try:
            acts.perform(runtime(), actor(), dossier.id, lambda call: _attach_all(call, stored))
        except InvalidAnswer as refusal:
            faults = [each for sentences in refusal.faults.values() for each in sentences]
    if faults:
        with runtime().database.reading() as session:
            return _page(session, visible_dossier(session, number, actor()), faults), 422
    flash(_n("%(num)s fichier joint.", "%(num)s fichiers joints.", len(chosen)), "done")
    return redirect(url_for("evidence.index", number=number), 303)


@part.get("/pieces/<int(max=2147483647):evidence_id>")
@login_required
def download(evidence_id: int) -> Response:
    """A file as attached: always saved, never shown in the page."""
    with runtime().database.reading() as session:
        found = evidence.find_readable(session, evidence_id, actor())
        key, name, media_type = found.content_key, found.file_name, found.media_type
    return saved(key, name, media_type)


def _page(session: Session, dossier: Dossier, faults: list[str]) -> str:
    given: dict[int, list[Evidence]] = {}
    for each in evidence.of_dossier(session, dossier.id):
        given.setdefault(each.reservation_id, []).append(each)
    own = "operator" in actor().roles and actor().operator_id == dossier.operator_id
    rows = [
        ReservationRow(
            found,
            given.get(found.id, []),
            own and dossier.ended_at is None and evidence.may_attach(found),
        )
        for found in reservation.of_dossier(session, dossier.id)
    ]
    return render_template(
        "dossiers/evidence.html", dossier=dossier, rows=rows, faults=faults, natures=NATURES
    )


def _chosen_files() -> Iterator[tuple[int, FileStorage]]:
    for name, files in request.files.lists():
        mark, _dot, rank = name.partition(".")
        if mark == "file" and rank.isdecimal() and len(rank) < 4:
            yield from ((int(rank), each) for each in files if each.filename)


def _attach_all(call: Call, stored: list[tuple[int, FileStorage, StoredFile]]) -> None:
    for rank, file, kept in stored:
        evidence.attach(
            call,
            number=rank,
            file_name=file.filename or "",
            media_type=file.mimetype,
            stored=kept,
        )


def _pieces(file: FileStorage) -> Iterator[bytes]:
    while piece := file.stream.read(PIECE):
        yield piece
