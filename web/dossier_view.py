"""Everything that the page of a dossier shows, read in a bounded number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from web.access import is_agency
from web.clock_view import ClockFigures, clock_figures, clocks_of, time_spent
from web.desk_view import holder_name
from web.diagram_versions import versions_of
from web.history_words import TOLD_TO_AGENCY, TOLD_TO_OPERATOR, Told, grouped
from web.solicitation_view import AskedAndAnswered, solicitations_of
from web.stakes import Stake
from web.standings import Standing, standings
from web.token_view import OutlineItem, ShownDiagram, outline, shown_diagrams
from workflow.audit_log import AuditEntry, chain_of
from workflow.domain.attestation import Attestation
from workflow.domain.clock_ledger import ClockInterval
from workflow.domain.college import MESSAGE, CollegeDecision
from workflow.domain.convention import Convention
from workflow.domain.dossier import Dossier
from workflow.domain.instruction import NOT_CONFORM, Verdict
from workflow.domain.listing import Listing
from workflow.domain.person import OPERATOR_SIDE, Actor
from workflow.domain.proof import READERS, Completeness, completeness
from workflow.domain.requirement import CATALOGUE_LIMIT
from workflow.domain.reservation import MOST_RESERVATIONS, Reservation
from workflow.engine import diagrams as deployed
from workflow.engine import turn
from workflow.engine.instances import Instance, Projection
from workflow.engine.runtime import Runtime
from workflow.engine.waiting import MessageWait, Timer

MOST_ENTRIES = 12
WITHDRAW_SOLICITATION = "withdraw_solicitation"
ENTRIES_PER_ROW = 4


@dataclass(frozen=True)
class DossierView:
    """What is known of a dossier, as far as this person may know it."""

    dossier: Dossier
    standing: Standing
    mine: list[Stake]
    waits_for_college: bool
    diagrams: list[ShownDiagram]
    current: str
    path: list[OutlineItem]
    versions: dict[str, int]
    sendable: list[MessageWait]
    history: list[Told]
    has_more_history: bool
    convention: Convention | None
    listing: Listing | None
    attestation: Attestation | None
    clock: ClockFigures | None
    with_operator: timedelta
    with_agency: timedelta
    proof_file: Completeness | None
    opens_proofs: bool
    solicitations: list[AskedAndAnswered] = field(default_factory=list[AskedAndAnswered])
    decision: CollegeDecision | None = None
    reservations: list[Reservation] = field(default_factory=list[Reservation])
    ledger: list[ClockInterval] = field(default_factory=list[ClockInterval])
    internal: bool = False
    holder: str | None = None
    verdicts: dict[str, int] = field(default_factory=dict[str, int])
    not_conform: list[Verdict] = field(default_factory=list[Verdict])

    @property
    def endings(self) -> list[MessageWait]:
        """The acts that end the dossier."""
        return [wait for wait in self.sendable if wait.message != WITHDRAW_SOLICITATION]

    @property
    def may_withdraw_solicitation(self) -> bool:
        """Whether this person may take the open solicitation back."""
        return len(self.endings) < len(self.sendable)

    @property
    def may_see_proofs(self) -> bool:
        """Whether there is a proof file, submitted or not, that this person may open."""
        return self.opens_proofs and self.dossier.proof_file_opened_at is not None

    def diagram(self, process_id: str) -> ShownDiagram | None:
        """One of the shown diagrams."""
        return next((shown for shown in self.diagrams if shown.process_id == process_id), None)


def dossier_view(
    session: Session,
    runtime: Runtime,
    dossier: Dossier,
    actor: Actor,
    now: datetime,
    *,
    entries: int = MOST_ENTRIES,
) -> DossierView:
    """Read a dossier that this person may see."""
    agency = is_agency(actor)
    standing = standings(session, runtime, [dossier])[0]
    root, deployment_id, passed = _instance(session, dossier.id)
    waits = _waits(session, dossier.id)
    places = _places(session, dossier.id, standing.stakes, waits)
    diagrams = deployed.load(session, runtime, deployment_id)
    shown = shown_diagrams(diagrams, root, passed, places)
    awaits_college = any(wait.message == MESSAGE for wait in waits)
    told = grouped(_history(session, dossier.id, agency, ENTRIES_PER_ROW * (entries + 1)))
    convention, listing, attestation = _documents(session, dossier)
    ledger = clocks_of(session, [dossier.id]).get(dossier.id, [])
    ours, theirs = time_spent(session, dossier, ledger, now)
    decision, reservations = _decision(session, dossier)
    verdicts, not_conform = _verdicts(session, dossier, actor)
    return DossierView(
        dossier=dossier,
        standing=standing,
        mine=standing.my_stakes(actor),
        waits_for_college=awaits_college,
        diagrams=shown,
        current=_innermost(standing.stakes, shown, root),
        path=outline(diagrams, root, passed, places),
        versions=versions_of(session, deployment_id),
        sendable=[wait for wait in waits if _may_send(wait, actor, dossier)],
        history=told[:entries],
        has_more_history=len(told) > entries,
        convention=convention,
        listing=listing,
        attestation=attestation,
        clock=_clock(session, runtime, dossier, ledger, now),
        ledger=ledger,
        internal=agency,
        holder=holder_name(session, dossier) if agency else None,
        with_operator=theirs,
        with_agency=ours,
        proof_file=_proof_file(session, dossier, actor),
        opens_proofs=actor.operator_id == dossier.operator_id or bool(actor.roles & READERS),
        solicitations=solicitations_of(session, dossier.id, now),
        decision=decision,
        reservations=reservations,
        verdicts=verdicts,
        not_conform=not_conform,
    )


def _instance(session: Session, dossier_id: int) -> tuple[str, int, dict[str, list[str]]]:
    # The state blob is not read: a page needs only what the projection keeps.
    process_id, deployment_id, projection = session.execute(
        select(Instance.process_id, Instance.deployment_id, Instance.projection)
        .where(Instance.dossier_id == dossier_id)
        .order_by(Instance.id.desc())
        .limit(1)
    ).one()
    return process_id, deployment_id, Projection.load(projection).passed


def _waits(session: Session, dossier_id: int) -> Sequence[MessageWait]:
    return session.scalars(
        select(MessageWait)
        .where(MessageWait.dossier_id == dossier_id)
        .order_by(MessageWait.message)
        .limit(50)
    ).all()


def _places(
    session: Session, dossier_id: int, stakes: Sequence[Stake], waits: Sequence[MessageWait]
) -> list[tuple[str, str]]:
    places = [(stake.task.process_id, stake.task.element_id) for stake in stakes]
    places += [(wait.process_id, wait.element_id) for wait in waits if not wait.boundary]
    caught = select(Timer.process_id, Timer.element_id).where(
        Timer.dossier_id == dossier_id, Timer.attached_to.is_(None)
    )
    return places + [(process, element) for process, element in session.execute(caught.limit(50))]


def _innermost(stakes: Sequence[Stake], shown: Sequence[ShownDiagram], root: str) -> str:
    """The process whose drawing shows the token best: that of what is expected first."""
    own = [stake.task.process_id for stake in stakes]
    known = {diagram.process_id for diagram in shown}
    return next((process for process in own if process in known), root)


def _may_send(wait: MessageWait, actor: Actor, dossier: Dossier) -> bool:
    held = actor.roles & set(wait.roles)
    return bool(held - OPERATOR_SIDE) or bool(held and actor.operator_id == dossier.operator_id)


def _history(session: Session, dossier_id: int, agency: bool, limit: int) -> list[AuditEntry]:
    kinds = TOLD_TO_AGENCY if agency else TOLD_TO_OPERATOR
    return list(
        session.scalars(
            select(AuditEntry)
            .where(AuditEntry.chain == chain_of(dossier_id), AuditEntry.kind.in_(kinds))
            .order_by(AuditEntry.sequence.desc())
            .limit(limit)
        )
    )


def _documents(
    session: Session, dossier: Dossier
) -> tuple[Convention | None, Listing | None, Attestation | None]:
    found = session.execute(
        select(Convention, Listing, Attestation)
        .select_from(Dossier)
        .outerjoin(Convention, Convention.dossier_id == Dossier.id)
        .outerjoin(Listing, Listing.dossier_id == Dossier.id)
        .outerjoin(Attestation, Attestation.dossier_id == Dossier.id)
        .where(Dossier.id == dossier.id)
    ).one()
    return found[0], found[1], found[2]


def _clock(
    session: Session,
    runtime: Runtime,
    dossier: Dossier,
    rows: Sequence[ClockInterval],
    now: datetime,
) -> ClockFigures | None:
    if dossier.complete_notified_at is None:
        return None
    campaign = turn.campaign_of(session, runtime, dossier.campaign_id)
    return clock_figures(rows, campaign.delays["instruction"].amount, now)


def _proof_file(session: Session, dossier: Dossier, actor: Actor) -> Completeness | None:
    """What the proof file still lacks, until it is submitted: afterwards it lacks nothing."""
    is_own = actor.operator_id == dossier.operator_id
    if dossier.proof_file_opened_at is None or dossier.complete_received_at is not None:
        return None
    if not (is_own or actor.roles & READERS):
        return None
    return completeness(session, dossier)


def _decision(
    session: Session, dossier: Dossier
) -> tuple[CollegeDecision | None, list[Reservation]]:
    if dossier.decided_at is None:
        return None, []
    rows = session.execute(
        select(CollegeDecision, Reservation)
        .outerjoin(Reservation, Reservation.decision_id == CollegeDecision.id)
        .where(CollegeDecision.dossier_id == dossier.id)
        .order_by(CollegeDecision.id.desc(), Reservation.number)
        .limit(MOST_RESERVATIONS)
    ).all()
    if not rows:
        return None, []
    last = rows[0][0]
    return last, [each for decision, each in rows if each is not None and decision.id == last.id]


def _verdicts(
    session: Session, dossier: Dossier, actor: Actor
) -> tuple[dict[str, int], list[Verdict]]:
    if dossier.complete_received_at is None or not actor.roles & READERS:
        return {}, []
    rows = session.scalars(
        select(Verdict)
        .where(Verdict.dossier_id == dossier.id)
        .order_by(Verdict.requirement_code)
        .limit(CATALOGUE_LIMIT)
    ).all()
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.verdict] = counts.get(row.verdict, 0) + 1
    return counts, [row for row in rows if row.verdict == NOT_CONFORM]
