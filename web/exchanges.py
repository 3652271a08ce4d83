"""What the Agency, the operator and the college said to each other on a dossier: its second tab."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask_login import login_required
from sqlalchemy import select
from sqlalchemy.orm import Session

from web import stakes
from web.access import visible_dossier
from web.corrections import shown_corrections
from web.dossier_facts import may_send
from web.dossier_head import head_of
from web.dossier_view import WITHDRAW_SOLICITATION
from web.dossier_words import DECISIONS, NATURES, VERDICTS
from web.dossiers import part
from web.runtime import now, runtime
from web.signed_in import actor
from web.solicitation_view import AskedAndAnswered, solicitations_of
from web.stakes import QUESTION_TASKS, Stake
from workflow.domain.college import CollegeDecision
from workflow.domain.dossier import Dossier
from workflow.domain.instruction import NOT_CONFORM, Verdict
from workflow.domain.person import Actor
from workflow.domain.proof import READERS
from workflow.domain.requirement import CATALOGUE_LIMIT
from workflow.domain.reservation import MOST_RESERVATIONS, Reservation
from workflow.engine.waiting import HumanTask, MessageWait


@dataclass(frozen=True)
class Decided:
    """What the college decided last, with its reservations."""

    decision: CollegeDecision
    reservations: list[Reservation]


@dataclass(frozen=True)
class Judged:
    """The verdicts of the instruction: how many of each, and those that are not conform."""

    counts: dict[str, int]
    not_conform: list[Verdict]


@part.get("/dossiers/<number>/echanges")
@login_required
def exchanges(number: str) -> Any:
    """Questions and answers, corrections, verdicts, and the decision with its reservations."""
    who = actor()
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, who)
        asked = solicitations_of(session, dossier.id, now())
        return render_template(
            "dossiers/exchanges.html",
            head=head_of(session, dossier, who),
            dossier=dossier,
            solicitations=asked,
            may_withdraw=_may_withdraw(session, dossier, asked, who),
            to_answer=_to_answer(session, dossier, asked, who),
            corrections=shown_corrections(session, dossier, who),
            decided=decided_of(session, dossier),
            judged=_judged(session, dossier, who),
            opens_proofs=who.operator_id == dossier.operator_id or bool(who.roles & READERS),
            verdict_looks=VERDICTS,
            decision_looks=DECISIONS,
            natures=NATURES,
        )


def decided_of(session: Session, dossier: Dossier) -> Decided | None:
    """The last decision of the college on a dossier."""
    if dossier.decided_at is None:
        return None
    rows = session.execute(
        select(CollegeDecision, Reservation)
        .outerjoin(Reservation, Reservation.decision_id == CollegeDecision.id)
        .where(CollegeDecision.dossier_id == dossier.id)
        .order_by(CollegeDecision.id.desc(), Reservation.number)
        .limit(MOST_RESERVATIONS)
    ).all()
    if not rows:
        return None
    last = rows[0][0]
    own = [each for decision, each in rows if each is not None and decision.id == last.id]
    return Decided(last, own)


def _may_withdraw(
    session: Session, dossier: Dossier, asked: Sequence[AskedAndAnswered], who: Actor
) -> bool:
    """Whether this person may take the open solicitation back."""
    if not any(each.is_open for each in asked):
        return False
    waits = session.scalars(
        select(MessageWait).where(
            MessageWait.message == WITHDRAW_SOLICITATION, MessageWait.dossier_id == dossier.id
        )
    )
    return any(may_send(wait, who, dossier) for wait in waits)


def _to_answer(
    session: Session, dossier: Dossier, asked: Sequence[AskedAndAnswered], who: Actor
) -> Stake | None:
    """The task of this person that answers the open solicitation, with its dates."""
    if who.is_agency or not any(each.is_open for each in asked):
        return None
    own = (HumanTask.dossier_id == dossier.id, HumanTask.element_id.in_(QUESTION_TASKS))
    found = stakes.tasks_of_actor(session, who, where=own)
    timers = stakes.timers_of(session, {each.task.instance_id for each in found})
    return next(iter(stakes.with_dates(session, runtime(), found, timers)), None)


def _judged(session: Session, dossier: Dossier, who: Actor) -> Judged | None:
    if dossier.complete_received_at is None or not who.roles & READERS:
        return None
    rows = session.scalars(
        select(Verdict)
        .where(Verdict.dossier_id == dossier.id)
        .order_by(Verdict.requirement_code)
        .limit(CATALOGUE_LIMIT)
    ).all()
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.verdict] = counts.get(row.verdict, 0) + 1
    return Judged(counts, [row for row in rows if row.verdict == NOT_CONFORM]) if rows else None
