"""The requirements of a campaign: the version in force, and the import of another one.

A file is previewed, held by its SHA-256, and applied only when that very file is confirmed.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import login_required

from web import answering
from web.access import require_agency
from web.campaign_view import campaign_at_hand, campaign_choices
from web.dossier_words import PROOF_KINDS
from web.language import _, _l, _n, language
from web.runtime import runtime
from web.signed_in import actor, requires_role
from web.whole_number import posted_number
from workflow.domain import catalogue_changes, catalogue_file
from workflow.domain.catalogue_file import InvalidCatalogue
from workflow.domain.requirement import Requirement
from workflow.engine import catalogues
from workflow.errors import Conflict, InvalidInput, LimitExceeded

MOST_FAULTS = 200
TYPES = {
    "mandatory": _l("systématique"),
    "conditional": _l("conditionnelle"),
    "recommendation": _l("préconisation"),
}
COLUMNS = {
    "statement": _l("Énoncé"),
    "type": _l("Nature"),
    "profile": _l("Profil"),
    "verification_scenario": _l("Scénario de vérification"),
    "proofs": _l("Preuves attendues"),
}

part = Blueprint("catalogues", __name__)


@part.app_context_processor
def _catalogue_words() -> dict[str, Any]:
    return {"requirement_types": TYPES, "requirement_proofs": expected_proofs}


@part.get("/exigences")
@login_required
def index() -> Any:
    """The requirements of the campaign at hand."""
    require_agency(actor())
    with runtime().database.reading() as session:
        campaign = campaign_at_hand(session, runtime())
    return redirect(url_for("catalogues.show", campaign_id=campaign.id))


@part.get("/campagnes/<campaign_id>/exigences")
@login_required
def show(campaign_id: str) -> Any:
    """The catalogue in force, with its version."""
    require_agency(actor())
    return _catalogue_page(campaign_id)


@part.get("/campagnes/<campaign_id>/exigences.csv")
@login_required
def export(campaign_id: str) -> Response:
    """The catalogue in force, in a form that can be imported again."""
    require_agency(actor())
    with runtime().database.reading() as session:
        text = catalogues.exported(catalogues.current(session, campaign_id))
    response = Response("\ufeff" + text, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="exigences-{campaign_id}.csv"'
    return response


@part.post("/campagnes/<campaign_id>/exigences/apercu")
@requires_role("process_owner")
def upload(campaign_id: str) -> Any:
    """Read the chosen file and hold it; its faults are shown here, its differences next."""
    given = request.files.get("file")
    if given is None or not given.filename:
        return _catalogue_page(campaign_id, _("Aucun fichier n'est choisi. Choisissez-en un.")), 422
    content = given.stream.read(catalogue_file.LARGEST_FILE + 1)
    try:
        catalogues.preview(runtime(), campaign_id, content)
    except InvalidCatalogue as refusal:
        return _faults_page(campaign_id, given.filename, refusal), 422
    except LimitExceeded:
        return _catalogue_page(
            campaign_id,
            _(
                "Le fichier est trop volumineux pour un catalogue. Gardez la seule feuille des"
                " exigences, sans lignes vides."
            ),
        ), 413
    sha256 = catalogues.hold(runtime(), content)
    return redirect(url_for("catalogues.preview", campaign_id=campaign_id, sha256=sha256), 303)


@part.get("/campagnes/<campaign_id>/exigences/apercu/<sha256>")
@requires_role("process_owner")
def preview(campaign_id: str, sha256: str) -> Any:
    """What the held file would change."""
    return _preview_page(campaign_id, sha256)


def _preview_page(campaign_id: str, sha256: str, happened: str = "") -> str:
    content = catalogues.held(runtime(), sha256)
    found = catalogues.preview(runtime(), campaign_id, content)
    return render_template(
        "catalogues/preview.html",
        happened=happened,
        typed=request.form,
        found=found,
        changes=found.changes,
        sha256=sha256,
        columns=COLUMNS,
        shown=_shown_value,
    )


@part.post("/campagnes/<campaign_id>/exigences/importer")
@requires_role("process_owner")
def confirm(campaign_id: str) -> Any:
    """Put the held file in force, if nothing came in between."""
    replaces = posted_number("replaces")
    if replaces is None:
        raise InvalidInput("Expected the version of the preview but found none. Preview again.")
    sha256 = request.form.get("sha256", "")
    content = catalogues.held(runtime(), sha256)
    try:
        done = catalogues.import_catalogue(
            runtime(),
            campaign_id,
            content,
            actor(),
            version=request.form.get("version"),
            replaces=replaces,
        )
    except Conflict:
        with runtime().database.reading() as session:
            happened = answering.what_happened_in_house(
                session, "catalogue:imported", campaign=campaign_id
            )
        return _preview_page(campaign_id, sha256, happened), 409
    if done.changed:
        flash(_("Version %(version)s des exigences en vigueur.", version=done.version), "done")
    if done.corrected:
        flash(
            _n(
                "%(num)s dossier ouvert corrigé.",
                "%(num)s dossiers ouverts corrigés.",
                len(done.corrected),
            ),
            "done",
        )
    return redirect(url_for("catalogues.show", campaign_id=campaign_id), 303)


def expected_proofs(requirement: Requirement) -> list[tuple[str, str]]:
    """The expected proofs in words: kind, and what the catalogue says of it."""
    pairs = catalogue_changes.proofs_of(requirement)
    return [(str(PROOF_KINDS.get(kind, kind)), text) for kind, text in pairs]


def _catalogue_page(campaign_id: str, fault: str | None = None) -> str:
    with runtime().database.reading() as session:
        found = catalogues.current(session, campaign_id)
        return render_template(
            "catalogues/show.html",
            found=found,
            choices=campaign_choices(session, runtime(), found.campaign),
            fault=fault,
            may_import="process_owner" in actor().roles,
        )


def _faults_page(campaign_id: str, name: str, refusal: InvalidCatalogue) -> str:
    faults = [
        (each.line, each.column, each.message if language() == "fr" else each.message_en)
        for each in refusal.faults[:MOST_FAULTS]
    ]
    return render_template(
        "catalogues/faults.html",
        campaign_id=campaign_id,
        name=name,
        faults=faults,
        count=len(refusal.faults),
    )


def _shown_value(column: str, text: str) -> str:
    if column == "type":
        return str(TYPES.get(text, text))
    if column == "proofs":
        lines = [line.partition(" (") for line in text.splitlines()]
        return "\n".join(f"{PROOF_KINDS.get(kind, kind)}{sep}{rest}" for kind, sep, rest in lines)
    return text
