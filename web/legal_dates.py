"""Every legal date of a dossier, each with the sum that was stored when it was set.

Reads `deadline_record` only; nothing is computed again here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template
from flask_login import login_required
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from web.access import visible_dossier
from web.clock_view import clocks_of
from web.dossier_head import head_of
from web.dossier_words import INDICATIVE, Look, effect, if_missed
from web.runtime import now, runtime
from web.signed_in import actor
from workflow.domain.college import MESSAGE, CollegeSession
from workflow.domain.deadline import COLLEGE, DeadlineRecord
from workflow.domain.dossier import Dossier
from workflow.engine.waiting import HumanTask, MessageWait, Timer

MOST_RECORDS = 500

part = Blueprint("dates", __name__)


@dataclass(frozen=True)
class LegalDate:
    """A date that was set, as stored; `is_in_force` while the dossier waits for it."""

    record: DeadlineRecord
    look: Look
    is_in_force: bool

    @property
    def is_indicative(self) -> bool:
        """Whether nothing but a signal follows."""
        return self.record.key in INDICATIVE

    @property
    def if_missed(self) -> str:
        """What happens without an act, as a sentence to whoever has to act."""
        return if_missed(self.record.key) if self.is_in_force else ""


@part.get("/dossiers/<number>/dates")
@login_required
def show(number: str) -> Any:
    """The dates of a dossier in force, then those that are over; each with its sum."""
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        found = legal_dates(session, dossier)
        ledger = clocks_of(session, [dossier.id]).get(dossier.id, [])
        return render_template(
            "dossiers/dates.html",
            head=head_of(session, dossier, actor()),
            dossier=dossier,
            ledger=ledger,
            coming=[each for each in found if each.is_in_force],
            past=[each for each in found if not each.is_in_force],
            own=actor().operator_id == dossier.operator_id,
            present=now(),
        )


def legal_dates(session: Session, dossier: Dossier) -> list[LegalDate]:
    """Every stored date of a dossier, the coming session of the college included, newest first."""
    own = session.scalars(
        select(DeadlineRecord)
        .where(DeadlineRecord.dossier_id == dossier.id)
        .order_by(DeadlineRecord.id.desc())
        .limit(MOST_RECORDS)
    ).all()
    timers = session.execute(
        select(Timer.deadline_id, Timer.label).where(Timer.dossier_id == dossier.id)
    )
    labels = {row.deadline_id: row.label for row in timers}
    due = select(HumanTask.deadline_id).where(
        HumanTask.dossier_id == dossier.id, HumanTask.closed_at.is_(None)
    )
    in_force = set(labels) | set(session.scalars(due))
    coming = college_records(session, dossier)
    return [LegalDate(row, effect(row.key, ""), True) for row in coming] + [
        LegalDate(row, effect(row.key, labels.get(row.id, row.key)), row.id in in_force)
        for row in own
        # A reminder for which no time was left, or that the campaign turned off, has no date.
        if row.fires_at is not None or not row.explanation.get("before")
    ]


def college_records(session: Session, dossier: Dossier) -> Sequence[DeadlineRecord]:
    """The stored date of the next session, of a dossier that waits for the college's decision."""
    waits = exists().where(MessageWait.dossier_id == dossier.id, MessageWait.message == MESSAGE)
    coming = (
        select(CollegeSession.instance_id)
        .where(CollegeSession.campaign_id == dossier.campaign_id, CollegeSession.held_at.is_(None))
        .order_by(CollegeSession.number)
        .limit(1)
        .scalar_subquery()
    )
    return session.scalars(
        select(DeadlineRecord)
        .where(waits, DeadlineRecord.instance_id == coming, DeadlineRecord.key == COLLEGE)
        .order_by(DeadlineRecord.id.desc())
        .limit(1)
    ).all()
