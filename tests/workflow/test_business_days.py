"""Business days of the Agency: Monday to Friday, less holidays and closures."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import holidays
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from workflow.business_days import ZONES, Calendar, SkippedDay
from workflow.errors import InvalidInput

METROPOLE = Calendar("metropole")
ANOTHER_LIBRARY = holidays.country_holidays("FR", years=range(1990, 2062))
# Whit Monday was by default a worked "solidarity day" in these years: the other library takes it
# off the list, ours keeps it. No campaign is as old.
DISPUTED_WHIT_MONDAYS = [date(2005, 5, 16), date(2006, 6, 5), date(2007, 5, 28)]
A_SENTENCE = r"^Expected .+ but .+\. .+\.$"

days = st.dates(date(1990, 1, 1), date(2060, 12, 31))
counts = st.integers(0, 60)
calendars = st.builds(
    Calendar,
    st.sampled_from(sorted(ZONES)),
    st.lists(st.dates(date(2022, 1, 1), date(2023, 12, 31)), max_size=40),
)
days_near_closures = st.dates(date(2021, 12, 1), date(2024, 1, 31))


@pytest.mark.parametrize(
    ("start", "last_day"),
    [
        pytest.param(date(2022, 10, 28), date(2022, 11, 7), id="over the weekend and All Saints"),
        pytest.param(date(2022, 11, 7), date(2022, 11, 15), id="over 11 November"),
        pytest.param(date(2022, 11, 10), date(2022, 11, 18), id="from the eve of 11 November"),
        pytest.param(date(2022, 12, 23), date(2022, 12, 30), id="over a Christmas on a Sunday"),
        pytest.param(date(2023, 4, 6), date(2023, 4, 14), id="over Easter Monday"),
        pytest.param(date(2023, 5, 5), date(2023, 5, 15), id="over 8 May"),
    ],
)
def test_five_business_days_end_on(start: date, last_day: date) -> None:
    assert METROPOLE.add_business_days(start, 5) == last_day


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2022, 10, 28), None),
        (date(2022, 10, 29), "samedi"),
        (date(2022, 10, 30), "dimanche"),
        (date(2022, 11, 1), "Toussaint"),
        (date(2022, 11, 11), "11 novembre"),
        (date(2023, 4, 7), None),
        (date(2023, 4, 10), "Lundi de Pâques"),
        (date(2023, 5, 18), "Ascension"),
        (date(2023, 5, 19), None),
        (date(2022, 12, 25), "Jour de Noël"),
    ],
)
def test_a_closed_day_says_why_in_french(day: date, reason: str | None) -> None:
    assert METROPOLE.closed_reason(day) == reason
    assert METROPOLE.is_business_day(day) is (reason is None)


def test_the_agency_can_close_on_days_of_its_own() -> None:
    bridge = date(2022, 10, 31)
    calendar = Calendar("metropole", [bridge])
    assert calendar.closed_reason(bridge) == "fermeture de l'Agence"
    assert calendar.add_business_days(date(2022, 10, 28), 5) == date(2022, 11, 8)


def test_a_closure_on_a_day_already_closed_changes_nothing() -> None:
    calendar = Calendar("metropole", [date(2022, 11, 1), date(2022, 10, 29)])
    assert calendar.closed_reason(date(2022, 11, 1)) == "Toussaint"
    assert calendar.closed_reason(date(2022, 10, 29)) == "samedi"
    assert calendar.add_business_days(date(2022, 10, 28), 5) == date(2022, 11, 7)


def test_alsace_and_moselle_keep_good_friday_and_saint_stephen() -> None:
    calendar = Calendar("alsace_moselle")
    assert calendar.closed_reason(date(2022, 4, 15)) == "Vendredi saint"
    assert calendar.closed_reason(date(2022, 12, 26)) == "2ème jour de Noël"
    assert calendar.add_business_days(date(2022, 12, 23), 5) == date(2023, 1, 2)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("mayotte", date(2022, 4, 27)),
        ("martinique", date(2023, 5, 22)),
        ("guadeloupe", date(2022, 5, 27)),
        ("saint_martin", date(2024, 5, 28)),
        ("guyane", date(2022, 6, 10)),
        ("saint_barthelemy", date(2023, 10, 9)),
        ("la_reunion", date(2022, 12, 20)),
    ],
)
def test_an_overseas_zone_keeps_its_abolition_day(zone: str, day: date) -> None:
    assert Calendar(zone).closed_reason(day) == "Abolition de l'esclavage"
    assert METROPOLE.is_business_day(day)


def test_the_skipped_days_are_named_in_order_and_the_start_day_is_not_among_them() -> None:
    assert METROPOLE.skipped_days(date(2022, 10, 28), date(2022, 11, 7)) == [
        SkippedDay(date(2022, 10, 29), "samedi"),
        SkippedDay(date(2022, 10, 30), "dimanche"),
        SkippedDay(date(2022, 11, 1), "Toussaint"),
        SkippedDay(date(2022, 11, 5), "samedi"),
        SkippedDay(date(2022, 11, 6), "dimanche"),
    ]
    assert METROPOLE.skipped_days(date(2022, 10, 29), date(2022, 10, 29)) == []


def test_an_open_day_is_its_own_previous_and_next_business_day() -> None:
    assert METROPOLE.previous_business_day(date(2022, 10, 31)) == date(2022, 10, 31)
    assert METROPOLE.next_business_day(date(2022, 10, 31)) == date(2022, 10, 31)
    assert METROPOLE.previous_business_day(date(2022, 11, 13)) == date(2022, 11, 10)
    assert METROPOLE.next_business_day(date(2022, 11, 11)) == date(2022, 11, 14)


@pytest.mark.parametrize("zone", ["", "Metropole", "atlantide", "nouvelle_caledonie", None])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(InvalidInput, match=A_SENTENCE):
        Calendar(zone)


@pytest.mark.parametrize("count", [-1, -100, True, 1.0, None])
def test_a_number_of_days_that_is_negative_or_not_whole_is_refused(count: int) -> None:
    with pytest.raises(InvalidInput, match=A_SENTENCE):
        METROPOLE.add_business_days(date(2022, 10, 28), count)


def test_an_instant_is_refused_where_a_day_is_expected() -> None:
    instant = datetime(2022, 10, 28, 10, tzinfo=UTC)
    with pytest.raises(InvalidInput, match=A_SENTENCE):
        METROPOLE.is_business_day(instant)
    with pytest.raises(InvalidInput, match=A_SENTENCE):
        Calendar("metropole", [instant])
    with pytest.raises(InvalidInput, match=A_SENTENCE):
        Calendar("metropole", ["2022-10-31"])  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("day", [date(1981, 12, 31), date(2200, 1, 1), date.min, date.max])
def test_a_day_whose_holidays_are_not_known_is_refused(day: date) -> None:
    with pytest.raises(InvalidInput, match=A_SENTENCE):
        METROPOLE.add_business_days(day, 0)
    with pytest.raises(InvalidInput, match=A_SENTENCE):
        METROPOLE.closed_reason(day)


def test_a_calendar_cannot_be_changed_through_the_list_it_was_made_from() -> None:
    closures = [date(2022, 10, 31)]
    calendar = Calendar("metropole", closures)
    closures.clear()
    assert not calendar.is_business_day(date(2022, 10, 31))
    assert calendar == Calendar("metropole", (date(2022, 10, 31),))


def test_every_day_from_1990_to_2060_is_open_or_closed_as_another_library_says() -> None:
    first = date(1990, 1, 1)
    span = (first + timedelta(days=n) for n in range((date(2060, 12, 31) - first).days + 1))
    differing = [
        day for day in span if METROPOLE.is_business_day(day) != ANOTHER_LIBRARY.is_working_day(day)
    ]
    assert differing == DISPUTED_WHIT_MONDAYS


@given(days, st.integers(1, 60))
def test_business_days_are_added_as_another_library_does(start: date, count: int) -> None:
    last_day = METROPOLE.add_business_days(start, count)
    assume(not any(start < disputed <= last_day for disputed in DISPUTED_WHIT_MONDAYS))
    assert last_day == ANOTHER_LIBRARY.get_nth_working_day(start, count)


@given(calendars, days_near_closures, st.integers(1, 60))
def test_a_business_delay_never_ends_on_a_closed_day(
    calendar: Calendar, start: date, count: int
) -> None:
    last_day = calendar.add_business_days(start, count)
    assert last_day > start
    assert calendar.closed_reason(last_day) is None


@given(calendars, days_near_closures, counts, counts)
def test_adding_in_two_steps_is_adding_at_once(
    calendar: Calendar, start: date, first: int, second: int
) -> None:
    in_two_steps = calendar.add_business_days(calendar.add_business_days(start, first), second)
    assert in_two_steps == calendar.add_business_days(start, first + second)


@given(calendars, days_near_closures, days_near_closures, counts)
def test_who_starts_later_never_ends_earlier(
    calendar: Calendar, one: date, other: date, count: int
) -> None:
    earlier, later = sorted((one, other))
    assert calendar.add_business_days(earlier, count) <= calendar.add_business_days(later, count)


@given(calendars, days_near_closures, counts)
def test_one_more_day_ends_strictly_later(calendar: Calendar, start: date, count: int) -> None:
    assert calendar.add_business_days(start, count) < calendar.add_business_days(start, count + 1)


@given(calendars, days_near_closures, counts)
def test_counted_and_skipped_days_fill_the_span(
    calendar: Calendar, start: date, count: int
) -> None:
    last_day = calendar.add_business_days(start, count)
    assert (last_day - start).days == count + len(calendar.skipped_days(start, last_day))


@given(calendars, days_near_closures, st.dates(date(2022, 1, 1), date(2023, 12, 31)), counts)
def test_one_more_closure_never_shortens_a_delay(
    calendar: Calendar, start: date, closure: date, count: int
) -> None:
    stricter = Calendar(calendar.holidays, {*calendar.closed_days, closure})
    assert stricter.add_business_days(start, count) >= calendar.add_business_days(start, count)
