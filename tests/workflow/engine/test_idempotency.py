"""An act repeated with its key is answered, not done again."""

from __future__ import annotations

import threading

import pytest
from play import Play, rows

from workflow.engine import human_tasks, messages
from workflow.engine.idempotency import KeyReused
from workflow.engine.turn import Done
from workflow.errors import InvalidAnswer
from workflow.scenarios import defaults

CHECK = "check_admissibility"


def test_an_operator_whose_network_fails_deposits_once(play: Play) -> None:
    play.act(start="deposit_dossier")
    answer = {**_deposit(play), "service_name": "Service repris"}
    operator = play.actor("operator")
    first = human_tasks.start(
        play.runtime, "dossier", "deposit_dossier", answer, operator, idempotency_key="essai 1"
    )
    before = rows(play.database)
    again = human_tasks.start(
        play.runtime, "dossier", "deposit_dossier", answer, operator, idempotency_key="essai 1"
    )
    assert again == first
    assert rows(play.database) == before


def test_an_answer_repeated_after_the_task_is_done_gets_the_first_answer(play: Play) -> None:
    play.act(start="deposit_dossier")
    first = play.complete(CHECK, "admissibility_officer", idempotency_key="k")
    play.act(complete="sign_convention")
    assert play.complete(CHECK, "admissibility_officer", idempotency_key="k") == first


def test_a_refused_act_leaves_its_key_free(play: Play) -> None:
    play.act(start="deposit_dossier")
    with pytest.raises(InvalidAnswer):
        play.complete(CHECK, "admissibility_officer", given={"outcome": None}, idempotency_key="k")
    assert play.complete(CHECK, "admissibility_officer", idempotency_key="k").revision == 2


def test_two_people_may_choose_the_same_key(play: Play) -> None:
    play.act(start="deposit_dossier")
    play.complete(CHECK, "admissibility_officer", idempotency_key="k")
    done = play.complete("sign_convention", "legal_representative", idempotency_key="k")
    assert done.revision == 3


def test_another_reason_under_the_same_key_is_another_request(play: Play) -> None:
    play.act(start="deposit_dossier")
    dossier, operator = play.stage.dossiers["default"], play.actor("operator")
    send = {"actor": operator, "idempotency_key": "k"}
    messages.send(play.runtime, dossier, "withdraw", {"reason": "Service abandonné"}, **send)
    with pytest.raises(KeyReused):
        messages.send(play.runtime, dossier, "withdraw", {"reason": "Autre motif"}, **send)
    messages.send(play.runtime, dossier, "withdraw", {"reason": "Service abandonné"}, **send)


def test_eight_requests_at_once_with_one_key_are_one_act(play: Play) -> None:
    play.act(start="deposit_dossier")
    task = play.task(CHECK)
    answer, officer = play.answer(task), play.actor("admissibility_officer")
    start, answers = threading.Barrier(8), list[Done]()

    def ask() -> None:
        start.wait()
        done = human_tasks.complete(play.runtime, task.id, answer, officer, idempotency_key="k")
        answers.append(done)

    requests = [threading.Thread(target=ask) for _ in range(8)]
    for request in requests:
        request.start()
    for request in requests:
        request.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert play.instance().revision == 2


def test_a_key_outlives_the_timers_that_fire_before_its_act(play: Play) -> None:
    play.solicited()
    play.clock.move_to(play.timers()["after_24_hours"])
    done = play.complete("answer_solicitation", "operator", idempotency_key="k")
    assert play.complete("answer_solicitation", "operator", idempotency_key="k") == done


def _deposit(play: Play) -> dict[str, object]:
    return defaults.deposit("default", play.stage.campaign)
