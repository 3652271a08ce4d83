"""The instructor's desk through the API, on SQLite and on PostgreSQL."""

from __future__ import annotations

from api_world import World
from test_whole_path import admit_and_sign, hand_in_proofs


def queued(world: World) -> str:
    """A dossier whose proofs are complete."""
    number = world.deposit()
    admit_and_sign(world, number)
    hand_in_proofs(world, number)
    return number


def test_the_queue_is_handed_out_and_each_departure_is_listed(
    world_on_each_database: World,
) -> None:
    world = world_on_each_database
    first = queued(world)
    world.move_to("2022-10-04T09:00")
    second = queued(world)
    instructor = world.as_("instructor")
    refused = instructor.post(f"/dossiers/{second}/taking", {"reason": ""})
    assert (refused.status_code, refused.get_json()["code"]) == (422, "invalid_answer")
    assert (
        instructor.post(f"/dossiers/{second}/taking", {"reason": "Lot commun."}).status_code == 204
    )
    key = {"Idempotency-Key": "one"}
    for _time in range(2):
        taken = instructor.post("/queue/next", headers=key)
        assert (taken.status_code, taken.get_json()) == (201, {"dossier": first})
    assert instructor.post("/queue/next").get_json()["code"] == "conflict"
    (listed,) = world.as_("auditor").get("/queue/deviations").get_json()["items"]
    assert (listed["dossier"], listed["instead_of"], listed["reason"]) == (
        second,
        first,
        "Lot commun.",
    )
    assert world.as_("operator.alize").get("/queue/deviations").status_code == 403


def test_a_declared_conflict_is_refused_as_not_allowed(world_on_each_database: World) -> None:
    world = world_on_each_database
    number = queued(world)
    instructor = world.as_("instructor")
    declared = {"conflict": True, "reason": "Ancien salarié."}
    assert instructor.post(f"/dossiers/{number}/interests", declared).status_code == 204
    (said,) = world.as_("auditor").get(f"/dossiers/{number}/interests").get_json()["items"]
    assert (said["person"], said["conflict"]) == ("instructor", True)
    for answer in (
        instructor.post(f"/dossiers/{number}/taking", {"reason": "Tout de même."}),
        world.complete(
            "instructor", number, "instruct_dossier", {"outcome": "solicit", "questions": ["?"]}
        ),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (403, "not_allowed")


def test_what_is_internal_is_in_no_answer_to_an_operator(world_on_each_database: World) -> None:
    world = world_on_each_database
    world.add("colleague", ("instructor",))
    number = queued(world)
    instructor, operator = world.as_("instructor"), world.as_("operator.alize")
    asked = {"of": world.people["colleague"], "question": "SECRET suffit-il ?"}
    path = f"/dossiers/{number}"
    assert instructor.post(f"{path}/notes", {"text": "SECRET"}).status_code == 201
    assert instructor.post(f"{path}/opinions", asked).status_code == 204
    (opinion,) = instructor.get(f"{path}/opinions").get_json()["items"]
    answer = f"{path}/opinions/{opinion['id']}/answer"
    assert instructor.post(answer, {"text": "SECRET"}).status_code == 403
    assert world.as_("colleague").post(answer, {"text": "SECRET"}).status_code == 204
    assert world.as_("auditor").get(f"{path}/notes").get_json()["items"][0]["text"] == "SECRET"
    for part in ("/notes", "/opinions", "/interests"):
        assert operator.get(f"{path}{part}").status_code == 403
    history = world.as_("auditor").get(f"{path}/history?limit=100").get_json()["items"]
    kinds = {each["kind"] for each in history}
    assert {"note:added", "opinion:asked", "opinion:answered"} <= kinds
    for part in ("", "/history?limit=100", "/deadlines", "/solicitations", "/clock-intervals"):
        text = operator.get(f"{path}{part}").text
        assert "SECRET" not in text
        assert "note:added" not in text
        assert "opinion:" not in text
    for part in ("/dossiers", "/tasks", "/notifications"):
        assert "SECRET" not in operator.get(part).text
