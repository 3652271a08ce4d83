"""Dossiers assigned, people away and acts on many dossiers, through the API."""

from __future__ import annotations

from api_world import World
from test_access import code_of
from test_whole_path import admit_and_sign, hand_in_proofs


def test_a_dossier_changes_hands_and_its_hands_are_read(world: World) -> None:
    number = world.deposit()
    admit_and_sign(world, number)
    hand_in_proofs(world, number)
    owner, instructor = world.as_("process_owner"), world.as_("instructor")
    world.add("colleague", ("instructor",))
    hands = f"/dossiers/{number}/assignment"
    assert instructor.get(hands).get_json()["person"] is None
    given = {"person": world.people["instructor"]}
    assert code_of(instructor.post(hands, given)) == (403, "not_allowed")
    assert owner.post(hands, given).status_code == 204
    assert code_of(owner.post(hands, given)) == (409, "held_already")
    away = {"first_day": "2022-10-03", "last_day": "2022-10-07"}
    made = instructor.post("/absences", {**away, "stand_in": world.people["colleague"]})
    assert made.status_code == 201
    assert code_of(instructor.post("/absences", away)) == (409, "absence_overlaps")
    colleague = world.as_("colleague")
    over = {"person": world.people["colleague"], "reason": "Je termine."}
    assert colleague.post(f"/dossiers/{number}/hand-over", over).status_code == 204
    shown = colleague.get(hands).get_json()
    assert (shown["person"], shown["way"], shown["given_by"]) == (
        "colleague",
        "handed_over",
        "instructor",
    )
    refusal = f"/absences/{made.get_json()['id']}/refusal"
    assert colleague.post(refusal, {"reason": "Complet."}).status_code == 204
    (listed,) = instructor.get("/absences").get_json()["items"]
    assert (listed["refused"], listed["state"]) == (True, "running")
    assert instructor.post(f"/absences/{listed['id']}/end").status_code == 204
    assert colleague.post(f"/dossiers/{number}/declining", {}).status_code == 422
    assert colleague.post(f"/dossiers/{number}/giving-back", {}).status_code == 204
    assert code_of(owner.post(f"/dossiers/{number}/taking-back", {"reason": "Non."})) == (
        409,
        "not_held",
    )


def test_an_act_on_many_dossiers_is_foreseen_then_reported(world: World) -> None:
    numbers = [world.deposit(), world.deposit()]
    officer = world.as_("admissibility_officer")
    asked = {"act": "note", "dossiers": numbers, "text": "Lot commun."}
    assert code_of(officer.post("/bulk-acts", {**asked, "act": "hand_over"})) == (
        403,
        "not_allowed",
    )
    assert code_of(officer.post("/bulk-acts", {**asked, "dossiers": ["2022-999"]}))[0] == 404
    act = officer.post("/bulk-acts", asked).get_json()
    assert [(item["state"], item["code"]) for item in act["items"]] == [("waiting", None)] * 2
    for _press in range(2):
        assert officer.post(f"/bulk-acts/{act['id']}/confirmation").status_code == 204
    done = officer.get(f"/bulk-acts/{act['id']}").get_json()
    assert (done["done"], done["refused"], done["waiting"]) == (2, 0, 0)
    for number in numbers:
        assert len(officer.get(f"/dossiers/{number}/notes").get_json()["items"]) == 1
    assert len(officer.get("/bulk-acts").get_json()["items"]) == 1
    assert code_of(world.as_("auditor").get(f"/bulk-acts/{act['id']}"))[0] == 404
