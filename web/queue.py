"""The instruction queue: who comes next, and what stands in the way (DSR 4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template
from flask_login import login_required
from sqlalchemy import select
from sqlalchemy.orm import Session

from web.access import require_agency
from web.campaign_view import current_campaign
from web.clock_view import ClockFigures, clock_figures, clocks_of
from web.runtime import now, runtime
from web.signed_in import actor
from web.standings import Standing, standings
from workflow.domain import instruction_queue
from workflow.domain.campaign import Campaign
from workflow.domain.dossier import Dossier
from workflow.domain.instruction_queue import QueueEntry

MOST_ROWS = 200

part = Blueprint("queue", __name__)


@dataclass(frozen=True)
class QueueRow:
    """One place of the queue."""

    rank: int
    entry: QueueEntry
    standing: Standing
    clock: ClockFigures | None

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
            first=next((row for row in rows if row.task_id), None) if instructor else None,
            instructor=instructor,
            total=len(rows),
            most=MOST_ROWS,
            days=campaign.delays["instruction"].amount if campaign else 0,
            present=now(),
        )


def _rows(session: Session, campaign: Campaign) -> list[QueueRow]:
    entries = instruction_queue.ordered(session, campaign.id, limit=MOST_ROWS)
    ids = [entry.dossier_id for entry in entries]
    found = {d.id: d for d in session.scalars(select(Dossier).where(Dossier.id.in_(ids)))}
    known = standings(session, runtime(), [found[each] for each in ids])
    clocks = clocks_of(session, ids)
    days = campaign.delays["instruction"].amount
    return [
        QueueRow(
            rank, entry, standing, clock_figures(clocks.get(entry.dossier_id, []), days, now())
        )
        for rank, (entry, standing) in enumerate(zip(entries, known, strict=True), start=1)
    ]
