"""The dates that run in a campaign, and where a change of its parameters would put them.

Reads only: the preview of a change and the act itself count with the same functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.clock import PARIS
from workflow.delay import Delay, DueDate
from workflow.domain import deadline, reminder, suspension
from workflow.domain.campaign import Campaign, CollegeRule
from workflow.domain.deadline import DeadlineRecord
from workflow.domain.deadline_replay import counted_again
from workflow.domain.dossier import Dossier
from workflow.engine import diagrams as deployed
from workflow.engine.instances import Instance
from workflow.engine.runtime import Runtime
from workflow.engine.spiff import OperationCall, TurnEnvironment
from workflow.engine.waiting import Timer
from workflow.errors import LimitExceeded

MOST_DATES = 100_000
"""Running dates that one act looks at: some 30,000 dossiers."""
KEPT, LATER, SHORTENED, PAST = "kept", "later", "shortened", "past"
STANDING, DROPPED = "standing", "dropped"
"""Where a date goes: nowhere; later; earlier; before now; none while its clock stands; or, for a
reminder, nowhere any more, since its hour would be over."""


@dataclass(frozen=True, slots=True)
class RunningDate:
    """A timer under way with the date that explains it; `due_at` is null while it is parked."""

    instance_id: int
    timer_id: str
    label: str
    due_at: datetime | None
    dossier_id: int | None
    number: str | None
    held_since: datetime | None
    record: DeadlineRecord

    @property
    def key(self) -> str:
        """The delay of the campaign that it counts."""
        return self.record.key

    @property
    def is_reminder(self) -> bool:
        """Whether it only reminds of another date."""
        return bool(self.record.explanation.get("before"))


@dataclass(frozen=True, slots=True)
class DateMove:
    """A running date and where it goes; `found` is what it becomes, null when nothing changes."""

    date: RunningDate
    status: str
    found: DueDate | None

    @property
    def due_at(self) -> datetime | None:
        """The instant at which it would fire."""
        return self.date.due_at if self.found is None else self.found.fires_at

    @property
    def last_day(self) -> date | None:
        """The last day to act, where it has one."""
        return self.date.record.last_day if self.found is None else self.found.last_day

    def as_facts(self) -> dict[str, Any]:
        """As the history tells it."""
        own = {"dossier": self.date.number, "deadline": self.date.key}
        before = written(self.date.due_at)
        if self.found is None:
            return {**own, "due_at": before}
        return {**own, "from": before, "to": written(self.due_at), "status": self.status}


def _weekly(rule: CollegeRule) -> tuple[str, str, str]:
    return (rule.weekday, rule.time, rule.on_closed_day)


class Touched:
    """What a change touches: delays, the calendar of business days, the college, the closing."""

    def __init__(self, before: Campaign, after: Campaign) -> None:
        named = {*before.delays, *after.delays}
        self.after = after
        self.delays = {key for key in named if before.delays.get(key) != after.delays.get(key)}
        self.calendar = before.calendar != after.calendar
        self.college = self.calendar or _weekly(before.college) != _weekly(after.college)
        self.closing = before.closes_at != after.closes_at

    def __bool__(self) -> bool:
        return bool(self.delays or self.calendar or self.college or self.closing)

    def concerns(self, record: DeadlineRecord) -> bool:
        """Whether a stored date was computed from something that changes."""
        if record.key == deadline.COLLEGE:
            return self.college
        if record.key == deadline.CLOSING:
            return self.closing
        counts_open_days = record.explanation["counting"] == "business"
        named = {record.key, record.explanation.get("before")}
        return bool(named & self.delays) or (self.calendar and counts_open_days)

    def reminder(self, key: str) -> Delay | None:
        """The delay of a reminder that comes before another date; None for any other date."""
        delay = self.after.delays.get(key)
        return delay if delay is not None and delay.before else None

    def new_date(self, session: Session, record: DeadlineRecord, now: datetime) -> DueDate | None:
        """What a stored date becomes; null when it has not started."""
        changed = record.key in self.delays
        delay = self.after.delays.get(record.key) if changed else None
        return counted_again(session, record, self.after, delay, now)


def concerned(
    session: Session, runtime: Runtime, campaign: Campaign, touched: Touched, now: datetime
) -> list[RunningDate]:
    """The running dates that a change touches, in the order of their instances.

    Those that are due already are left out: they fire. Raises LimitExceeded beyond MOST_DATES.
    """
    if not touched:
        return []
    found: list[RunningDate] = []
    for one in _running(session, runtime, campaign.id):
        is_due = one.held_since is None and one.due_at is not None and one.due_at <= now
        if is_due or not touched.concerns(one.record):
            continue
        found.append(one)
        if len(found) > MOST_DATES:
            raise LimitExceeded(
                f"Expected at most {MOST_DATES} running dates but found more."
                " Change one delay after the other."
            )
    return sorted(found, key=lambda one: (one.instance_id, one.timer_id))


def moves(
    session: Session, touched: Touched, dates: Sequence[RunningDate], now: datetime
) -> list[DateMove]:
    """Where the dates would go if they followed the change; reminders follow what they tell."""
    own = {
        (one.instance_id, one.key): _move(session, touched, one, now)
        for one in dates
        if touched.reminder(one.key) is None
    }
    return [
        own.get((one.instance_id, one.key)) or _reminded(session, touched, one, own, now)
        for one in dates
    ]


def kept(dates: Sequence[RunningDate]) -> list[DateMove]:
    """The same dates, when they keep the terms under which they were set."""
    return [DateMove(one, KEPT, None) for one in dates]


def written(instant: datetime | None) -> str | None:
    """An instant as the history writes it."""
    return None if instant is None else instant.astimezone(PARIS).isoformat()


def _move(session: Session, touched: Touched, one: RunningDate, now: datetime) -> DateMove:
    found = touched.new_date(session, one.record, now)
    if found is None:
        return DateMove(one, KEPT, None)
    if found.fires_at is None:
        return DateMove(one, STANDING, found)
    if found.fires_at == one.due_at:
        return DateMove(one, KEPT, found if one.key in touched.delays else None)
    if found.fires_at <= (one.held_since or now):
        return DateMove(one, PAST, found)
    before = one.due_at
    is_shorter = before is not None and found.fires_at < before
    return DateMove(one, SHORTENED if is_shorter else LATER, found)


def _reminded(
    session: Session,
    touched: Touched,
    one: RunningDate,
    moved: Mapping[tuple[int, str], DateMove],
    now: datetime,
) -> DateMove:
    delay = touched.reminder(one.key)
    assert delay is not None
    step = moved.get((one.instance_id, delay.before))
    if step is not None and step.found is not None:
        found = step.found
    else:
        record = deadline.latest_of(session, one.instance_id, delay.before)
        if record is None:
            return DateMove(one, KEPT, None)
        found = deadline.as_computed(record)
    reminded = reminder.due_before(delay, found, found.sum.start or now, touched.after.calendar)
    fires_at = reminded.fires_at
    if fires_at is not None and fires_at <= (one.held_since or now):
        reminded = reminder.never(reminded)
    if reminded.fires_at == one.due_at:
        return DateMove(one, KEPT, None)
    if reminded.fires_at is None:
        return DateMove(one, DROPPED, reminded)
    is_shorter = one.due_at is not None and reminded.fires_at < one.due_at
    return DateMove(one, SHORTENED if is_shorter else LATER, reminded)


def _running(session: Session, runtime: Runtime, campaign_id: str) -> Iterator[RunningDate]:
    rows = session.execute(
        select(Timer, DeadlineRecord, Dossier.number)
        .join(Instance, Instance.id == Timer.instance_id)
        .join(DeadlineRecord, DeadlineRecord.id == Timer.deadline_id)
        .outerjoin(Dossier, Dossier.id == Timer.dossier_id)
        .where(Instance.campaign_id == campaign_id, Instance.ended_at.is_(None))
    )
    for timer, record, number in rows:
        yield RunningDate(
            timer.instance_id,
            timer.timer_id,
            timer.label,
            timer.due_at,
            timer.dossier_id,
            number,
            None,
            record,
        )
    yield from _held(session, runtime, campaign_id)


def _held(session: Session, runtime: Runtime, campaign_id: str) -> Iterator[RunningDate]:
    """The dates of suspended dossiers: they stand in the state alone until the release."""
    rows = session.execute(
        select(Instance, Dossier.number)
        .join(Dossier, Dossier.id == Instance.dossier_id)
        .where(
            Instance.campaign_id == campaign_id,
            Instance.ended_at.is_(None),
            Instance.held.is_(True),
        )
        .order_by(Instance.id)
    ).all()
    for instance, number in rows:
        assert instance.dossier_id is not None, "joined by its dossier"
        hold = suspension.current(session, instance.dossier_id)
        known = deployed.load(session, runtime, instance.deployment_id)
        resting = TurnEnvironment(instance.last_instant, {}, _nothing, held=True)
        flow = known.load(instance.process_id, instance.state, resting)
        for timer in flow.timers(even_held=True):
            record = deadline.find(session, timer.deadline_id) if timer.deadline_id else None
            if record is None:
                continue
            yield RunningDate(
                instance.id,
                timer.timer_id,
                known.process(timer.process_id).elements[timer.element_id].label,
                timer.due_at,
                instance.dossier_id,
                number,
                instance.last_instant if hold is None else hold.started_at,
                record,
            )


def _nothing(_call: OperationCall) -> None:
    """A state that is only read performs nothing."""
