"""Which notifications are legally due, and which of them people may have otherwise: one table.

What the DSR orders to be told to a candidate (decisions, solicitations, dates, reminders that
have effects) is always mailed at once and cannot be declined. The rest informs: it may be
gathered in a daily digest, or declined. The Agency's own people are owed nothing by the DSR:
they find their work in the tool, and choose for every kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workflow.domain.person import OPERATOR_SIDE

ALL_INFORMATION = "*"
"""Stands for every kind that may be declined."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Whether a candidate must be told, by which rule, and who is told at all."""

    is_due: bool
    source: str
    to_operator: bool = True
    to_agency: bool = False


WORK = "work found in the tool"
UNKNOWN = Duty(True, "not classified: held to be due", to_agency=True)
"""What a kind without a row is: nothing that might be due is ever held back."""

DUTIES: Mapping[str, Duty] = {
    "deposit_received": Duty(True, "DSR 4.2: the deposit and its date"),
    "reapplication_received": Duty(True, "DSR 4.5: the new deposit and its date"),
    "out_of_time": Duty(True, "DSR 4.2: the deposit cannot be examined"),
    "solicitation_admissibility": Duty(True, "DSR 4.2: a delay of five business days runs"),
    "solicitation_instruction": Duty(True, "DSR 4.4: delays run, up to abandonment"),
    "solicitation_answered": Duty(
        False, "work found in the tool", to_operator=False, to_agency=True
    ),
    "admitted": Duty(True, "DSR 4.2: outcome of the admissibility check"),
    "ineligible": Duty(True, "DSR 4.2: outcome of the admissibility check"),
    "exempt": Duty(True, "DSR 2.1: outcome of the eligibility check"),
    "rejected": Duty(True, "DSR 4.2: the application is rejected", to_agency=True),
    "convention_sent": Duty(True, "DSR 4.2: the agreement is to be signed"),
    "convention_signed": Duty(False, "work found in the tool", to_operator=False, to_agency=True),
    "convention_countersigned": Duty(True, "DSR 4.2: the agreement is in force"),
    "proof_reminder": Duty(False, "DSR 4.2: the provisional date binds nobody"),
    "proof_file_submitted": Duty(
        False, "work found in the tool", to_operator=False, to_agency=True
    ),
    "file_infected": Duty(True, "DSR 4.3: a proof that is asked for is lacking"),
    "proof_file_complete": Duty(True, "DSR 4.4: the six weeks run from this notification"),
    "deprioritised": Duty(True, "DSR 4.4: the rank is lost", to_agency=True),
    "significant_delay": Duty(True, "DSR 4.4: a delay is announced", to_agency=True),
    "admissibility_overdue": Duty(False, "indicative duration", to_operator=False, to_agency=True),
    "instruction_overdue": Duty(False, "indicative delay", to_operator=False, to_agency=True),
    "abandoned": Duty(True, "DSR 4.4: the application is abandoned", to_agency=True),
    "decision_award": Duty(True, "DSR 4.5: decision of the college"),
    "decision_non_blocking": Duty(True, "DSR 4.5: decision of the college, four weeks run"),
    "decision_blocking": Duty(True, "DSR 4.5: decision of the college"),
    "convention_reminder": Duty(False, "no time limit applies to the signature"),
    "solicitation_withdrawn": Duty(True, "DSR 4.4: an answer is no longer awaited"),
    "reminder_admissibility_solicitation": Duty(True, "DSR 4.2: rejection is near"),
    "reminder_solicitation_deprioritise": Duty(True, "DSR 4.4: the rank is about to be lost"),
    "reminder_solicitation_delay": Duty(True, "DSR 4.4: a delay is about to be announced"),
    "reminder_solicitation_abandon": Duty(True, "DSR 4.4: abandonment is near"),
    "reminder_reservation_lifting": Duty(True, "DSR 4.5: refusal is near"),
    "corrections_received": Duty(
        False, "work found in the tool", to_operator=False, to_agency=True
    ),
    "corrections_asked_again": Duty(True, "DSR 4.5: what is left of the four weeks runs"),
    "lifting_to_confirm": Duty(False, "work found in the tool", to_operator=False, to_agency=True),
    "lifted": Duty(True, "DSR 4.5: the reservations are lifted"),
    "refused_blocking": Duty(True, "DSR 4.5: the listing is refused"),
    "refused_not_lifted": Duty(True, "DSR 4.5: the listing is refused"),
    "listed": Duty(True, "DSR 4.5: the listing number and the attestation"),
    "withdrawn": Duty(True, "the procedure ends (DSR 4.8)", to_agency=True),
    "suspended": Duty(True, "DSR 4.8: no delay runs any more", to_agency=True),
    "resumed": Duty(True, "DSR 4.8: the dates move", to_agency=True),
    "dates_moved": Duty(True, "DOMAIN A5: legal dates move by a recorded act"),
    "catalogue_corrected": Duty(False, "DOMAIN A22: words only, nothing more is asked"),
    "reopened": Duty(True, "DOMAIN A18: the procedure goes on"),
    "correction_proposed": Duty(True, "DSR 4.1.5: nothing is corrected without an agreement"),
    "correction_agreed": Duty(False, "work found in the tool", to_operator=False, to_agency=True),
    "correction_declined": Duty(False, "work found in the tool", to_operator=False, to_agency=True),
    "correction_withdrawn": Duty(False, "nothing is asked any more"),
    "mentioned": Duty(False, "work found in the tool", to_operator=False, to_agency=True),
    "excluded": Duty(True, "the procedure ends (DSR 4.8)", to_agency=True),
    "dossier_assigned": Duty(False, WORK, to_operator=False, to_agency=True),
    "dossier_handed_over": Duty(False, WORK, to_operator=False, to_agency=True),
    "dossier_taken_back": Duty(False, WORK, to_operator=False, to_agency=True),
    "hand_over_declined": Duty(False, WORK, to_operator=False, to_agency=True),
}
"""Kind → what it is in law. A new kind of notification is classified here."""


def duty_of(kind: str) -> Duty:
    """What a kind is in law."""
    return DUTIES.get(kind, UNKNOWN)


def is_due(kind: str, role: str) -> bool:
    """Whether telling this to that role is legally due: never delayed, never declined."""
    return role in OPERATOR_SIDE and duty_of(kind).is_due


def optional_kinds(roles: Iterable[str]) -> list[str]:
    """The kinds that a person of these roles may have by digest, or decline."""
    held = frozenset(roles)
    return [
        kind
        for kind, duty in DUTIES.items()
        if (held & OPERATOR_SIDE and duty.to_operator and not duty.is_due)
        or (held - OPERATOR_SIDE and duty.to_agency)
    ]
