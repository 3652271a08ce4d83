"""Every legal date of the product: computed here, stored with its sum, nowhere else.

A deadline looks its delay up in the campaign, keeps the explanation, and says when it fires.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.business_days import Calendar
from workflow.clock import in_utc, paris_date
from workflow.db import Base, Instant, Json
from workflow.delay import Delay, DueDate, Explanation, due, due_active, next_session
from workflow.domain import clock_ledger, reminder
from workflow.domain.campaign import Campaign
from workflow.domain.campaign_change import CampaignChange
from workflow.errors import InvalidInput

COLLEGE = "college"
CLOSING = "closing"


class UnknownDeadline(InvalidInput):
    """A deadline that the campaign does not know."""

    code = "unknown_deadline"


class DeadlineRecord(Base):
    """A legal date as it was computed, with its sum; never edited.

    `last_day` is the last day to act (Paris); `fires_at` (UTC) is null while its clock stands.
    A date that moved names the one it `replaces_id`, and the act on the campaign that moved it.
    """

    __tablename__ = "deadline_record"
    __table_args__ = (
        Index(None, "dossier_id", "key", "id"),
        Index(None, "campaign_change_id", "id"),
        Index("ix_deadline_record_instance", "instance_id", "key", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"))
    instance_id: Mapped[int | None]
    key: Mapped[str] = mapped_column(String(60))
    started_at: Mapped[datetime | None] = mapped_column(Instant)
    last_day: Mapped[date | None] = mapped_column(Date)
    fires_at: Mapped[datetime | None] = mapped_column(Instant)
    explanation: Mapped[dict[str, Any]] = mapped_column(Json)
    campaign_version_id: Mapped[int | None] = mapped_column(ForeignKey("campaign_version.id"))
    effective_at: Mapped[datetime] = mapped_column(Instant)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("deadline_record.id"))
    campaign_change_id: Mapped[int | None] = mapped_column(ForeignKey("campaign_change.id"))


@dataclass(frozen=True, slots=True)
class Deadline:
    """A stored legal date; `follows` names the clock ledger that an active delay obeys."""

    key: str
    last_day: date | None
    fires_at: datetime | None
    deadline_id: int
    follows: str | None

    def as_context(self) -> dict[str, Any]:
        """The context that FEEL reads."""
        return {
            "key": self.key,
            "last_day": self.last_day,
            "fires_at": self.fires_at,
            "deadline_id": self.deadline_id,
            "follows": self.follows,
        }


def deadline(
    session: Session,
    *,
    campaign: Campaign,
    dossier_id: int | None,
    key: str,
    start: datetime | date | None,
    now: datetime,
    remaining: int | None = None,
    instance_id: int | None = None,
) -> Deadline:
    """Compute a legal date and store it with its explanation.

    `start` is an instant or a Paris day, ignored by active delays, which read the ledger of the
    clock of the same name as of `now`. `remaining` counts that many days instead of the
    campaign's. Raises UnknownDeadline, and InvalidInput on a start that is missing.
    """
    found = compute(
        session,
        campaign=campaign,
        dossier_id=dossier_id,
        key=key,
        start=start,
        now=now,
        remaining=remaining,
    )
    return keep(
        session,
        found,
        campaign=campaign,
        dossier_id=dossier_id,
        key=key,
        now=now,
        instance_id=instance_id,
    )


def keep(
    session: Session,
    found: DueDate,
    *,
    campaign: Campaign,
    dossier_id: int | None,
    key: str,
    now: datetime,
    instance_id: int | None,
    replaces: DeadlineRecord | None = None,
    change: CampaignChange | None = None,
) -> Deadline:
    """Store a date with its sum: computed from the campaign, or moved.

    What moved it is a suspension, or a recorded `change` of the campaign's parameters; the date
    it `replaces` stays, and is quoted.
    """
    told = {**found.sum.as_json(), "campaign_version": campaign.version}
    if change is not None and replaces is not None:
        told["change"] = change.quoted(replaces.explanation)
    record = DeadlineRecord(
        dossier_id=dossier_id,
        instance_id=instance_id,
        key=key,
        started_at=_instant_of(found.sum.start),
        last_day=found.last_day,
        fires_at=found.fires_at,
        explanation=told,
        campaign_version_id=campaign.version_id,
        effective_at=now,
        replaces_id=None if replaces is None else replaces.id,
        campaign_change_id=None if change is None else change.id,
    )
    session.add(record)
    session.flush()  # The timer that waits for it keeps its id.
    delay = campaign.delays.get(key)
    follows = key if delay is not None and delay.counting == "active" else None
    return Deadline(key, found.last_day, found.fires_at, record.id, follows)


def compute(
    session: Session,
    *,
    campaign: Campaign,
    dossier_id: int | None,
    key: str,
    start: datetime | date | None,
    now: datetime,
    remaining: int | None = None,
) -> DueDate:
    """The same date, stored nowhere: for previews and what-if."""
    if key == COLLEGE:
        return _college(campaign, _instant_of(start) or now)
    if key == CLOSING:
        return _closing(campaign)
    delay = campaign.delays.get(key)
    if delay is None:
        known = ", ".join((*campaign.delays, COLLEGE, CLOSING))
        raise UnknownDeadline(
            f"Expected a deadline among {known} but found {key!r}. Add it to the campaign's delays."
        )
    if delay.counting == "active":
        return _active(session, delay, dossier_id, key, now)
    if start is None:
        raise InvalidInput(
            f"Expected the instant from which {key!r} runs but found null. Give its start."
        )
    if delay.before:
        step = due(campaign.delays[delay.before], start, campaign.calendar, remaining=remaining)
        return reminder.due_before(delay, step, start, campaign.calendar)
    return due(delay, start, campaign.calendar, remaining=remaining)


def _active(
    session: Session, delay: Delay, dossier_id: int | None, key: str, now: datetime
) -> DueDate:
    if dossier_id is None:
        return due_active(delay, [], now)
    ledger = clock_ledger.recent(session, dossier_id, key)
    if ledger.before < delay.length:
        return due_active(delay, ledger.intervals, now, before=ledger.before, start=ledger.start)
    return due_active(delay, clock_ledger.intervals(session, dossier_id, key), now)


def remaining_days(
    session: Session,
    dossier_id: int,
    key: str,
    at: datetime,
    *,
    calendar: Calendar | None = None,
) -> int | None:
    """The whole days between the day of `at` and the last day of the latest date of that key.

    Paris days, or business days of `calendar` where the delay counts those; 0 on the last day;
    None when no such date was set (DOMAIN P6).
    """
    record = latest(session, dossier_id, key)
    if record is None or record.last_day is None:
        return None
    day = paris_date(at)
    if day >= record.last_day:
        return 0
    days = (record.last_day - day).days
    if record.explanation["counting"] == "business":
        days -= len((calendar or Calendar()).skipped_days(day, record.last_day))
    return days


def latest(session: Session, dossier_id: int, key: str) -> DeadlineRecord | None:
    """The last date set for a dossier under a key."""
    return session.scalars(
        select(DeadlineRecord)
        .where(DeadlineRecord.dossier_id == dossier_id, DeadlineRecord.key == key)
        .order_by(DeadlineRecord.id.desc())
        .limit(1)
    ).first()


def latest_of(session: Session, instance_id: int, key: str) -> DeadlineRecord | None:
    """The last date set in an instance under a key."""
    return session.scalars(
        select(DeadlineRecord)
        .where(DeadlineRecord.instance_id == instance_id, DeadlineRecord.key == key)
        .order_by(DeadlineRecord.id.desc())
        .limit(1)
    ).first()


def as_computed(record: DeadlineRecord) -> DueDate:
    """A stored date as it was computed."""
    told = Explanation.from_json(record.explanation)
    return DueDate(record.last_day, record.fires_at, told)


def find(session: Session, deadline_id: int) -> DeadlineRecord | None:
    """A stored date by its id."""
    return session.get(DeadlineRecord, deadline_id)


def next_college(campaign: Campaign, after: datetime) -> datetime:
    """The first weekly session of the college strictly after an instant (DSR 4.5)."""
    rule = campaign.college
    return next_session(rule.weekday, rule.time, rule.on_closed_day, campaign.calendar, after)


def _college(campaign: Campaign, after: datetime) -> DueDate:
    fires_at = next_college(campaign, after)
    weekly = Explanation(
        rule=COLLEGE,
        source="DSR 4.5",
        amount=7,
        unit="day",
        counting="calendar",
        effect="indicative",
        start=in_utc(after),
        fires_at=fires_at,
    )
    return DueDate(None, fires_at, weekly)


def _closing(campaign: Campaign) -> DueDate:
    fires_at = campaign.closes_at.instant
    # The closing is excluded: the last day to deposit holds the instant just before it.
    last_day = paris_date(fires_at - timedelta(microseconds=1))
    fixed = Explanation(
        rule=CLOSING,
        source=campaign.closes_at.basis,
        amount=0,
        unit="day",
        counting="calendar",
        effect="legal",
        start=last_day,
        last_day=last_day,
        fires_at=fires_at,
    )
    return DueDate(last_day, fires_at, fixed)


def _instant_of(start: datetime | date | None) -> datetime | None:
    return in_utc(start) if isinstance(start, datetime) else None
