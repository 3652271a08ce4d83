"""Acts on a dossier as a whole: deposit it, present it again, withdraw or exclude it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import login_required
from sqlalchemy import select
from sqlalchemy.orm import Session

from web import answering
from web.access import visible_dossier
from web.campaign_view import campaign_choices, current_campaign, deposit_window, last_moment
from web.dossiers import part
from web.forms_render import posted_form, shown_form
from web.kept import redisplays
from web.language import _, _l
from web.procedure_words import in_words
from web.runtime import now, runtime
from web.signed_in import actor, requires_role
from workflow.domain.campaign import Campaign
from workflow.domain.dossier import Dossier
from workflow.domain.operator import Operator
from workflow.engine import human_tasks, messages
from workflow.engine.turn import Done
from workflow.engine.waiting import MessageWait
from workflow.errors import Conflict, InvalidAnswer, NotAllowed, NotFound

PROCESS = "dossier"
DEPOSIT, REAPPLY = "deposit_dossier", "reapply"
MESSAGE_TITLES = {
    "withdraw": _l("Se désister"),
    "exclude": _l("Exclure le dossier"),
    "withdraw_solicitation": _l("Retirer la sollicitation"),
}
MESSAGE_DONE = {
    "withdraw": _l("Désistement enregistré. Le dossier est clos."),
    "exclude": _l("Dossier exclu. L'opérateur est notifié avec le motif."),
    "withdraw_solicitation": _l(
        "Sollicitation retirée. L'opérateur est notifié avec le motif, et vous reprenez la main."
    ),
}
MESSAGE_REFUSED = {
    "withdraw": _l("Le désistement n'est pas enregistré"),
    "exclude": _l("Le dossier n'est pas exclu"),
    "withdraw_solicitation": _l("La sollicitation n'est pas retirée"),
}

__all__ = ["part"]

Answer = dict[str, Any]


@part.route("/deposer", methods=["GET", "POST"])
@requires_role("operator")
@redisplays
def deposit() -> Any:
    """Deposit a candidature (DSR 4.2)."""
    return _start(DEPOSIT, _first_values, _("Le dépôt n'est pas fait"), None)


@part.route("/dossiers/<number>/nouvelle-candidature", methods=["GET", "POST"])
@requires_role("operator")
@redisplays
def reapply(number: str) -> Any:
    """Present a refused service again, from its proofs on (DSR 4.5)."""
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        if actor().operator_id != dossier.operator_id:
            raise NotAllowed(f"Expected a person of the operator but {actor().name} is not.")
        values = {
            "previous": dossier.number,
            "service_version": dossier.service_version,
            "publication_authorised": dossier.publication_authorised,
        }
    return _start(REAPPLY, lambda _session: values, _("Le dépôt n'est pas fait"), number)


@part.route("/dossiers/<number>/fin/<name>", methods=["GET", "POST"])
@login_required
@redisplays
def message(number: str, name: str) -> Any:
    """Send a message that the dossier's diagram lets this person send, with its reason."""
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        wait = _sendable(session, dossier, name)
        session.expunge_all()
    form_key = wait.form_key if wait else None
    if wait is None or form_key is None:
        raise Conflict(f"Expected dossier {number} to hear {name} but it does not. Reload it.")
    form = runtime().forms.get(form_key)
    answer: Answer | None = None
    faults: dict[str, list[str]] = {}
    if request.method == "POST":
        posted = posted_form(form)
        answer = posted.answer
        if posted.is_submitted:
            try:
                messages.send(
                    runtime(),
                    dossier.id,
                    name,
                    answer,
                    actor(),
                    idempotency_key=answering.act_key(),
                )
                flash(str(MESSAGE_DONE.get(name) or _("C'est enregistré.")), "done")
                return redirect(url_for("dossiers.show", number=number), 303)
            except InvalidAnswer as refusal:
                faults = answering.sentences_of(refusal)
    page = render_template(
        "dossiers/message.html",
        dossier=dossier,
        name=name,
        title=MESSAGE_TITLES.get(name) or in_words(form.title),
        consequence=MESSAGE_REFUSED.get(name) or _("Rien n'est enregistré"),
        shown=shown_form(form, answer, faults),
        key=answering.act_key(),
    )
    return page, 422 if faults else 200


def _sendable(session: Session, dossier: Dossier, name: str) -> MessageWait | None:
    waits = messages.sendable(session, dossier.id, actor())
    found = next((wait for wait in waits if wait.message == name), None)
    if found is None and dossier.ended_at is None:
        known = session.scalar(
            select(MessageWait.message).where(
                MessageWait.dossier_id == dossier.id, MessageWait.message == name
            )
        )
        if known is None:
            raise NotFound(f"Expected a message {name!r} of this dossier but it hears none such.")
        raise NotAllowed(f"Expected a role that may send {name} but {actor().name} has none.")
    return found


def _start(
    form_key: str,
    values: Callable[[Session], Mapping[str, Any]],
    consequence: str,
    previous: str | None,
) -> Any:
    with runtime().database.reading() as session:
        campaign = current_campaign(session, runtime())
    form = runtime().forms.get(form_key)
    if campaign is not None:
        form = form.offered(campaign.feel_constants())
    answer: Answer | None = None
    faults: dict[str, list[str]] = {}
    if request.method == "POST":
        posted = posted_form(form)
        answer = posted.answer
        if posted.is_submitted:
            if previous is not None:
                answer["previous"] = previous
            try:
                return _deposited(
                    human_tasks.start(
                        runtime(),
                        PROCESS,
                        form_key,
                        answer,
                        actor(),
                        campaign_id=campaign.id if campaign and previous is None else None,
                        idempotency_key=answering.act_key(),
                    )
                )
            except InvalidAnswer as refusal:
                faults = answering.sentences_of(refusal)
    with runtime().database.reading() as session:
        page = render_template(
            "dossiers/deposit.html",
            shown=shown_form(
                form, _known(values, session, campaign) if answer is None else answer, faults
            ),
            consequence=consequence,
            campaign=campaign,
            choices=campaign_choices(session, runtime(), campaign) if previous is None else [],
            window=deposit_window(campaign, now()) if campaign else "open",
            last_moment=last_moment(campaign) if campaign else None,
            previous=previous,
            key=answering.act_key(),
        )
    return page, 422 if faults else 200


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


def _known(
    values: Callable[[Session], Mapping[str, Any]], session: Session, campaign: Campaign | None
) -> Mapping[str, Any]:
    """What the form is opened with; the DSR is the one of the campaign that was chosen."""
    return {**({"dsr": campaign.dsr} if campaign else {}), **values(session)}


def _first_values(session: Session) -> Mapping[str, Any]:
    """What is known of the operator already: its company, and what its last dossier said."""
    who = actor()
    if who.operator_id is None:
        return {"contact_name": who.name}
    company = session.get(Operator, who.operator_id)
    last = session.scalars(
        select(Dossier)
        .where(Dossier.operator_id == who.operator_id)
        .order_by(Dossier.id.desc())
        .limit(1)
    ).first()
    known = {
        "company_name": company.company_name if company else "",
        "siret": company.siret if company else "",
        "contact_name": who.name,
    }
    if last is not None:
        names = ("name", "email", "phone")
        for name in (f"legal_representative_{each}" for each in names):
            known[name] = getattr(last, name)
    return known
