"""The instruction queue: who comes next, and what stands in the way (DSR 4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template
from flask_login import login_required
from sqlalchemy.orm import Session

from web import answering
from web.access import require_agency
from web.campaign_view import campaign_choices, current_campaign
from web.clock_view import ClockFigures, clock_figures, clocks_of
from web.runtime import now, runtime
from web.signed_in import actor
from web.standings import Standing, standings
from workflow.domain import instruction_assignment, instruction_queue, second_opinion
from workflow.domain.campaign import Campaign
from workflow.domain.dossier import Dossier
from workflow.domain.instruction_queue import QueueEntry

MOST_ROWS = 100

part = Blueprint("queue", __name__)


@dataclass(frozen=True)
class QueueRow:
    """One place of the queue."""

    rank: int
    entry: QueueEntry
    standing: Standing
    clock: ClockFigures | None
    holder: tuple[int, str] | None = None
    """Who has taken it: id and name."""

    @property
    def task_id(self) -> str | None:
        """The instruction to take, when the operator does not hold the hand."""
        tasks = [stake.task for stake in self.standing.stakes]
        return next((task.id for task in tasks if task.element_id == "instruct_dossier"), None)

    @property
    def is_suspended(self) -> bool:
        """Whether the operator's answer is awaited."""
        return self.clock is not None and not self.clock.is_running


@part.get("/file")
@login_required
def index() -> Any:
    """The queue of the campaign in force, head first."""
    require_agency(actor())
    with runtime().database.reading() as session:
        campaign = current_campaign(session, runtime())
        rows = _rows(session, campaign) if campaign else []
        instructor = "instructor" in actor().roles
        return render_template(
            "queue/index.html",
            ranked=[row for row in rows if row.entry.deprioritised_at is None],
            later=[row for row in rows if row.entry.deprioritised_at is not None],
            first=_next_of(session, campaign, rows) if instructor and campaign else None,
            person_id=actor().person_id,
            key=answering.act_key(),
            opinions=second_opinion.asked_of(session, actor()),
            instructor=instructor,
            total=len(rows),
            most=MOST_ROWS,
            days=campaign.delays["instruction"].amount if campaign else 0,
            campaign=campaign,
            choices=campaign_choices(session, runtime(), campaign),
            present=now(),
        )


def _next_of(session: Session, campaign: Campaign, rows: list[QueueRow]) -> QueueRow | None:
    """The row that "take the next" would hand to this person."""
    first = instruction_assignment.head(session, campaign, actor().person_id)
    return next((row for row in rows if first and row.entry.dossier_id == first.dossier_id), None)


def _rows(session: Session, campaign: Campaign) -> list[QueueRow]:
    queued = instruction_queue.in_order(campaign.id).add_columns(Dossier).limit(MOST_ROWS)
    found = session.execute(queued).all()
    entries = [entry for entry, _dossier in found]
    ids = [entry.dossier_id for entry in entries]
    known = standings(session, runtime(), [dossier for _entry, dossier in found])
    clocks = clocks_of(session, ids)
    days = campaign.delays["instruction"].amount
    holders = instruction_assignment.holders(session, ids)
    return [
        QueueRow(
            rank,
            entry,
            standing,
            clock_figures(clocks.get(entry.dossier_id, []), days, now()),
            holders.get(entry.dossier_id),
        )
        for rank, (entry, standing) in enumerate(zip(entries, known, strict=True), start=1)
    ]
