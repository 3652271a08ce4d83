"""Reminders: how long before a step they come, and when they do not."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from desk import MAPPING, Desk, paris
from hypothesis import given
from hypothesis import strategies as st

from workflow.business_days import Calendar
from workflow.delay import Delay, InvalidDelay, due
from workflow.domain import campaign, deadline, step_reminder
from workflow.domain.campaign import InvalidCampaign
from workflow.domain.reminder import REMINDERS, due_before
from workflow.errors import Conflict, InvalidInput

STARTS = st.datetimes(datetime(2022, 1, 1), datetime(2030, 12, 31)).map(  # noqa: DTZ001
    lambda moment: paris(moment.isoformat())
)


def reminded(key: str, start: str, desk: Desk, remaining: int | None = None) -> str | None:
    found = deadline.compute(
        desk.session,
        campaign=desk.campaign,
        dossier_id=None,
        key=key,
        start=paris(start),
        now=paris(start),
        remaining=remaining,
    )
    return found.fires_at and found.fires_at.astimezone(paris(start).tzinfo).isoformat()[:16]


def test_each_step_is_reminded_so_long_before_its_end(desk: Desk) -> None:
    told = {key: reminded(key, "2022-10-28T10:00", desk) for key in REMINDERS}
    assert told == {
        "admissibility_solicitation_reminder": "2022-11-04T00:00",
        "solicitation_deprioritise_reminder": "2022-10-29T06:00",
        "solicitation_delay_reminder": "2022-11-02T00:00",
        "solicitation_abandon_reminder": "2022-11-21T00:00",
        "solicitation_abandon_last_reminder": "2022-11-26T00:00",
        "reservation_lifting_reminder": "2022-11-19T00:00",
        "reservation_lifting_last_reminder": "2022-11-24T00:00",
    }


@pytest.mark.parametrize(
    ("remaining", "week", "last"),
    [
        (8, "2022-10-30T00:00", "2022-11-04T00:00"),
        (7, "2022-10-29T00:00", "2022-11-03T00:00"),
        (6, None, "2022-11-02T00:00"),
        (2, None, "2022-10-29T00:00"),
        (1, None, None),
        (0, None, None),
    ],
)
def test_nobody_is_reminded_of_days_that_do_not_remain(
    desk: Desk, remaining: int, week: str | None, last: str | None
) -> None:
    start = "2022-10-28T10:00"
    assert reminded("reservation_lifting_reminder", start, desk, remaining) == week
    assert reminded("reservation_lifting_last_reminder", start, desk, remaining) == last


@given(STARTS, st.integers(1, 60), st.integers(0, 70), st.sampled_from(["calendar", "business"]))
def test_a_reminder_leaves_the_days_that_it_promises(
    start: datetime, amount: int, before: int, counting: str
) -> None:
    calendar = Calendar()
    step = due(Delay(amount, "day", counting), start, calendar)  # pyright: ignore[reportArgumentType]
    reminder = Delay(before, "day", counting, "reminder", "", "r", "step")  # pyright: ignore[reportArgumentType]
    found = due_before(reminder, step, start, calendar)
    never = before == 0 or before > amount
    assert (found.fires_at is None) == never
    if found.fires_at is None:
        return
    assert start < found.fires_at < (step.fires_at or found.fires_at)
    assert found.last_day is not None
    assert step.last_day is not None
    between = (step.last_day - found.last_day).days
    closed = len(calendar.skipped_days(found.last_day, step.last_day))
    assert before == (between - closed if counting == "business" else between)
    assert len(found.sum.counted_days) == before


@given(STARTS, st.integers(1, 200), st.integers(1, 250))
def test_a_reminder_in_hours_is_so_many_before_or_never(
    start: datetime, amount: int, before: int
) -> None:
    step = due(Delay(amount, "hour", "elapsed"), start, Calendar())
    reminder = Delay(before, "hour", "elapsed", "reminder", "", "r", "step")
    found = due_before(reminder, step, start, Calendar())
    wanted = (step.fires_at or start) - timedelta(hours=before)
    assert found.fires_at == (wanted if before < amount else None)


def test_a_campaign_moves_a_reminder_and_turns_it_off(desk: Desk) -> None:
    sooner = {**REMINDERS["solicitation_deprioritise_reminder"], "amount": 12}
    never = {**REMINDERS["solicitation_delay_reminder"], "amount": 0}
    changes = {"solicitation_deprioritise_reminder": sooner, "solicitation_delay_reminder": never}
    desk.campaign = campaign.parse(campaign.merge(MAPPING, {"delays": changes}))
    start = "2022-10-28T10:00"
    assert reminded("solicitation_deprioritise_reminder", start, desk) == "2022-10-28T22:00"
    assert reminded("solicitation_delay_reminder", start, desk) is None


def test_a_reminder_follows_its_step_when_the_campaign_changes_it(desk: Desk) -> None:
    shorter = {"delays": {"solicitation_abandon": {"amount": 6}}}
    desk.campaign = campaign.parse(campaign.merge(MAPPING, shorter))
    start = "2022-10-28T10:00"
    assert reminded("solicitation_abandon_last_reminder", start, desk) == "2022-11-02T00:00"
    assert reminded("solicitation_abandon_reminder", start, desk) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"before": "nothing"},
        {"before": "solicitation_abandon_last_reminder"},
        {"before": "solicitation_deprioritise"},
        {"counting": "active"},
    ],
)
def test_a_reminder_of_something_it_cannot_count_back_from_is_refused(
    changes: dict[str, str],
) -> None:
    wrong = {**REMINDERS["solicitation_abandon_reminder"], **changes}
    with pytest.raises(InvalidCampaign) as refused:
        campaign.parse(
            campaign.merge(MAPPING, {"delays": {"solicitation_abandon_reminder": wrong}})
        )
    (fault,) = refused.value.faults
    assert fault.startswith("delays.solicitation_abandon_reminder: Expected")


def test_what_comes_before_a_step_is_a_reminder_and_nothing_else() -> None:
    with pytest.raises(InvalidDelay, match="reminder"):
        Delay.parse(
            "odd", {"amount": 1, "unit": "day", "counting": "calendar", "before": "instruction"}
        )


def test_a_diagram_that_reminds_of_nothing_is_told(desk: Desk) -> None:
    dossier_id = desk.deposited()
    with pytest.raises(InvalidInput, match="step"):
        step_reminder.remind(desk.call(dossier_id), "instruction")
    with pytest.raises(Conflict, match="open solicitation"):
        step_reminder.remind(desk.call(dossier_id), "solicitation_abandon")
    with pytest.raises(Conflict, match="reservations"):
        step_reminder.remind_lifting(desk.call(dossier_id))
