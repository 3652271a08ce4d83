"""Programs preview a change of the campaign, then put it in force on that preview only."""

from __future__ import annotations

from typing import Any

import pytest
from api_world import CAMPAIGN, CHECK, World

PATH = f"/campaigns/{CAMPAIGN}/changes"
LONGER = {"delays": {"admissibility_solicitation": {"amount": 10}}}
BASIS = "Arrêté modificatif fictif."


def questioned(world: World) -> str:
    """A dossier whose operator has five business days to answer, until 10 October."""
    number = world.deposit()
    answer = {**CHECK, "outcome": "solicit", "questions": ["Quel est le SIRET ?"]}
    done = world.complete("admissibility_officer", number, "check_admissibility", answer)
    assert done.status_code == 200, done.text
    return number


def act(world: World, caller: str = "process_owner", **more: Any) -> Any:
    headers = more.pop("headers", {})
    body = {"changes": LONGER, "basis": BASIS, "moves_running": True, **more}
    return world.as_(caller).post(PATH, body, headers=headers)


def test_a_preview_lists_each_date_and_keeps_nothing(world: World) -> None:
    number = questioned(world)
    answer = world.as_("process_owner").post(f"{PATH}/preview", {"changes": LONGER})
    assert answer.status_code == 200, answer.text
    said = answer.get_json()
    assert (said["version"], answer.headers["ETag"]) == (1, '"1"')
    moved = next(d for d in said["dates"] if d["deadline"] == "admissibility_solicitation")
    assert (moved["dossier"], moved["status"], moved["held"]) == (number, "later", False)
    assert (moved["old_last_day"], moved["last_day"]) == ("2022-10-10", "2022-10-17")
    assert said["counts"]["later"] == 2
    assert world.as_("auditor").get(PATH).get_json()["items"] == []


def test_a_change_is_registered_with_the_dates_that_it_moved(world: World) -> None:
    number = questioned(world)
    done = act(world, headers={"If-Match": '"1"'})
    assert done.status_code == 201, done.text
    assert done.get_json() == {"number": 1, "version": 2}
    entry = world.as_("auditor").get(f"{PATH}/1").get_json()
    assert (entry["version_before"], entry["version_after"]) == (1, 2)
    assert (entry["basis"], entry["moved"], entry["changed_by"]) == (BASIS, 2, "process_owner")
    dates = world.as_("auditor").get(f"{PATH}/1/dates").get_json()["items"]
    assert ("admissibility_solicitation", "2022-10-10", "2022-10-17") in [
        (d["deadline"], d["old_last_day"], d["last_day"]) for d in dates
    ]
    task = world.open_task("operator.alize", number, "answer_admissibility_solicitation")
    assert task["due_day"] == "2022-10-17"
    told = task["deadline"]
    assert (told["campaign_version"], told["change"]["basis"]) == (2, BASIS)
    assert told["change"]["replaced"]["last_day"] == "2022-10-10"


def test_a_stale_preview_is_refused(world: World) -> None:
    assert act(world, changes={"college": {"quorum": 4}}).status_code == 201
    stale = act(world, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert stale.get_json()["code"] == "precondition_failed"
    assert act(world, headers={"If-Match": '"2"'}).status_code == 201


def test_a_repeated_change_is_done_once(world: World) -> None:
    headers = {"Idempotency-Key": "change-one"}
    first = act(world, headers=headers)
    again = act(world, headers=headers)
    assert again.get_json() == first.get_json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(world.as_("auditor").get(PATH).get_json()["items"]) == 1


def test_dates_over_already_are_a_conflict_unless_chosen(world: World) -> None:
    questioned(world)
    world.move_to("2022-10-06T09:00")
    shorter = {"delays": {"admissibility_solicitation": {"amount": 1}}}
    refused = act(world, changes=shorter)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "conflict")
    assert act(world, changes=shorter, past="now").status_code == 201
    assert act(world, changes=LONGER, past="yesterday").status_code == 422


@pytest.mark.parametrize("caller", ["instructor", "auditor", "operator.alize"])
def test_only_the_process_owner_changes_a_campaign(world: World, caller: str) -> None:
    assert act(world, caller).status_code == 403
    preview = world.as_(caller).post(f"{PATH}/preview", {"changes": LONGER})
    assert (preview.status_code, preview.get_json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"delays": {"instruction": {"amount": -1}}}, "delays.instruction.amount"),
        ({"colour": "red"}, "colour"),
        ({"closes_at": {"instant": "soon"}}, "closes_at.instant"),
    ],
)
def test_each_fault_is_named_by_its_field(
    world: World, changes: dict[str, Any], where: str
) -> None:
    answer = act(world, changes=changes)
    said = answer.get_json()
    assert (answer.status_code, said["code"]) == (422, "invalid_campaign")
    assert [fault["where"] for fault in said["errors"]] == [where]
    assert act(world, basis="").status_code == 422
    assert act(world, basis="  ").get_json()["code"] == "invalid_answer"


def test_nothing_that_differs_is_not_registered(world: World) -> None:
    same = {"delays": {"admissibility_solicitation": {"amount": 5}}}
    assert act(world, changes=same).get_json() == {"number": None, "version": 1}
