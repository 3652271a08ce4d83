"""Reservations of the college, and their lifting (DSR 4.5, DOMAIN P6, A15, A16).

The operator corrects, the instructor verifies, the president confirms. Time runs only while
the operator holds the hand: a return gives what remained on the day of the deposit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.domain import deadline, interest
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.notification import notify, reason
from workflow.domain.phrase import Phrase
from workflow.domain.phrases import days_named
from workflow.errors import Conflict, InvalidAnswer

NATURES = ("minor", "major")
LIFTING_DELAY = "reservation_lifting"
MOST_RESERVATIONS = 500
_WHOLE_DELAY = Phrase("le délai imparti", "the time granted")


class Reservation(Base):
    """A correction that the college asks for; `number` counts within the decision."""

    __tablename__ = "reservation"
    __table_args__ = (
        UniqueConstraint("decision_id", "number"),
        Index(None, "dossier_id", "lifted_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("college_decision.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    number: Mapped[int]
    requirement_code: Mapped[str] = mapped_column(String(40))
    nature: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    correction: Mapped[str | None] = mapped_column(Text)
    corrected_at: Mapped[datetime | None] = mapped_column(Instant)
    verified_at: Mapped[datetime | None] = mapped_column(Instant)
    lifted_at: Mapped[datetime | None] = mapped_column(Instant)


def open_lifting(call: Call, notified_at: datetime) -> dict[str, Any]:
    """Let the operator correct, from the notification of the decision; Conflict without any."""
    to_lift = _to_lift(call)
    call.record(AuditKind.RESERVATION_OPENED, {"reservations": len(to_lift)})
    return {"since": notified_at, "remaining_days": None}


def correct(call: Call, corrections: Sequence[Mapping[str, Any]] | None) -> dict[str, Any]:
    """Keep corrections given as {reservation: its number, explanation}.

    Returns the whole days that remain, to be counted again from the day of a return. Raises
    InvalidAnswer when one is unknown or empty, or when a reservation has none at all.
    """
    to_lift = {found.number: found for found in _to_lift(call)}
    given = _explanations(corrections)
    _refuse(_correction_faults(to_lift, given))
    for number, explanation in given.items():
        to_lift[number].correction = explanation
        to_lift[number].corrected_at = call.effective_at
    left = deadline.remaining_days(
        call.session,
        to_lift[min(to_lift)].dossier_id,
        LIFTING_DELAY,
        call.effective_at,
        calendar=call.campaign.calendar,
    )
    call.record(
        AuditKind.RESERVATION_CORRECTED,
        {"corrections": [[n, text] for n, text in given.items()], "remaining_days": left},
    )
    notify(call, "instructor", "corrections_received")
    return {"since": call.effective_at, "remaining_days": left}


def propose_lifting(call: Call) -> None:
    """The instructor judges the corrections sufficient: the president is asked to confirm.

    Raises Barred on a declared interest.
    """
    interest.require_impartial(call)
    for found in _to_lift(call):
        found.verified_at = call.effective_at
    call.record(AuditKind.RESERVATION_LIFTING_PROPOSED, {})
    notify(call, "college_president", "lifting_to_confirm")


def return_to_operator(call: Call, remaining_days: int | None) -> dict[str, Any]:
    """Ask for corrections again, with the days that remained on the day of the deposit.

    Raises Barred on a declared interest.
    """
    interest.require_impartial(call)
    for found in _to_lift(call):
        found.verified_at = call.effective_at
    days = None if remaining_days is None else int(remaining_days)
    comment = call.answer.get("comment")
    call.record(AuditKind.RESERVATION_RETURNED, {"remaining_days": days, "comment": comment})
    notify(
        call,
        "operator",
        "corrections_asked_again",
        reason=reason(comment),
        remaining=_WHOLE_DELAY if days is None else days_named(days),
    )
    return {"since": call.effective_at, "remaining_days": days}


def lift(call: Call) -> None:
    """Lift every reservation of the call's dossier."""
    to_lift = _to_lift(call)
    for found in to_lift:
        found.verified_at = found.verified_at or call.effective_at
        found.lifted_at = call.effective_at
    call.record(AuditKind.RESERVATION_LIFTED, {"reservations": len(to_lift)})
    notify(call, "operator", "lifted")


def of_dossier(session: Session, dossier_id: int) -> Sequence[Reservation]:
    """Every reservation on a dossier, in order."""
    return session.scalars(
        select(Reservation)
        .where(Reservation.dossier_id == dossier_id)
        .order_by(Reservation.decision_id, Reservation.number)
        .limit(MOST_RESERVATIONS)
    ).all()


def open_of(session: Session, dossier_id: int) -> Sequence[Reservation]:
    """The reservations on a dossier that are not lifted yet, in order."""
    return session.scalars(
        select(Reservation)
        .where(Reservation.dossier_id == dossier_id, Reservation.lifted_at.is_(None))
        .order_by(Reservation.number)
        .limit(MOST_RESERVATIONS)
    ).all()


def as_lines(reservations: Sequence[Reservation]) -> str:
    """Reservations as a notification lists them."""
    return "\n".join(
        f"{found.number}. {found.requirement_code}\u00a0: {found.text}" for found in reservations
    )


def _to_lift(call: Call) -> Sequence[Reservation]:
    found = [] if call.dossier_id is None else open_of(call.session, call.dossier_id)
    if not found:
        raise Conflict(
            "Expected reservations to lift on this dossier but there are none."
            " Draw this operation after a decision with reservations."
        )
    return found


def _explanations(corrections: Sequence[Mapping[str, Any]] | None) -> dict[int, str]:
    try:
        return {
            int(row["reservation"]): str(row.get("explanation") or "").strip()
            for row in corrections or ()
        }
    except (KeyError, TypeError, ValueError) as fault:
        raise InvalidAnswer(
            f"Expected the number of a reservation for each correction but found {fault}."
            " Give each its number.",
            {"corrections": ["Indiquez le numéro de chaque réserve corrigée."]},
        ) from fault


def _correction_faults(to_lift: Mapping[int, Reservation], given: Mapping[int, str]) -> list[str]:
    faults = [
        f"La réserve nº\u00a0{number} n’est pas à corriger."
        for number in given
        if number not in to_lift
    ]
    faults += [
        f"Expliquez la correction de la réserve nº\u00a0{number}."
        for number, found in to_lift.items()
        if not given.get(number) and (number in given or not found.correction)
    ]
    return faults if given else [*faults, "Expliquez au moins une correction."]


def _refuse(faults: list[str]) -> None:
    if faults:
        raise InvalidAnswer(
            f"Expected a correction for each reservation but {len(faults)} points stand against"
            " it. Complete the corrections.",
            {"corrections": faults},
        )
