"""The home of someone: what is expected of them, then where their other dossiers stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask_login import login_required
from sqlalchemy import select
from sqlalchemy.orm import Session

from web import beside, deposit_page, desk_home, proof_progress, stakes
from web.access import is_agency
from web.campaign_view import campaigns_in_force, deposit_window, last_moment
from web.deposit_page import Begun
from web.dossier_words import WEEKDAYS
from web.runtime import now, runtime
from web.signed_in import actor
from web.stakes import Stake
from web.standings import Standing, standings, under_way
from workflow.clock import UTC
from workflow.domain import notification, support_question
from workflow.domain.dossier import Dossier
from workflow.domain.person import PARTNER, Actor
from workflow.engine import deposit_drafts

MOST_OTHERS = 10
FAR = datetime.max.replace(tzinfo=UTC)
MOST_MESSAGES = 4
MOST_CAMPAIGNS = 3

part = Blueprint("home", __name__)


@part.get("/accueil")
@login_required
def index() -> Any:
    """What is expected of whoever reads this."""
    who = actor()
    if who.roles == {PARTNER}:
        return redirect(url_for("partner_sessions.index"))
    if is_agency(who):
        return desk_home.page()
    with runtime().database.reading() as session:
        expected, others = _expected(session, who)
        begun = [
            deposit_page.begun_of(session, runtime(), each)
            for each in deposit_drafts.all_of(session, who)
        ]
        messages = notification.inbox_of(session, who, limit=MOST_MESSAGES)
        return render_template(
            "home/index.html",
            expected=expected,
            others=others,
            agenda=_by_date(expected, begun),
            proof_files=proof_progress.of_stakes(session, runtime(), expected),
            campaigns=[
                (
                    campaign,
                    deposit_window(campaign, now()),
                    last_moment(campaign),
                    WEEKDAYS.get(campaign.college.weekday),
                )
                for campaign in campaigns_in_force(session, runtime())[:MOST_CAMPAIGNS]
            ],
            messages=messages,
            subjects=beside.subjects(session, expected),
            answered=support_question.unread_by(session, who),
            may_deposit="operator" in who.roles,
            present=now(),
        )


def _by_date(
    expected: Sequence[Stake], begun: Sequence[Begun]
) -> list[tuple[Stake | None, Begun | None]]:
    """What is expected and what one began oneself, in one list, soonest first."""
    dated = [(stake.next.at if stake.next else None, (stake, None)) for stake in expected]
    dated += [(each.last_moment, (None, each)) for each in begun]
    ordered = sorted(dated, key=lambda item: (item[0] is None, item[0] or FAR))
    return [item for _at, item in ordered]


def _expected(session: Session, who: Actor) -> tuple[list[Stake], list[Standing]]:
    """What is expected of someone, and where the other dossiers stand; their dates read at once."""
    mine = stakes.tasks_of_actor(session, who)
    others = _others(session, who, {each.task.dossier_id for each in mine})
    theirs = stakes.tasks_of_dossiers(session, under_way(others))
    timers = stakes.timers_of(session, {each.task.instance_id for each in (*mine, *theirs)})
    return (
        stakes.with_dates(session, runtime(), mine, timers),
        standings(
            session,
            runtime(),
            others,
            stakes.with_dates(session, runtime(), theirs, timers, asks=False),
        ),
    )


def _others(session: Session, who: Actor, expected: set[int | None]) -> Sequence[Dossier]:
    """The dossiers where nothing is expected of this person, last deposited first."""
    query = select(Dossier).where(
        Dossier.id.not_in([each for each in expected if each]),
        Dossier.operator_id == who.operator_id,
    )
    newest = query.order_by(Dossier.deposited_at.desc(), Dossier.id.desc()).limit(MOST_OTHERS)
    return session.scalars(newest).all()
