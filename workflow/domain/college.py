"""The technical college: weekly sessions that decide many dossiers in one act (DSR 4.5)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant, Json
from workflow.domain import (
    agenda,
    attendance,
    deadline,
    minutes,
    recusal,
    reservation,
    technical_report,
)
from workflow.domain.agenda import AWARD, BLOCKING, NON_BLOCKING, OUTCOMES, Decision
from workflow.domain.attendance import Attendance
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.counter import next_value
from workflow.domain.notification import notify, reason
from workflow.domain.notification_texts import delay_named
from workflow.domain.reservation import Reservation
from workflow.errors import Conflict, NotFound

__all__ = [
    "AWARD",
    "BLOCKING",
    "NON_BLOCKING",
    "OUTCOMES",
    "CollegeDecision",
    "CollegeSession",
    "compose_agenda",
    "decide",
    "decision_of",
    "notify_decision",
    "open_next",
    "schedule",
]

MESSAGE = "college_decided"
PROCESS = "college_session"


class CollegeSession(Base):
    """One session: when it is due, when it was held, who attended, its minutes."""

    __tablename__ = "college_session"
    __table_args__ = (UniqueConstraint("campaign_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[str] = mapped_column(String(80))
    number: Mapped[int]
    instance_id: Mapped[int] = mapped_column(index=True)
    scheduled_at: Mapped[datetime] = mapped_column(Instant)
    held_at: Mapped[datetime | None] = mapped_column(Instant)
    attendance: Mapped[list[str]] = mapped_column(Json)
    partners: Mapped[list[dict[str, str]] | None] = mapped_column(Json)
    minutes_number: Mapped[str | None] = mapped_column(String(40))
    minutes_text: Mapped[str | None] = mapped_column(Text)


class CollegeDecision(Base):
    """What the college decided on one dossier."""

    __tablename__ = "college_decision"
    __table_args__ = (UniqueConstraint("session_id", "dossier_id"), Index(None, "dossier_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("college_session.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    outcome: Mapped[str] = mapped_column(String(20))
    decided_at: Mapped[datetime] = mapped_column(Instant)
    reasons: Mapped[str] = mapped_column(Text)
    recused: Mapped[list[str] | None] = mapped_column(Json)
    no_conflict: Mapped[list[str] | None] = mapped_column(Json)


def schedule(call: Call) -> dict[str, Any]:
    """Open the next session of the call's campaign; it sits at the next weekly hour."""
    opened = CollegeSession(
        campaign_id=call.campaign.id,
        number=next_value(call.session, f"college:{call.campaign.id}"),
        instance_id=call.instance_id,
        scheduled_at=deadline.next_college(call.campaign, call.effective_at),
        attendance=[],
    )
    call.session.add(opened)
    call.session.flush()  # The turn names the session by its id.
    call.record(
        AuditKind.COLLEGE_SCHEDULED,
        {"session": opened.number, "scheduled_at": opened.scheduled_at},
    )
    return {"session_id": opened.id, "opened_at": call.effective_at}


def compose_agenda(call: Call, session_id: int) -> dict[str, Any]:
    """Convene the members on the dossiers that are ready for a decision."""
    session = _session(call, session_id)
    ready = agenda.ready(call.session, call.campaign.id)
    numbers = [dossier.number for dossier in ready]
    call.record(AuditKind.COLLEGE_CONVENED, {"session": session.number, "agenda": numbers})
    return {"agenda": numbers}


def decide(
    call: Call,
    session_id: int,
    members: Sequence[str] | None,
    decisions: Sequence[Mapping[str, Any]] | None,
    partners: Sequence[Mapping[str, Any]] | None = None,
) -> None:
    """Hold a session: keep its decisions and its minutes, and send each to its dossier.

    A decision is {dossier: its number, outcome, reservations, reasons, recused, no_conflict};
    dossiers left out stay for the next session; members who declared to leave are recused. Raises
    InvalidAnswer (quorum, interests, outcome, reservations), Conflict (held already, not ready).
    """
    session = _session(call, session_id)
    if session.held_at is not None:
        raise Conflict(
            f"Expected session {session.number} to be open but it was held. Open the next."
        )
    present = attendance.read(members, partners, call.campaign)
    left = recusal.declared(call.session, session.id)
    taken = recusal.applied(agenda.read(call, decisions), left, present.members)
    attendance.require_quorum(present, taken, call.campaign)
    _keep_minutes(call, session, present, taken)
    for decision in taken:
        _keep(call, session, decision)


def open_next(call: Call) -> None:
    """Start the next session's own instance."""
    call.start(PROCESS, {})


def notify_decision(call: Call, decision: str) -> dict[str, Any]:
    """Tell the operator what the college decided; its four weeks run from here (DSR 4.5)."""
    kept = None if call.dossier_id is None else decision_of(call.session, call.dossier_id)
    if kept is None or kept.outcome != decision:
        raise Conflict(
            f"Expected the college's decision {decision!r} on this dossier but found"
            f" {kept.outcome if kept else 'none'}. Have the college decide first."
        )
    made = reservations_of(call.session, kept.id)
    call.record(AuditKind.DECISION_NOTIFIED, {"decision": decision})
    notify(
        call,
        "operator",
        f"decision_{decision}",
        reservations=reservation.as_lines(made),
        reason=reason(kept.reasons),
        delay=delay_named(call.campaign, reservation.LIFTING_DELAY),
    )
    technical_report.issue(call, kept, made)
    return {"notified_at": call.effective_at}


def decision_of(session: Session, dossier_id: int) -> CollegeDecision | None:
    """The last decision on a dossier."""
    return session.scalars(
        select(CollegeDecision)
        .where(CollegeDecision.dossier_id == dossier_id)
        .order_by(CollegeDecision.id.desc())
        .limit(1)
    ).first()


def decisions_of(session: Session, session_id: int) -> Sequence[CollegeDecision]:
    """What one session decided."""
    return session.scalars(
        select(CollegeDecision)
        .where(CollegeDecision.session_id == session_id)
        .order_by(CollegeDecision.dossier_id)
        .limit(agenda.MOST_DOSSIERS)
    ).all()


def reservations_of(session: Session, decision_id: int) -> Sequence[Reservation]:
    """The reservations of one decision, in order."""
    return session.scalars(
        select(Reservation)
        .where(Reservation.decision_id == decision_id)
        .order_by(Reservation.number)
        .limit(reservation.MOST_RESERVATIONS)
    ).all()


def _session(call: Call, session_id: int) -> CollegeSession:
    session = call.session.get(CollegeSession, int(session_id))
    if session is None or session.campaign_id != call.campaign.id:
        raise NotFound(
            f"Expected session {session_id} of this campaign but there is none. Check it."
        )
    return session


def _keep_minutes(
    call: Call, session: CollegeSession, present: Attendance, taken: Sequence[Decision]
) -> None:
    session.held_at = call.effective_at
    session.attendance = list(present.members)
    session.partners = [
        {"organisation": each.organisation, "name": each.name} for each in present.partners
    ]
    session.minutes_number = minutes.number(call.campaign, session.number)
    written = minutes.text(call.campaign, session.number, call.effective_at, present, taken)
    session.minutes_text = written
    minutes.have_made(call, session.id, session.number, present, taken)
    call.record(
        AuditKind.COLLEGE_HELD,
        {
            "session": session.number,
            "minutes": session.minutes_number,
            "attendance": session.attendance,
            "partners": session.partners,
            "decisions": len(taken),
            "sha256": hashlib.sha256(written.encode()).hexdigest(),
        },
    )


def _keep(call: Call, session: CollegeSession, decision: Decision) -> None:
    kept = CollegeDecision(
        session_id=session.id,
        dossier_id=decision.dossier.id,
        outcome=decision.outcome,
        decided_at=call.effective_at,
        reasons=decision.reasons,
        recused=list(decision.recused),
        no_conflict=list(decision.no_conflict),
    )
    call.session.add(kept)
    call.session.flush()  # Its reservations need the id.
    call.session.add_all(_reservations(kept, decision))
    decision.dossier.decided_at = call.effective_at
    call.record(
        AuditKind.COLLEGE_DECIDED,
        {
            "session": session.number,
            "outcome": decision.outcome,
            "reservations": len(decision.reservations),
            "reasons": decision.reasons,
            "recused": list(decision.recused),
        },
        dossier_id=decision.dossier.id,
    )
    call.send(
        MESSAGE,
        {"decision": decision.outcome, "decided_at": call.effective_at},
        dossier_id=decision.dossier.id,
    )


def _reservations(kept: CollegeDecision, decision: Decision) -> list[Reservation]:
    return [
        Reservation(
            decision_id=kept.id,
            dossier_id=kept.dossier_id,
            number=number,
            requirement_code=wanted.requirement,
            nature=wanted.nature,
            text=wanted.text,
        )
        for number, wanted in enumerate(decision.reservations, start=1)
    ]
