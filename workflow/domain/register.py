"""The public register as it stood at an instant, and what changed between two (DSR 4.5).

Provisional dates of proof deposits stand beside it, of operators who authorised it (DSR 4.2).
[règles 49 73 76 77 80]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflow.domain.dossier import Dossier
from workflow.domain.listing import ACTIVE, REVOKED, Listing, ListingChange

PAGE = 1000
MOST_ANNOUNCED = 1000


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """A listed service with the status that it had then."""

    number: str
    dsr: str
    service_name: str
    service_version: str
    company_name: str
    profiles: tuple[str, ...]
    listed_on: date
    status: str


@dataclass(frozen=True, slots=True)
class StatusChange:
    """An entry whose status is no longer what it was."""

    before: str
    entry: RegisterEntry


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a register gained, lost and changed between two instants."""

    added: tuple[RegisterEntry, ...]
    withdrawn: tuple[RegisterEntry, ...]
    changed: tuple[StatusChange, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return not (self.added or self.withdrawn or self.changed)


@dataclass(frozen=True, slots=True)
class AnnouncedDeposit:
    """A proof deposit that its operator lets the register announce; the date binds nobody."""

    dsr: str
    service_name: str
    company_name: str
    planned_proof_on: date


def entries(session: Session, at: datetime, dsr: str | None = None) -> list[RegisterEntry]:
    """Every entry published at that instant, by name of service then number, with its status."""
    query = select(Listing).where(Listing.published_at <= at).order_by(Listing.id)
    if dsr is not None:
        query = query.where(Listing.dsr == dsr)
    found: list[RegisterEntry] = []
    while rows := session.scalars(query.limit(PAGE).offset(len(found))).all():
        statuses = _statuses(session, [row.id for row in rows], at)
        found += [_entry(row, statuses.get(row.id, row.status)) for row in rows]
    return sorted(found, key=lambda entry: (entry.service_name.casefold(), entry.number))


def compare(earlier: Iterable[RegisterEntry], later: Iterable[RegisterEntry]) -> Comparison:
    """What changed between two states of a register; entries are never deleted from it."""
    known = {entry.number: entry.status for entry in earlier}
    shown = list(later)
    changed = [
        entry for entry in shown if entry.number in known and known[entry.number] != entry.status
    ]
    return Comparison(
        added=tuple(entry for entry in shown if entry.number not in known),
        withdrawn=tuple(entry for entry in changed if entry.status == REVOKED),
        changed=tuple(
            StatusChange(known[entry.number], entry) for entry in changed if entry.status != REVOKED
        ),
    )


def announced(session: Session, at: datetime, dsr: str | None = None) -> list[AnnouncedDeposit]:
    """The provisional dates that operators let be published, of proofs awaited at that instant."""
    query = select(
        Dossier.dsr, Dossier.service_name, Dossier.company_name, Dossier.planned_proof_on
    ).where(
        Dossier.publication_authorised.is_(True),
        Dossier.deposited_at <= at,
        or_(Dossier.ended_at.is_(None), Dossier.ended_at > at),
        or_(Dossier.complete_received_at.is_(None), Dossier.complete_received_at > at),
    )
    if dsr is not None:
        query = query.where(Dossier.dsr == dsr)
    rows = session.execute(
        query.order_by(Dossier.planned_proof_on, Dossier.id).limit(MOST_ANNOUNCED)
    )
    return [AnnouncedDeposit(*row) for row in rows]


def _statuses(session: Session, listing_ids: Sequence[int], at: datetime) -> Mapping[int, str]:
    """The status at an instant of the listings that ever changed theirs."""
    changes = session.scalars(
        select(ListingChange)
        .where(ListingChange.listing_id.in_(listing_ids))
        .order_by(ListingChange.changed_at, ListingChange.id)
    )
    statuses: dict[int, str] = {}
    for change in changes:
        statuses.setdefault(change.listing_id, ACTIVE)
        if change.changed_at <= at:
            statuses[change.listing_id] = change.status
    return statuses


def _entry(row: Listing, status: str) -> RegisterEntry:
    return RegisterEntry(
        number=row.number,
        dsr=row.dsr,
        service_name=row.service_name,
        service_version=row.service_version,
        company_name=row.company_name,
        profiles=tuple(row.profiles),
        listed_on=row.listed_on,
        status=status,
    )
