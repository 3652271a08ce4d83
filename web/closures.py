"""« Jours fériés et fermetures »: the days without work of the coming months, per campaign.

Read off the same calendar as every legal date (`Campaign.calendar`); a closure is added by a
change of the campaign, which shows the dates that it moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from babel.dates import format_date
from flask import Blueprint, render_template

from web.campaign_view import campaign_at_hand, campaign_choices
from web.holiday_words import common_name, zone_name
from web.language import _, language
from web.runtime import now, runtime
from web.signed_in import actor, requires_role
from web.words import first_upper
from workflow.business_days import AGENCY_CLOSURE, Calendar
from workflow.clock import PARIS, paris_date
from workflow.delay import WEEKDAYS, next_session
from workflow.domain.campaign import Campaign
from workflow.domain.standing import MAY_CHANGE_CAMPAIGN

MONTHS = 18
READERS = ("administrator", "auditor", "process_owner", "support")
SATURDAY = 5

part = Blueprint("closures", __name__)


@dataclass(frozen=True)
class ClosedDay:
    """A day without work; `name` is None for the Agency's own closure."""

    day: date
    name: str | None
    session_moved_to: datetime | None

    @property
    def on_weekend(self) -> bool:
        """Whether nobody would have worked anyway."""
        return self.day.weekday() >= SATURDAY


@part.get("/administration/fermetures")
@requires_role(*READERS)
def index() -> Any:
    """The coming eighteen months of one campaign, month by month."""
    with runtime().database.reading() as session:
        campaign = campaign_at_hand(session, runtime())
        choices = campaign_choices(session, runtime(), campaign)
    first = paris_date(now())
    last = _months_later(first, MONTHS)
    days = list(closed_days(campaign, first, last))
    return render_template(
        "administration/closures.html",
        campaign=campaign,
        choices=choices,
        zone=zone_name(campaign.calendar.holidays),
        months=[
            (_month(date(year, month, 1)), list(found))
            for (year, month), found in groupby(days, lambda each: (each.day.year, each.day.month))
        ],
        first=first,
        last=last,
        own=sum(each.name is None for each in days),
        may_change=bool(actor().roles & MAY_CHANGE_CAMPAIGN),
        none_left=_("aucune"),
    )


def closed_days(campaign: Campaign, first: date, last: date) -> Iterator[ClosedDay]:
    """Public holidays and closures from `first` to `last`, with the sessions that they move."""
    public = Calendar(campaign.calendar.holidays)
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        reason = campaign.calendar.closed_reason(day)
        holiday = _holiday(public, day)
        if reason is None or (holiday is None and reason != AGENCY_CLOSURE):
            continue
        yield ClosedDay(day, holiday and common_name(holiday), _moved_session(campaign, day))


def _holiday(public: Calendar, day: date) -> str | None:
    reason = public.closed_reason(day)
    return None if reason in ("samedi", "dimanche", None) else reason


def _moved_session(campaign: Campaign, day: date) -> datetime | None:
    """When the college sits instead, when its weekday falls on that day."""
    rule = campaign.college
    if WEEKDAYS[day.weekday()] != rule.weekday:
        return None
    # From the end of the session's day before in the weeks' round, so that only this one is next.
    week_before = datetime.combine(day - timedelta(days=7), time(23, 59), PARIS)
    return next_session(rule.weekday, rule.time, rule.on_closed_day, campaign.calendar, week_before)


def _month(first: date) -> str:
    return first_upper(format_date(first, "MMMM y", locale=language()))


def _months_later(day: date, months: int) -> date:
    month = day.month - 1 + months
    return date(day.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
