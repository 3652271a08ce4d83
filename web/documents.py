"""Documents: what was issued about a dossier, the convention signed by a certificate, the export.

Everything is saved, never shown in the page; the texts that matter stand in the pages too.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import login_required
from sqlalchemy.orm import Session

from api.stored_file import saved
from web.access import visible_dossier
from web.document_view import signing_of
from web.language import _, language
from web.procedure_words import faults_in_words
from web.runtime import now, runtime, system_now
from web.signed_in import actor, requires_role
from workflow.documents import export
from workflow.documents.inspection import LARGEST_PDF
from workflow.documents.reading_copy import reading_copy
from workflow.documents.zip_stream import stream
from workflow.domain import convention, document
from workflow.domain import dossier as dossiers
from workflow.domain.convention import Convention
from workflow.domain.document import Document
from workflow.domain.dossier import Dossier
from workflow.engine import acts, human_tasks, signed_conventions, turn
from workflow.errors import InvalidAnswer

PDF = "application/pdf"

part = Blueprint("documents", __name__)


@part.get("/documents/<int(max=2147483647):document_id>")
@login_required
def download(document_id: int) -> Response:
    """One document, as it was issued."""
    with runtime().database.reading() as session:
        found = document.find_readable(session, document_id, actor())
        key, name = found.content_key or "", found.file_name
    return saved(key, name, PDF)


@part.get("/documents/<int(max=2147483647):document_id>/anglais")
@login_required
def read_in_english(document_id: int) -> Response:
    """The reading copy of a receipt in English."""
    with runtime().database.reading() as session:
        found = document.find_readable(session, document_id, actor())
        pdf = reading_copy(found, _english_profiles(session, found))
        name = f"{found.number}-en.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(pdf, mimetype=PDF, headers=headers)


@part.get("/dossiers/<number>/convention-signee")
@requires_role("legal_representative")
def signed_convention(number: str) -> Any:
    """Where the convention signed by a certificate is given, before the task is completed."""
    with runtime().database.reading() as session:
        return _signing_page(session, visible_dossier(session, number, actor()), [])


@part.post("/dossiers/<number>/convention-signee")
@requires_role("legal_representative")
def give_signed_convention(number: str) -> Any:
    """Take the convention signed by a certificate, once it is the right one by the right person."""
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        session.expunge_all()
    chosen = request.files.get("file")
    faults: list[str] = []
    if chosen is None or not chosen.filename:
        faults = [_("Aucun fichier n'est choisi. Choisissez-en un.")]
    else:
        try:
            given = chosen.stream.read(LARGEST_PDF + 1)
            signed_conventions.keep(runtime(), actor(), dossier.id, given, system_now())
        except InvalidAnswer as refusal:
            faults = [each for sentences in faults_in_words(refusal).values() for each in sentences]
    if faults:
        with runtime().database.reading() as session:
            page = _signing_page(session, visible_dossier(session, number, actor()), faults)
            return page, 422
    flash(_("Convention signée par certificat reçue. Il reste à confirmer la signature."), "done")
    return redirect(_task_address(dossier), 303)


@part.post("/dossiers/<number>/convention-signee/retirer")
@requires_role("legal_representative")
def remove_signed_convention(number: str) -> Any:
    """Take the signed copy back, to sign in the tool."""
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        session.expunge_all()
    acts.perform(runtime(), actor(), dossier.id, convention.remove_signed_copy)
    flash(_("Fichier signé retiré. Vous pouvez signer dans l'outil."), "done")
    return redirect(_task_address(dossier), 303)


@part.get("/dossiers/<number>/export")
@login_required
def export_dossier(number: str) -> Response:
    """The whole dossier in one zip, with its hashes; written as it is sent."""
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        entries = export.entries_of(
            session,
            runtime().files,
            dossier,
            turn.campaign_of(session, runtime(), dossier.campaign_id),
            actor(),
            now=now(),
            base_url=runtime().settings.base_url,
            language=language(),
        )
    return Response(
        stream(entries, runtime().files),
        mimetype="application/zip",
        headers={"Content-Disposition": f'attachment; filename="dossier-{number}.zip"'},
    )


def _english_profiles(session: Session, issued: Document) -> dict[str, str]:
    """The profiles of a document's dossier: their French names, and their English ones."""
    dossier = session.get_one(Dossier, issued.dossier_id)
    campaign = turn.campaign_of(session, runtime(), dossier.campaign_id)
    return {
        campaign.profile_name(each): campaign.profile_name(each, "en") for each in dossier.profiles
    }


def _signing_page(session: Session, dossier: Dossier, faults: list[str]) -> str:
    dossiers.require_party(session, dossier.id, "legal_representative", actor())
    kept: Convention | None = convention.find(session, dossier.id)
    return render_template(
        "dossiers/signed_convention.html",
        dossier=dossier,
        signing=signing_of(session, dossier.id),
        is_waited_for=kept is not None and kept.signed_at is None,
        is_signed=kept is not None and kept.signed_at is not None,
        trusts=bool(runtime().settings.trust_folder),
        faults=faults,
        task_address=_task_address(dossier),
        largest=LARGEST_PDF // 1024 // 1024,
    )


def _task_address(dossier: Dossier) -> str:
    with runtime().database.reading() as session:
        task_id = human_tasks.open_at(session, dossier.id, "sign_convention")
    if task_id is None:
        return url_for("dossiers.show", number=dossier.number)
    return url_for("tasks.show", task_id=task_id)
