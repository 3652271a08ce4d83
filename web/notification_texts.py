"""The texts of a campaign's notifications, for process owners: read, change, preview, reset."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from api import mail_door
from web import answering
from web.campaign_view import campaign_at_hand, campaign_choices
from web.kept import is_refresh, redisplays
from web.language import _
from web.mail_words import kind_title
from web.procedure_words import faults_in_words
from web.runtime import now, runtime
from web.signed_in import actor, requires_role
from workflow.clock import PARIS
from workflow.domain import campaign as campaigns
from workflow.domain import notification_template as templates
from workflow.domain.notification_duty import duty_of
from workflow.domain.notification_template import Wording
from workflow.domain.notification_texts import TEXTS
from workflow.domain.phrase import Phrase
from workflow.domain.phrases import days_named, in_both
from workflow.errors import Conflict, InvalidAnswer

SAMPLE: dict[str, object] = {
    "number": "2022-014",
    "service": "Alizé Santé Pro",
    "company": "Messageries Alizé SAS",
    "previous": "2022-003",
    "by": "Claire Danjou",
    "at": datetime(2022, 10, 27, 16, 20, tzinfo=PARIS),
    "opens": date(2022, 9, 12),
    "closes": datetime(2022, 11, 23, 0, 0, tzinfo=PARIS),
    "planned": date(2022, 11, 15),
    "basis": "DSR 4.2",
    "questions": Phrase(
        "1. Quel est le numéro SIRET de l’établissement ?",
        "1. Quel est le numéro SIRET de l’établissement ?",
    ),
    "reservations": "1. TLS-02\u00a0: la version 1.1 de TLS est encore acceptée.",
    "reason": Phrase(" Motif\u00a0: service arrêté.", " Reason: service arrêté."),
    "delay": Phrase("5\u00a0jours ouvrés", "5 business days"),
    "deprioritise": Phrase("24\u00a0heures", "24 hours"),
    "abandon": days_named(30),
    "remaining": days_named(12),
    "restart": Phrase("au dépôt des preuves", "the deposit of the proofs"),
    "solicitation": "2",
    "change": "3",
    "version": "1.1",
    "threat": "Eicar-Test-Signature",
    "file_name": "journal-tls.pdf",
    "dates": Phrase(
        "Réponse à la sollicitation\u00a0: dernier jour le 10/11/2022",
        "Answer to the request: last day 10/11/2022",
    ),
    "fact": Phrase("le nom du service", "the name of the service"),
    "old": "Alisé Santé Pro",
    "new": "Alizé Santé Pro",
    "sent": datetime(2022, 10, 27, 16, 20, tzinfo=PARIS),
    "when": Phrase("le 03/11/2022 à minuit", "the end of 03/11/2022 (Paris time)"),
    "listing": "EXEMPLE-2022-0007-52",
}
"""Fictitious facts, by which a text is shown as its readers would have it."""
SIX_WEEKS = Phrase("6\u00a0semaines", "6 weeks")
FOUR_WEEKS = Phrase("4\u00a0semaines", "4 weeks")
DELAYS: dict[str, Phrase] = {
    "proof_file_complete": SIX_WEEKS,
    "instruction_overdue": SIX_WEEKS,
    "decision_non_blocking": FOUR_WEEKS,
    "refused_not_lifted": FOUR_WEEKS,
    "deprioritised": Phrase("24\u00a0heures", "24 hours"),
    "abandoned": days_named(30),
    "significant_delay": days_named(5),
    "solicitation_instruction": days_named(5),
}
"""The delay that a kind names, where it is not that of the admissibility check."""

part = Blueprint("notification_texts", __name__)


@part.get("/textes")
@requires_role("process_owner")
def index() -> Any:
    """Every kind of notification, and which ones the campaign words itself."""
    with runtime().database.reading() as session:
        campaign = campaign_at_hand(session, runtime())
        return render_template(
            "notification_texts/index.html",
            campaign=campaign,
            choices=campaign_choices(session, runtime(), campaign),
            kinds=[(kind, kind_title(kind), duty_of(kind)) for kind in TEXTS],
            own=templates.own_kinds(session, campaign.id),
        )


@part.route("/campagnes/<campaign_id>/textes/<kind>/<language>", methods=["GET", "POST"])
@requires_role("process_owner")
@redisplays
def edit(campaign_id: str, kind: str, language: str) -> Any:
    """The text in force in its form; a POST puts what was typed in force."""
    in_force = _in_force(campaign_id, kind, language)
    if request.method == "GET":
        return _editor(campaign_id, kind, language, in_force, in_force)
    typed = Wording(request.form.get("subject", ""), request.form.get("body", ""))
    if is_refresh():
        return _editor(campaign_id, kind, language, typed, in_force)
    try:
        shown = answering.posted_mark()
        mail_door.change_text(runtime(), actor(), campaign_id, kind, language, typed, shown=shown)
    except Conflict:
        return _stale(campaign_id, kind, language, typed)
    except InvalidAnswer as refusal:
        return _editor(campaign_id, kind, language, typed, in_force, faults_in_words(refusal)), 422
    flash(_("Texte enregistré : il vaut pour les notifications à venir."), "done")
    return redirect(request.path, 303)


@part.post("/campagnes/<campaign_id>/textes/<kind>/<language>/apercu")
@requires_role("process_owner")
def preview(campaign_id: str, kind: str, language: str) -> Any:
    """How what is typed would read, or its faults; nothing is kept."""
    _in_force(campaign_id, kind, language)
    typed = Wording(request.form.get("subject", ""), request.form.get("body", ""))
    shown, faults = _shown(kind, language, typed)
    return render_template(
        "notification_texts/preview.html", shown=shown, faults=faults, text_language=language
    )


@part.post("/campagnes/<campaign_id>/textes/<kind>/<language>/origine")
@requires_role("process_owner")
def reset(campaign_id: str, kind: str, language: str) -> Any:
    """Go back to the built-in text."""
    try:
        shown = answering.posted_mark()
        mail_door.reset_text(runtime(), actor(), campaign_id, kind, language, shown=shown)
    except Conflict:
        return _stale(campaign_id, kind, language, None)
    flash(_("Le texte d'origine est rétabli."), "done")
    page = url_for("notification_texts.edit", campaign_id=campaign_id, kind=kind, language=language)
    return redirect(page, 303)


def _stale(campaign_id: str, kind: str, language: str, typed: Wording | None) -> Any:
    """Somebody changed the text meanwhile: what is in force stands beside what was typed."""
    in_force = _in_force(campaign_id, kind, language)
    kinds = ("notification_template:changed", "notification_template:reset")
    about = {"campaign": campaign_id, "notification": kind, "language": language}
    with runtime().database.reading() as session:
        happened = answering.what_happened_in_house(session, *kinds, **about)
    return _editor(campaign_id, kind, language, typed or in_force, in_force, None, happened), 409


def _in_force(campaign_id: str, kind: str, language: str) -> Wording:
    with runtime().database.reading() as session:
        campaigns.active(session, campaign_id)
        templates.built_in(kind, language)
        found = templates.wordings(session, campaign_id, kind)
        return found.get(language) or Wording("", "")


def _editor(
    campaign_id: str,
    kind: str,
    language: str,
    typed: Wording,
    in_force: Wording,
    faults: dict[str, list[str]] | None = None,
    happened: str = "",
) -> str:
    # Shown again for another reason than staleness, a page keeps the mark it opened on.
    kept = None if happened else answering.posted_mark()
    shown, found = _shown(kind, language, typed)
    return render_template(
        "notification_texts/edit.html",
        campaign_id=campaign_id,
        kind=kind,
        text_language=language,
        title=kind_title(kind),
        typed=typed,
        faults=faults or {},
        shown=shown,
        preview_faults=found,
        places=[(name, _sample(kind, language, name)) for name in templates.places(kind)],
        required=templates.required_places(kind),
        in_force=in_force,
        mark=kept or in_force.mark,
        happened=happened,
        is_own=in_force != templates.built_in(kind, language),
        origin=templates.built_in(kind, language),
        present=now(),
    )


def _shown(kind: str, language: str, typed: Wording) -> tuple[Wording | None, dict[str, list[str]]]:
    try:
        checked = templates.checked(kind, language, typed)
    except InvalidAnswer as refusal:
        return None, faults_in_words(refusal)
    facts = {name: _sample(kind, language, name) for name in templates.places(kind)}
    return checked.filled(facts), {}


def _sample(kind: str, language: str, name: str) -> str:
    known = DELAYS.get(kind) if name == "delay" else None
    fact = in_both(known or SAMPLE.get(name, f"<{name}>"))
    return fact.english if language == "en" else str(fact)
