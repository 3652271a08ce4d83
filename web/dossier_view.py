"""What the first page of a dossier shows, read in a bounded number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from web import stakes
from web.access import is_agency
from web.clock_view import INSTRUCTION, MOST_INTERVALS, ClockFigures, clock_figures, time_spent
from web.diagram_versions import versions_of
from web.dossier_facts import Facts, facts_of, may_send, waits_of
from web.dossier_head import DossierHead
from web.history_words import TOLD_TO_AGENCY, TOLD_TO_OPERATOR, Told, grouped
from web.stakes import OpenTask, Stake, Timers
from web.standings import Standing, next_sessions, standing_of
from web.token_view import OutlineItem, ShownDiagram, outline, shown_diagrams
from workflow.audit_log import AuditEntry, latest_of
from workflow.domain import reservation, suspension
from workflow.domain.campaign import Campaign
from workflow.domain.clock_ledger import ClockInterval
from workflow.domain.college import MESSAGE
from workflow.domain.convention import Convention
from workflow.domain.dossier import Dossier
from workflow.domain.listing import Listing
from workflow.domain.person import OPERATOR_SIDE, Actor
from workflow.domain.reservation import Reservation
from workflow.engine import diagrams as deployed
from workflow.engine import turn
from workflow.engine.instances import Projection
from workflow.engine.runtime import Runtime
from workflow.engine.waiting import HumanTask, MessageWait

MOST_ENTRIES = 12
MOST_TASKS = 5_000
CORRECT = "correct_reservations"
WITHDRAW_SOLICITATION = "withdraw_solicitation"
ENTRIES_PER_ROW = 4


@dataclass(frozen=True)
class DossierView:
    """What is known of a dossier, as far as this person may know it."""

    dossier: Dossier
    facts: Facts
    campaign: Campaign
    standing: Standing
    mine: list[Stake]
    waits_for_college: bool
    diagrams: list[ShownDiagram]
    current: str
    path: list[OutlineItem]
    versions: dict[str, int]
    endings: list[MessageWait]
    """The acts that end the dossier, of those that this person may do."""
    history: list[Told]
    has_more_history: bool
    clock: ClockFigures | None
    with_operator: timedelta
    with_agency: timedelta
    held: ClockInterval | None
    """The suspension under way; nothing is asked of anybody then."""
    reservations: Sequence[Reservation]
    """Those to correct, when that is expected of this person."""
    besides: Sequence[HumanTask]
    """What is expected beside the procedure: an answer of the support, an agreement."""

    @property
    def convention(self) -> Convention | None:
        """The convention."""
        return self.facts.convention

    @property
    def listing(self) -> Listing | None:
        """The listing, once there is one."""
        return self.facts.listing

    def diagram(self, process_id: str) -> ShownDiagram | None:
        """One of the shown diagrams."""
        return next((shown for shown in self.diagrams if shown.process_id == process_id), None)


def dossier_view(
    session: Session,
    runtime: Runtime,
    head: DossierHead,
    actor: Actor,
    now: datetime,
    *,
    entries: int = MOST_ENTRIES,
) -> DossierView:
    """Read a dossier that this person may see."""
    dossier, agency = head.dossier, is_agency(actor)
    facts = facts_of(session, dossier)
    campaign = turn.campaign_of(session, runtime, dossier.campaign_id, facts.campaign_version)
    tasks = tasks_of(session, dossier)
    waits = waits_of(session, facts.instance_id)
    timers = stakes.timers_of(session, [facts.instance_id])
    standing = _standing(session, runtime, head, facts, tasks, waits, timers)
    passed = Projection.load(facts.projection).passed
    places = _places(standing.stakes, waits, timers)
    diagrams = deployed.load(session, runtime, facts.deployment_id)
    shown = shown_diagrams(diagrams, facts.process_id, passed, places)
    told = grouped(_history(session, dossier.id, agency, ENTRIES_PER_ROW * (entries + 1)))
    intervals = _intervals(session, dossier.id)
    ledger = [each for each in intervals if each.clock == INSTRUCTION]
    ours, theirs = time_spent(dossier, operator_periods(tasks), ledger, now)
    mine = standing.my_stakes(actor)
    return DossierView(
        dossier=dossier,
        facts=facts,
        campaign=campaign,
        standing=standing,
        mine=mine,
        waits_for_college=any(wait.message == MESSAGE for wait in waits),
        diagrams=shown,
        current=_innermost(standing.stakes, shown, facts.process_id),
        path=outline(diagrams, facts.process_id, passed, places),
        versions=versions_of(session, facts.deployment_id),
        endings=[
            wait
            for wait in waits
            if wait.message != WITHDRAW_SOLICITATION and may_send(wait, actor, dossier)
        ],
        history=told[:entries],
        has_more_history=len(told) > entries,
        clock=_clock(dossier, campaign, ledger, now),
        with_operator=theirs,
        with_agency=ours,
        held=next(
            (each for each in intervals if each.clock == suspension.CLOCK and not each.ended_at),
            None,
        ),
        reservations=reservation.open_of(session, dossier.id)
        if any(stake.task.element_id == CORRECT for stake in mine)
        else (),
        besides=[task for task in tasks if task.aside and task.closed_at is None],
    )


def tasks_of(session: Session, dossier: Dossier) -> Sequence[HumanTask]:
    """Every task that a dossier has given, those beside its procedure too, soonest due first."""
    return session.scalars(
        select(HumanTask)
        .where(HumanTask.dossier_id == dossier.id)
        .order_by(HumanTask.due_at.is_(None), HumanTask.due_at, HumanTask.opened_at, HumanTask.id)
        .limit(MOST_TASKS)
    ).all()


def operator_periods(tasks: Iterable[HumanTask]) -> list[tuple[datetime, datetime | None]]:
    """From when to when each task of the operator's side was open in the procedure, in order."""
    own = [
        (task.opened_at, task.closed_at)
        for task in tasks
        if task.role in OPERATOR_SIDE and not task.aside
    ]
    return sorted(own, key=lambda period: period[0])


def _standing(
    session: Session,
    runtime: Runtime,
    head: DossierHead,
    facts: Facts,
    tasks: Iterable[HumanTask],
    waits: Iterable[MessageWait],
    timers: Timers,
) -> Standing:
    dossier = head.dossier
    still = [
        OpenTask(task, dossier, facts.process_id, facts.deployment_id)
        for task in tasks
        if task.closed_at is None and not task.aside
    ]
    expected = stakes.with_dates(session, runtime, still, timers)
    awaits_college = any(wait.message == MESSAGE for wait in waits)
    coming = next_sessions(session).get(dossier.campaign_id) if awaits_college else None
    return standing_of(dossier, expected, awaits_college, coming, head.flags)


def _places(
    expected: Sequence[Stake], waits: Iterable[MessageWait], timers: Timers
) -> list[tuple[str, str]]:
    places = [(stake.task.process_id, stake.task.element_id) for stake in expected]
    places += [(wait.process_id, wait.element_id) for wait in waits if not wait.boundary]
    return places + [
        (timer.process_id, timer.element_id)
        for of_instance in timers.values()
        for timer, _record in of_instance
        if timer.attached_to is None
    ]


def _innermost(expected: Sequence[Stake], shown: Sequence[ShownDiagram], root: str) -> str:
    """The process whose drawing shows the token best: that of what is expected first."""
    own = [stake.task.process_id for stake in expected]
    known = {diagram.process_id for diagram in shown}
    return next((process for process in own if process in known), root)


def _history(session: Session, dossier_id: int, agency: bool, limit: int) -> list[AuditEntry]:
    kinds = TOLD_TO_AGENCY if agency else TOLD_TO_OPERATOR
    return latest_of(session, dossier_id, kinds=kinds, limit=limit)


def _intervals(session: Session, dossier_id: int) -> Sequence[ClockInterval]:
    return session.scalars(
        select(ClockInterval)
        .where(ClockInterval.dossier_id == dossier_id)
        .order_by(ClockInterval.id)
        .limit(MOST_INTERVALS)
    ).all()


def _clock(
    dossier: Dossier, campaign: Campaign, rows: Sequence[ClockInterval], now: datetime
) -> ClockFigures | None:
    if dossier.complete_notified_at is None:
        return None
    return clock_figures(rows, campaign.delays["instruction"].amount, now)
