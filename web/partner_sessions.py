"""The college's sessions as an invited partner reads them, and who invites whom. [règle 67]"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from web import answering
from web.answering import sentences_of
from web.dossier_words import VERDICTS
from web.error_pages import LAST_ACTS, LastAct
from web.kept import is_refresh, redisplays
from web.language import _
from web.runtime import now, runtime
from web.signed_in import actor, requires_role
from web.whole_number import posted_number
from workflow.domain import agenda, campaign, verdict_synthesis
from workflow.domain import college_invitation as invitations
from workflow.domain.college import CollegeSession
from workflow.domain.person import PARTNER
from workflow.errors import Conflict, InvalidAnswer, NotFound

part = Blueprint("partner_sessions", __name__)


@part.get("/seances")
@requires_role(PARTNER)
def index() -> Any:
    """The sessions to which whoever reads this is invited."""
    with runtime().database.reading() as session:
        return render_template(
            "partner/index.html",
            rows=[
                (sitting, organisation, campaign.active(session, sitting.campaign_id))
                for sitting, organisation in invitations.sessions_of(session, actor())
            ],
            present=now(),
        )


@part.get("/seances/<int(max=2147483647):session_id>")
@requires_role(PARTNER)
def show(session_id: int) -> Any:
    """The agenda of a session, with the synthesis of each dossier."""
    with runtime().database.reading() as session:
        sitting, organisation = invitations.session_for(session, actor(), session_id)
        ready = agenda.ready(session, sitting.campaign_id)
        return render_template(
            "partner/session.html",
            sitting=sitting,
            organisation=organisation,
            campaign=campaign.active(session, sitting.campaign_id),
            items=verdict_synthesis.of(session, ready),
            verdict_looks=VERDICTS,
            present=now(),
        )


@part.get("/seances/<int(max=2147483647):session_id>/dossiers/<number>")
@requires_role(PARTNER)
def dossier(session_id: int, number: str) -> Any:
    """How a dossier of the agenda was judged: no proof, no comment, no questionnaire."""
    with runtime().database.reading() as session:
        sitting, _organisation = invitations.session_for(session, actor(), session_id)
        found = invitations.dossier_for(session, actor(), session_id, number)
        return render_template(
            "partner/dossier.html",
            sitting=sitting,
            item=verdict_synthesis.of(session, [found])[0],
            verdict_looks=VERDICTS,
        )


@part.route(
    "/college/seances/<int(max=2147483647):session_id>/partenaires", methods=["GET", "POST"]
)
@requires_role(*sorted(invitations.MAY_INVITE))
@redisplays
def invite(session_id: int) -> Any:
    """Who is invited to a session; invite a partner's person."""
    faults: dict[str, list[str]] = {}
    stale = False
    if request.method == "POST" and not is_refresh():
        try:
            _invite(session_id)
            flash(_("Invitation enregistrée. Cette personne lit l'ordre du jour."), "done")
            return redirect(url_for(".invite", session_id=session_id), 303)
        except InvalidAnswer as refusal:
            faults = sentences_of(refusal)
        except Conflict:
            stale = True
    with runtime().database.reading() as session:
        sitting = _sitting(session, session_id)
        page = render_template(
            "partner/invite.html",
            sitting=sitting,
            campaign=campaign.active(session, sitting.campaign_id),
            invited=invitations.invited(session, session_id),
            candidates=invitations.candidates(session),
            chosen=request.form.get("person", ""),
            organisation=request.form.get("organisation", ""),
            faults=faults,
            happened=_what_happened(session, sitting) if stale else "",
            mark=(None if stale else answering.posted_mark()) or _mark(session, session_id),
        )
        return page, 409 if stale else 422 if faults else 200


@part.post("/college/invitations/<int(max=2147483647):invitation_id>/retirer")
@requires_role(*sorted(invitations.MAY_INVITE))
def withdraw(invitation_id: int) -> Any:
    """Take an invitation back, at once; inviting again undoes it."""
    with runtime().database.transaction() as session:
        sitting = invitations.withdraw(session, actor(), invitation_id, now())
        session_id = sitting.id
    flash(_("Invitation retirée. Cette personne ne lit plus rien de la séance."), "done")
    return redirect(url_for(".invite", session_id=session_id), 303)


def _invite(session_id: int) -> None:
    with runtime().database.transaction() as session:
        sitting = _sitting(session, session_id)
        # Two pages that invite at once follow one another.
        session.refresh(sitting, with_for_update=True)
        shown = answering.posted_mark()
        if shown is not None and shown != _mark(session, session_id):
            raise Conflict("Expected the invitations that were shown but they have changed.")
        invitations.invite(
            session,
            actor(),
            campaign.active(session, sitting.campaign_id),
            session_id,
            person_id=posted_number("person"),
            organisation=request.form.get("organisation", ""),
            at=now(),
        )


def _mark(session: Session, session_id: int) -> str:
    """A mark of who is invited."""
    return answering.mark_of(*(row.id for row, _name in invitations.invited(session, session_id)))


def _what_happened(session: Session, sitting: CollegeSession) -> str:
    kinds = ("partner:invited", "partner:invitation_withdrawn", "college:held")
    return answering.what_happened_in_house(session, *kinds, session=sitting.number)


def _last_act(session: Session, given: Mapping[str, Any]) -> LastAct | None:
    found = session.get(invitations.CollegeInvitation, given.get("invitation_id", 0))
    if found is None or not actor().roles & invitations.MAY_INVITE:
        return None
    sitting = _sitting(session, found.session_id)
    address = url_for("partner_sessions.invite", session_id=sitting.id)
    return LastAct(_what_happened(session, sitting), _("Relire les invitations"), address)


LAST_ACTS[part.name] = _last_act


def _sitting(session: Session, session_id: int) -> CollegeSession:
    found = session.get(CollegeSession, session_id)
    if found is None:
        raise NotFound(f"Expected a session {session_id} but there is none. Check its address.")
    return found
