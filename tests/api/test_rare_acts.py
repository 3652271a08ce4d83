"""Rare acts through the API: suspend, resume, reopen, restore the rank."""

from __future__ import annotations

from typing import Any

from api_world import CHECK, World

from workflow.engine import timers

WHY = {"reason": "Vérification du respect des engagements."}


def suspended(world: World) -> str:
    number = world.deposit()
    answer = world.as_("signatory").post(f"/dossiers/{number}/hold", WHY)
    assert (answer.status_code, answer.get_json()["dossier"]) == (200, number)
    return number


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def test_a_suspended_dossier_hears_only_its_withdrawal(world_on_each_database: World) -> None:
    world = world_on_each_database
    number = suspended(world)
    operator = world.as_("operator.alize")
    read = operator.get(f"/dossiers/{number}").get_json()
    assert (read["waits"]["tasks"], read["waits"]["timers"]) == ([], [])
    heard = operator.get(f"/dossiers/{number}/messages").get_json()["items"]
    assert [each["message"] for each in heard] == ["withdraw"]
    assert operator.post(f"/dossiers/{number}/messages", {"message": "withdraw"}).status_code == 200
    refused = world.as_("signatory").post(f"/dossiers/{number}/release", WHY)
    assert code(refused) == (409, "conflict")


def test_a_released_dossier_is_where_it_was(world: World) -> None:
    number = suspended(world)
    world.move_to("2022-10-13T09:00")
    owner = world.as_("process_owner")
    tag = owner.get(f"/dossiers/{number}").headers["ETag"]
    path = f"/dossiers/{number}/release"
    stale = owner.post(path, WHY, headers={"If-Match": '"0"'})
    assert code(stale) == (412, "precondition_failed")
    released = owner.post(path, WHY, headers={"If-Match": tag, "Idempotency-Key": "k"})
    assert released.status_code == 200, released.text
    again = owner.post(path, WHY, headers={"Idempotency-Key": "k"})
    assert (again.get_json(), again.headers["Idempotency-Replayed"]) == (
        released.get_json(),
        "true",
    )
    done = world.complete("admissibility_officer", number, "check_admissibility", CHECK)
    assert done.status_code == 200


def test_only_some_may_suspend_reopen_or_restore_and_they_say_why(world: World) -> None:
    number = world.deposit()
    for act in ("hold", "release", "reopening", "rank"):
        path = f"/dossiers/{number}/{act}"
        assert world.nobody().post(path, WHY).status_code == 401
        for stranger in ("operator.alize", "instructor", "auditor"):
            assert code(world.as_(stranger).post(path, WHY)) == (403, "not_allowed")
        assert world.as_("process_owner").post(path, {"reason": ""}).status_code == 422
        assert code(world.as_("process_owner").post("/dossiers/2022-404/" + act, WHY))[0] == 404


def test_a_rejected_dossier_is_reopened_under_a_new_number(world: World) -> None:
    number = world.deposit()
    ask = {**CHECK, "outcome": "solicit", "questions": ["Quel est votre SIRET ?"]}
    world.complete("admissibility_officer", number, "check_admissibility", ask)
    owner = world.as_("process_owner")
    early = owner.post(f"/dossiers/{number}/reopening", WHY)
    assert code(early) == (409, "conflict")
    world.move_to("2022-11-30T09:00")
    timers.fire_due(world.runtime, world.clock.now())
    opened = owner.post(f"/dossiers/{number}/reopening", WHY, headers={"Idempotency-Key": "k"})
    assert opened.status_code == 201, opened.text
    new = world.as_("operator.alize").get(opened.headers["Location"]).get_json()
    assert (new["previous"], new["attempt"]) == (number, 2)
    assert [task["element"] for task in new["waits"]["tasks"]] == ["check_admissibility"]
    assert code(owner.post(f"/dossiers/{number}/reopening", WHY)) == (409, "conflict")


def test_a_dossier_outside_the_queue_has_no_rank_to_restore(world: World) -> None:
    number = world.deposit()
    refused = world.as_("process_owner").post(f"/dossiers/{number}/rank", WHY)
    assert code(refused) == (409, "conflict")
