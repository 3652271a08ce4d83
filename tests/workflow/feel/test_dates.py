"""Dates, times and durations, and the hours that Paris skips and repeats."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from workflow.feel import YearMonthDuration, evaluate

PARIS = ZoneInfo("Europe/Paris")
UTC = dt.UTC


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('date("2022-01-31") + duration("P1M")', dt.date(2022, 2, 28)),
        ('date("2024-02-29") - @"P1Y"', dt.date(2023, 2, 28)),
        ('@"2022-01-01" - @"2021-12-31"', dt.timedelta(days=1)),
        ('@"2022-01-01" + @"PT36H"', dt.date(2022, 1, 2)),
        ('@"23:30:00" + @"PT1H"', dt.time(0, 30)),
        ('@"P1D" * 1.5', dt.timedelta(hours=36)),
        ('@"P1D" / @"PT6H"', 4),
        ('@"P1Y" / 2', YearMonthDuration(6)),
        ('-@"P1Y2M"', YearMonthDuration(-14)),
        ('@"2022-01-01" + 1', None),
        ('@"9999-12-31" + @"P1D"', None),
        ('@"2022-01-01" < @"2022-01-02"', True),
        ('@"2022-01-01" < @"2022-01-01T10:00:00"', None),
        ('@"2022-01-01T10:00:00Z" = @"2022-01-01T11:00:00+01:00"', True),
        ('is(@"10:00:00Z", @"10:00:00@Etc/UTC")', False),
        ('date and time("2022-10-03T09:00:00@Europe/Paris").time offset', dt.timedelta(hours=2)),
        ('@"2022-10-03T09:00:00@Europe/Paris".timezone', "Europe/Paris"),
        ('@"2022-10-03".weekday', 1),
        ('@"P1DT2H3M4.5S".seconds', 4.5),
        ('date("2022-02-30")', None),
        ('time("24:00:01")', None),
        ('time(11, 59, 45, duration("-PT2H")).time offset', dt.timedelta(hours=-2)),
        (
            'years and months duration(date("2011-12-22"), date("2013-08-24"))',
            YearMonthDuration(20),
        ),
        ('duration("P1Y1D")', None),
        ('string(duration("PT90M"))', "PT1H30M"),
        ('week of year(@"2021-01-03")', 53),
        ('day of week(@"2022-10-27")', "Thursday"),
    ],
)
def test_dates_are_counted_as_the_standard_says(expression: str, value: Any) -> None:
    assert evaluate(expression) == value


def test_now_is_the_instant_given_read_in_paris() -> None:
    instant = dt.datetime(2022, 10, 27, 22, 30, tzinfo=UTC)
    assert evaluate("now()", now=instant) == instant
    assert evaluate("string(now())", now=instant) == "2022-10-28T00:30:00@Europe/Paris"
    assert evaluate("today()", now=instant) == dt.date(2022, 10, 28)


def test_without_an_instant_no_clock_is_read() -> None:
    assert evaluate("[now(), today()]") == [None, None]


@pytest.mark.parametrize(
    ("start", "day_later"),
    [
        ("2022-03-26T12:00:00", "2022-03-27T13:00:00@Europe/Paris"),
        ("2022-10-29T12:00:00", "2022-10-30T11:00:00@Europe/Paris"),
        ("2022-10-30T02:30:00", "2022-10-31T01:30:00@Europe/Paris"),
    ],
)
def test_twenty_four_hours_are_elapsed_hours_when_the_clocks_change(
    start: str, day_later: str
) -> None:
    expression = f'string(@"{start}@Europe/Paris" + @"PT24H")'
    assert evaluate(expression) == day_later


def test_a_month_later_keeps_the_hour_on_the_wall() -> None:
    found = evaluate('string(@"2022-10-03T09:00:00@Europe/Paris" + @"P1M")')
    assert found == "2022-11-03T09:00:00@Europe/Paris"


def test_the_repeated_hour_of_october_happens_twice() -> None:
    summer = dt.datetime(2022, 10, 30, 2, 30, tzinfo=PARIS)
    winter = summer.replace(fold=1)
    context = {"a": summer, "b": winter}
    assert evaluate("b - a", context) == dt.timedelta(hours=1)
    assert evaluate("a < b and a != b", context) is True


def test_instants_of_two_zones_are_the_same_instant() -> None:
    context = {
        "a": dt.datetime(2022, 10, 3, 7, tzinfo=UTC),
        "b": dt.datetime(2022, 10, 3, 9, tzinfo=PARIS),
    }
    assert evaluate('a = b and a >= b and a - b = @"PT0S"', context) is True
