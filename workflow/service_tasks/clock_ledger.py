"""Operations on the clocks of a dossier."""

from __future__ import annotations

from workflow.domain import clock_ledger
from workflow.service_tasks.registry import Call, operation


@operation("clock_ledger.start")
def start(call: Call, *, clock: str, reason: str) -> None:
    """Set a clock going."""
    clock_ledger.start(call, clock, reason)


@operation("clock_ledger.suspend")
def suspend(call: Call, *, clock: str, reason: str) -> None:
    """Make a clock stand."""
    clock_ledger.suspend(call, clock, reason)


@operation("clock_ledger.resume")
def resume(call: Call, *, clock: str, reason: str) -> None:
    """Set a clock going again, if it stands for that reason."""
    clock_ledger.resume(call, clock, reason)


@operation("clock_ledger.stop")
def stop(call: Call, *, clock: str, reason: str) -> None:
    """End a clock."""
    clock_ledger.stop(call, clock, reason)


@operation("clock_ledger.await_signature")
def await_signature(call: Call, *, clock: str) -> None:
    """Make a clock stand while only the operator's signature is missing."""
    clock_ledger.await_signature(call, clock)
