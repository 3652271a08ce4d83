"""The ways in which a dossier ends before it is listed (DSR 4.2, 4.4, 4.5, 4.8).

Each closes what is still open of the dossier: solicitation, place in the queue, clocks.
"""

from __future__ import annotations

from workflow.domain import clock_ledger, instruction_queue, solicitation
from workflow.domain import dossier as dossiers
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.notification import notify, reason
from workflow.domain.notification_texts import delay_named
from workflow.errors import InvalidAnswer, InvalidInput

GROUNDS = ("blocking", "not_lifted")


def reject(call: Call) -> None:
    """No answer came in time to a solicitation of the admissibility check (DSR 4.2)."""
    call.record(AuditKind.DOSSIER_REJECTED, {})
    _close(call, "rejected")
    delay = delay_named(call.campaign, "admissibility_solicitation")
    notify(call, "operator", "rejected", delay=delay)
    notify(call, "admissibility_officer", "rejected", delay=delay)


def abandon(call: Call) -> None:
    """No answer came in time to a solicitation of the instruction (DSR 4.4)."""
    call.record(AuditKind.DOSSIER_ABANDONED, {})
    _close(call, "abandoned")
    delay = delay_named(call.campaign, "solicitation_abandon")
    notify(call, "operator", "abandoned", delay=delay)
    notify(call, "instructor", "abandoned", delay=delay)


def refuse(call: Call, ground: str) -> None:
    """The listing is refused: reservations are blocking, or were not lifted in time (DSR 4.5)."""
    if ground not in GROUNDS:
        raise InvalidInput(
            f"Expected a ground among {', '.join(GROUNDS)} but found {ground!r}. Choose one."
        )
    dossiers.of(call).end_reason = ground
    call.record(AuditKind.DOSSIER_REFUSED, {"ground": ground})
    _close(call, "refused")
    delay = delay_named(call.campaign, "reservation_lifting")
    notify(call, "operator", f"refused_{ground}", delay=delay)


def withdraw(call: Call, motive: str | None) -> None:
    """The operator gives up, whenever it wants."""
    dossier = dossiers.of(call)
    dossier.end_reason = motive
    call.record(AuditKind.DOSSIER_WITHDRAWN, {"reason": motive})
    _close(call, "withdrawn")
    agency = "instructor" if dossier.complete_received_at else "admissibility_officer"
    for role in ("operator", agency):
        notify(call, role, "withdrawn", reason=reason(motive))


def exclude(call: Call, motive: str) -> None:
    """The Agency ends the procedure for a breach of the commitments (DSR 4.8).

    Raises InvalidAnswer without a reason: the decision is adverse.
    """
    if not motive or not motive.strip():
        raise InvalidAnswer(
            "Expected a reason but found none. Write why the dossier is excluded.",
            {"reason": ["Indiquez le motif de l’exclusion."]},
        )
    dossiers.of(call).end_reason = motive
    call.record(AuditKind.DOSSIER_EXCLUDED, {"reason": motive})
    _close(call, "excluded")
    for role in ("operator", "legal_representative"):
        notify(call, role, "excluded", reason=reason(motive))


def _close(call: Call, why: str) -> None:
    solicitation.close_open(call)
    instruction_queue.leave_if_queued(call)
    clock_ledger.stop_all(call, why)
