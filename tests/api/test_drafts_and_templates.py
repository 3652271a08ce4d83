"""Drafts, states and templates through the API, on SQLite and on PostgreSQL."""

from __future__ import annotations

from api_world import CAMPAIGN, CHECK, World

QUESTIONS = ["Votre SIRET ?", "Le contrat V2 ?"]


def asked(world: World) -> tuple[str, str]:
    """A dossier with two questions, and the path of the task that answers them."""
    number = world.deposit()
    solicit = {**CHECK, "outcome": "solicit", "questions": QUESTIONS}
    answer = world.complete("admissibility_officer", number, "check_admissibility", solicit)
    assert answer.status_code == 200, answer.text
    task = world.open_task("admissibility_officer", number, "answer_admissibility_solicitation")
    return number, f"/tasks/{task['id']}"


def test_a_draft_is_kept_replaced_and_thrown_away(world_on_each_database: World) -> None:
    world = world_on_each_database
    _number, path = asked(world)
    operator = world.as_("operator.alize")
    assert operator.get(f"{path}/draft").status_code == 404
    body = {"answer": {"answers": [{"question": 1, "text": "123"}]}}
    first = operator.call("PUT", f"{path}/draft", json=body, headers={"If-Match": '"0"'})
    assert (first.status_code, first.headers["ETag"]) == (200, '"1"')
    stale = operator.call("PUT", f"{path}/draft", json=body, headers={"If-Match": '"0"'})
    assert (stale.status_code, stale.get_json()["code"]) == (412, "precondition_failed")
    second = operator.call("PUT", f"{path}/draft", json={"answer": {"answer": "Tout."}})
    assert second.get_json()["revision"] == 2
    read = operator.get(f"{path}/draft").get_json()
    assert (read["answer"], read["saved_by"]) == ({"answer": "Tout."}, "operator.alize")
    gone = operator.call("DELETE", f"{path}/draft", headers={"If-Match": '"1"'})
    assert gone.status_code == 412
    assert operator.call("DELETE", f"{path}/draft", headers={"If-Match": '"2"'}).status_code == 204
    assert operator.get(f"{path}/draft").status_code == 404


def test_a_draft_is_its_peoples_alone_and_ten_megabytes_are_none(
    world_on_each_database: World,
) -> None:
    world = world_on_each_database
    number, path = asked(world)
    body = {"answer": {"answer": "x"}}
    assert world.as_("operator.bise").call("PUT", f"{path}/draft", json=body).status_code == 404
    for name in ("admissibility_officer", "instructor", "representative.alize"):
        assert world.as_(name).call("PUT", f"{path}/draft", json=body).status_code == 403
        assert world.as_(name).get(f"{path}/draft").status_code == 403
    operator = world.as_("operator.alize")
    for size in (1_100_000, 10_000_000):
        refused = operator.call("PUT", f"{path}/draft", json={"answer": {"answer": "x" * size}})
        assert (refused.status_code, refused.get_json()["code"]) == (413, "limit_exceeded")
    operator.call("PUT", f"{path}/draft", json=body)
    element = "answer_admissibility_solicitation"
    assert world.complete("operator.alize", number, element, {"answer": "Oui."}).status_code == 200
    over = operator.call("PUT", f"{path}/draft", json=body)
    assert (over.status_code, over.get_json()["code"]) == (409, "conflict")
    assert operator.get(f"{path}/draft").status_code == 404


def test_a_candidature_is_prepared_by_a_company_and_deposited_once(
    world_on_each_database: World,
) -> None:
    world, path = world_on_each_database, f"/deposit-drafts/{'a' * 32}"
    operator, body = world.as_("operator.alize"), {"answer": {"service_name": "Alizé"}}
    assert operator.get(path).status_code == 404
    first = operator.call("PUT", path, json=body, headers={"If-Match": '"0"'})
    assert (first.status_code, first.headers["ETag"]) == (200, '"1"')
    stale = operator.call("PUT", path, json=body, headers={"If-Match": '"0"'})
    assert (stale.status_code, stale.get_json()["code"]) == (412, "precondition_failed")
    assert operator.call("PUT", path, json=body, headers={"If-Match": '"1"'}).status_code == 200
    [listed] = operator.get("/deposit-drafts").get_json()["items"]
    assert (listed["revision"], listed["saved_by"]) == (2, "operator.alize")
    stranger = world.as_("operator.bise")
    assert stranger.get("/deposit-drafts").get_json()["items"] == []
    for method, more in (("GET", {}), ("PUT", {"json": body}), ("DELETE", {})):
        assert stranger.call(method, path, **more).status_code == 404, method
    assert world.as_("instructor").get("/deposit-drafts").status_code == 403
    for wrong in ({"campaign": "none"}, {"previous": "2022-999"}):
        other = f"/deposit-drafts/{'b' * 32}"
        assert operator.call("PUT", other, json={**body, **wrong}).status_code == 404, wrong
    deposit = {"answer": world.deposit_answer(), "draft": "a" * 32}
    assert operator.post("/dossiers", deposit).status_code == 201
    calls = (("GET", {}), ("PUT", {"json": body}), ("DELETE", {}))
    late = [operator.call(method, path, **more) for method, more in calls]
    late.append(operator.post("/dossiers", deposit))
    for answer in late:
        assert (answer.status_code, answer.get_json()["code"]) == (409, "already_deposited")
    assert operator.call("PUT", other, json=body).status_code == 200
    gone = operator.call("DELETE", other, headers={"If-Match": '"7"'})
    assert gone.status_code == 412
    assert operator.call("DELETE", other).status_code == 204
    assert operator.get("/deposit-drafts").get_json()["items"] == []


def test_a_solicitation_tells_its_state_and_each_answer(world_on_each_database: World) -> None:
    world = world_on_each_database
    number, path = asked(world)
    operator = world.as_("operator.alize")
    (before,) = operator.get(f"/dossiers/{number}/solicitations").get_json()["items"]
    assert (before["state"], before["was_late"], before["answers"][0]["answer"]) == (
        "sent",
        False,
        None,
    )
    partial = {"answer": {"answers": [{"question": 1, "text": "123"}]}}
    refused = operator.post(f"{path}/completion", partial)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "invalid_answer")
    rows = [{"question": 1, "text": "123"}, {"question": 2, "text": "Signé."}]
    done = operator.post(f"{path}/completion", {"answer": {"answers": rows}})
    assert done.status_code == 200, done.text
    (after,) = operator.get(f"/dossiers/{number}/solicitations").get_json()["items"]
    assert (after["state"], after["answer"]) == ("answered", None)
    assert [each["answer"] for each in after["answers"]] == ["123", "Signé."]
    assert after["questions"] == QUESTIONS


def test_who_asked_withdraws_with_a_reason(world_on_each_database: World) -> None:
    world = world_on_each_database
    number, _path = asked(world)
    body = {"message": "withdraw_solicitation", "answer": {"reason": "Déjà au dossier."}}
    for name, status in (
        ("operator.alize", 403),
        ("instructor", 403),
        ("admissibility_officer", 200),
    ):
        sent = world.as_(name).post(f"/dossiers/{number}/messages", body)
        assert sent.status_code == status, sent.text
    (withdrawn,) = (
        world.as_("admissibility_officer")
        .get(f"/dossiers/{number}/solicitations")
        .get_json()["items"]
    )
    assert (withdrawn["state"], withdrawn["withdrawal_reason"]) == ("withdrawn", "Déjà au dossier.")


def test_templates_are_kept_by_the_process_owner(world_on_each_database: World) -> None:
    world = world_on_each_database
    path = f"/campaigns/{CAMPAIGN}/solicitation-templates"
    body = {"kind": "admissibility", "title": "SIRET", "text": "Votre SIRET ?"}
    assert world.as_("instructor").post(path, body).status_code == 403
    owner = world.as_("process_owner")
    added = owner.post(path, body)
    assert added.status_code == 201, added.text
    template = added.get_json()["id"]
    blank = owner.post(path, {**body, "text": " "})
    assert (blank.status_code, blank.get_json()["code"]) == (422, "invalid_answer")
    words = {"title": "SIRET exact", "text": "Quel est votre SIRET ?"}
    changed = owner.call("PUT", f"/solicitation-templates/{template}", json=words)
    assert changed.get_json()["text"] == words["text"]
    assert owner.post(f"/solicitation-templates/{template}/retirement").status_code == 200
    again = owner.call("PUT", f"/solicitation-templates/{template}", json=words)
    assert (again.status_code, again.get_json()["code"]) == (409, "conflict")
    (listed,) = world.as_("instructor").get(path).get_json()["items"]
    assert (listed["title"], listed["retired_at"] is None) == ("SIRET exact", False)
    assert world.as_("operator.alize").get(path).status_code == 403
    assert owner.get("/campaigns/unknown/solicitation-templates").status_code == 404
