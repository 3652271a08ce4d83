"""A change of the campaign moves running dates if and only if its act says so (DOMAIN A5, F7)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from play import CAMPAIGN, Play, broken_chains, history, instant, rows
from sqlalchemy import select

from workflow.clock import PARIS
from workflow.domain import campaign_change
from workflow.domain.campaign import InvalidCampaign
from workflow.domain.college import CollegeSession
from workflow.domain.deadline import DeadlineRecord
from workflow.domain.notification import Notification
from workflow.engine import parameters
from workflow.engine.parameters import Changed, Preview
from workflow.errors import Conflict, InvalidAnswer, NotAllowed

BASIS = "Arrêté modificatif fictif."
TASK = "answer_admissibility_solicitation"


def longer(amount: int, key: str = "admissibility_solicitation") -> dict[str, Any]:
    return {"delays": {key: {"amount": amount}}}


def change(play: Play, changes: dict[str, Any], **options: Any) -> Changed:
    options.setdefault("moves_running", True)
    owner = play.actor(options.pop("role", "process_owner"))
    return parameters.change(play.runtime, CAMPAIGN, changes, BASIS, owner, **options)


def preview(play: Play, changes: dict[str, Any]) -> Preview:
    return parameters.preview(play.runtime, CAMPAIGN, changes, play.actor("process_owner"))


def questioned(play: Play, dossier: str = "A", at: str = "2022-10-28T10:00") -> None:
    """A dossier that has five business days to answer: until 7 November."""
    play.act(at, dossier=dossier, start="deposit_dossier")
    play.act(
        None, dossier=dossier, complete="check_admissibility", **{"with": {"outcome": "solicit"}}
    )


def last_day(play: Play, dossier: str = "A") -> date | None:
    return play.task(TASK, dossier).due_day


def record_of(play: Play, dossier: str = "A") -> DeadlineRecord:
    with play.database.reading() as session:
        found = session.get(DeadlineRecord, play.task(TASK, dossier).deadline_id)
        assert found is not None
        return found


@pytest.mark.rule(53)
def test_running_dates_stay_unless_the_act_moves_them(play: Play) -> None:
    questioned(play)
    change(play, longer(10), moves_running=False)
    assert last_day(play) == date(2022, 11, 7)
    change(play, longer(11))
    assert last_day(play) == date(2022, 11, 16)


def test_a_moved_date_tells_the_sum_before_the_sum_after_and_the_act(play: Play) -> None:
    questioned(play)
    before = record_of(play)
    done = change(play, longer(10))
    after = record_of(play)
    assert (after.replaces_id, after.last_day) == (before.id, date(2022, 11, 15))
    told = after.explanation
    assert (told["amount"], told["campaign_version"]) == (10, 2)
    assert told["change"]["number"] == done.number == 1
    assert told["change"]["basis"] == BASIS
    replaced = told["change"]["replaced"]
    assert (replaced["amount"], replaced["last_day"]) == (5, "2022-11-07")
    assert before.explanation["campaign_version"] == 1


def test_the_operator_is_told_each_moved_date_and_the_agency_enters_it(play: Play) -> None:
    questioned(play)
    change(play, longer(10))
    with play.database.reading() as session:
        told = session.scalars(
            select(Notification).where(Notification.kind == "dates_moved").order_by("id")
        ).all()
        entered = campaign_change.get(session, CAMPAIGN, 1)
        assert (entered.moved, entered.shortened, entered.basis) == (2, 0, BASIS)
        assert entered.changes == [
            {"path": "delays.admissibility_solicitation.amount", "before": 5, "after": 10}
        ]
    assert {each.role for each in told} == {"operator", "legal_representative"}
    assert "07/11/2022 devient 15/11/2022" in told[0].body
    assert BASIS in told[0].body
    own = play.history("A")[-1 - len(told)].facts
    moved = {each["deadline"]: (each["from"], each["to"]) for each in own["moved"]}
    assert moved["admissibility_solicitation"] == (
        "2022-11-08T00:00:00+01:00",
        "2022-11-16T00:00:00+01:00",
    )
    assert history(play.database, None)[-1].facts["moved"] == own["moved"]
    assert broken_chains(play.database) == []


def test_a_reminder_follows_the_date_that_it_comes_before(play: Play) -> None:
    questioned(play)
    before = play.timers("A")
    change(play, longer(10))
    after = play.timers("A")
    moved = {name for name in after if after[name] != before[name]}
    assert len(moved) == 2
    assert max(after[name] for name in moved) == instant("2022-11-16T00:00")


def test_a_preview_says_what_the_act_will_do_and_keeps_nothing(play: Play) -> None:
    questioned(play)
    before = rows(play.database)
    found = preview(play, longer(3))
    assert {k: v for k, v in rows(play.database).items() if k not in ("person", "person_role")} == {
        k: v for k, v in before.items() if k not in ("person", "person_role")
    }
    move = next(each for each in found.moves if each.date.key == "admissibility_solicitation")
    assert (move.status, move.date.number, move.last_day) == (
        "shortened",
        "2022-001",
        date(2022, 11, 3),
    )
    change(play, longer(3))
    assert last_day(play) == move.last_day


def test_a_date_that_would_be_over_is_refused_unless_the_act_says_now(play: Play) -> None:
    questioned(play)
    play.wait_until("2022-11-03T12:00")
    assert preview(play, longer(1)).count("past") == 1
    with pytest.raises(Conflict):
        change(play, longer(1))
    assert last_day(play) == date(2022, 11, 7)
    with pytest.raises(InvalidAnswer):
        change(play, longer(1), past="tomorrow")
    change(play, longer(1), past="now")
    assert play.wait_until("2022-11-03T12:00") >= 1
    assert play.instance("A").end == "rejected_no_answer"
    assert play.instance("A").ended_at == instant("2022-11-03T12:00")


@pytest.mark.rule(53)
def test_a_closed_day_in_the_middle_of_a_running_delay_is_skipped_when_dates_follow(
    play: Play,
) -> None:
    questioned(play)
    change(play, {"closed_days": ["2022-11-03"]})
    assert last_day(play) == date(2022, 11, 8)
    skipped = {each["date"]: each["reason"] for each in record_of(play).explanation["skipped_days"]}
    assert skipped["2022-11-03"] == "fermeture de l'Agence"
    assert skipped["2022-11-01"] == "Toussaint"


def test_a_calendar_that_changes_moves_no_calendar_day(play: Play) -> None:
    play.solicited("A")
    moved = preview(play, {"closed_days": ["2022-10-10"]}).moves
    assert {each.date.key for each in moved} == {"college"}


@pytest.mark.rule(63)
def test_a_standing_clock_stays_standing_under_its_new_delay(play: Play) -> None:
    play.solicited("A")
    parked = [name for name, due in play.timers("A").items() if due is None]
    move = preview(play, longer(56, "instruction")).moves[0]
    assert (move.status, move.due_at) == ("standing", None)
    change(play, longer(56, "instruction"))
    assert [name for name, due in play.timers("A").items() if due is None] == parked
    play.act("2022-10-10T09:00", dossier="A", complete="answer_solicitation")
    due = [due for due in play.timers("A").values() if due is not None]
    assert instant("2022-12-05T08:00") in [when.replace(microsecond=0) for when in due]


def test_a_suspended_dossier_gets_its_new_date_at_the_release(play: Play) -> None:
    questioned(play)
    play.act("2022-11-02T09:00", dossier="A", send="suspend")
    change(play, longer(7))
    assert play.timers("A") == {}
    play.act("2022-11-14T09:00", dossier="A", send="resume")
    # Restaient le 3, le 4, le 7, le 8 et le 9 : cinq jours ouvrés depuis le 14.
    assert last_day(play) == date(2022, 11, 21)


def test_a_date_over_before_a_suspension_takes_effect_at_the_release(play: Play) -> None:
    questioned(play)
    play.act("2022-11-03T09:00", dossier="A", send="suspend")
    with pytest.raises(Conflict):
        change(play, longer(1))
    change(play, longer(1), past="now")
    play.act("2022-11-14T09:00", dossier="A", send="resume")
    play.wait_until("2022-11-14T09:00")
    assert play.instance("A").end == "rejected_no_answer"


def test_the_coming_session_of_the_college_moves_with_its_day(play: Play) -> None:
    change(play, {"college": {"weekday": "friday", "time": "14:00"}})
    with play.database.reading() as session:
        coming = session.scalars(select(CollegeSession)).one()
        assert coming.scheduled_at == instant("2022-10-07T14:00")
    change(play, {"college": {"weekday": "monday", "time": "08:00"}})
    with play.database.reading() as session:
        coming = session.scalars(select(CollegeSession)).one()
        # Monday 3 October, 8 o'clock, has passed: next week's.
        assert coming.scheduled_at == instant("2022-10-10T08:00")
    assert history(play.database, None)[-2].kind == "college:rescheduled"


def test_what_is_due_happens_before_the_change(play: Play) -> None:
    questioned(play)
    play.clock.move_to(instant("2022-11-08T09:00"))
    change(play, longer(10))
    assert play.instance("A").end == "rejected_no_answer"
    assert play.instance("A").ended_at == instant("2022-11-08T00:00")


def test_a_change_made_on_a_stale_preview_is_refused(play: Play) -> None:
    questioned(play)
    seen = preview(play, longer(10)).before.version
    change(play, {"college": {"quorum": 4}})
    with pytest.raises(Conflict):
        change(play, longer(10), version=seen)
    change(play, longer(10), version=2)
    assert last_day(play) == date(2022, 11, 15)


def test_a_change_repeated_under_its_key_is_done_once(play: Play) -> None:
    first = change(play, longer(10), idempotency_key="one")
    assert change(play, longer(10), idempotency_key="one").number == first.number == 1
    with play.database.reading() as session:
        assert len(campaign_change.register(session, CAMPAIGN)) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"delays": {"instruction": {"amount": 0}}}, "delays.instruction.amount"),
        ({"delays": {"instruction": {"amount": "6"}}}, "delays.instruction.amount"),
        ({"delays": {"instruction": {"unit": "week"}}}, "delays.instruction.unit"),
        ({"delays": {"unheard_of": {"amount": 3}}}, "delays.unheard_of"),
        ({"delays": {"instruction": {"length": 3}}}, "delays.instruction.length"),
        ({"delays": {"solicitation_abandon": {"counting": "active"}}}, None),
        (
            {"delays": {"admissibility_solicitation": {"counting": "calendar"}}},
            "delays.admissibility_solicitation_reminder.counting",
        ),
        ({"closes_at": {"instant": "2022-01-01T00:00"}}, "closes_at.instant"),
        ({"closes_at": {"basis": ""}}, "closes_at.basis"),
        ({"closed_days": ["demain"]}, "closed_days"),
        ({"college": {"time": "25:00"}}, "college.time"),
        ({"college": {"weekday": "jeudi"}}, "college.weekday"),
        ({"college": {"quorum": 0}}, "college.quorum"),
        ({"colour": "red"}, "colour"),
        ({"id": "another"}, "id"),
    ],
)
def test_each_fault_is_named_by_its_field_in_french(
    play: Play, changes: dict[str, Any], field: str | None
) -> None:
    with pytest.raises(InvalidCampaign) as refusal:
        preview(play, changes)
    (fault,) = refusal.value.faults
    where, sentence = fault.split(": ", 1)
    assert where == (field or "delays.solicitation_abandon.counting")
    assert sentence[0].isupper()
    assert sentence.endswith(".")


def test_nobody_else_previews_a_change(play: Play) -> None:
    with pytest.raises(NotAllowed):
        parameters.preview(play.runtime, CAMPAIGN, longer(10), play.actor("instructor"))


@pytest.mark.slow
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    amounts=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    closed=st.lists(st.dates(date(2022, 10, 20), date(2022, 12, 20)), max_size=4, unique=True),
    held=st.booleans(),
)
def test_changing_there_and_back_gives_the_same_dates(
    play: Play, amounts: list[int], closed: list[date], held: bool
) -> None:
    name = f"D{len(play.stage.dossiers)}"
    questioned(play, name, play.clock.now().astimezone(PARIS).isoformat())
    before = (last_day(play, name), play.timers(name))
    if held:
        play.act(dossier=name, send="suspend")
    days = [day.isoformat() for day in closed]
    for amount in amounts:
        change(play, {**longer(amount), "closed_days": days}, past="now")
    change(play, {**longer(5), "closed_days": []}, past="now")
    if held:
        play.act(dossier=name, send="resume")
    assert (last_day(play, name), play.timers(name)) == before


@pytest.mark.slow
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amount=st.integers(1, 40), hours=st.integers(1, 72))
def test_a_date_that_follows_is_the_one_that_the_delay_would_have_given(
    play: Play, amount: int, hours: int
) -> None:
    name = f"D{len(play.stage.dossiers)}"
    at = (play.clock.now() + timedelta(hours=hours)).isoformat()
    change(play, longer(5), past="now")
    questioned(play, name, at)
    change(play, longer(amount), past="now")
    other = f"E{len(play.stage.dossiers)}"
    questioned(play, other, at)
    assert last_day(play, name) == last_day(play, other)


def test_a_reminder_whose_hour_would_be_over_no_longer_comes_and_comes_back_with_its_date(
    play: Play,
) -> None:
    play.solicited("A")
    play.wait_until("2022-10-08T12:00")
    before = play.timers("A")
    # Dix jours : jusqu'au 13 octobre ; sept jours avant, c'était le 6.
    statuses = {
        move.date.key: move.status
        for move in preview(play, longer(10, "solicitation_abandon")).moves
    }
    assert statuses == {
        "solicitation_abandon": "shortened",
        "solicitation_abandon_reminder": "dropped",
        "solicitation_abandon_last_reminder": "shortened",
    }
    change(play, longer(10, "solicitation_abandon"))
    assert sorted(filter(None, play.timers("A").values()))[-1] == instant("2022-10-14T00:00")
    change(play, longer(30, "solicitation_abandon"))
    assert play.timers("A") == before


def test_a_delay_counted_otherwise_starts_where_it_started(play: Play) -> None:
    questioned(play)
    in_calendar_days = {"counting": "calendar", "amount": 14}
    change(
        play, {"delays": {"admissibility_solicitation": in_calendar_days} | REMINDER_IN_CALENDAR}
    )
    assert last_day(play) == date(2022, 11, 11)
    in_hours = {"counting": "elapsed", "unit": "hour", "amount": 400}
    change(play, {"delays": {"admissibility_solicitation": in_hours} | REMINDER_IN_HOURS})
    assert play.task(TASK, "A").due_at == instant("2022-10-28T10:00") + timedelta(hours=400)
    assert last_day(play) is None
    in_business_days = {"counting": "business", "unit": "day", "amount": 5}
    change(play, {"delays": {"admissibility_solicitation": in_business_days} | REMINDER_IN_DAYS})
    assert last_day(play) == date(2022, 11, 7)


REMINDER = "admissibility_solicitation_reminder"
REMINDER_IN_CALENDAR = {REMINDER: {"counting": "calendar"}}
REMINDER_IN_HOURS = {REMINDER: {"counting": "elapsed", "unit": "hour", "amount": 4}}
REMINDER_IN_DAYS = {REMINDER: {"counting": "business", "unit": "day", "amount": 2}}


def test_hours_that_were_held_stay_held_under_another_length(play: Play) -> None:
    play.solicited("A")
    play.act("2022-10-03T21:00", dossier="A", send="suspend")
    play.act("2022-10-05T21:00", dossier="A", send="resume")
    key = "solicitation_deprioritise"
    change(play, {"delays": {key: {"amount": 36}}})
    # 9 h, 36 heures, et les 48 heures de la suspension.
    assert instant("2022-10-06T21:00") in play.timers("A").values()
    change(play, {"delays": {key: {"amount": 24}}})
    assert instant("2022-10-06T09:00") in play.timers("A").values()


def test_two_changes_at_the_same_time_follow_one_another(play: Play) -> None:
    questioned(play)
    owner = play.actor("process_owner")

    def put(changes: dict[str, Any]) -> int | None:
        return parameters.change(
            play.runtime, CAMPAIGN, changes, BASIS, owner, moves_running=True
        ).number

    with ThreadPoolExecutor(max_workers=2) as pool:
        done = sorted(filter(None, pool.map(put, [longer(10), {"college": {"quorum": 4}}])))
    assert done == [1, 2]
    assert last_day(play) == date(2022, 11, 15)
    assert broken_chains(play.database) == []


def test_an_answer_and_a_change_at_the_same_time_both_stand(play: Play) -> None:
    questioned(play, "A")
    questioned(play, "B", "2022-10-28T11:00")
    owner = play.actor("process_owner")
    play.actor("operator", "A")

    def change_it() -> None:
        parameters.change(play.runtime, CAMPAIGN, longer(10), BASIS, owner, moves_running=True)

    def answer_it() -> None:
        play.complete(TASK, "operator", "A")

    with ThreadPoolExecutor(max_workers=2) as pool:
        for future in [pool.submit(change_it), pool.submit(answer_it)]:
            future.result()
    assert last_day(play, "B") == date(2022, 11, 15)
    assert play.task("check_admissibility", "A").closed_at is None
    assert broken_chains(play.database) == []
