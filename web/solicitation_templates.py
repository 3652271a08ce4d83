"""Templates of solicitations: the page where they are kept, and their insertion into a form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_required
from sqlalchemy.orm import Session

from web import answering
from web.access import require_agency
from web.campaign_view import campaign_at_hand, campaign_choices
from web.kept import REFRESH, is_refresh, redisplays
from web.language import _
from web.procedure_words import faults_in_words
from web.runtime import now, runtime
from web.signed_in import actor, requires_role
from web.solicitation_words import KINDS
from web.whole_number import posted_number
from workflow.domain import campaign as campaigns
from workflow.domain import solicitation_template
from workflow.domain.solicitation_template import MAY_KEEP, SolicitationTemplate
from workflow.errors import Conflict, InvalidAnswer

part = Blueprint("templates", __name__)

ASKED_BY_FORM = {"check_admissibility": "admissibility", "instruct_dossier": "instruction"}
"""Form that asks questions → the kind of solicitation it sends."""
QUESTIONS, OFFER = "questions", "~offer"

Answer = dict[str, Any]


def offers(session: Session, campaign_id: str, form_key: str) -> dict[str, list[tuple[str, str]]]:
    """The templates that may be inserted into the questions of a form, by its field."""
    kind = ASKED_BY_FORM.get(form_key)
    if kind is None:
        return {}
    found = solicitation_template.offered(session, campaign_id, kind)
    return {QUESTIONS: [(str(each.id), each.title) for each in found]}


def inserted(session: Session, answer: Answer) -> Answer:
    """The answer as typed, with the chosen template after what its questions hold already."""
    chosen = posted_number(OFFER)
    if request.form.get(REFRESH) != "offer" or chosen is None:
        return answer
    template = solicitation_template.find(session, chosen)
    typed = str(answer.get(QUESTIONS) or "").rstrip()
    return {**answer, QUESTIONS: f"{typed}\n{template.text}".lstrip("\n")}


@part.get("/modeles")
@login_required
def index() -> Any:
    """The templates of a campaign, those that are offered first."""
    require_agency(actor())
    with runtime().database.reading() as session:
        campaign = campaign_at_hand(session, runtime())
        found = solicitation_template.of_campaign(session, campaign.id)
        return render_template(
            "templates/index.html",
            campaign=campaign,
            choices=campaign_choices(session, runtime(), campaign),
            groups=[(words, [t for t in found if t.kind == kind]) for kind, words in KINDS.items()],
            may_keep=bool(actor().roles & MAY_KEEP),
        )


@part.route("/campagnes/<campaign_id>/modeles/nouveau", methods=["GET", "POST"])
@requires_role(*sorted(MAY_KEEP))
@redisplays
def add(campaign_id: str) -> Any:
    """Offer a new template."""
    if request.method == "GET" or is_refresh():
        return _form(campaign_id, None, {})
    try:
        with runtime().database.transaction() as session:
            solicitation_template.add(
                session,
                actor(),
                now(),
                campaign_id=campaign_id,
                kind=request.form.get("kind", ""),
                title=request.form.get("title", ""),
                text=request.form.get("text", ""),
            )
    except InvalidAnswer as refusal:
        return _form(campaign_id, None, faults_in_words(refusal))
    return _done(campaign_id, _("Modèle ajouté."))


@part.route("/modeles/<int(max=2147483647):template_id>", methods=["GET", "POST"])
@requires_role(*sorted(MAY_KEEP))
@redisplays
def change(template_id: int) -> Any:
    """Word a template anew."""
    with runtime().database.reading() as session:
        template = solicitation_template.find(session, template_id)
        session.expunge(template)
    if request.method == "GET" or is_refresh():
        return _form(template.campaign_id, template, {})
    try:
        with runtime().database.transaction() as session:
            solicitation_template.change(
                session,
                actor(),
                now(),
                template_id,
                title=request.form.get("title", ""),
                text=request.form.get("text", ""),
                shown=_shown(),
            )
    except InvalidAnswer as refusal:
        return _form(template.campaign_id, template, faults_in_words(refusal))
    except Conflict:
        return _stale(template_id)
    return _done(template.campaign_id, _("Modèle changé. Ce qui a déjà été envoyé reste tel quel."))


@part.route("/modeles/<int(max=2147483647):template_id>/retrait", methods=["GET", "POST"])
@requires_role(*sorted(MAY_KEEP))
def retire(template_id: int) -> Any:
    """Offer a template no more, after a confirmation."""
    if request.method == "GET":
        with runtime().database.reading() as session:
            template = solicitation_template.find(session, template_id)
            return render_template("templates/retire.html", template=template)
    try:
        with runtime().database.transaction() as session:
            retired = solicitation_template.retire(
                session, actor(), now(), template_id, shown=_shown()
            )
            campaign_id = retired.campaign_id
    except Conflict:
        return _stale(template_id)
    return _done(campaign_id, _("Modèle retiré. Ce qui a déjà été envoyé reste tel quel."))


def _shown() -> datetime | None:
    """When the template that the page showed was worded."""
    try:
        return datetime.fromisoformat(answering.posted_mark() or "")
    except ValueError:
        return None


def _stale(template_id: int) -> Any:
    """Somebody worded or retired it meanwhile: both wordings are shown."""
    with runtime().database.reading() as session:
        template = solicitation_template.find(session, template_id)
        kinds = ("solicitation_template:changed", "solicitation_template:retired")
        happened = answering.what_happened_in_house(session, *kinds, template=template_id)
        page, _status = _form(template.campaign_id, template, {}, happened)
        return page, 409


def _form(
    campaign_id: str,
    template: SolicitationTemplate | None,
    faults: Mapping[str, list[str]],
    happened: str = "",
) -> Any:
    with runtime().database.reading() as session:
        campaign = campaigns.active(session, campaign_id)
    page = render_template(
        "templates/edit.html",
        campaign=campaign,
        campaign_id=campaign_id,
        template=template,
        kinds=KINDS,
        typed={name: request.form.get(name) for name in ("kind", "title", "text")},
        faults=faults,
        happened=happened,
    )
    return page, 422 if faults else 200


def _done(campaign_id: str, sentence: str) -> Any:
    flash(sentence, "done")
    return redirect(url_for("templates.index", campagne=campaign_id), 303)
