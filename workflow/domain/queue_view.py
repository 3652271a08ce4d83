"""The instruction queue as people look at it: its facts, filters, counts and orders.

The rank is the law's (DSR 4.4) whatever is filtered or sorted: it is counted over the whole
queue first. Facts are read in one statement, of dossiers that stand in the queue only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import literal
from sqlalchemy.orm import Session

from workflow.clock import paris_date, paris_midnight
from workflow.domain import instruction_queue, read_mark
from workflow.domain.campaign import Campaign
from workflow.domain.clock_ledger import ClockInterval
from workflow.domain.dossier import Dossier, is_flagged
from workflow.domain.dossier_word import found_by
from workflow.domain.instruction_assignment import InstructionAssignment
from workflow.domain.instruction_queue import QueueEntry
from workflow.domain.interest import has_declared
from workflow.domain.person import Person
from workflow.domain.suspension import REASON
from workflow.errors import InvalidInput

CLOCK = "instruction"
MOST_PLACES = 2_000
"""Places that are looked at: a queue that is longer is worked off from its head."""
DAYS_LEFT = (2, 5, 10, 20)
FOUND = "1"
"""The only value of the filter by words: the words themselves are sought by the statement."""
FLAGS = ("deprioritised", "significant_delay", "instruction_overdue")


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the queue, as one person sees it; `spent` and `left` are active time."""

    rank: int
    dossier_id: int
    service: str
    company: str
    profiles: Sequence[str]
    received_at: datetime
    is_deprioritised: bool
    state: str
    """*actif*, *operateur* while its clock waits for the operator, *suspendu* while held."""
    spent: timedelta
    left: timedelta
    """Until the indicative end of the instruction; negative once it is over."""
    within: Sequence[str]
    """Of DAYS_LEFT, the business days within which it would end if its clock ran from now on."""
    holder_id: int | None
    holder: str | None
    is_mine: bool
    is_barred: bool
    is_unread: bool
    is_found: bool
    flags: Sequence[str]


Reader = Callable[[Place], Iterable[str]]
"""The values that a place has in a filter, as addresses spell them."""

FILTERS: Mapping[str, Reader] = {
    "etat": lambda place: (place.state,),
    "pris": lambda place: (
        ("libre",)
        if place.holder_id is None
        else ("pris", "moi" if place.is_mine else "autre", str(place.holder_id))
    ),
    "reste": lambda place: place.within,
    "signal": lambda place: place.flags,
    "profil": lambda place: place.profiles,
    "conflit": lambda place: ("oui",) if place.is_barred else ("non",),
    "lu": lambda place: ("non",) if place.is_unread else ("oui",),
    "q": lambda place: (FOUND,) if place.is_found else (),
}
"""Filter of the queue → which of its values a place has."""
ORDERS: Mapping[str, Callable[[Place], tuple[object, ...]]] = {
    "rang": lambda place: (place.rank,),
    "service": lambda place: (place.service.casefold(), place.rank),
    "operateur": lambda place: (place.company.casefold(), place.rank),
    "complet": lambda place: (place.received_at, place.rank),
    "temps": lambda place: (place.spent, place.rank),
}
LEGAL_ORDER = "rang"


@dataclass(frozen=True)
class Chosen:
    """The places that filters leave, in the order asked for, and what each filter would leave.

    `counts` says for each filter, the others being as they are, how many places have each value.
    """

    places: Sequence[Place]
    counts: Mapping[str, Counter[str]]


def places(
    session: Session, campaign: Campaign, now: datetime, *, person_id: int = 0, words: str = ""
) -> list[Place]:
    """The whole queue of a campaign, head first, as a person sees it."""
    held = InstructionAssignment
    query = (
        instruction_queue.in_order(campaign.id)
        .outerjoin(
            ClockInterval,
            (ClockInterval.dossier_id == QueueEntry.dossier_id)
            & (ClockInterval.clock == CLOCK)
            & ClockInterval.ended_at.is_(None),
        )
        .outerjoin(held, (held.dossier_id == QueueEntry.dossier_id) & held.released_at.is_(None))
        .outerjoin(Person, Person.id == held.person_id)
        .with_only_columns(
            QueueEntry.dossier_id,
            Dossier.service_name,
            Dossier.company_name,
            Dossier.profiles,
            QueueEntry.received_at,
            QueueEntry.deprioritised_at.is_not(None),
            ClockInterval.running,
            ClockInterval.started_at,
            ClockInterval.ran_before,
            ClockInterval.reason,
            held.person_id,
            Person.name,
            has_declared(QueueEntry.dossier_id, person_id),
            read_mark.is_unread(person_id, QueueEntry.dossier_id),
            found_by(words) if words else literal(True),
            *(is_flagged(QueueEntry.dossier_id, flag) for flag in FLAGS),
        )
        .limit(MOST_PLACES)
    )
    whole = campaign.delays[CLOCK].length
    rows = session.execute(query).all()
    ends = _ends(campaign, now)
    return [
        _place(rank, row, person_id, whole, now, ends) for rank, row in enumerate(rows, start=1)
    ]


def _ends(campaign: Campaign, now: datetime) -> list[tuple[str, timedelta]]:
    """For each of DAYS_LEFT, how long it is until the end of that business day."""
    today, calendar = paris_date(now), campaign.calendar
    days = [(str(n), calendar.add_business_days(today, n)) for n in DAYS_LEFT]
    return [(name, paris_midnight(day + timedelta(days=1)) - now) for name, day in days]


def _place(
    rank: int,
    row: Any,
    person_id: int,
    whole: timedelta,
    now: datetime,
    ends: Sequence[tuple[str, timedelta]],
) -> Place:
    running, started_at, ran_before, reason, holder_id, holder = row[6:12]
    spent: timedelta = ran_before or timedelta(0)
    if running:
        spent += max(now - started_at, timedelta(0))
    barred, unread, found = row[12:15]
    return Place(
        rank=rank,
        dossier_id=row[0],
        service=row[1],
        company=row[2],
        profiles=row[3],
        received_at=row[4],
        is_deprioritised=bool(row[5]),
        state="actif" if running else "suspendu" if reason == REASON else "operateur",
        spent=spent,
        left=whole - spent,
        within=[name for name, end in ends if whole - spent < end],
        holder_id=holder_id,
        holder=holder,
        is_mine=holder_id is not None and holder_id == person_id,
        is_barred=bool(barred),
        is_unread=bool(unread),
        is_found=bool(found),
        flags=[flag for flag, is_raised in zip(FLAGS, row[15:], strict=True) if is_raised],
    )


def choose(found: Sequence[Place], asked: Mapping[str, str], order: str = LEGAL_ORDER) -> Chosen:
    """The places that have every value asked for, ordered; a minus before an order turns it.

    Raises InvalidInput on a filter or an order that there is not.
    """
    strange = [name for name in asked if name not in FILTERS]
    key = ORDERS.get(order.removeprefix("-"))
    if strange or key is None:
        raise InvalidInput(
            f"Expected filters among {', '.join(FILTERS)} and an order among {', '.join(ORDERS)}"
            f" but found {', '.join(strange) or order}. Choose among them."
        )
    counts: dict[str, Counter[str]] = {name: Counter() for name in FILTERS}
    kept: list[Place] = []
    for place in found:
        has = {name: tuple(read(place)) for name, read in FILTERS.items()}
        failed = [name for name, value in asked.items() if value not in has[name]]
        if not failed:
            kept.append(place)
        for name in FILTERS if not failed else failed[:1] if len(failed) == 1 else ():
            tally = counts[name]
            for value in has[name]:
                tally[value] += 1
    return Chosen(sorted(kept, key=key, reverse=order.startswith("-")), counts)


def count(found: Sequence[Place], asked: Mapping[str, str]) -> int:
    """How many places have every value asked for."""
    readers = [(FILTERS[name], value) for name, value in asked.items()]
    return sum(all(value in read(place) for read, value in readers) for place in found)
