"""Legal dates: computed in one place, stored with the sum that explains them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from desk import Desk, paris

from workflow.delay import Explanation
from workflow.domain import clock_ledger, deadline
from workflow.domain.deadline import Deadline, UnknownDeadline
from workflow.errors import InvalidInput


def set_deadline(desk: Desk, dossier_id: int, key: str, start: object, **more: object) -> Deadline:
    return deadline.deadline(
        desk.session,
        campaign=desk.campaign,
        dossier_id=dossier_id,
        key=key,
        start=start,  # pyright: ignore[reportArgumentType]
        now=desk.clock.now(),
        **more,  # pyright: ignore[reportArgumentType]
    )


@pytest.mark.rule(53)
@pytest.mark.parametrize(
    ("start", "last_day"),
    [
        ("2022-10-28T10:00", "2022-11-07"),
        ("2022-11-07T10:00", "2022-11-15"),
        ("2022-11-10T10:00", "2022-11-18"),
        ("2022-12-23T10:00", "2022-12-30"),
        ("2023-04-06T10:00", "2023-04-14"),
        ("2023-05-05T10:00", "2023-05-15"),
    ],
)
def test_five_business_days_pass_over_holidays(desk: Desk, start: str, last_day: str) -> None:
    found = set_deadline(desk, desk.deposited(), "admissibility_solicitation", paris(start))
    assert found.last_day == date.fromisoformat(last_day)
    assert found.fires_at == paris(f"{last_day}T00:00") + timedelta(days=1)


def test_a_date_is_stored_with_its_explanation_and_its_campaign(desk: Desk) -> None:
    dossier_id = desk.deposited()
    found = set_deadline(desk, dossier_id, "solicitation_abandon", paris("2022-10-15T10:00"))
    record = deadline.find(desk.session, found.deadline_id)
    assert record is not None
    assert (record.last_day, record.campaign_version_id) == (
        date(2022, 11, 14),
        desk.campaign.version_id,
    )
    sum_ = Explanation.from_json(record.explanation)
    assert (sum_.amount, sum_.counting, len(sum_.counted_days)) == (30, "calendar", 30)
    assert sum_.start == paris("2022-10-15T10:00")


def test_an_elapsed_day_runs_through_the_end_of_summer_time(desk: Desk) -> None:
    found = set_deadline(
        desk, desk.deposited(), "solicitation_deprioritise", paris("2022-10-29T15:00")
    )
    assert (found.last_day, found.fires_at) == (None, paris("2022-10-30T14:00"))


def test_an_active_delay_follows_its_clock_and_is_parked_while_it_stands(desk: Desk) -> None:
    dossier_id = desk.submitted()
    running = set_deadline(desk, dossier_id, "instruction", None)
    assert running.follows == "instruction"
    assert running.fires_at == desk.clock.now() + timedelta(days=42)
    clock_ledger.suspend(
        desk.at("2022-10-10T09:00").call(dossier_id), "instruction", "solicitation"
    )
    assert set_deadline(desk, dossier_id, "instruction", None).fires_at is None
    clock_ledger.resume(desk.at("2022-10-12T09:00").call(dossier_id), "instruction", "solicitation")
    moved = set_deadline(desk, dossier_id, "instruction", None)
    assert moved.fires_at == paris("2022-11-16T08:00")


@pytest.mark.rule(67)
def test_the_college_sits_on_the_next_thursday_or_the_business_day_before(desk: Desk) -> None:
    # Thursday 25 May 2023 is a business day, Thursday 18 May is Ascension Day.
    before_ascension = set_deadline(desk, desk.deposited(), "college", paris("2023-05-12T09:00"))
    assert before_ascension.fires_at == paris("2023-05-17T10:00")


@pytest.mark.rule(46)
def test_the_closing_is_the_campaigns(desk: Desk) -> None:
    found = set_deadline(desk, desk.deposited(), "closing", None)
    assert (found.last_day, found.fires_at) == (date(2022, 11, 22), paris("2022-11-23T00:00"))


def test_the_reminder_comes_when_the_announced_day_is_over(desk: Desk) -> None:
    found = set_deadline(desk, desk.deposited(), "proof_reminder", date(2022, 11, 2))
    assert (found.last_day, found.fires_at) == (date(2022, 11, 2), paris("2022-11-03T00:00"))


def test_a_deadline_without_a_name_or_a_start_is_refused(desk: Desk) -> None:
    dossier_id = desk.deposited()
    with pytest.raises(UnknownDeadline, match="solicitation_abandon"):
        set_deadline(desk, dossier_id, "tea_time", desk.clock.now())
    with pytest.raises(InvalidInput):
        set_deadline(desk, dossier_id, "solicitation_abandon", None)


@pytest.mark.parametrize(
    ("at", "left"),
    [("2022-12-08T10:00", 28), ("2022-12-20T23:59", 16), ("2023-01-05T23:59", 0)],
)
def test_the_days_that_remain_are_counted_between_days_in_paris(
    desk: Desk, at: str, left: int
) -> None:
    dossier_id = desk.deposited()
    set_deadline(desk, dossier_id, "reservation_lifting", paris("2022-12-08T10:00"))
    assert (
        deadline.remaining_days(desk.session, dossier_id, "reservation_lifting", paris(at)) == left
    )


def test_no_days_remain_of_a_date_that_was_never_set(desk: Desk) -> None:
    at = paris("2022-12-08T10:00")
    assert deadline.remaining_days(desk.session, desk.deposited(), "instruction", at) is None


def test_the_remaining_days_are_counted_again_from_the_return(desk: Desk) -> None:
    found = set_deadline(
        desk, desk.deposited(), "reservation_lifting", paris("2023-01-03T09:00"), remaining=16
    )
    assert found.last_day == date(2023, 1, 19)
