"""What a check of the health page is: one thing looked at, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from web.language import language
from web.words import instant_words
from workflow.engine.house_check import HouseCheck

if TYPE_CHECKING:
    from workflow.engine.runtime import Runtime

MARKS = {"done": "check", "wait": "warn", "alert": "cross", "mute": "minus"}


@dataclass(frozen=True)
class Check:
    """One thing looked at: `tone` is done, wait (soon), alert (now) or mute (not used here)."""

    title: str
    tone: str
    words: str
    note: str = ""
    remedy: str = ""
    address: str | None = None

    @property
    def shape(self) -> str:
        """The mark of its tone."""
        return MARKS[self.tone]


@dataclass(frozen=True)
class Look:
    """What a check looks with."""

    runtime: Runtime
    session: Session
    machine_now: datetime
    now: datetime
    regular: Sequence[HouseCheck]

    def moment(self, instant: datetime) -> str:
        """An instant of the machine in words."""
        return instant_words(instant, self.machine_now, language(), weekday=False)
