"""Who may read and do what through the API."""

from __future__ import annotations

from io import BytesIO

import pytest
from api_world import CAMPAIGN, CHECK, Caller, World
from test_whole_path import admit_and_sign, any_answer, hand_in_proofs

from workflow.domain.person import Person


def code_of(answer: object) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]  # type: ignore[attr-defined]


def test_nobody_reads_dossiers_without_an_account(world: World) -> None:
    answer = world.nobody().get("/dossiers")
    assert code_of(answer) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].lower().startswith("bearer")


@pytest.mark.parametrize("header", ["Bearer jalon_wrong", "Bearer", "Basic dTpw", "x", ""])
def test_a_token_that_does_not_live_opens_nothing(world: World, header: str) -> None:
    answer = world.app.test_client().get("/api/v1/me", headers={"Authorization": header})
    assert code_of(answer) == (401, "unauthenticated")


def test_a_revoked_token_opens_nothing(world: World) -> None:
    operator = world.as_("operator.alize")
    token_id = operator.get("/me/tokens").get_json()["items"][0]["id"]
    assert operator.call("DELETE", f"/me/tokens/{token_id}").status_code == 204
    assert operator.get("/me").status_code == 401


def test_the_token_of_somebody_who_left_opens_nothing(world: World) -> None:
    with world.runtime.database.transaction() as session:
        session.get_one(Person, world.people["auditor"]).is_active = False
    assert world.as_("auditor").get("/me").status_code == 401


def test_nobody_revokes_the_token_of_somebody_else(world: World) -> None:
    token_id = world.as_("auditor").get("/me/tokens").get_json()["items"][0]["id"]
    answer = world.as_("operator.alize").call("DELETE", f"/me/tokens/{token_id}")
    assert code_of(answer) == (404, "not_found")


def test_a_token_makes_no_other_token(world: World) -> None:
    answer = world.as_("operator.alize").post("/me/tokens", {"label": "autre"})
    assert code_of(answer) == (403, "not_allowed")


def test_a_session_makes_a_token_that_works_and_says_when_it_was_used(world: World) -> None:
    client = world.app.test_client()
    csrf = client.post(f"/sign-in/{world.people['instructor']}").text
    made = client.post("/api/v1/me/tokens", json={"label": "relevé"}, headers={"X-CSRFToken": csrf})
    assert made.status_code == 201, made.text
    caller = Caller(world.app, made.get_json()["token"])
    assert caller.get("/me").get_json()["roles"] == ["instructor"]
    assert all(token["last_used_at"] for token in caller.get("/me/tokens").get_json()["items"][1:])


def test_a_session_reads_but_writes_only_with_the_token_of_a_page(world: World) -> None:
    client = world.app.test_client()
    csrf = client.post(f"/sign-in/{world.people['operator.alize']}").text
    assert client.get("/api/v1/me").status_code == 200
    body = {"answer": world.deposit_answer()}
    assert code_of(client.post("/api/v1/dossiers", json=body)) == (403, "not_allowed")
    wrong = client.post("/api/v1/dossiers", json=body, headers={"X-CSRFToken": "wrong"})
    assert wrong.status_code == 403
    right = client.post("/api/v1/dossiers", json=body, headers={"X-CSRFToken": csrf})
    assert right.status_code == 201


def test_a_stranger_cannot_tell_a_dossier_that_exists_from_one_that_does_not(
    world: World,
) -> None:
    number = world.deposit("alize")
    stranger = world.as_("operator.bise")
    for path in ("", "/history", "/deadlines", "/messages", "/proofs", "/proof-file"):
        hidden = stranger.get(f"/dossiers/{number}{path}")
        absent = stranger.get(f"/dossiers/2022-999{path}")
        assert code_of(hidden) == code_of(absent) == (404, "not_found")
        assert (
            hidden.get_json()["detail"].replace(number, "2022-999") == (absent.get_json()["detail"])
        )
    for sent in (
        stranger.post(f"/dossiers/{number}/messages", {"message": "withdraw"}),
        stranger.call("PUT", f"/dossiers/{number}/ssi-answers", json={"answer": {}}),
    ):
        assert sent.status_code == 404


def test_an_operator_lists_its_own_dossiers_and_the_agency_lists_all(world: World) -> None:
    alize, bise = world.deposit("alize"), world.deposit("bise")
    for name, numbers in (
        ("operator.alize", [alize]),
        ("operator.bise", [bise]),
        ("representative.bise", [bise]),
        ("support", [bise, alize]),
    ):
        items = world.as_(name).get("/dossiers").get_json()["items"]
        assert [item["number"] for item in items] == numbers


def test_a_newcomer_without_a_company_sees_no_ones_tasks(world: World) -> None:
    number = world.deposit()
    asked = {"outcome": "solicit", "questions": ["Pourquoi ?"]}
    world.complete("admissibility_officer", number, "check_admissibility", asked)
    world.add("newcomer", ("operator",))
    for path in ("/tasks", "/dossiers", "/me/notifications"):
        assert world.as_("newcomer").get(path).get_json()["items"] == []


def test_a_task_is_hidden_from_strangers_and_refused_to_other_roles(world: World) -> None:
    number = world.deposit()
    task = world.open_task("operator.alize", number, "check_admissibility")
    path = f"/tasks/{task['id']}"
    assert code_of(world.as_("operator.bise").get(path)) == (404, "not_found")
    assert world.as_("operator.alize").get(path).get_json()["is_mine"] is False
    for name in ("operator.alize", "instructor", "auditor"):
        refused = world.as_(name).post(f"{path}/completion", {"answer": CHECK})
        assert code_of(refused) == (403, "not_allowed")


def test_a_stranger_completes_no_task_of_another_company(world: World) -> None:
    number = world.deposit()
    asked = {"outcome": "solicit", "questions": ["Pourquoi ?"]}
    world.complete("admissibility_officer", number, "check_admissibility", asked)
    task = world.open_task("operator.alize", number, "answer_admissibility_solicitation")
    path = f"/tasks/{task['id']}/completion"
    refused = world.as_("operator.bise").post(path, {"answer": {"answer": "Moi."}})
    assert code_of(refused) == (404, "not_found")


@pytest.mark.rule(18)
@pytest.mark.parametrize("name", ["instructor", "auditor", "representative.alize"])
def test_only_an_operator_deposits(world: World, name: str) -> None:
    refused = world.as_(name).post("/dossiers", {"answer": world.deposit_answer()})
    assert code_of(refused) == (403, "not_allowed")


def test_an_operator_does_not_exclude_itself(world: World) -> None:
    number = world.deposit()
    body = {"message": "exclude", "answer": {"reason": "Non."}}
    refused = world.as_("operator.alize").post(f"/dossiers/{number}/messages", body)
    assert code_of(refused) == (403, "not_allowed")


def test_the_facts_of_the_history_are_for_the_agency(world: World) -> None:
    number = world.deposit()
    own = world.as_("operator.alize").get(f"/dossiers/{number}/history").get_json()["items"]
    assert {entry["facts"] for entry in own} == {None}
    agency = world.as_("auditor").get(f"/dossiers/{number}/history").get_json()["items"]
    assert agency[1]["facts"]["number"] == number


def test_the_history_of_the_house_is_for_the_auditor_and_the_administrator(world: World) -> None:
    kinds = {e["kind"] for e in world.as_("auditor").get("/history").get_json()["items"]}
    assert {"diagram:deployed", "campaign:deployed"} <= kinds
    for name in ("operator.alize", "process_owner", "instructor"):
        assert code_of(world.as_(name).get("/history")) == (403, "not_allowed")


@pytest.mark.rule(76)
def test_proofs_are_read_by_their_operator_and_by_those_who_judge(world: World) -> None:
    number = world.deposit()
    admit_and_sign(world, number)
    operator = world.as_("operator.alize")
    missing = operator.get(f"/dossiers/{number}/proof-file").get_json()["missing"]
    wanted = next(each for each in missing if each["kind"] == "log")
    path = f"/dossiers/{number}/proofs"
    query = f"?requirement={wanted['requirement']}&position={wanted['position']}"
    page = b"<script>alert(1)</script>"
    refused = operator.post(path + query, data={"file": (BytesIO(page), "../../page.html")})
    assert code_of(refused) == (422, "invalid_answer")
    assert "chemin" in refused.get_json()["errors"][0]["message"]
    given = operator.post(path + query, data={"file": (BytesIO(page), "page.html")})
    address = given.headers["Location"]
    for name in ("operator.alize", "representative.alize"):
        with world.as_(name).get(address) as read:
            assert read.data == b"<script>alert(1)</script>"
            assert read.mimetype == "application/octet-stream"
            assert read.headers["Content-Disposition"].startswith("attachment")
    for name in ("instructor", "college_member"):
        assert code_of(world.as_(name).get(address)) == (404, "not_found"), "before it is submitted"
    for name in ("support", "admissibility_officer", "ssi_officer", "administrator"):
        assert code_of(world.as_(name).get(address)) == (403, "not_allowed")
    assert code_of(world.as_("operator.bise").get(address)) == (404, "not_found")
    assert operator.call("DELETE", address).status_code == 204
    assert operator.get(address).status_code == 404


def test_a_proof_of_another_dossier_is_not_found_under_this_one(world: World) -> None:
    own, other = world.deposit("alize"), world.deposit("bise")
    admit_and_sign(world, own)
    operator = world.as_("operator.alize")
    missing = operator.get(f"/dossiers/{own}/proof-file").get_json()["missing"]
    wanted = next(each for each in missing if each["kind"] == "log")
    query = f"?requirement={wanted['requirement']}&position={wanted['position']}&file_name=a.txt"
    given = operator.post(f"/dossiers/{own}/proofs{query}", data=b"x").get_json()
    crossed = world.as_("instructor").get(f"/dossiers/{other}/proofs/{given['id']}")
    assert code_of(crossed) == (404, "not_found")


@pytest.mark.rule(57, 76)
def test_ssi_answers_are_read_by_the_ssi_officer_alone(world: World) -> None:
    number = world.deposit()
    admit_and_sign(world, number)
    operator = world.as_("operator.alize")
    form = operator.get("/forms/ssi_questionnaire").get_json()
    path = f"/dossiers/{number}/ssi-answers"
    answered = operator.call("PUT", path, json={"answer": any_answer(form["components"])})
    assert answered.status_code == 204, answered.text
    assert world.as_("ssi_officer").get(path).get_json()["answers"]
    for name in ("operator.alize", "instructor", "auditor", "administrator"):
        assert code_of(world.as_(name).get(path)) == (403, "not_allowed")


def test_a_proof_file_is_closed_once_it_is_submitted(world: World) -> None:
    number = world.deposit()
    admit_and_sign(world, number)
    hand_in_proofs(world, number)
    operator = world.as_("operator.alize")
    kept = operator.get(f"/dossiers/{number}/proofs?limit=1").get_json()["items"][0]
    removed = operator.call("DELETE", f"/dossiers/{number}/proofs/{kept['id']}")
    assert code_of(removed) == (409, "conflict")


def test_only_those_whom_the_diagram_names_convene_the_college(world: World) -> None:
    path = f"/campaigns/{CAMPAIGN}/convocation"
    assert code_of(world.as_("instructor").post(path)) == (403, "not_allowed")
    assert world.as_("process_owner").post(path).get_json()["task"]


def test_a_proof_given_twice_under_one_key_is_one_proof(world: World) -> None:
    number = world.deposit()
    admit_and_sign(world, number)
    operator = world.as_("operator.alize")
    missing = operator.get(f"/dossiers/{number}/proof-file").get_json()["missing"]
    wanted = next(each for each in missing if each["kind"] == "log")
    query = f"?requirement={wanted['requirement']}&position={wanted['position']}&file_name=a.txt"
    path = f"/dossiers/{number}/proofs"
    key = {"Idempotency-Key": "one"}
    first, again = (operator.post(path + query, data=b"x", headers=key) for _ in range(2))
    assert first.get_json() == again.get_json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(operator.get(path).get_json()["items"]) == 1
    other = operator.post(path + query, data=b"y", headers=key)
    assert code_of(other) == (409, "idempotency_key_reused")
