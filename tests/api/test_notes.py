"""Threads of internal notes through the API, and what a conflict tells."""

from __future__ import annotations

from typing import Any

from api_world import CHECK, World


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def test_a_thread_is_written_worded_again_settled_and_withdrawn(world: World) -> None:
    number = world.deposit()
    path = f"/dossiers/{number}/notes"
    instructor, officer = world.as_("instructor"), world.as_("admissibility_officer")
    told = {"text": "@admissibility_officer : le SIRET ?", "mentioned": [world.people["auditor"]]}
    added = instructor.post(path, told)
    first = added.get_json()
    assert (added.status_code, first["mentions"]) == (201, ["admissibility_officer", "auditor"])
    assert code(instructor.post(path, {"text": "@nemo ?"})) == (422, "invalid_answer")
    assert code(instructor.post(path, {"text": "?", "anchor": "proof:1"})) == (
        422,
        "invalid_answer",
    )
    reply = officer.post(path, {"text": "Vérifié.", "reply_to": first["id"]}).get_json()
    one = f"{path}/{first['id']}"
    tag = {"If-Match": added.headers["ETag"]}
    again = {"text": "@admissibility_officer : et le SIRET ?"}
    edited = instructor.call("PUT", one, json=again, headers=tag)
    assert (edited.status_code, edited.get_json()["revision"]) == (200, 1)
    assert edited.get_json()["mentions"] == ["admissibility_officer"]
    stale = instructor.call("PUT", one, json={"text": "Autre."}, headers=tag)
    assert code(stale) == (412, "precondition_failed")
    assert code(officer.call("PUT", one, json=again)) == (403, "not_allowed")
    settled = officer.call("PUT", f"{one}/resolution", json={"resolved": True})
    assert settled.get_json()["resolved_at"] is not None
    (called,) = officer.get("/me/mentions").get_json()["items"]
    assert (called["dossier"], called["note"], called["settled"]) == (number, first["id"], True)
    mine = f"{path}/{reply['id']}/withdrawal"
    assert officer.post(mine).get_json()["text"] is None
    assert code(officer.post(mine)) == (409, "conflict")
    texts = [
        [each["text"] for each in world.as_(who).get(path).get_json()["items"]]
        for who in ("instructor", "auditor")
    ]
    assert texts == [[again["text"], None], [again["text"], "Vérifié."]]


def test_a_conflict_tells_who_acted_meanwhile_to_whoever_may_read_it(world: World) -> None:
    number = world.deposit()
    task = world.open_task("admissibility_officer", number, "check_admissibility")
    signatory, officer = world.as_("signatory"), world.as_("admissibility_officer")
    tag = signatory.get(f"/dossiers/{number}").headers["ETag"]
    completion = f"/tasks/{task['id']}/completion"
    assert officer.post(completion, {"answer": CHECK}).status_code == 200
    expected = {"who": "admissibility_officer", "kind": "task:completed"}
    hold = (f"/dossiers/{number}/hold", {"reason": "Panne."})
    for refused, status in (
        (officer.post(completion, {"answer": CHECK}), 409),
        (signatory.post(*hold, headers={"If-Match": tag}), 412),
    ):
        last = refused.get_json()["last_act"]
        assert refused.status_code == status
        assert {name: last[name] for name in expected} == expected
        assert last["at"].startswith("2022-10-03T")
    stranger = world.as_("operator.bise").post(completion, {"answer": CHECK})
    assert "last_act" not in stranger.get_json()


def test_a_deployment_drawn_on_an_older_one_is_refused(world: World) -> None:
    owner = world.as_("process_owner")
    content = owner.get("/diagrams/college_session.bpmn").text
    file = {"name": "college_session.bpmn", "content": content}
    current = owner.get("/deployments").get_json()["items"][0]["id"]
    refused = owner.post("/deployments", {"files": [file], "replaces": current + 1})
    assert code(refused) == (409, "conflict")
    same = owner.post("/deployments", {"files": [file], "replaces": current})
    assert same.status_code == 200
