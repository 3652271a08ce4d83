"""Time is handed down, moves forward only, and its law is that of Paris."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from workflow.clock import (
    PARIS,
    DemoClock,
    SystemClock,
    VirtualClock,
    in_utc,
    paris_date,
    paris_midnight,
)
from workflow.errors import InvalidInput

OPENING = datetime(2022, 10, 3, 9, 0, tzinfo=PARIS)


def test_the_system_clock_tells_an_aware_instant_in_utc() -> None:
    before = datetime.now(UTC)
    told = SystemClock().now()
    assert before <= told <= datetime.now(UTC)
    assert told.tzinfo is UTC


def test_a_virtual_clock_stands_still_until_it_is_moved() -> None:
    clock = VirtualClock(OPENING)
    assert clock.now() == clock.now() == OPENING
    clock.move_to(OPENING + timedelta(days=1))
    assert clock.now() == datetime(2022, 10, 4, 7, 0, tzinfo=UTC)
    assert clock.now().tzinfo is UTC


def test_a_virtual_clock_may_be_moved_to_the_instant_it_shows() -> None:
    clock = VirtualClock(OPENING)
    clock.move_to(OPENING)
    assert clock.now() == OPENING


def test_a_virtual_clock_refuses_to_go_back_and_keeps_its_instant() -> None:
    clock = VirtualClock(OPENING)
    with pytest.raises(InvalidInput, match=r"^Expected .+ but .+\. .+\.$"):
        clock.move_to(OPENING - timedelta(microseconds=1))
    assert clock.now() == OPENING


def test_the_hour_that_comes_twice_in_october_is_still_forward() -> None:
    clock = VirtualClock(datetime(2022, 10, 30, 2, 30, fold=0, tzinfo=PARIS))
    clock.move_to(datetime(2022, 10, 30, 2, 15, fold=1, tzinfo=PARIS))
    assert clock.now() == datetime(2022, 10, 30, 1, 15, tzinfo=UTC)


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="time zone"):
        VirtualClock(datetime(2022, 10, 3, 9, 0))  # noqa: DTZ001
    with pytest.raises(InvalidInput, match="time zone"):
        in_utc(datetime(2022, 10, 3, 9, 0))  # noqa: DTZ001


def test_the_demo_clock_runs_at_real_speed_from_its_own_start() -> None:
    machine = VirtualClock(datetime(2025, 6, 1, 12, 0, tzinfo=UTC))
    demo = DemoClock(machine.now(), OPENING, timedelta(0), machine)
    assert demo.now() == OPENING
    machine.move_to(machine.now() + timedelta(hours=3, seconds=7))
    assert demo.now() == OPENING + timedelta(hours=3, seconds=7)
    assert demo.now().tzinfo is UTC


def test_the_demo_clock_shows_what_its_administrator_advanced() -> None:
    machine = VirtualClock(datetime(2025, 6, 1, 12, 0, tzinfo=UTC))
    demo = DemoClock(machine.now(), OPENING, timedelta(days=30), machine)
    # Thirty times 24 hours later the clocks of Paris have gone back by one hour.
    assert demo.now().astimezone(PARIS).isoformat() == "2022-11-02T08:00:00+01:00"


def test_the_demo_clock_started_in_paris_time_crosses_the_clock_change_exactly() -> None:
    machine = VirtualClock(datetime(2025, 6, 1, 12, 0, tzinfo=UTC))
    start = datetime(2022, 10, 29, 15, 0, tzinfo=PARIS)
    demo = DemoClock(machine.now(), start, timedelta(0), machine)
    machine.move_to(machine.now() + timedelta(hours=24))
    assert demo.now() == datetime(2022, 10, 30, 13, 0, tzinfo=UTC)


def test_the_demo_clock_cannot_be_advanced_backwards() -> None:
    machine = VirtualClock(OPENING)
    with pytest.raises(InvalidInput, match="forward"):
        DemoClock(OPENING, OPENING, timedelta(seconds=-1), machine)


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        (date(2022, 11, 23), "2022-11-22T23:00:00+00:00"),
        (date(2022, 7, 14), "2022-07-13T22:00:00+00:00"),
        (date(2022, 10, 30), "2022-10-29T22:00:00+00:00"),
        (date(2022, 10, 31), "2022-10-30T23:00:00+00:00"),
        (date(2023, 3, 26), "2023-03-25T23:00:00+00:00"),
        (date(2023, 3, 27), "2023-03-26T22:00:00+00:00"),
    ],
)
def test_a_day_begins_at_midnight_in_paris(day: date, instant: str) -> None:
    assert paris_midnight(day).isoformat() == instant
    assert paris_date(paris_midnight(day)) == day
    assert paris_date(paris_midnight(day) - timedelta(microseconds=1)) == day - timedelta(days=1)


def test_the_day_is_read_in_paris_whatever_the_zone_of_the_instant() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert paris_date(datetime(2022, 11, 23, 7, 59, tzinfo=tokyo)) == date(2022, 11, 22)
    assert paris_date(datetime(2022, 11, 23, 8, 0, tzinfo=tokyo)) == date(2022, 11, 23)
