"""What an operation of a diagram receives: one call per turn.

A call gathers what the turn will do beyond its own tables: entries for the audit log, messages
to other dossiers, instances to start. The engine carries them out in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflow.domain.campaign import Campaign
from workflow.domain.person import Actor


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact for the audit log; without a dossier it stands in the chain of the house."""

    kind: str
    payload: Mapping[str, Any]
    dossier_id: int | None


@dataclass(frozen=True, slots=True)
class Message:
    """A message for the instance of a dossier."""

    name: str
    payload: Mapping[str, Any]
    dossier_id: int


@dataclass(frozen=True, slots=True)
class Start:
    """A process to start."""

    process_id: str
    variables: Mapping[str, Any]


@dataclass
class Call:
    """The facts of a turn, and what it still has to do.

    `effective_at` (UTC) is what the law sees: a timer's due instant, otherwise now;
    `recorded_at` is when it is written down. `dossier_id` is set by the deposit.
    """

    session: Session
    effective_at: datetime
    recorded_at: datetime
    actor: Actor
    campaign: Campaign
    answer: Mapping[str, Any]
    instance_id: int
    dossier_id: int | None = None
    touched_clocks: set[str] = field(default_factory=set[str])
    entries: list[Entry] = field(default_factory=list[Entry])
    messages: list[Message] = field(default_factory=list[Message])
    starts: list[Start] = field(default_factory=list[Start])
    kept: set[object] = field(default_factory=set[object])
    told: set[tuple[int, str, str]] = field(default_factory=set[tuple[int, str, str]])
    """Rows that a session would forget, and read again, as soon as a verb lets go of them."""
    has_ended: bool = False
    """Whether this turn ended the dossier's procedure."""

    def record(
        self, kind: str, payload: Mapping[str, Any], *, dossier_id: int | None = None
    ) -> None:
        """Keep a fact for the audit log, of this call's dossier unless another is named."""
        chosen = self.dossier_id if dossier_id is None else dossier_id
        self.entries.append(Entry(str(kind), dict(payload), chosen))

    def send(self, message: str, payload: Mapping[str, Any], *, dossier_id: int) -> None:
        """Have a message delivered to a dossier's instance before the transaction ends."""
        self.messages.append(Message(message, dict(payload), dossier_id))

    def start(self, process_id: str, variables: Mapping[str, Any]) -> None:
        """Have another process started before the transaction ends."""
        self.starts.append(Start(process_id, dict(variables)))
