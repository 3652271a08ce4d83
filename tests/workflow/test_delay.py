"""Legal delays end when the DSR says, to the day and to the instant, and say why."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from workflow.business_days import Calendar, SkippedDay
from workflow.clock import PARIS, paris_midnight
from workflow.delay import (
    Delay,
    DueDate,
    Explanation,
    Interval,
    InvalidDelay,
    active_time,
    days_left,
    due,
    due_active,
    next_session,
)
from workflow.errors import InvalidInput

CAMPAIGN = Path(__file__).parents[2] / "bpmn" / "campaigns" / "dsr-ope-mss-2022.yaml"
DELAYS = {
    key: Delay.parse(key, written)
    for key, written in yaml.safe_load(CAMPAIGN.read_text(encoding="utf-8"))["delays"].items()
}
METROPOLE = Calendar("metropole")
A_SENTENCE = r"^Expected .+ but .+\. .+\.$"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def paris(text: str) -> datetime:
    """An instant written without offset, in Paris time."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def counted(amount: int, unit: str, counting: str, **others: str) -> Delay:
    return Delay.parse("a_delay", {"amount": amount, "unit": unit, "counting": counting, **others})


instants = st.datetimes(
    datetime(2021, 1, 1),  # noqa: DTZ001
    datetime(2024, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
hours_of_a_day = st.times().map(lambda time: time.replace(tzinfo=PARIS))
amounts = st.integers(1, 60)
days = st.dates(date(2021, 1, 1), date(2024, 12, 31))


# The oracles


@pytest.mark.parametrize(
    ("rule", "start", "last_day", "fires_at"),
    [
        pytest.param(*case.split(" | "), id=case)
        for case in (
            "admissibility_solicitation | 2022-10-28T10:00 | 2022-11-07 | 2022-11-07T23:00",
            "admissibility_solicitation | 2022-11-07T10:00 | 2022-11-15 | 2022-11-15T23:00",
            "admissibility_solicitation | 2022-11-10T10:00 | 2022-11-18 | 2022-11-18T23:00",
            "admissibility_solicitation | 2022-12-23T10:00 | 2022-12-30 | 2022-12-30T23:00",
            "admissibility_solicitation | 2023-04-06T10:00 | 2023-04-14 | 2023-04-14T22:00",
            "admissibility_solicitation | 2023-05-05T10:00 | 2023-05-15 | 2023-05-15T22:00",
            "solicitation_abandon | 2022-10-15T10:00 | 2022-11-14 | 2022-11-14T23:00",
            "solicitation_abandon | 2023-03-10T10:00 | 2023-04-09 | 2023-04-09T22:00",
            "solicitation_delay | 2022-10-15T10:00 | 2022-10-20 | 2022-10-20T22:00",
            "solicitation_delay | 2022-10-28T10:00 | 2022-11-02 | 2022-11-02T23:00",
            "admissibility_check | 2022-10-27T10:00 | 2022-11-03 | 2022-11-03T23:00",
            "reservation_lifting | 2022-12-08T16:30 | 2023-01-05 | 2023-01-05T23:00",
            "proof_reminder | 2022-12-01T00:00 | 2022-12-01 | 2022-12-01T23:00",
        )
    ],
)
def test_a_delay_in_days_ends_at_the_midnight_of_its_last_day(
    rule: str, start: str, last_day: str, fires_at: str
) -> None:
    found = due(DELAYS[rule], paris(start), METROPOLE)
    assert found.last_day == date.fromisoformat(last_day)
    assert found.fires_at == utc(fires_at)


@pytest.mark.rule(64)
@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param("2022-10-29T15:00+02:00", "2022-10-30T14:00+01:00", id="October change"),
        pytest.param("2023-03-25T15:00+01:00", "2023-03-26T16:00+02:00", id="March change"),
        pytest.param("2022-10-14T17:30+02:00", "2022-10-15T17:30+02:00", id="over a Saturday"),
        pytest.param("2022-10-30T02:30+02:00", "2022-10-31T01:30+01:00", id="first 2:30"),
        pytest.param("2022-10-30T02:30+01:00", "2022-10-31T02:30+01:00", id="second 2:30"),
    ],
)
def test_twenty_four_hours_are_24_elapsed_hours_whatever_the_day(start: str, end: str) -> None:
    found = due(
        DELAYS["solicitation_deprioritise"],
        datetime.fromisoformat(start).astimezone(PARIS),
        METROPOLE,
    )
    assert found.fires_at == datetime.fromisoformat(end)
    assert found.last_day is None


@pytest.mark.rule(53, 65)
def test_the_five_days_of_admissibility_and_of_instruction_are_not_the_same() -> None:
    start = paris("2022-10-28T10:00")
    assert due(DELAYS["admissibility_solicitation"], start, METROPOLE).last_day == date(2022, 11, 7)
    assert due(DELAYS["solicitation_delay"], start, METROPOLE).last_day == date(2022, 11, 2)


def test_six_weeks_of_instruction_never_suspended_end_an_hour_earlier_by_the_winter_clock() -> None:
    running = [Interval(paris("2022-10-03T10:00"))]
    found = due_active(DELAYS["instruction"], running, paris("2022-10-10T10:00"))
    assert found.fires_at == paris("2022-11-14T09:00")
    assert found.sum.active_time == 7 * DAY


@pytest.mark.rule(61, 63)
def test_six_weeks_of_instruction_do_not_count_the_time_of_solicitations() -> None:
    ledger = [
        Interval(paris("2022-11-02T10:00"), paris("2022-11-09T10:00"), "première sollicitation"),
        Interval(paris("2022-11-12T15:00"), paris("2022-11-20T15:00"), "seconde sollicitation"),
        Interval(paris("2022-12-01T08:00")),
    ]
    found = due_active(DELAYS["instruction"], ledger, paris("2022-12-02T08:00"))
    # 7 + 8 days have run, 27 are left from 1 December.
    assert found.fires_at == paris("2022-12-28T08:00")
    assert found.sum.active_time == 16 * DAY
    assert found.sum.suspensions == (
        Interval(paris("2022-11-09T10:00"), paris("2022-11-12T15:00"), "première sollicitation"),
        Interval(paris("2022-11-20T15:00"), paris("2022-12-01T08:00"), "seconde sollicitation"),
    )


def test_a_suspension_over_the_october_change_costs_nothing_and_gives_nothing() -> None:
    ledger = [
        Interval(paris("2022-10-28T12:00"), paris("2022-10-29T12:00"), "sollicitation"),
        Interval(paris("2022-10-30T12:00")),
    ]
    found = due_active(counted(2, "day", "active"), ledger, paris("2022-10-30T12:00"))
    assert found.fires_at == paris("2022-10-31T12:00")


def test_the_hour_that_comes_twice_counts_twice_in_active_time() -> None:
    ledger = [Interval(paris("2022-10-29T12:00"), paris("2022-10-30T12:00"), "sollicitation")]
    assert active_time(ledger, paris("2022-11-01T00:00")) == 25 * HOUR
    spring = [Interval(paris("2023-03-25T12:00"), paris("2023-03-26T12:00"), "sollicitation")]
    assert active_time(spring, paris("2023-04-01T00:00")) == 23 * HOUR


# What the campaign may write


def test_every_delay_of_the_campaign_has_its_source() -> None:
    assert all(delay.source for delay in DELAYS.values())
    of_the_law = {key: each.source for key, each in DELAYS.items() if each.source != "DER"}
    assert of_the_law == {
        "admissibility_check": "DSR 4.2",
        "admissibility_solicitation": "DSR 4.2",
        "solicitation_deprioritise": "DSR 4.4",
        "solicitation_delay": "DSR 4.4",
        "solicitation_abandon": "DSR 4.4",
        "instruction": "DSR 4.4",
        "reservation_lifting": "DSR 4.5",
    }


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"amount": amount}, id=f"amount {amount}")
        for amount in (0, -1, 1.0, 2.5, "5", True, None, 3661)
    ]
    + [
        pytest.param({"unit": "week"}, id="unknown unit"),
        pytest.param({"unit": None}, id="no unit"),
        pytest.param({"counting": "working"}, id="unknown counting"),
        pytest.param({"counting": ["business"]}, id="a list as counting"),
        pytest.param({"effect": "fatal"}, id="unknown effect"),
        pytest.param({"efect": "reminder"}, id="misspelt entry"),
        pytest.param({"source": 4.2}, id="source that is a number"),
        pytest.param({"unit": "hour"}, id="hours in business days"),
        pytest.param({"unit": "hour", "counting": "calendar"}, id="hours in calendar days"),
        pytest.param({"amount": 0, "counting": "calendar"}, id="no legal day"),
        pytest.param({"amount": 0, "effect": "reminder"}, id="reminder in no business day"),
    ],
)
def test_a_delay_that_cannot_be_counted_is_refused_with_a_remedy(change: dict[str, Any]) -> None:
    written = {"amount": 5, "unit": "day", "counting": "business", "source": "DSR 4.2"}
    assert Delay.parse("sound", written).amount == 5
    with pytest.raises(InvalidDelay, match=A_SENTENCE) as refusal:
        Delay.parse("unsound", {**written, **change})
    assert refusal.value.code == "invalid_delay"
    assert "'unsound'" in str(refusal.value)


@pytest.mark.parametrize("missing", ["amount", "unit", "counting"])
def test_a_delay_with_an_entry_missing_is_refused(missing: str) -> None:
    written = {"amount": 5, "unit": "day", "counting": "business"}
    del written[missing]
    with pytest.raises(InvalidDelay, match=rf"Add {missing}\.$"):
        Delay.parse("incomplete", written)


@pytest.mark.parametrize("written", [None, 5, "5 days", ["amount", "unit", "counting"]])
def test_a_delay_that_is_not_a_mapping_is_refused(written: object) -> None:
    with pytest.raises(InvalidDelay, match=A_SENTENCE):
        Delay.parse("wrong", written)


def test_a_delay_made_in_code_is_held_to_the_same_rules() -> None:
    with pytest.raises(InvalidDelay):
        Delay(5, "hour", "business")
    with pytest.raises(InvalidDelay):
        Delay(0, "day", "active", effect="reminder")


# Choices and remainders


def test_nothing_is_extended_to_a_business_day_unless_the_campaign_says_so() -> None:
    start = paris("2022-09-30T10:00")  # 30 days later: Sunday 30 October, before All Saints' Monday
    calendar = Calendar("metropole", [date(2022, 10, 31)])
    plain = due(DELAYS["solicitation_abandon"], start, calendar)
    postponed = due(DELAYS["solicitation_abandon"], start, calendar, postponed=True)
    assert plain.last_day == date(2022, 10, 30)
    assert plain.sum.skipped_days == ()
    assert plain.sum.postponed_from is None
    assert postponed.last_day == date(2022, 11, 2)
    assert postponed.fires_at == paris_midnight(date(2022, 11, 3))
    assert postponed.sum.postponed_from == date(2022, 10, 30)
    assert postponed.sum.skipped_days == (
        SkippedDay(date(2022, 10, 30), "dimanche"),
        SkippedDay(date(2022, 10, 31), "fermeture de l'Agence"),
        SkippedDay(date(2022, 11, 1), "Toussaint"),
    )


def test_a_last_day_that_is_open_is_not_postponed() -> None:
    start = paris("2022-10-15T10:00")
    delay = DELAYS["solicitation_abandon"]
    assert due(delay, start, METROPOLE, postponed=True) == due(delay, start, METROPOLE)


@pytest.mark.parametrize("rule", ["admissibility_solicitation", "reservation_lifting"])
def test_zero_days_left_means_until_midnight_of_that_day(rule: str) -> None:
    found = due(DELAYS[rule], paris("2022-11-05T18:00"), METROPOLE, remaining=0)
    assert found.last_day == date(2022, 11, 5)
    assert found.fires_at == paris_midnight(date(2022, 11, 6))
    assert found.sum.counted_days == ()


def test_the_days_left_are_counted_again_from_the_day_of_return() -> None:
    lifting = DELAYS["reservation_lifting"]
    notified, deposited, returned = (date(2022, 12, 8), date(2022, 12, 20), date(2023, 1, 9))
    last_day = due(lifting, notified, METROPOLE).last_day
    assert last_day == date(2023, 1, 5)
    left = days_left(lifting, deposited, last_day, METROPOLE)
    assert left == 16
    again = due(lifting, returned, METROPOLE, remaining=left)
    assert again.last_day == date(2023, 1, 25)
    assert again.sum.remaining == 16
    assert again.sum.amount == 28


def test_nothing_is_left_of_a_delay_that_is_over() -> None:
    with pytest.raises(InvalidInput, match=A_SENTENCE):
        days_left(DELAYS["reservation_lifting"], date(2023, 1, 6), date(2023, 1, 5), METROPOLE)
    with pytest.raises(InvalidDelay, match=A_SENTENCE):
        days_left(DELAYS["instruction"], date(2023, 1, 4), date(2023, 1, 5), METROPOLE)


@pytest.mark.parametrize("remaining", [-1, 1.0, True, "3"])
def test_a_remainder_that_is_not_a_number_of_days_is_refused(remaining: Any) -> None:
    with pytest.raises(InvalidInput, match=A_SENTENCE):
        due(DELAYS["reservation_lifting"], date(2022, 12, 8), METROPOLE, remaining=remaining)


def test_each_way_of_counting_asks_for_what_it_needs() -> None:
    elapsed, active = DELAYS["solicitation_deprioritise"], DELAYS["instruction"]
    start = paris("2022-11-07T10:00")
    with pytest.raises(InvalidInput, match=A_SENTENCE):
        due(elapsed, date(2022, 11, 7), METROPOLE)
    with pytest.raises(InvalidInput, match=A_SENTENCE):
        due(elapsed, start, METROPOLE, remaining=1)
    with pytest.raises(InvalidInput, match=A_SENTENCE):
        due(elapsed, datetime(2022, 11, 7, 10), METROPOLE)  # noqa: DTZ001
    with pytest.raises(InvalidDelay, match=A_SENTENCE):
        due(active, start, METROPOLE)
    with pytest.raises(InvalidDelay, match=A_SENTENCE):
        due_active(elapsed, [Interval(start)], start)
    with pytest.raises(InvalidInput, match=A_SENTENCE):
        due(elapsed, datetime.max.replace(tzinfo=UTC) - DAY, METROPOLE)


# Laws of days and hours


@given(days, hours_of_a_day, amounts, st.sampled_from(["calendar", "business"]))
def test_a_delay_in_days_never_depends_on_the_hour_of_its_start(
    day: date, hour: Any, amount: int, counting: str
) -> None:
    delay = counted(amount, "day", counting)
    from_the_day = due(delay, day, METROPOLE)
    # The hour that the March change leaves out is read as the one after, on the same day.
    from_the_hour = due(delay, datetime.combine(day, hour), METROPOLE)
    assert from_the_hour.last_day == from_the_day.last_day
    assert from_the_hour.fires_at == from_the_day.fires_at


@given(instants, amounts)
def test_a_calendar_delay_ends_so_many_dates_later(start: datetime, amount: int) -> None:
    found = due(counted(amount, "day", "calendar"), start, METROPOLE)
    start_day = start.astimezone(PARIS).date()
    assert found.last_day == start_day + timedelta(days=amount)
    assert found.fires_at == paris_midnight(found.last_day + DAY)
    assert len(found.sum.counted_days) == amount


@given(instants, st.integers(1, 2000), st.sampled_from(["hour", "day"]))
def test_an_elapsed_delay_is_exact_across_clock_changes(
    start: datetime, amount: int, unit: str
) -> None:
    found = due(counted(amount, unit, "elapsed"), start.astimezone(PARIS), METROPOLE)
    assert found.fires_at is not None
    assert found.fires_at - start == amount * (HOUR if unit == "hour" else DAY)


@given(days, amounts, st.sampled_from(["calendar", "business"]), st.integers(0, 60))
def test_counting_again_what_is_left_on_the_same_day_changes_nothing(
    start: date, amount: int, counting: str, passed: int
) -> None:
    delay = counted(amount, "day", counting)
    last_day = due(delay, start, METROPOLE).last_day
    assert last_day is not None
    day = min(start + timedelta(days=passed), last_day)
    left = days_left(delay, day, last_day, METROPOLE)
    assert due(delay, day, METROPOLE, remaining=left).last_day == last_day


# Laws of active time

BEGINNING = paris("2022-10-20T09:00").astimezone(UTC)
lengths = st.integers(1, 60 * 24 * 10).map(lambda minutes: timedelta(minutes=minutes))


@st.composite
def ledgers(draw: st.DrawFn) -> list[Interval]:
    """A clock that ran and stood several times around the October change."""
    ledger: list[Interval] = []
    instant = BEGINNING
    for number in range(draw(st.integers(1, 5))):
        stopped = instant + draw(lengths)
        ledger.append(Interval(instant, stopped, f"sollicitation {number}"))
        instant = stopped + draw(lengths)
    if draw(st.booleans()):
        ledger.append(Interval(instant))
    return ledger


def end_of(ledger: list[Interval]) -> datetime:
    return ledger[-1].end or ledger[-1].start


active_delays = st.integers(1, 30).map(lambda amount: counted(amount, "day", "active"))


@given(ledgers(), active_delays, st.floats(0.01, 0.99), st.integers(0), lengths)
def test_splitting_an_interval_changes_nothing(
    ledger: list[Interval], delay: Delay, where: float, which: int, later: timedelta
) -> None:
    index = which % len(ledger)
    whole = ledger[index]
    cut = whole.start + ((whole.end or whole.start + 2 * DAY) - whole.start) * where
    split = [
        *ledger[:index],
        Interval(whole.start, cut, whole.reason),
        Interval(cut, whole.end, whole.reason),
        *ledger[index + 1 :],
    ]
    now = end_of(ledger) + 2 * DAY + later
    assert due_active(delay, split, now) == due_active(delay, ledger, now)
    assert active_time(split, now) == active_time(ledger, now)


@given(ledgers(), active_delays, lengths)
def test_exactly_the_amount_has_run_when_an_active_delay_fires(
    ledger: list[Interval], delay: Delay, later: timedelta
) -> None:
    fires_at = due_active(delay, ledger, end_of(ledger) + later).fires_at
    if fires_at is None:
        assert active_time(ledger, end_of(ledger) + later) < delay.length
    else:
        assert active_time(ledger, fires_at) == delay.length


@given(ledgers(), lengths)
def test_suspended_time_never_counts(ledger: list[Interval], later: timedelta) -> None:
    now = end_of(ledger) + later
    suspended = sum(
        (after.start - before.end for before, after in pairwise(ledger) if before.end), timedelta(0)
    )
    if ledger[-1].end is not None:
        suspended += now - ledger[-1].end
    assert active_time(ledger, now) + suspended == now - BEGINNING


@given(ledgers(), active_delays, st.integers(1), lengths, lengths)
def test_a_longer_suspension_never_brings_the_end_nearer(
    ledger: list[Interval], delay: Delay, which: int, longer: timedelta, later: timedelta
) -> None:
    index = which % len(ledger)
    moved = [
        Interval(each.start + longer, each.end and each.end + longer, each.reason)
        for each in ledger[index:]
    ]
    now = end_of(ledger) + longer + later
    before = due_active(delay, ledger, now).fires_at
    after = due_active(delay, [*ledger[:index], *moved], now).fires_at
    assert (before is None) == (after is None)
    if before is not None and after is not None:
        assert before <= after <= before + longer


@given(ledgers(), active_delays, st.floats(0, 1))
def test_what_the_ledger_says_later_does_not_change_what_was_due_then(
    ledger: list[Interval], delay: Delay, when: float
) -> None:
    now = BEGINNING + (end_of(ledger) - BEGINNING) * when
    as_it_stood = [
        Interval(each.start, None if each.end and each.end > now else each.end, each.reason)
        for each in ledger
        if each.start <= now
    ]
    assert due_active(delay, ledger, now) == due_active(delay, as_it_stood, now)


def test_a_clock_that_has_not_started_is_due_at_no_time() -> None:
    found = due_active(DELAYS["instruction"], [], BEGINNING)
    assert (found.last_day, found.fires_at, found.sum.start) == (None, None, None)
    assert found.sum.active_time == timedelta(0)


def test_a_clock_that_stands_is_due_at_no_time_and_says_since_when() -> None:
    ledger = [Interval(BEGINNING, BEGINNING + DAY, "sollicitation")]
    found = due_active(DELAYS["instruction"], ledger, BEGINNING + 90 * DAY)
    assert found.fires_at is None
    assert found.sum.suspensions == (Interval(BEGINNING + DAY, None, "sollicitation"),)


def test_a_delay_exhausted_before_the_clock_stopped_keeps_its_exact_instant() -> None:
    ledger = [Interval(BEGINNING, BEGINNING + 50 * DAY, "sollicitation")]
    found = due_active(DELAYS["instruction"], ledger, BEGINNING + 90 * DAY)
    assert found.fires_at == BEGINNING + 42 * DAY
    assert found.sum.suspensions == ()


def test_a_delay_exhausted_at_the_very_stop_is_exhausted() -> None:
    ledger = [Interval(BEGINNING, BEGINNING + 42 * DAY, "sollicitation")]
    found = due_active(DELAYS["instruction"], ledger, BEGINNING + 42 * DAY)
    assert found.fires_at == BEGINNING + 42 * DAY
    assert found.sum.suspensions == ()


def test_active_hours_are_counted_too() -> None:
    found = due_active(counted(36, "hour", "active"), [Interval(BEGINNING)], BEGINNING)
    assert found.fires_at == BEGINNING + 36 * HOUR


@pytest.mark.parametrize(
    "ledger",
    [
        pytest.param(
            [Interval(BEGINNING), Interval(BEGINNING + DAY)], id="two running at the same time"
        ),
        pytest.param(
            [Interval(BEGINNING, BEGINNING + 2 * DAY), Interval(BEGINNING + DAY)], id="overlap"
        ),
        pytest.param(
            [Interval(BEGINNING + DAY, BEGINNING + 2 * DAY), Interval(BEGINNING)], id="disorder"
        ),
    ],
)
def test_a_ledger_in_which_time_runs_twice_is_refused(ledger: list[Interval]) -> None:
    with pytest.raises(InvalidInput, match=A_SENTENCE):
        due_active(DELAYS["instruction"], ledger, BEGINNING + 3 * DAY)
    with pytest.raises(InvalidInput, match=A_SENTENCE):
        active_time(ledger, BEGINNING + 3 * DAY)


def test_an_interval_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(InvalidInput, match=A_SENTENCE):
        Interval(BEGINNING, BEGINNING - HOUR)


# The explanation


def test_the_sum_says_which_days_were_not_counted_and_why() -> None:
    found = due(DELAYS["admissibility_solicitation"], paris("2022-10-28T10:00"), METROPOLE)
    assert found.sum.as_json() == {
        "rule": "admissibility_solicitation",
        "source": "DSR 4.2",
        "amount": 5,
        "unit": "day",
        "counting": "business",
        "effect": "legal",
        "start": "2022-10-28T10:00:00+02:00",
        "remaining": None,
        "counted_days": ["2022-10-31", "2022-11-02", "2022-11-03", "2022-11-04", "2022-11-07"],
        "skipped_days": [
            {"date": "2022-10-29", "reason": "samedi"},
            {"date": "2022-10-30", "reason": "dimanche"},
            {"date": "2022-11-01", "reason": "Toussaint"},
            {"date": "2022-11-05", "reason": "samedi"},
            {"date": "2022-11-06", "reason": "dimanche"},
        ],
        "postponed_from": None,
        "suspensions": [],
        "active_seconds": None,
        "as_of": None,
        "last_day": "2022-11-07",
        "fires_at": "2022-11-08T00:00:00+01:00",
    }


def read_back(found: DueDate) -> Explanation:
    return Explanation.from_json(json.loads(json.dumps(found.sum.as_json())))


@given(instants, amounts, st.sampled_from(["elapsed", "calendar", "business"]), st.booleans())
def test_a_stored_sum_is_read_back_as_it_was(
    start: datetime, amount: int, counting: str, postponed: bool
) -> None:
    found = due(counted(amount, "day", counting), start, METROPOLE, postponed=postponed)
    assert read_back(found) == found.sum


@given(ledgers(), active_delays, lengths)
def test_a_stored_sum_of_active_time_is_read_back_as_it_was(
    ledger: list[Interval], delay: Delay, later: timedelta
) -> None:
    found = due_active(delay, ledger, end_of(ledger) + later)
    assert read_back(found) == found.sum


def test_the_sum_of_a_start_without_hour_keeps_it_without_hour() -> None:
    found = due(DELAYS["proof_reminder"], date(2022, 12, 1), METROPOLE)
    assert found.sum.as_json()["start"] == "2022-12-01"
    assert read_back(found) == found.sum


@pytest.mark.parametrize("stored", [{}, {"rule": "x"}, {"start": 5}])
def test_what_is_not_a_stored_sum_is_refused(stored: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match=A_SENTENCE):
        Explanation.from_json(stored)


# The college


@pytest.mark.parametrize(
    ("after", "session"),
    [
        pytest.param("2022-11-07T10:00", "2022-11-10T10:00", id="the same week"),
        pytest.param("2022-11-10T09:59", "2022-11-10T10:00", id="a minute before the session"),
        pytest.param("2022-11-10T10:00", "2022-11-17T10:00", id="strictly after the session"),
        pytest.param("2022-10-27T12:00", "2022-11-03T10:00", id="over the October change"),
        pytest.param("2023-05-15T10:00", "2023-05-17T10:00", id="Ascension: the day before"),
        pytest.param("2023-05-17T10:00", "2023-05-25T10:00", id="Ascension, session already held"),
        pytest.param("2023-05-18T08:00", "2023-05-25T10:00", id="on Ascension itself"),
    ],
)
def test_the_college_meets_on_thursdays_or_the_business_day_before(
    after: str, session: str
) -> None:
    found = next_session("thursday", "10:00", "previous_business_day", METROPOLE, paris(after))
    assert found == paris(session)


def test_the_college_meets_at_the_same_hour_by_the_clock_of_paris() -> None:
    summer = next_session(
        "thursday", "10:00", "previous_business_day", METROPOLE, paris("2022-10-24T10:00")
    )
    winter = next_session("thursday", "10:00", "previous_business_day", METROPOLE, summer)
    assert (summer, winter) == (utc("2022-10-27T08:00"), utc("2022-11-03T09:00"))


def test_a_week_in_which_the_agency_is_closed_has_no_second_session() -> None:
    closed = [date(2022, 12, 26) + timedelta(days=n) for n in range(5)]
    calendar = Calendar("metropole", closed)
    rule = ("thursday", "10:00", "previous_business_day", calendar)
    # Thursday 29 December moves to Friday 23, the business day before the closure.
    assert next_session(*rule, paris("2022-12-22T10:00")) == paris("2022-12-23T10:00")
    assert next_session(*rule, paris("2022-12-23T10:00")) == paris("2023-01-05T10:00")


@given(
    instants,
    st.sampled_from(["monday", "thursday", "friday", "sunday"]),
    st.lists(days, max_size=30),
)
def test_the_next_session_is_the_first_of_all_sessions_still_to_come(
    after: datetime, weekday: str, closures: list[date]
) -> None:
    calendar = Calendar("metropole", closures)
    around = (after.astimezone(PARIS).date() + timedelta(days=n) for n in range(-20, 90))
    held_on = {
        calendar.previous_business_day(day)
        for day in around
        if day.strftime("%A").lower() == weekday
    }
    sessions = (datetime(day.year, day.month, day.day, 14, 30, tzinfo=PARIS) for day in held_on)
    found = next_session(weekday, "14:30", "previous_business_day", calendar, after)
    assert found == min(session for session in sessions if session > after)


@pytest.mark.parametrize(
    ("weekday", "time", "on_closed_day"),
    [
        ("jeudi", "10:00", "previous_business_day"),
        ("thursday", "10h00", "previous_business_day"),
        ("thursday", "24:00", "previous_business_day"),
        ("thursday", 600, "previous_business_day"),
        ("thursday", "10:00", "skip"),
    ],
)
def test_a_schedule_that_cannot_be_held_is_refused(
    weekday: str, time: Any, on_closed_day: str
) -> None:
    with pytest.raises(InvalidInput, match=A_SENTENCE):
        next_session(weekday, time, on_closed_day, METROPOLE, BEGINNING)
