"""What a turn lends to the engine: an instant, functions, operations, an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class OperationCall:
    """What a service task asks for: an operation, its parameters, and who asks."""

    operation: str
    parameters: dict[str, Any]
    element_id: str
    task_id: str


@dataclass
class TurnEnvironment:
    """One per turn; nothing of it is stored.

    ``effective_at`` (aware, UTC) is all that FEEL's now() and the timers see. ``answer`` is
    visible to FEEL in this turn only; an instance's variable of the same name wins over it,
    and ``constants`` win over both. A ``held`` instance offers no task, fires no timer and
    hears only ``heard_while_held``.
    """

    effective_at: datetime
    functions: Mapping[str, Callable[..., Any]]
    perform: Callable[[OperationCall], Any]
    answer: Mapping[str, Any] = field(default_factory=dict[str, Any])
    constants: Mapping[str, Any] = field(default_factory=dict[str, Any])
    held: bool = False
    heard_while_held: frozenset[str] = frozenset({"withdraw", "exclude"})
