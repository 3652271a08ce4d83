"""The instruction clock (A9) and the queue (A8): when time runs, and who comes first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from desk import Desk
from sqlalchemy import select

from workflow.domain import clock_ledger, convention, ending, instruction_queue
from workflow.domain.clock_ledger import active_time, is_running
from workflow.errors import Conflict, InvalidAnswer

CLOCK = "instruction"


def queue_of(desk: Desk) -> list[int]:
    """The dossiers of the queue in their order; each knows its own place in it."""
    found = instruction_queue.ordered(desk.session, desk.campaign.id)
    for place, entry in enumerate(found, start=1):
        assert rank_of(desk, entry.dossier_id) == place
    return [entry.dossier_id for entry in found]


def rank_of(desk: Desk, dossier_id: int) -> int | None:
    return desk.session.scalar(select(instruction_queue.rank_of(dossier_id, desk.campaign.id)))


@pytest.mark.rule(62, 63)
def test_time_runs_only_while_the_clock_runs(desk: Desk) -> None:
    dossier_id = desk.submitted()
    clock_ledger.suspend(desk.at("2022-10-05T09:00").call(dossier_id), CLOCK, "solicitation")
    clock_ledger.resume(desk.at("2022-10-20T09:00").call(dossier_id), CLOCK, "solicitation")
    clock_ledger.stop(desk.at("2022-10-21T09:00").call(dossier_id), CLOCK, "decision")
    until = desk.at("2022-12-01T09:00").clock.now()
    assert active_time(desk.session, dossier_id, CLOCK, until) == timedelta(days=3)
    assert not is_running(desk.session, dossier_id, CLOCK)
    assert [found.reason for found in clock_ledger.intervals(desk.session, dossier_id, CLOCK)] == [
        "solicitation",
        "",
    ]


@pytest.mark.rule(62)
def test_a_change_of_a_clock_is_told_to_the_turn(desk: Desk) -> None:
    call = desk.call(desk.submitted())
    clock_ledger.suspend(call, CLOCK, "solicitation")
    assert call.touched_clocks == {CLOCK}
    assert [entry.kind for entry in call.entries] == ["clock:suspended"]


def test_a_clock_resumes_only_for_the_reason_it_was_suspended_for(desk: Desk) -> None:
    dossier_id = desk.submitted()
    clock_ledger.suspend(desk.call(dossier_id), CLOCK, "solicitation")
    call = desk.call(dossier_id)
    clock_ledger.resume(call, CLOCK, "convention")
    assert not call.touched_clocks
    assert not is_running(desk.session, dossier_id, CLOCK)


def test_signing_before_the_clock_starts_starts_nothing(desk: Desk) -> None:
    dossier_id = desk.admitted()
    clock_ledger.resume(desk.call(dossier_id), CLOCK, "convention")
    assert clock_ledger.history(desk.session, dossier_id, CLOCK) == []


def test_a_clock_neither_starts_twice_nor_stands_twice(desk: Desk) -> None:
    dossier_id = desk.submitted()
    with pytest.raises(Conflict):
        clock_ledger.start(desk.call(dossier_id), CLOCK, "again")
    clock_ledger.stop(desk.call(dossier_id), CLOCK, "decision")
    for verb in (clock_ledger.suspend, clock_ledger.stop):
        with pytest.raises(Conflict):
            verb(desk.call(dossier_id), CLOCK, "again")


def test_the_clock_stands_while_only_the_operators_signature_is_missing(desk: Desk) -> None:
    dossier_id = desk.submitted()
    clock_ledger.await_signature(desk.call(dossier_id), CLOCK)
    assert is_running(desk.session, dossier_id, CLOCK)
    convention.send(desk.call(dossier_id))
    clock_ledger.await_signature(desk.call(dossier_id), CLOCK)
    assert not is_running(desk.session, dossier_id, CLOCK)


def test_the_clock_runs_on_while_the_agency_has_to_sign(desk: Desk) -> None:
    dossier_id = desk.submitted()
    convention.send(desk.call(dossier_id))
    convention.sign(desk.call(dossier_id))
    clock_ledger.await_signature(desk.call(dossier_id), CLOCK)
    assert is_running(desk.session, dossier_id, CLOCK)


@pytest.mark.rule(60)
def test_the_queue_follows_the_order_of_complete_proof_files(desk: Desk) -> None:
    first = desk.submitted(0)
    second = desk.at("2022-10-03T10:00").submitted(1)
    assert rank_of(desk, desk.deposited(2)) == 0
    assert queue_of(desk) == [first, second]


@pytest.mark.rule(64)
def test_a_deprioritised_dossier_stands_after_all_others_even_newcomers(desk: Desk) -> None:
    first, second = desk.submitted(0), desk.at("2022-10-03T10:00").submitted(1)
    instruction_queue.deprioritise(desk.at("2022-10-04T10:00").call(first))
    third = desk.at("2022-10-05T10:00").submitted(2)
    assert queue_of(desk) == [second, third, first]


@pytest.mark.rule(64)
def test_the_late_answer_is_the_rank_among_all(desk: Desk) -> None:
    first, second = desk.submitted(0), desk.at("2022-10-03T10:00").submitted(1)
    instruction_queue.deprioritise(desk.at("2022-10-04T10:00").call(first))
    instruction_queue.rank_answer(desk.at("2022-10-05T10:00").call(first))
    third = desk.at("2022-10-06T10:00").submitted(2)
    assert queue_of(desk) == [second, first, third]


@pytest.mark.rule(64)
def test_an_answer_in_time_keeps_the_rank(desk: Desk) -> None:
    first, second = desk.submitted(0), desk.at("2022-10-03T10:00").submitted(1)
    instruction_queue.rank_answer(desk.at("2022-10-04T08:00").call(first))
    assert queue_of(desk) == [first, second]


def test_the_process_owner_restores_a_rank_with_a_reason(desk: Desk) -> None:
    first, second = desk.submitted(0), desk.at("2022-10-03T10:00").submitted(1)
    instruction_queue.deprioritise(desk.at("2022-10-04T10:00").call(first))
    with pytest.raises(InvalidAnswer):
        instruction_queue.restore_rank(desk.call(first), "  ")
    instruction_queue.restore_rank(desk.call(first), "Panne de l’outil")
    assert queue_of(desk) == [first, second]


def test_a_dossier_enters_once_with_a_complete_file_and_leaves_once(desk: Desk) -> None:
    with pytest.raises(Conflict):
        instruction_queue.enter(desk.call(desk.admitted(1)))
    dossier_id = desk.submitted(0)
    with pytest.raises(Conflict):
        instruction_queue.enter(desk.call(dossier_id))
    instruction_queue.leave(desk.call(dossier_id))
    assert queue_of(desk) == []
    for verb in (instruction_queue.leave, instruction_queue.rank_answer):
        with pytest.raises(Conflict):
            verb(desk.call(dossier_id))


@pytest.mark.rule(66)
def test_an_abandoned_dossier_frees_its_place_and_stops_its_clock(desk: Desk) -> None:
    dossier_id = desk.submitted()
    call = desk.call(dossier_id)
    ending.abandon(call)
    assert queue_of(desk) == []
    assert not is_running(desk.session, dossier_id, CLOCK)
    assert {"dossier:abandoned", "queue:left", "clock:stopped"} <= set(desk.kinds())
