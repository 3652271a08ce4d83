"""The evidence of corrections: files that show that a reservation of the college is corrected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, url_for
from flask_login import login_required
from sqlalchemy.orm import Session

from api.stored_file import given_out, saved
from web.access import require_proof_reader, visible_dossier
from web.chosen_files import attach_chosen
from web.dossier_words import NATURES, Look
from web.proof_words import look_of
from web.runtime import runtime
from web.signed_in import actor, requires_role
from web.whole_number import whole_number
from workflow.domain import dossier as dossiers
from workflow.domain import evidence, reservation
from workflow.domain.dossier import Dossier
from workflow.domain.evidence import Evidence
from workflow.domain.reservation import Reservation
from workflow.domain.stored_content import states_of
from workflow.engine import human_tasks
from workflow.engine.reception import ReservationPlace

CORRECT = "correct_reservations"

part = Blueprint("evidence", __name__)


@dataclass(frozen=True)
class GivenEvidence:
    """A file given for a reservation, and what the antivirus says of it."""

    evidence: Evidence
    scan: Look


@dataclass(frozen=True)
class ReservationRow:
    """A reservation with the files given for it."""

    reservation: Reservation
    files: list[GivenEvidence]
    may_attach: bool


@part.get("/dossiers/<number>/reserves")
@login_required
def index(number: str) -> Any:
    """The reservations of a dossier and the evidence of their correction."""
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        require_proof_reader(dossier, actor())
        return _page(session, dossier, [])


@part.post("/dossiers/<number>/reserves")
@requires_role("operator")
def attach(number: str) -> Any:
    """Attach the chosen files, all in one act."""
    return attach_chosen(number, _place, _page, url_for("evidence.index", number=number))


@part.get("/pieces/<int(max=2147483647):evidence_id>")
@login_required
def download(evidence_id: int) -> Response:
    """A file as attached: always saved, never shown in the page."""
    with runtime().database.reading() as session:
        found = evidence.find_readable(session, evidence_id, actor())
        own = dossiers.get(session, found.dossier_id).operator_id == actor().operator_id
        given_out(session, found.content_key, to_its_sender=own)
        key, name, media_type = found.content_key, found.file_name, found.media_type
    return saved(key, name, media_type)


def _page(session: Session, dossier: Dossier, faults: list[str]) -> str:
    given: dict[int, list[GivenEvidence]] = {}
    files = evidence.of_dossier(session, dossier.id)
    known = states_of(session, (each.content_key for each in files))
    for each in files:
        scan = look_of(known.get(each.content_key))
        given.setdefault(each.reservation_id, []).append(GivenEvidence(each, scan))
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
        "dossiers/evidence.html",
        dossier=dossier,
        rows=rows,
        faults=faults,
        natures=NATURES,
        correcting=human_tasks.open_at(session, dossier.id, CORRECT) if own else None,
    )


def _place(text: str) -> ReservationPlace | None:
    number = whole_number(text)
    return None if number is None else ReservationPlace(number)
