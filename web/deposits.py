"""Candidatures: prepared over days, deposited, presented again after an end."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from secrets import token_hex
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from web import answering, deposit_page, navigation
from web.access import visible_dossier
from web.campaign_view import campaign_at_hand, campaigns_in_force
from web.deposit_page import DEPOSIT, PROCESS, REAPPLY, Candidature
from web.dossiers import part
from web.draft_view import PLACE, posted_page
from web.drafts import DraftForm, keep
from web.forms_render import posted_form
from web.kept import redisplays
from web.language import _, _l, language
from web.runtime import runtime
from web.signed_in import actor, requires_role
from workflow.domain.campaign import Campaign
from workflow.domain.deposit import CompanyHasAccount
from workflow.domain.dossier import Dossier
from workflow.engine import deposit_drafts, human_tasks
from workflow.engine.deposit_drafts import AlreadyDeposited, DepositPlace, Prepared
from workflow.engine.idempotency import KeyReused
from workflow.engine.turn import Done
from workflow.errors import InvalidAnswer, NotAllowed, NotFound

STARTED, TAKEN_OVER = "brouillon", "reprise"
"""Query parameters: a candidature in preparation, and a dossier that a new one takes over."""

KNOWN_COMPANY = _l(
    "Une entreprise a déjà ce SIRET ici. Demandez à l'une de ses personnes de vous inviter, depuis"
    " sa page Mon entreprise."
)

__all__ = ["part"]

Answer = dict[str, Any]


@part.route("/deposer", methods=["GET", "POST"])
@requires_role("operator")
@redisplays
def deposit() -> Any:
    """Deposit a candidature (DSR 4.2)."""
    return _prepare(DEPOSIT, None)


@part.post("/deposer/brouillon")
@requires_role("operator")
def save_deposit() -> Any:
    """Keep a candidature that is being prepared."""
    return _keep(DEPOSIT, None)


@part.route("/dossiers/<number>/nouvelle-candidature", methods=["GET", "POST"])
@requires_role("operator")
@redisplays
def reapply(number: str) -> Any:
    """Present a refused service again, from its proofs on (DSR 4.5)."""
    return _prepare(REAPPLY, number)


@part.post("/dossiers/<number>/nouvelle-candidature/brouillon")
@requires_role("operator")
def save_reapplication(number: str) -> Any:
    """Keep a new attempt that is being prepared."""
    return _keep(REAPPLY, number)


@part.route("/deposer/brouillon/<draft_id>/supprimer", methods=["GET", "POST"])
@requires_role("operator")
def discard(draft_id: str) -> Any:
    """Throw a candidature in preparation away, after a confirmation."""
    if request.method == "POST":
        deposit_drafts.discard(runtime(), draft_id, actor())
        flash(_("Brouillon supprimé. Rien n'avait été déposé."), "done")
        return redirect(url_for("home.index"), 303)
    with runtime().database.reading() as session:
        found = deposit_drafts.find(session, draft_id, actor())
        if found is None:
            raise NotFound("Expected a candidature in preparation but there is none such.")
        navigation.stand_under("dossiers.deposit")
        return render_template(
            "dossiers/discard_draft.html", begun=deposit_page.begun_of(session, runtime(), found)
        )


def _prepare(form_key: str, number: str | None) -> Any:
    try:
        with runtime().database.reading() as session:
            candidature = _candidature(session, form_key, number)
            session.expunge_all()
        if request.method == "GET":
            return deposit_page.page(candidature, None, {}, 200)
        posted = posted_form(candidature.form)
        if not posted.is_submitted:
            return deposit_page.page(candidature, posted.answer, {}, 200)
        return _deposit(candidature, posted.answer)
    except AlreadyDeposited as done:
        return deposit_page.already(done.number, 200 if request.method == "GET" else 409)


def _deposit(candidature: Candidature, answer: Answer) -> Any:
    if candidature.form.key == REAPPLY and candidature.source is not None:
        answer["previous"] = candidature.source.number
    if candidature.must_be_reread(answer) and not request.form.get(deposit_page.REREAD):
        faults = {deposit_page.REREAD: [_("Relisez ce qui est repris, puis cochez la case.")]}
        return deposit_page.page(candidature, answer, faults, 422)
    campaign = candidature.campaign
    try:
        done = human_tasks.start(
            runtime(),
            PROCESS,
            candidature.form.key,
            answer,
            actor(),
            campaign_id=campaign.id if campaign and candidature.form.key == DEPOSIT else None,
            prepared=candidature.place,
            idempotency_key=answering.act_key(),
        )
    except InvalidAnswer as refusal:
        return deposit_page.page(candidature, answer, answering.sentences_of(refusal), 422)
    except CompanyHasAccount:
        return deposit_page.page(candidature, answer, {"siret": [str(KNOWN_COMPANY)]}, 409)
    except KeyReused:
        # The page came back after its deposit, was changed and sent again.
        with runtime().database.reading() as session:
            deposit_drafts.find(session, candidature.place.id, actor())
        raise
    return _deposited(done)


def _keep(form_key: str, number: str | None) -> Any:
    try:
        with runtime().database.reading() as session:
            candidature = _candidature(session, form_key, number)
            session.expunge_all()
    except AlreadyDeposited as done:
        return deposit_page.already(done.number, 409)
    place = candidature.place
    return keep(
        DraftForm(
            candidature.draft_place,
            candidature.form,
            lambda answer, revision: deposit_drafts.save(
                runtime(), place, answer, actor(), revision=revision, page=posted_page()
            ),
            partial(_draft_of, place.id),
            lambda answer, draft, status: deposit_page.page(
                candidature, answer, {}, status, draft=draft
            ),
            counts=True,
        )
    )


def _draft_of(draft_id: str, session: Session) -> Any:
    found = deposit_drafts.find(session, draft_id, actor())
    return found.draft if found else None


def _candidature(session: Session, form_key: str, number: str | None) -> Candidature:
    """What the page is about: as it was begun, else as its address says."""
    asked = request.form.get(PLACE) or request.args.get(STARTED, "")
    found = deposit_drafts.find(session, asked, actor()) if asked else None
    source = _own(session, number or _taken_over(found))
    campaign = _campaign(session, found)
    form = runtime().forms.get(form_key)
    if campaign is not None:
        form = form.offered(campaign.feel_constants(language()))
    place = DepositPlace(
        asked or token_hex(16),
        form_key,
        campaign.id if campaign else None,
        source.number if source else None,
    )
    known = deposit_page.known_answers_of(session, form_key, source, actor())
    begun = deposit_drafts.all_of(session, actor()) if form_key == DEPOSIT and not found else []
    others = [deposit_page.begun_of(session, runtime(), each) for each in begun]
    return replace(
        Candidature(form, place, campaign, source, known),
        draft=found.draft if found else None,
        others=others,
    )


def _taken_over(found: Prepared | None) -> str | None:
    if found is not None:
        return found.place.previous
    return request.args.get(TAKEN_OVER) or None


def _campaign(session: Session, found: Prepared | None) -> Campaign | None:
    known = campaigns_in_force(session, runtime())
    begun = found.place.campaign_id if found else None
    return next((each for each in known if each.id == begun), None) or campaign_at_hand(
        session, runtime()
    )


def _own(session: Session, number: str | None) -> Dossier | None:
    if number is None:
        return None
    dossier = visible_dossier(session, number, actor())
    if actor().operator_id != dossier.operator_id:
        raise NotAllowed(f"Expected a person of the operator but {actor().name} is not.")
    return dossier


def _deposited(done: Done) -> Any:
    with runtime().database.reading() as session:
        dossier = session.get(Dossier, done.dossier_id) if done.dossier_id else None
        if dossier is None:
            return redirect(url_for("home.index"), 303)
        if dossier.end == "out_of_time":
            sentence = _("Candidature reçue hors des dates de la campagne : elle est close.")
            flash(sentence, "wait")
        else:
            number = dossier.number
            flash(_("Candidature déposée. Elle porte le numéro %(n)s.", n=number), "done")
        return redirect(url_for("dossiers.show", number=dossier.number), 303)
