"""Operations on corrections of clerical errors."""

from __future__ import annotations

from datetime import date

from workflow.domain import correction
from workflow.service_tasks.registry import Call, operation


@operation("corrections.propose")
def propose(
    call: Call,
    *,
    fact: str,
    reason: str,
    new_text: str | None = None,
    new_email: str | None = None,
    new_phone: str | None = None,
    new_date: date | None = None,
    new_permission: bool | None = None,
) -> None:
    """Propose to correct one fact of the deposit; the form asks for one of the values."""
    values = (new_text, new_email, new_phone, new_date, new_permission)
    value = next((each for each in values if each is not None), None)
    correction.propose(call, fact, value, reason)


@operation("corrections.agree")
def agree(call: Call) -> None:
    """Change the fact."""
    correction.agree(call)


@operation("corrections.decline")
def decline(call: Call, *, reason: str | None = None) -> None:
    """Keep that the operator declines."""
    correction.decline(call, reason)


@operation("corrections.withdraw")
def withdraw(call: Call, *, reason: str | None = None) -> None:
    """Keep that the officer takes the proposal back."""
    correction.withdraw(call, reason)


@operation("corrections.lapse")
def lapse(call: Call) -> None:
    """Keep that the dossier ended before an answer."""
    correction.lapse(call)
