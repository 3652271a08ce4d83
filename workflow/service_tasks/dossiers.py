"""Operations on the dossier itself."""

from __future__ import annotations

from typing import Any

from workflow.domain import admissibility, ending, overdue
from workflow.domain import deposit as deposits
from workflow.service_tasks.registry import Call, operation


@operation(
    "dossiers.deposit",
    outputs={
        "deposited_at": "date and time",
        "attempt": "number",
        "previous_end": "string",
        "reopened": "boolean",
        "planned_proof_on": "date",
        "convention_in_force": "boolean",
    },
)
def deposit(call: Call) -> dict[str, Any]:
    """Receive a candidature."""
    return deposits.deposit(call, call.answer)


@operation("dossiers.declare_out_of_time")
def declare_out_of_time(call: Call) -> None:
    """Tell that a deposit came outside the dates."""
    deposits.declare_out_of_time(call)


@operation("dossiers.admit")
def admit(call: Call) -> None:
    """Declare the dossier admissible."""
    admissibility.admit(call)


@operation("dossiers.declare_ineligible")
def declare_ineligible(call: Call, *, reason: str | None = None) -> None:
    """Declare the dossier ineligible."""
    admissibility.declare_ineligible(call, reason)


@operation("dossiers.declare_exempt")
def declare_exempt(call: Call) -> None:
    """Declare a buyer operator exempt."""
    admissibility.declare_exempt(call)


@operation("dossiers.reject")
def reject(call: Call) -> None:
    """Reject for want of an answer."""
    ending.reject(call)


@operation("dossiers.abandon")
def abandon(call: Call) -> None:
    """Consider the request abandoned."""
    ending.abandon(call)


@operation("dossiers.refuse")
def refuse(call: Call, *, ground: str) -> None:
    """Refuse the listing."""
    ending.refuse(call, ground)


@operation("dossiers.withdraw")
def withdraw(call: Call, *, reason: str | None = None) -> None:
    """Keep the operator's withdrawal."""
    ending.withdraw(call, reason)


@operation("dossiers.exclude")
def exclude(call: Call, *, reason: str) -> None:
    """Exclude the dossier."""
    ending.exclude(call, reason)


@operation("dossiers.raise_flag")
def raise_flag(call: Call, *, flag: str) -> None:
    """Raise a flag and tell those whom it concerns."""
    overdue.signal(call, flag)
