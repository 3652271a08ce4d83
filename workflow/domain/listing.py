"""Listings: the public register of listed services (DSR 4.5).

A listing number names its DSR, year and sequence, and ends with two ISO 7064 MOD 97-10 check
digits, so that a financing body can tell a mistyped number. Numbers are never used again.
[règles 25 73]
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.clock import paris_date
from workflow.db import Base, Instant, Json
from workflow.domain import dossier as dossiers
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.campaign_parameters import Campaign
from workflow.domain.counter import next_value
from workflow.domain.notification import notify
from workflow.errors import Conflict, InvalidInput

ACTIVE, SUSPENDED, REVOKED = STATUSES = ("active", "suspended", "revoked")


class Listing(Base):
    """One listed service, as it was when listed; public from `published_at` on."""

    __tablename__ = "listing"
    __table_args__ = (Index(None, "dsr", "listed_on", "number"), Index(None, "listed_on", "number"))

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), unique=True)
    dsr: Mapped[str] = mapped_column(String(80))
    service_name: Mapped[str] = mapped_column(String(200))
    service_version: Mapped[str] = mapped_column(String(60))
    company_name: Mapped[str] = mapped_column(String(200))
    profiles: Mapped[list[str]] = mapped_column(Json)
    listed_on: Mapped[date] = mapped_column(Date)
    listed_at: Mapped[datetime] = mapped_column(Instant)
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    status: Mapped[str] = mapped_column(String(20))


class ListingChange(Base):
    """A listing that took another status: what the register says of it from then on."""

    __tablename__ = "listing_change"
    __table_args__ = (Index(None, "listing_id", "changed_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    status: Mapped[str] = mapped_column(String(20))
    changed_at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(Text)


def check_digits(text: str) -> str:
    """The two ISO 7064 MOD 97-10 check digits of letters and digits; hyphens do not count.

    Letters stand for 10 to 35, as in an IBAN. Raises InvalidInput on other characters.
    """
    return f"{98 - _as_number(text + '00') % 97:02d}"


def is_valid_number(number: str) -> bool:
    """Whether a listing number is well formed and its check digits are right."""
    written = normalised(number)
    if re.fullmatch(r"[A-Z0-9]+(?:-[A-Z0-9]+)*-[0-9]{4}-[0-9]{4,}-[0-9]{2}", written) is None:
        return False
    stem, _, digits = written.rpartition("-")
    return check_digits(stem) == digits


def normalised(number: str) -> str:
    """A listing number as printed: people type spaces and small letters."""
    return re.sub(r"\s", "", number).upper()


def series(campaign: Campaign) -> str:
    """What the listing numbers of a campaign begin with: its DSR and its year."""
    return f"{campaign.dsr.removeprefix('DSR-')}-{campaign.year}"


def award(call: Call) -> Listing:
    """Give the call's dossier its listing number; Conflict when it has one."""
    dossier = dossiers.of(call)
    if of_dossier(call.session, dossier.id) is not None:
        raise Conflict(
            f"Expected dossier {dossier.number} without a listing but it has one. Keep it."
        )
    named = series(call.campaign)
    stem = f"{named}-{next_value(call.session, f'listing:{named}'):04d}"
    listing = Listing(
        number=f"{stem}-{check_digits(stem)}",
        dossier_id=dossier.id,
        dsr=dossier.dsr,
        service_name=dossier.service_name,
        service_version=dossier.service_version,
        company_name=dossier.company_name,
        profiles=list(dossier.profiles),
        listed_on=paris_date(call.effective_at),
        listed_at=call.effective_at,
        status="active",
    )
    call.session.add(listing)
    call.kept.add(listing)
    call.record(AuditKind.LISTING_AWARDED, {"number": listing.number})
    return listing


def publish(call: Call) -> None:
    """Show the listing of the call's dossier in the public register."""
    listing = awarded(call)
    listing.published_at = call.effective_at
    call.record(AuditKind.LISTING_PUBLISHED, {"number": listing.number})


def change_status(call: Call, status: str, reason: str) -> None:
    """Suspend, revoke or restore the published listing of the call's dossier.

    The number stays in the register, whatever its status. Raises Conflict when it is not
    published, has that status already, or was revoked, and InvalidInput on another status.
    [règle 79]
    """
    listing = awarded(call)
    if status not in STATUSES:
        raise InvalidInput(
            f"Expected a status among {', '.join(STATUSES)} but found {status!r}. Choose one."
        )
    if listing.published_at is None or listing.status in (status, REVOKED):
        raise Conflict(
            f"Expected a published listing that may become {status} but {listing.number} is"
            f" {listing.status}. Check the register."
        )
    listing.status = status
    call.session.add(
        ListingChange(
            listing_id=listing.id, status=status, changed_at=call.effective_at, reason=reason
        )
    )
    call.record(
        AuditKind.LISTING_STATUS_CHANGED,
        {"number": listing.number, "status": status, "reason": reason},
    )


def tell(call: Call) -> None:
    """Tell the operator its listing number."""
    notify(call, "operator", "listed", listing=awarded(call).number)


def awarded(call: Call) -> Listing:
    """The listing of the call's dossier; raises Conflict before the award."""
    just_awarded = next((row for row in call.kept if isinstance(row, Listing)), None)
    found = just_awarded or of_dossier(call.session, dossiers.of(call).id)
    if found is None:
        raise Conflict("Expected a listing of this dossier but it has none. Award it first.")
    return found


def of_dossier(session: Session, dossier_id: int) -> Listing | None:
    """A dossier's listing, if it was awarded."""
    return session.scalars(select(Listing).where(Listing.dossier_id == dossier_id)).first()


def register(
    session: Session, dsr: str | None = None, *, limit: int = 1000, offset: int = 0
) -> Sequence[Listing]:
    """The public register, by DSR if given, in the order of listing; any status is shown."""
    query = select(Listing).where(Listing.published_at.is_not(None))
    if dsr is not None:
        query = query.where(Listing.dsr == dsr)
    ordered = query.order_by(Listing.listed_on, Listing.number)
    return session.scalars(ordered.limit(limit).offset(offset)).all()


def find(session: Session, number: str) -> Listing | None:
    """A published listing by its number, however it was typed."""
    return session.scalars(
        select(Listing).where(
            Listing.number == normalised(number), Listing.published_at.is_not(None)
        )
    ).first()


def _as_number(text: str) -> int:
    digits = text.replace("-", "").upper()
    if re.fullmatch(r"[0-9A-Z]+", digits) is None:
        raise InvalidInput(
            f"Expected letters, digits and hyphens but found {text!r}. Remove the rest."
        )
    return int("".join(str(int(character, 36)) for character in digits))
