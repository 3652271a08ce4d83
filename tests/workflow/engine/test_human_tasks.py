"""Completing a task: who may, when, once; and what a refusal leaves behind, which is nothing."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from play import CAMPAIGN, Play, broken_chains, rows

from workflow.engine import human_tasks, messages
from workflow.errors import Conflict, JalonError, NotAllowed, NotFound, OutOfTime

ONE_DEPOSIT = {"start": "deposit_dossier"}
CHECK = "check_admissibility"


def by_somebody_else(play: Play) -> None:
    play.complete(CHECK, "instructor")


def with_nothing_typed(play: Play) -> None:
    play.complete(CHECK, "admissibility_officer", given={"outcome": None})


def against_the_table(play: Play) -> None:
    play.complete(CHECK, "admissibility_officer", given={"in_trust_space": False})


def on_a_stale_page(play: Play) -> None:
    play.complete(CHECK, "admissibility_officer", revision=play.instance().revision - 1)


def with_an_endless_key(play: Play) -> None:
    play.complete(CHECK, "admissibility_officer", idempotency_key="k" * 201)


def with_the_key_of_another_act(play: Play) -> None:
    play.complete(CHECK, "admissibility_officer", idempotency_key="k")


def of_no_task(play: Play) -> None:
    human_tasks.complete(play.runtime, "0" * 32, {}, play.actor("instructor"))


def of_a_finished_task(play: Play) -> None:
    play.complete("sign_convention", "legal_representative")


def from_a_stranger(play: Play) -> None:
    task = play.task("submit_proofs")
    human_tasks.complete(play.runtime, task.id, {}, play.actor("operator", "another company"))


def of_an_incomplete_proof_file(play: Play) -> None:
    play.complete("submit_proofs", "operator")


def starting_nothing_known(play: Play) -> None:
    human_tasks.start(play.runtime, "nothing", "deposit_dossier", {}, play.actor("operator"))


def starting_with_another_form(play: Play) -> None:
    human_tasks.start(play.runtime, "dossier", "withdraw", {}, play.actor("operator"))


def starting_without_the_role(play: Play) -> None:
    human_tasks.start(play.runtime, "dossier", "deposit_dossier", {}, play.actor("instructor"))


def starting_empty(play: Play) -> None:
    human_tasks.start(play.runtime, "dossier", "deposit_dossier", {}, play.actor("operator"))


def withdrawing_for_others(play: Play) -> None:
    dossier = play.stage.dossiers["default"]
    messages.send(play.runtime, dossier, "withdraw", {"reason": "?"}, play.actor("instructor"))


def withdrawing_anothers(play: Play) -> None:
    dossier = play.stage.dossiers["default"]
    stranger = play.actor("operator", "another company")
    messages.send(play.runtime, dossier, "withdraw", {"reason": "?"}, stranger)


def excluding_without_a_reason(play: Play) -> None:
    dossier = play.stage.dossiers["default"]
    messages.send(play.runtime, dossier, "exclude", {}, play.actor("process_owner"))


def sending_what_nobody_hears(play: Play) -> None:
    dossier = play.stage.dossiers["default"]
    messages.send(play.runtime, dossier, "college_decided", {}, play.actor("instructor"))


def convening_without_the_role(play: Play) -> None:
    messages.convene(play.runtime, CAMPAIGN, play.actor("instructor"))


def convening_elsewhere(play: Play) -> None:
    messages.convene(play.runtime, "another", play.actor("college_president"))


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (by_somebody_else, "not_allowed"),
        (with_nothing_typed, "invalid_answer"),
        (against_the_table, "invalid_answer"),
        (on_a_stale_page, "conflict"),
        (with_an_endless_key, "invalid_input"),
        (with_the_key_of_another_act, "idempotency_key_reused"),
        (of_no_task, "not_found"),
        (of_a_finished_task, "conflict"),
        (from_a_stranger, "not_found"),
        (of_an_incomplete_proof_file, "invalid_answer"),
        (starting_nothing_known, "not_found"),
        (starting_with_another_form, "not_found"),
        (starting_without_the_role, "not_allowed"),
        (starting_empty, "invalid_answer"),
        (withdrawing_for_others, "not_allowed"),
        (withdrawing_anothers, "not_found"),
        (excluding_without_a_reason, "invalid_answer"),
        (sending_what_nobody_hears, "conflict"),
        (convening_without_the_role, "not_allowed"),
        (convening_elsewhere, "not_found"),
    ],
)
def test_a_refused_act_changes_nothing(play: Play, act: Callable[[Play], None], code: str) -> None:
    play.act(**ONE_DEPOSIT)
    if act in (of_a_finished_task, from_a_stranger, of_an_incomplete_proof_file):
        play.act(complete=CHECK)
        play.act(complete="sign_convention")
    for role in ("operator", "legal_representative", "instructor", "admissibility_officer"):
        play.actor(role)
    play.actor("process_owner")
    play.actor("college_president")
    play.actor("operator", "another company")
    if act is with_the_key_of_another_act:
        officer = play.actor("admissibility_officer")
        other = {"start": "deposit_dossier", "dossier": "B"}
        play.act(**other)
        task = play.task(CHECK, "B")
        human_tasks.complete(
            play.runtime, task.id, play.answer(task, "B"), officer, idempotency_key="k"
        )
    before = rows(play.database)
    with pytest.raises(JalonError) as refusal:
        act(play)
    assert refusal.value.code == code
    assert str(refusal.value).endswith(".")
    assert rows(play.database) == before


def test_an_officer_who_clicks_eight_times_checks_once(play: Play) -> None:
    play.act(**ONE_DEPOSIT)
    task = play.task(CHECK)
    answer, officer = play.answer(task), play.actor("admissibility_officer")
    start, outcomes = threading.Barrier(8), Counter[str]()

    def click() -> None:
        start.wait()
        try:
            human_tasks.complete(play.runtime, task.id, answer, officer)
            outcomes["done"] += 1
        except Conflict as refusal:
            outcomes[refusal.code] += 1

    clicks = [threading.Thread(target=click) for _ in range(8)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    assert outcomes == {"done": 1, "conflict": 7}
    completed = [e for e in play.history() if e.kind == "task:completed"]
    assert len(completed) == 1
    assert broken_chains(play.database) == []


def test_somebody_who_saw_the_last_revision_may_act(play: Play) -> None:
    play.act(**ONE_DEPOSIT)
    seen = play.instance().revision
    done = play.complete(CHECK, "admissibility_officer", revision=seen)
    assert done.revision == play.instance().revision == seen + 1


def test_a_page_shown_before_a_colleague_acted_is_stale(play: Play) -> None:
    play.act(**ONE_DEPOSIT)
    seen = play.instance().revision
    play.act(complete=CHECK)
    with pytest.raises(Conflict, match="reload"):
        play.complete("sign_convention", "legal_representative", revision=seen)


def test_an_answer_after_its_deadline_is_out_of_time_though_no_worker_ran(play: Play) -> None:
    play.act(**ONE_DEPOSIT)
    play.act(complete=CHECK, **{"with": {"outcome": "solicit"}})
    play.clock.move_to(play.timers()["five_business_days"])
    with pytest.raises(OutOfTime, match="Expected answer_admissibility_solicitation to be open"):
        play.complete("answer_admissibility_solicitation", "operator")
    assert play.instance().end == "rejected_no_answer"
    before = rows(play.database)
    with pytest.raises(OutOfTime):
        play.complete("answer_admissibility_solicitation", "operator")
    assert rows(play.database) == before


def test_a_stranger_fires_no_timer_of_a_dossier_that_is_not_his(play: Play) -> None:
    play.act(**ONE_DEPOSIT)
    play.act(complete=CHECK, **{"with": {"outcome": "solicit"}})
    stranger = play.actor("operator", "another company")
    task = play.task("answer_admissibility_solicitation")
    play.clock.move_to(play.timers()["five_business_days"])
    before = rows(play.database)
    with pytest.raises(NotFound):
        human_tasks.complete(play.runtime, task.id, {"answer": "?"}, stranger)
    assert rows(play.database) == before


def test_a_closed_task_says_who_ended_it_and_how(play: Play) -> None:
    play.act(**ONE_DEPOSIT)
    play.act(send="withdraw")
    task = play.task(CHECK)
    assert (task.closed_by, task.closed_by_name) == ("message", "Personne fictive (operator)")
    with pytest.raises(Conflict, match="message by Personne fictive"):
        play.complete(CHECK, "admissibility_officer")


def test_an_instructor_sees_every_dossier_and_an_operator_only_his_own(play: Play) -> None:
    for name, at in (("A", "2022-10-03T10:00"), ("B", "2022-10-03T11:00")):
        play.instructed_so_far(name)
        play.act(at, dossier=name, complete="instruct_dossier", **{"with": {"outcome": "solicit"}})
    operator = play.actor("operator", "B")
    with play.database.reading() as session:
        own = human_tasks.open_for_roles(
            session, frozenset({"operator"}), operator_id=operator.operator_id
        )
        every = human_tasks.open_for_roles(session, frozenset({"operator"}))
        rest = human_tasks.open_for_roles(
            session, frozenset({"operator"}), after=(every[0].opened_at, every[0].id)
        )
    assert [task.dossier_id for task in own] == [play.stage.dossiers["B"]]
    assert [task.dossier_id for task in every] == list(play.stage.dossiers.values())
    assert [task.id for task in rest] == [every[1].id]


def test_a_president_who_also_applies_is_still_refused_on_a_strangers_task(play: Play) -> None:
    play.act(**ONE_DEPOSIT)
    play.act(complete=CHECK)
    stranger = play.actor("operator", "another company")
    both = type(stranger)(
        stranger.person_id, stranger.name, stranger.roles | {"college_president"}, None
    )
    with pytest.raises(NotAllowed):
        human_tasks.complete(play.runtime, play.task("submit_proofs").id, {}, both)
