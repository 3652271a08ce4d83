"""Reading and deploying diagrams through the API."""

from __future__ import annotations

from pathlib import Path

from api_world import CAMPAIGN, World

from workflow.settings import PROJECT

AWARD = PROJECT / "bpmn" / "award.bpmn"


def source(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_everyone_reads_the_diagram_in_force_as_it_was_deployed(world: World) -> None:
    read = world.as_("operator.alize").get("/diagrams/award.bpmn")
    assert read.data == AWARD.read_bytes()
    assert read.mimetype == "application/xml"
    tag = {"If-None-Match": read.headers["ETag"]}
    again = world.as_("operator.alize").get("/diagrams/award.bpmn", headers=tag)
    assert again.status_code == 304


def test_a_process_owner_deploys_a_new_version_and_the_old_one_stays_readable(
    world: World,
) -> None:
    owner = world.as_("process_owner")
    changed = source(AWARD).replace("Attribuer le numéro", "Attribuer un numéro")
    body = {"files": [{"name": "award.bpmn", "content": changed}]}
    done = owner.post("/deployments", body)
    assert done.status_code == 201, done.text
    assert done.get_json()["changed"] == ["award.bpmn"]
    files = owner.get(done.headers["Location"]).get_json()["items"]
    assert {f["name"]: f["version"] for f in files}["award.bpmn"] == 2
    assert owner.get("/diagrams/award.bpmn").text == changed
    assert owner.get("/diagrams/award.bpmn?version=1").text == source(AWARD)
    newest = owner.get("/deployments").get_json()["items"][0]
    assert (newest["id"], newest["deployed_by"]) == (done.get_json()["deployment"], "process_owner")


def test_deploying_what_is_in_force_changes_nothing(world: World) -> None:
    body = {"files": [{"name": "award.bpmn", "content": source(AWARD)}]}
    done = world.as_("process_owner").post("/deployments", body)
    assert (done.status_code, done.get_json()["changed"]) == (200, [])


def test_diagrams_with_faults_are_refused_with_every_fault(world: World) -> None:
    owner = world.as_("process_owner")
    broken = source(AWARD).replace("listings.award", "listings.unknown")
    body = {
        "files": [
            {"name": "award.bpmn", "content": broken},
            {"name": "other.bpmn", "content": "<not-bpmn"},
        ]
    }
    refused = owner.post("/deployments", body)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "diagram_refused")
    faults = refused.get_json()["errors"]
    assert {fault["file"] for fault in faults} == {"award.bpmn", "other.bpmn"}
    assert all(fault["code"] and fault["remedy"] for fault in faults)
    assert len(owner.get("/deployments").get_json()["items"]) == 1


def test_a_file_with_the_name_of_no_diagram_is_refused(world: World) -> None:
    for name in ("../award.bpmn", "award.txt", "", ".bpmn", "a\n.bpmn"):
        body = {"files": [{"name": name, "content": "x"}]}
        assert world.as_("process_owner").post("/deployments", body).status_code == 422
    empty = world.as_("process_owner").post("/deployments", {"files": []})
    assert empty.status_code == 422


def test_only_the_process_owner_deploys(world: World) -> None:
    body = {"files": [{"name": "award.bpmn", "content": source(AWARD)}]}
    for name in ("administrator", "auditor", "operator.alize"):
        refused = world.as_(name).post("/deployments", body)
        assert (refused.status_code, refused.get_json()["code"]) == (403, "not_allowed")


def test_a_file_or_a_version_that_does_not_exist_is_not_found(world: World) -> None:
    auditor = world.as_("auditor")
    for path in (
        "/diagrams/unknown.bpmn",
        "/diagrams/award.bpmn?version=9",
        "/deployments/99/diagrams",
        "/campaigns/unknown",
        "/campaigns/unknown/versions",
        "/campaigns/unknown/college-sessions",
        f"/campaigns/{CAMPAIGN}/college-sessions/99",
        "/forms/unknown",
        "/register/OPE-MSS-2022-0001-00",
    ):
        assert auditor.get(path).status_code == 404, path


def test_everyone_reads_the_parameters_of_the_campaign_in_force(world: World) -> None:
    campaign = world.as_("operator.alize").get(f"/campaigns/{CAMPAIGN}").get_json()
    assert campaign["parameters"]["delays"]["solicitation_abandon"]["amount"] == 30
    versions = world.as_("operator.alize").get(f"/campaigns/{CAMPAIGN}/versions").get_json()
    assert [version["version"] for version in versions["items"]] == [1]
