"""Reminders of a solicitation's steps and of the lifting of reservations, each recorded.

[DER] They tell which date is near and what happens then, to the operator and its legal
representative; they move nothing. The diagrams say when, `workflow.domain.reminder` counts.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from workflow.clock import PARIS, paris_date
from workflow.domain import deadline, reservation, solicitation
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.notification import notify
from workflow.domain.phrase import Phrase
from workflow.errors import Conflict, InvalidInput

STEPS = (
    "admissibility_solicitation",
    "solicitation_deprioritise",
    "solicitation_delay",
    "solicitation_abandon",
)
LIFTING = "reservation_lifting"


def remind(call: Call, step: str) -> None:
    """Remind of a step of the open solicitation; raises Conflict when none is open."""
    if step not in STEPS:
        raise InvalidInput(
            f"Expected a step among {', '.join(STEPS)} but found {step!r}. Correct the diagram."
        )
    open_one = solicitation.require_open(call)
    due_at = _due_at(call, step)
    facts = {"kind": open_one.kind, "number": open_one.number, "step": step, "due_at": due_at}
    call.record(AuditKind.SOLICITATION_REMINDED, facts)
    when = when_words(due_at)
    notify(call, "operator", f"reminder_{step}", when=when, sent=open_one.sent_at)


def remind_lifting(call: Call) -> None:
    """Remind of the last day to correct; raises Conflict without a reservation to lift."""
    dossier_id = call.dossier_id
    to_lift = [] if dossier_id is None else reservation.open_of(call.session, dossier_id)
    if not to_lift:
        raise Conflict("Expected reservations to lift but there are none. Reload the dossier.")
    due_at = _due_at(call, LIFTING)
    call.record(AuditKind.RESERVATION_REMINDED, {"step": LIFTING, "due_at": due_at})
    notify(
        call,
        "operator",
        f"reminder_{LIFTING}",
        when=when_words(due_at),
        reservations=reservation.as_lines(to_lift),
    )


def when_words(due_at: datetime) -> Phrase:
    """An end as a sentence tells it: to the hour, or to the midnight of the last day."""
    local = due_at.astimezone(PARIS)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        day = paris_date(due_at - timedelta(microseconds=1))
        return Phrase(f"le {day:%d/%m/%Y} à minuit", f"the end of {day:%d/%m/%Y} (Paris time)")
    return Phrase(
        f"le {local:%d/%m/%Y à %H}\u00a0h\u00a0{local:%M}", f"{local:%d/%m/%Y, %H:%M} (Paris time)"
    )


def _due_at(call: Call, step: str) -> datetime:
    record = None
    if call.dossier_id is not None:
        record = deadline.latest(call.session, call.dossier_id, step)
    if record is None or record.fires_at is None:
        raise Conflict(
            f"Expected a date set for {step} but there is none. Draw its timer beside the reminder."
        )
    return record.fires_at
