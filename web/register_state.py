"""The register as it stands, kept in memory until it changes: anybody may ask for it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from web.register_view import AsOf
from web.runtime import memory
from workflow.domain import register as registers
from workflow.domain.listing import Listing, ListingChange
from workflow.domain.register import RegisterEntry

_KEPT = "register"
_LOOK_ALIKES = str.maketrans({"O": "0", "Q": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "B": "8"})
"""Characters that people take for one another on paper, by the digit that they look like."""


@dataclass(frozen=True)
class Register:
    """Every entry at an instant, by name of service, ready to be searched."""

    entries: tuple[RegisterEntry, ...]

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """What each entry is found by, without accents nor capitals."""
        return tuple(
            folded(
                f"{entry.service_name} {entry.service_version} {entry.company_name} {entry.number}"
                f" {compact(entry.number)}"
            )
            for entry in self.entries
        )

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        """The listing numbers by what they look like."""
        return {looks_of(entry.number): entry.number for entry in self.entries}


def register_at(session: Session, state: AsOf) -> Register:
    """The register in a state: today's from memory while nothing in it changed."""
    if not state.is_now:
        return Register(tuple(registers.entries(session, state.at)))
    kept: dict[object, Register] = memory().get(_KEPT, {})
    mark = _mark(session)
    found = kept.get(mark)
    if found is None:
        found = Register(tuple(registers.entries(session, state.at)))
        # One state is kept: an older one is asked for no more. The dict is replaced whole, since
        # several requests read it at a time.
        memory()[_KEPT] = {mark: found}
    return found


def folded(text: str) -> str:
    """A text without accents nor capitals, as people search."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(each for each in plain if not unicodedata.combining(each)).casefold()


def compact(number: str) -> str:
    """A number without what only separates its parts."""
    return re.sub(r"[^0-9A-Za-z]", "", number)


def looks_of(number: str) -> str:
    """What a number looks like: separators, capitals and look-alike characters tell nothing."""
    return compact(unicodedata.normalize("NFKD", number)).upper().translate(_LOOK_ALIKES)


def matching(texts: Iterable[str], words: str) -> list[bool]:
    """Which texts hold all the words."""
    wanted = folded(words).split()
    return [all(word in text for word in wanted) for text in texts]


def _mark(session: Session) -> tuple[object, ...]:
    """What changes whenever the register does; read off two indexes."""
    changes = select(func.max(ListingChange.id)).scalar_subquery()
    row = session.execute(
        select(func.count(), func.max(Listing.published_at), changes).where(
            Listing.published_at.is_not(None)
        )
    ).one()
    return tuple(row)
