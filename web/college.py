"""The college: its next session, what it may decide, and what it has decided (DSR 4.5)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import login_required
from sqlalchemy import select
from sqlalchemy.orm import Session

from web import answering
from web.access import require_agency
from web.campaign_view import ASKED, campaign_at_hand, campaign_choices
from web.college_view import decision_counts, decisions_of, reservations_by_decision
from web.dossier_words import DECISIONS, NATURES, WEEKDAYS
from web.language import _
from web.runtime import now, runtime
from web.signed_in import actor
from web.task_context import agenda_items
from web.whole_number import asked_number, whole_number
from workflow.domain import agenda, campaign, college_sessions, document
from workflow.domain.college import CollegeSession
from workflow.domain.college_invitation import MAY_INVITE
from workflow.domain.proof import READERS
from workflow.engine import messages
from workflow.engine.instances import Instance
from workflow.engine.waiting import HumanTask, MessageWait
from workflow.errors import Conflict, NotFound

MOST_SESSIONS = 30
PER_PAGE = 100
"""Decisions of a session on one page; its minutes as a text and as a PDF are whole."""

part = Blueprint("college", __name__)


@part.get("/college")
@login_required
def index() -> Any:
    """The sessions of the campaign in force."""
    require_agency(actor())
    with runtime().database.reading() as session:
        current = campaign_at_hand(session, runtime())
        sessions = college_sessions.of_campaign(session, current.id, limit=MOST_SESSIONS)
        coming = next((each for each in sessions if each.held_at is None), None)
        held = [each for each in sessions if each.held_at is not None]
        return render_template(
            "college/index.html",
            coming=coming,
            task_id=_open_task(session, coming),
            may_hold="college_president" in actor().roles,
            may_convene=_may_convene(session, coming),
            may_enter=bool(actor().roles & READERS),
            may_invite=bool(actor().roles & MAY_INVITE),
            items=agenda_items(session, agenda.ready(session, current.id), current),
            held=held,
            decisions=decisions_of(session, [each.id for each in held]),
            counts=decision_counts(session, [each.id for each in held]),
            decision_looks=DECISIONS,
            campaign=current,
            choices=campaign_choices(session, runtime(), current),
            rule=current.college,
            weekday=WEEKDAYS.get(current.college.weekday),
            present=now(),
        )


@part.route("/college/convoquer", methods=["GET", "POST"])
@login_required
def convene() -> Any:
    """Open the next session now instead of at its weekly hour, after a confirmation."""
    require_agency(actor())
    with runtime().database.reading() as session:
        current = campaign_at_hand(session, runtime())
        sessions = college_sessions.of_campaign(session, current.id, limit=1)
        coming = sessions[0] if sessions else None
        count = len(agenda.ready(session, current.id))
        session.expunge_all()
    if request.method == "POST":
        try:
            messages.convene(runtime(), current.id, actor(), shown=_shown_session())
        except Conflict:
            return _convene_page(current, coming, count, stale=True), 409
        flash(_("Séance convoquée. Elle est ouverte."), "done")
        return redirect(url_for("college.index", campagne=current.id), 303)
    return _convene_page(current, coming, count)


def _convene_page(
    current: campaign.Campaign, coming: CollegeSession | None, count: int, *, stale: bool = False
) -> str:
    kinds = ("college:convened", "college:held", "college:rescheduled", "message:received")
    with runtime().database.reading() as session:
        happened = answering.what_happened_in_house(session, *kinds) if stale else ""
        instance = session.get(Instance, coming.instance_id) if coming else None
        return render_template(
            "college/convene.html",
            coming=coming,
            count=count,
            campaign=current,
            happened=happened,
            may_convene=_may_convene(session, coming),
            is_open=_open_task(session, coming) is not None,
            shown=f"{instance.id}.{instance.revision}" if instance else "",
        )


def _shown_session() -> tuple[int, int] | None:
    """The instance of the session that the page showed, and its revision."""
    number, _dot, revision = (answering.posted_mark() or "").partition(".")
    instance, seen = whole_number(number), whole_number(revision)
    return None if instance is None or seen is None else (instance, seen)


@part.get("/college/<int(max=2147483647):number>")
@login_required
def minutes(number: int) -> Any:
    """The minutes of a session that was held, to read and to print."""
    require_agency(actor())
    with runtime().database.reading() as session:
        held = college_sessions.held(session, _asked_campaign(session), number)
        after = asked_number("apres") or 0
        found = decisions_of(session, [held.id], after=after, limit=PER_PAGE + 1).get(held.id, [])
        decisions = found[:PER_PAGE]
        return render_template(
            "college/minutes.html",
            held=held,
            campaign=campaign.active(session, held.campaign_id),
            pdf=document.of_session(session, held.id),
            decisions=decisions,
            more=decisions[-1][0].id if len(found) > PER_PAGE else None,
            reservations=reservations_by_decision(
                session, [decision.id for decision, _dossier in decisions]
            ),
            decision_looks=DECISIONS,
            natures=NATURES,
        )


@part.get("/college/<int(max=2147483647):number>/proces-verbal.txt")
@login_required
def minutes_text(number: int) -> Response:
    """The text of the minutes, as it was kept when the session was held."""
    require_agency(actor())
    with runtime().database.reading() as session:
        held = college_sessions.held(session, _asked_campaign(session), number)
        text, name = held.minutes_text, held.minutes_number
    if text is None:
        raise NotFound(f"Expected the text of session {number} but none was kept. Read its page.")
    return Response(
        text,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.txt"'},
    )


def _asked_campaign(session: Session) -> str:
    return request.args.get(ASKED) or campaign_at_hand(session, runtime()).id


def _open_task(session: Session, coming: CollegeSession | None) -> str | None:
    if coming is None:
        return None
    return session.scalar(
        select(HumanTask.id)
        .where(HumanTask.instance_id == coming.instance_id, HumanTask.closed_at.is_(None))
        .limit(1)
    )


def _may_convene(session: Session, coming: CollegeSession | None) -> bool:
    if coming is None:
        return False
    roles = session.scalar(
        select(MessageWait.roles)
        .where(
            MessageWait.instance_id == coming.instance_id,
            MessageWait.message == messages.CONVENE,
        )
        .limit(1)
    )
    return bool(roles and actor().roles & set(roles))
