"""How the API takes requests: preconditions, repetitions, and what cannot be read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from api_world import CHECK, World
from werkzeug.test import TestResponse


def code_of(answer: TestResponse) -> tuple[int, str]:
    assert answer.mimetype == "application/problem+json"
    body = answer.get_json()
    assert body["status"] == answer.status_code
    assert body["type"] == f"/problems/{body['code']}"
    return answer.status_code, body["code"]


def test_a_reader_who_has_the_revision_is_spared_the_dossier(world: World) -> None:
    number = world.deposit()
    operator = world.as_("operator.alize")
    read = operator.get(f"/dossiers/{number}")
    tag = read.headers["ETag"]
    assert tag == f'"{read.get_json()["revision"]}"'
    same = operator.get(f"/dossiers/{number}", headers={"If-None-Match": tag})
    assert (same.status_code, same.data) == (304, b"")
    world.complete("admissibility_officer", number, "check_admissibility", CHECK)
    changed = operator.get(f"/dossiers/{number}", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_a_reader_who_has_the_revision_is_spared_the_task(world: World) -> None:
    number = world.deposit()
    task = world.open_task("admissibility_officer", number, "check_admissibility")
    officer = world.as_("admissibility_officer")
    tag = officer.get(f"/tasks/{task['id']}").headers["ETag"]
    same = officer.get(f"/tasks/{task['id']}", headers={"If-None-Match": tag})
    assert same.status_code == 304


def test_an_act_on_a_stale_revision_is_refused_and_changes_nothing(world: World) -> None:
    number = world.deposit()
    for stale in ('"0"', '"7"', "nothing", '"1", "2"', '"٣"'):
        refused = world.complete(
            "admissibility_officer",
            number,
            "check_admissibility",
            CHECK,
            headers={"If-Match": stale.encode().decode("latin-1")},
        )
        assert code_of(refused) == (412, "precondition_failed")
    path = f"/dossiers/{number}/messages"
    refused = world.as_("operator.alize").post(
        path, {"message": "withdraw"}, headers={"If-Match": '"0"'}
    )
    assert code_of(refused) == (412, "precondition_failed")
    assert world.as_("operator.alize").get(f"/dossiers/{number}").headers["ETag"] == '"1"'


@pytest.mark.parametrize("tag", ['"1"', "*", None])
def test_an_act_on_the_present_revision_is_done_and_tells_the_next(
    world: World, tag: str | None
) -> None:
    number = world.deposit()
    headers = {} if tag is None else {"If-Match": tag}
    done = world.complete(
        "admissibility_officer", number, "check_admissibility", CHECK, headers=headers
    )
    assert done.status_code == 200, done.text
    assert done.headers["ETag"] == f'"{done.get_json()["revision"]}"'


def test_a_deposit_repeated_with_its_key_is_one_dossier(world: World) -> None:
    operator = world.as_("operator.alize")
    body = {"answer": world.deposit_answer()}
    key = {"Idempotency-Key": "4d0a"}
    first = operator.post("/dossiers", body, headers=key)
    again = operator.post("/dossiers", body, headers=key)
    assert first.status_code == again.status_code == 201
    assert first.get_json() == again.get_json()
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(operator.get("/dossiers").get_json()["items"]) == 1


def test_a_completion_repeated_with_its_key_and_its_revision_is_answered_alike(
    world: World,
) -> None:
    number = world.deposit()
    task = world.open_task("admissibility_officer", number, "check_admissibility")
    officer = world.as_("admissibility_officer")
    headers = {"Idempotency-Key": "a", "If-Match": '"1"'}
    path = f"/tasks/{task['id']}/completion"
    answers = [officer.post(path, {"answer": CHECK}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].get_json() == answers[1].get_json()
    without = officer.post(path, {"answer": CHECK})
    assert code_of(without) == (409, "conflict")


def test_a_key_serves_one_request_only(world: World) -> None:
    operator = world.as_("operator.alize")
    key = {"Idempotency-Key": "4d0a"}
    operator.post("/dossiers", {"answer": world.deposit_answer()}, headers=key)
    other = {**world.deposit_answer(), "service_name": "Autre service fictif"}
    refused = operator.post("/dossiers", {"answer": other}, headers=key)
    assert code_of(refused) == (409, "idempotency_key_reused")


def test_a_key_is_its_persons_own(world: World) -> None:
    key = {"Idempotency-Key": "4d0a"}
    assert world.deposit("alize", headers=key) != world.deposit("bise", headers=key)


def test_a_refused_act_leaves_its_key_free(world: World) -> None:
    operator = world.as_("operator.alize")
    key = {"Idempotency-Key": "4d0a"}
    refused = operator.post("/dossiers", {"answer": {}}, headers=key)
    assert code_of(refused) == (422, "invalid_answer")
    done = operator.post("/dossiers", {"answer": world.deposit_answer()}, headers=key)
    assert done.status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_an_unusable_key_is_refused(world: World, key: str) -> None:
    refused = world.as_("operator.alize").post(
        "/dossiers", {"answer": {}}, headers={"Idempotency-Key": key}
    )
    assert code_of(refused) == (422, "invalid_request")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "invalid_request"),
        (b"\xff", 400, "invalid_request"),
        (b'{"answer": NaN}', 400, "invalid_request"),
        (b'{"answer": {"a": "\\ud800"}}', 400, "invalid_request"),
        (b'{"answer": {"a": "\\u0000"}}', 422, "invalid_request"),
        (b"[" * 5000, 400, "invalid_request"),
        (b"", 422, "invalid_request"),
        (b"null", 422, "invalid_request"),
        (b"[]", 422, "invalid_request"),
        (b"{}", 422, "invalid_request"),
        (b'{"answer": 3}', 422, "invalid_request"),
        (b'{"answer": {}, "surprise": 1}', 422, "invalid_request"),
        (b'{"answer": {}, "form": "../x"}', 422, "invalid_request"),
        (b'{"answer": {}, "form": "withdraw"}', 404, "not_found"),
        (b'{"answer": {}, "campaign": "unknown"}', 404, "not_found"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    world: World, body: bytes, status: int, code: str
) -> None:
    refused = world.as_("operator.alize").call(
        "POST", "/dossiers", data=body, content_type="application/json"
    )
    assert code_of(refused) == (status, code)
    assert world.as_("operator.alize").get("/dossiers").get_json()["items"] == []


def test_every_fault_of_an_answer_is_told_in_french_by_its_key(world: World) -> None:
    refused = world.as_("operator.alize").post("/dossiers", {"answer": {"siret": "1"}})
    faults = {fault["where"]: fault["message"] for fault in refused.get_json()["errors"]}
    assert {"company_name", "profiles", "commitment_process"} & set(faults)
    assert all(message.endswith(".") for message in faults.values())


def test_a_body_that_is_not_said_to_be_json_is_refused(world: World) -> None:
    body = json.dumps({"answer": world.deposit_answer()})
    refused = world.as_("operator.alize").call("POST", "/dossiers", data=body)
    assert code_of(refused) == (415, "unsupported_media_type")


def test_a_body_that_is_too_large_is_refused(world: World) -> None:
    body = {"answer": {"company_name": "x" * 9_000_000}}
    refused = world.as_("operator.alize").post("/dossiers", body)
    assert code_of(refused) == (413, "limit_exceeded")


def test_a_file_that_is_too_large_is_refused(world: World) -> None:
    number = world.deposit()
    path = f"/dossiers/{number}/proofs?requirement=A&file_name=a.txt"
    refused = world.as_("operator.alize").post(path, data=b"x" * 1_100_000)
    assert code_of(refused) == (413, "limit_exceeded")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "surprise=1",
        "flag=unknown",
        "open=perhaps",
        "campaign=%00",
        "waiting=a b",
    ],
)
def test_a_query_that_is_not_documented_is_refused(world: World, query: str) -> None:
    refused = world.as_("auditor").get(f"/dossiers?{query}")
    assert code_of(refused) == (422, "invalid_request")
    assert refused.get_json()["errors"][0]["where"].startswith("query.")


@pytest.mark.parametrize(
    "cursor",
    ["x", "!!!", "bnVsbA", "W10", "WyJhIiwxXQ", "WyIyMDIyLTEwLTAzIiwxXQ", "é", "W1sxXSwxXQ"],
)
def test_a_cursor_that_the_list_did_not_give_is_refused(world: World, cursor: str) -> None:
    refused = world.as_("auditor").get("/dossiers", query_string={"cursor": cursor})
    assert code_of(refused) == (422, "invalid_cursor")


def test_an_address_that_does_not_exist_is_told_as_a_problem(world: World) -> None:
    assert code_of(world.nobody().get("/unknown")) == (404, "not_found")
    number_of_another_shape = world.as_("auditor").get("/dossiers/%00")
    assert code_of(number_of_another_shape) == (404, "not_found")


def test_a_method_that_does_not_exist_tells_those_that_do(world: World) -> None:
    refused = world.as_("auditor").call("DELETE", "/dossiers")
    assert code_of(refused) == (405, "method_not_allowed")
    assert set(refused.headers["Allow"].split(", ")) >= {"GET", "POST"}


def test_pages_outside_the_api_keep_their_own_refusals(world: World) -> None:
    answer = world.app.test_client().get("/nowhere")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_a_breakdown_gives_a_reference_and_no_detail(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(**_more: Any) -> None:
        raise RuntimeError("a secret")

    broken = _with_roles_of(world, break_down)
    monkeypatch.setitem(world.app.view_functions, "api-me.get_me", broken)
    answer = world.as_("auditor").get("/me")
    assert code_of(answer) == (500, "internal_error")
    assert "secret" not in answer.text
    assert answer.get_json()["reference"] in caplog.text


def _with_roles_of(world: World, view: Any) -> Any:
    view.__dict__.update(world.app.view_functions["api-me.get_me"].__dict__)
    return view
