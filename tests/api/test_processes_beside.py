"""Questions to the support and corrections of clerical errors, through the API."""

from __future__ import annotations

from typing import Any

import pytest
from api_world import World

QUESTION = {"answer": {"subject": "Fichier refusé", "text": "L’envoi d’une vidéo échoue."}}
ANSWER = {"answer": {"outcome": "answered", "text": "Reprenez l’envoi."}}
AGAIN = {"answer": {"text": "Cela ne suffit pas."}}
VERSION = {
    "answer": {"fact": "service_version", "new_text": "1.0.1", "reason": "Coquille au dépôt."}
}
AGREE = {"answer": {"outcome": "agree"}}


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def places(answer: Any) -> set[str]:
    return {error["where"] for error in answer.get_json()["errors"]}


def asked(world: World, name: str = "operator.alize", **more: Any) -> str:
    opened = world.as_(name).post("/support-questions", QUESTION, **more)
    assert opened.status_code == 201, opened.text
    return f"/support-questions/{opened.get_json()['id']}"


@pytest.mark.rule(75)
def test_a_question_is_asked_answered_followed_up_and_closed(world_on_each_database: World) -> None:
    world = world_on_each_database
    address = asked(world)
    operator, support = world.as_("operator.alize"), world.as_("support")
    read = support.get(address).get_json()
    assert (read["state"], read["may_send"], read["task"] is not None) == ("waiting", [], True)
    answered = support.post(f"{address}/answer", ANSWER)
    assert answered.get_json()["state"] == "answered"
    mine = operator.get(address).get_json()
    assert (mine["may_send"], mine["task"]) == (["ask_again", "close_question"], None)
    assert operator.post(f"{address}/messages", AGAIN).get_json()["state"] == "waiting"
    closed = operator.post(f"{address}/closure")
    assert closed.get_json()["state"] == "closed"
    kinds = [message["kind"] for message in closed.get_json()["messages"]]
    assert kinds == ["asked", "answered", "asked_again"]
    assert code(operator.post(f"{address}/closure")) == (409, "conflict")
    assert code(support.post(f"{address}/answer", ANSWER)) == (409, "conflict")


@pytest.mark.rule(75, 76)
def test_a_question_is_read_by_its_side_the_support_and_auditors_only(world: World) -> None:
    address = asked(world)
    for name in ("operator.alize", "representative.alize", "support", "auditor"):
        assert world.as_(name).get(address).status_code == 200, name
        assert len(world.as_(name).get("/support-questions").get_json()["items"]) == 1
    assert code(world.as_("operator.bise").get(address)) == (404, "not_found")
    assert world.as_("operator.bise").get("/support-questions").get_json()["items"] == []
    assert code(world.as_("operator.bise").post(f"{address}/closure")) == (404, "not_found")
    for name in ("instructor", "process_owner", "administrator"):
        assert code(world.as_(name).get(address)) == (403, "not_allowed")
        assert code(world.as_(name).post("/support-questions", QUESTION)) == (403, "not_allowed")


def test_the_task_of_a_question_is_seen_by_the_support_and_auditors_only(world: World) -> None:
    address = asked(world)
    task = world.as_("support").get(address).get_json()["task"]
    assert task in [t["id"] for t in world.as_("support").get("/tasks").get_json()["items"]]
    for name in ("support", "auditor"):
        assert world.as_(name).get(f"/tasks/{task}").status_code == 200
    for name in ("instructor", "operator.alize", "operator.bise"):
        assert code(world.as_(name).get(f"/tasks/{task}")) == (404, "not_found")


def test_a_question_sent_twice_under_one_key_is_asked_once(world: World) -> None:
    first = asked(world, headers={"Idempotency-Key": "q"})
    assert asked(world, headers={"Idempotency-Key": "q"}) == first
    assert len(world.as_("support").get("/support-questions").get_json()["items"]) == 1


def test_a_stale_reader_of_a_question_is_told_so(world: World) -> None:
    address = asked(world)
    stale = world.as_("support").post(f"{address}/answer", ANSWER, headers={"If-Match": '"9"'})
    assert code(stale) == (412, "precondition_failed")


def test_faults_of_a_question_are_told_by_field(world: World) -> None:
    refused = world.as_("operator.alize").post("/support-questions", {"answer": {"subject": "x"}})
    assert code(refused) == (422, "invalid_answer")
    assert places(refused) == {"text"}


@pytest.mark.rule(41)
def test_a_correction_is_proposed_agreed_and_listed(world_on_each_database: World) -> None:
    world = world_on_each_database
    number = world.deposit()
    officer, operator = world.as_("admissibility_officer"), world.as_("operator.alize")
    proposed = officer.post(f"/dossiers/{number}/corrections", VERSION)
    assert proposed.status_code == 201, proposed.text
    address = f"/dossiers/{number}/corrections/{proposed.get_json()['id']}"
    before = operator.get(f"/dossiers/{number}").get_json()
    assert (before["service_version"], len(before["waits"]["tasks"])) == ("1.0", 1)
    assert "agree_correction" in [
        task["element"] for task in operator.get("/tasks").get_json()["items"]
    ]
    agreed = operator.post(f"{address}/answer", AGREE)
    assert agreed.get_json()["outcome"] == "agreed"
    assert operator.get(f"/dossiers/{number}").get_json()["service_version"] == "1.0.1"
    [told] = operator.get(f"/dossiers/{number}/corrections").get_json()["items"]
    assert (told["old_value"], told["new_value"], told["reason"]) == (
        "1.0",
        "1.0.1",
        "Coquille au dépôt.",
    )
    assert (told["proposed_by"], told["concluded_by"]) == (
        "admissibility_officer",
        "operator.alize",
    )
    assert code(operator.post(f"{address}/answer", AGREE)) == (409, "conflict")
    assert code(officer.post(f"{address}/withdrawal", {"answer": {"reason": "x"}})) == (
        409,
        "conflict",
    )


def test_a_correction_is_nobody_elses(world: World) -> None:
    number = world.deposit()
    path = f"/dossiers/{number}/corrections"
    for name in ("operator.alize", "instructor", "support"):
        assert code(world.as_(name).post(path, VERSION)) == (403, "not_allowed")
    proposed = world.as_("admissibility_officer").post(path, VERSION).get_json()
    address = f"{path}/{proposed['id']}"
    assert code(world.as_("operator.bise").get(path)) == (404, "not_found")
    assert code(world.as_("operator.bise").post(f"{address}/answer", AGREE)) == (404, "not_found")
    assert code(world.as_("instructor").post(f"{address}/answer", AGREE)) == (403, "not_allowed")
    other = f"/dossiers/{world.deposit('bise')}/corrections/{proposed['id']}"
    officer = world.as_("admissibility_officer")
    refused = officer.post(f"{other}/withdrawal", {"answer": {"reason": "Erreur."}})
    assert code(refused) == (404, "not_found")


def test_profiles_and_siret_are_not_corrected(world: World) -> None:
    number = world.deposit()
    officer = world.as_("admissibility_officer")
    for fact in ("profiles", "siret"):
        body = {"answer": {**VERSION["answer"], "fact": fact}}
        refused = officer.post(f"/dossiers/{number}/corrections", body)
        assert code(refused) == (422, "invalid_answer")
        assert "fact" in places(refused)


@pytest.mark.rule(57, 75, 76)
def test_the_support_reads_neither_proofs_nor_security_answers_nor_notes(world: World) -> None:
    number = world.deposit()
    support = world.as_("support")
    for path in ("proofs", "ssi-answers"):
        assert code(support.get(f"/dossiers/{number}/{path}")) == (403, "not_allowed")


@pytest.mark.rule(76)
def test_the_history_is_narrowed_to_a_process_and_keeps_its_facts_from_the_support(
    world: World,
) -> None:
    number = world.deposit()
    asked(world)
    house = world.as_("auditor").get("/history?process=support_question").get_json()["items"]
    assert "support:asked" in [entry["kind"] for entry in house]
    assert all(entry["facts"]["process"] == "support_question" for entry in house)
    told = world.as_("support").get(f"/dossiers/{number}/history").get_json()["items"]
    assert told
    assert all(entry["facts"] is None for entry in told)
    refused = world.as_("auditor").get("/history?process=Support%22")
    assert refused.status_code == 422
