"""The parameters of a campaign: in force, changed by a recorded act, and the register of changes.

A change is previewed, with each running date that it would move, and confirmed on that preview
only: one that came in between is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import login_required

from web import answering, campaign_words, parameters_form, parameters_preview
from web.access import require_agency
from web.campaign_view import campaign_at_hand, campaign_choices, last_moment
from web.kept import is_refresh, redisplays
from web.language import _
from web.parameters_form import Faults
from web.procedure_words import faults_in_words
from web.runtime import now, runtime
from web.signed_in import actor, requires_role
from web.whole_number import posted_number
from workflow.domain import campaign as campaigns
from workflow.domain import campaign_change, moved_dates
from workflow.domain.campaign import Campaign, InvalidCampaign
from workflow.domain.standing import MAY_CHANGE_CAMPAIGN
from workflow.engine import parameters
from workflow.engine.parameters import Changed
from workflow.errors import Conflict, InvalidAnswer

MOST_ROWS = 200
OWNERS = tuple(sorted(MAY_CHANGE_CAMPAIGN))

part = Blueprint("parameters", __name__)


@part.app_context_processor
def _words() -> dict[str, Any]:
    return {"cwords": campaign_words}


@part.get("/parametres")
@login_required
def index() -> Any:
    """The parameters of the campaign at hand."""
    require_agency(actor())
    with runtime().database.reading() as session:
        campaign = campaign_at_hand(session, runtime())
    return redirect(url_for("parameters.show", campaign_id=campaign.id))


@part.get("/campagnes/<campaign_id>/parametres")
@login_required
def show(campaign_id: str) -> Any:
    """The parameters in force, in words, each with the version that it has held since."""
    require_agency(actor())
    with runtime().database.reading() as session:
        campaign = campaigns.active(session, campaign_id)
        versions = campaigns.versions(session, campaign_id)
        return render_template(
            "parameters/show.html",
            campaign=campaign,
            choices=campaign_choices(session, runtime(), campaign),
            deployed_at=versions[0].deployed_at,
            last_moment=last_moment(campaign),
            since=_since(versions),
            last=next(iter(campaign_change.register(session, campaign_id, limit=1)), None),
            may_change=bool(actor().roles & MAY_CHANGE_CAMPAIGN),
        )


@part.route("/campagnes/<campaign_id>/parametres/modifier", methods=["GET", "POST"])
@requires_role(*OWNERS)
@redisplays
def edit(campaign_id: str) -> Any:
    """Type what changes; the preview comes next."""
    with runtime().database.reading() as session:
        campaign = campaigns.active(session, campaign_id)
    typed = parameters_form.as_typed(campaign)
    faults: Faults = {}
    if request.method == "POST":
        typed |= {name: value for name, value in request.form.items() if name in typed}
    if request.method == "POST" and not is_refresh():
        changes = parameters_form.changes_of(campaign, typed)
        faults = _faults_of(campaign, changes)
        if changes and not faults:
            text = parameters_form.written(changes)
            to = url_for("parameters.preview", campaign_id=campaign_id, changes=text)
            return redirect(to, 303)
        faults = faults or {"": [_("Rien n'a changé. Changez au moins un paramètre.")]}
    page = render_template("parameters/edit.html", campaign=campaign, typed=typed, faults=faults)
    return page, 422 if faults else 200


@part.get("/campagnes/<campaign_id>/parametres/apercu")
@requires_role(*OWNERS)
def preview(campaign_id: str) -> Any:
    """Which running dates a change would move, and from when to when."""
    changes = parameters_form.read(request.args.get("changes", ""))
    return _preview_page(campaign_id, changes, {})


@part.get("/campagnes/<campaign_id>/parametres/apercu.csv")
@requires_role(*OWNERS)
def preview_csv(campaign_id: str) -> Response:
    """The whole list of the preview."""
    changes = parameters_form.read(request.args.get("changes", ""))
    found = parameters.preview(runtime(), campaign_id, changes, actor())
    return _csv(parameters_preview.as_csv(found.moves), f"dates-{campaign_id}.csv")


@part.post("/campagnes/<campaign_id>/parametres/confirmer")
@requires_role(*OWNERS)
@redisplays
def confirm(campaign_id: str) -> Any:
    """Put the previewed change in force, with its legal basis."""
    changes = parameters_form.read(request.form.get("changes", ""))
    if is_refresh():
        return _preview_page(campaign_id, changes, {}), 200
    try:
        done = _carry_out(campaign_id, changes)
    except InvalidAnswer as refusal:
        return _preview_page(campaign_id, changes, faults_in_words(refusal)), 422
    except Conflict as refusal:
        return _preview_page(campaign_id, changes, {"": [_refusal(campaign_id, refusal)]}), 409
    if done.number is None:
        flash(_("Rien ne change : ces paramètres sont déjà en vigueur."), "done")
        return redirect(url_for("parameters.show", campaign_id=campaign_id), 303)
    flash(_("Modification nº %(number)s en vigueur.", number=done.number), "done")
    to = url_for("parameters.change", campaign_id=campaign_id, number=done.number)
    return redirect(to, 303)


@part.get("/campagnes/<campaign_id>/modifications")
@login_required
def register(campaign_id: str) -> Any:
    """The register of changes, newest first."""
    require_agency(actor())
    with runtime().database.reading() as session:
        campaign = campaigns.active(session, campaign_id)
        return render_template(
            "parameters/register.html",
            campaign=campaign,
            choices=campaign_choices(session, runtime(), campaign),
            changes=campaign_change.register(session, campaign_id),
        )


@part.get("/campagnes/<campaign_id>/modifications/<int(max=2147483647):number>")
@login_required
def change(campaign_id: str, number: int) -> Any:
    """One change: what it changed, on what basis, and the dates that it moved."""
    require_agency(actor())
    with runtime().database.reading() as session:
        campaign = campaigns.active(session, campaign_id)
        found = campaign_change.get(session, campaign_id, number)
        return render_template(
            "parameters/change.html",
            campaign=campaign,
            change=found,
            lines=[campaign_words.change_line(each, campaign) for each in found.changes],
            versions=campaign_change.versions_of(session, found),
            moved=moved_dates.moved_by(session, found.id, limit=MOST_ROWS),
            present=now(),
        )


def _carry_out(campaign_id: str, changes: Mapping[str, Any]) -> Changed:
    return parameters.change(
        runtime(),
        campaign_id,
        changes,
        request.form.get("basis", ""),
        actor(),
        moves_running="moves_running" in request.form,
        past=request.form.get("past"),
        version=posted_number("version") or 0,
        idempotency_key=answering.act_key(),
    )


def _refusal(campaign_id: str, refusal: Conflict) -> str:
    with runtime().database.reading() as session:
        current = campaigns.active(session, campaign_id).version
        kinds = ("campaign:changed", "campaign:deployed", "catalogue:imported")
        happened = answering.what_happened_in_house(session, *kinds, campaign=campaign_id)
    if request.form.get("version") != str(current):
        said = _(
            "Les paramètres ont changé depuis cet aperçu. Relisez-le : il est compté de nouveau"
            " sur la version %(version)s.",
            version=current,
        )
        return f"{happened} {said}"
    if request.form.get("moves_running") and not request.form.get("past"):
        return _(
            "Des dates seraient déjà passées. Dites qu'elles prennent effet maintenant, ou"
            " changez moins."
        )
    return str(refusal)


def _preview_page(campaign_id: str, changes: Mapping[str, Any], faults: Faults) -> str:
    found = parameters.preview(runtime(), campaign_id, changes, actor())
    chosen = request.args.get("vue", "")
    shown = [move for move in found.moves if not chosen or move.status == chosen]
    return render_template(
        "parameters/preview.html",
        found=found,
        lines=[campaign_words.change_line(each, found.after) for each in found.changes],
        future=parameters_preview.future(found),
        views=parameters_preview.views(found, parameters_form.written(changes), chosen),
        shown=shown[:MOST_ROWS],
        count=len(shown),
        changes=parameters_form.written(changes),
        faults=faults,
        typed=request.form,
        key=answering.act_key(),
        present=now(),
    )


def _faults_of(campaign: Campaign, changes: Mapping[str, Any]) -> Faults:
    try:
        campaigns.changed(campaign, changes)
    except InvalidCampaign as refusal:
        return parameters_form.by_field(refusal)
    return {}


def _since(versions: Sequence[campaigns.CampaignVersion]) -> dict[str, int]:
    """Each parameter, and each delay, with the version that it has held its value since."""
    newest = _flat(versions[0].parameters)
    since = dict.fromkeys(newest, versions[0].version)
    steady = set(newest)
    for each in versions[1:]:
        own = _flat(each.parameters)
        steady = {name for name in steady if own.get(name) == newest[name]}
        since |= dict.fromkeys(steady, each.version)
    return since


def _flat(mapping: Mapping[str, Any]) -> dict[str, Any]:
    delays = {f"delays.{key}": value for key, value in mapping.get("delays", {}).items()}
    return {**{key: value for key, value in mapping.items() if key != "delays"}, **delays}


def _csv(text: str, name: str) -> Response:
    response = Response("\ufeff" + text, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
