"""Requirements through the API: read, previewed, imported."""

from __future__ import annotations

import io
from typing import Any

import pytest
from api_world import CAMPAIGN, World

from workflow.engine import catalogues

ADDRESS = f"/campaigns/{CAMPAIGN}/requirements"
RAW = {"Content-Type": "application/octet-stream"}


def exported(world: World) -> str:
    with world.runtime.database.reading() as session:
        return catalogues.exported(catalogues.current(session, CAMPAIGN))


def preview(world: World, content: str | bytes, caller: str = "process_owner") -> Any:
    raw = content.encode() if isinstance(content, str) else content
    return world.as_(caller).call("POST", f"{ADDRESS}/preview", data=raw, headers=RAW)


def test_everyone_reads_the_requirements_in_force(world: World) -> None:
    read = world.as_("operator.alize").get(ADDRESS).get_json()
    assert (read["campaign"], read["derived"], len(read["requirements"])) == (CAMPAIGN, True, 33)
    kinds = {row["code"]: row["type"] for row in read["requirements"]}
    assert (kinds["DER-TLS-01"], kinds["DER-CFG-03"]) == ("mandatory", "recommendation")


def test_a_previewed_file_is_put_in_force_once(world: World) -> None:
    number = world.deposit()
    owner = world.as_("process_owner")
    shown = preview(world, exported(world).replace("émettre un message", "envoyer un message"))
    assert shown.status_code == 200, shown.text
    said = shown.get_json()
    assert [row["code"] for row in said["changed"]] == ["DER-API-01"]
    assert (said["unchanged"], said["scope_changes"], said["level_changes"]) == (32, False, False)
    assert said["corrected"] == [number]
    body = {"file": said["file"], "replaces": said["replaces"], "version": "1.1"}
    done = owner.post(f"{ADDRESS}/import", body)
    assert (done.status_code, done.get_json()["corrected"]) == (200, [number])
    assert owner.get(ADDRESS).get_json()["version"] == "1.1"
    stale = owner.post(f"{ADDRESS}/import", body)
    assert (stale.status_code, stale.get_json()["code"]) == (409, "conflict")


def test_a_file_may_come_as_a_part_of_a_form(world: World) -> None:
    file = {"file": (io.BytesIO(exported(world).encode()), "exigences.csv")}
    shown = world.as_("process_owner").call("POST", f"{ADDRESS}/preview", data=file)
    assert (shown.status_code, shown.get_json()["unchanged"]) == (200, 33)


def test_faults_come_with_their_line_and_column(world: World) -> None:
    refused = preview(world, exported(world).replace("mandatory", "obligé", 1))
    problem = refused.get_json()
    assert (refused.status_code, problem["code"]) == (422, "invalid_catalogue")
    (fault,) = problem["errors"]
    assert (fault["where"], fault["code"]) == ("line 2, type", "unknown_type")


@pytest.mark.parametrize(
    ("content", "status"), [(b"", 422), (b"PK\x03\x04", 422), (b"x" * 10_000_000, 413)]
)
def test_a_file_that_is_no_catalogue_is_refused(world: World, content: bytes, status: int) -> None:
    assert preview(world, content).status_code == status
    assert len(world.as_("auditor").get(ADDRESS).get_json()["requirements"]) == 33


def test_only_the_process_owner_previews_and_imports(world: World) -> None:
    content = exported(world)
    body = {"file": "0" * 64, "replaces": 1}
    for name in ("auditor", "administrator", "operator.alize"):
        assert preview(world, content, name).status_code == 403
        assert world.as_(name).post(f"{ADDRESS}/import", body).status_code == 403


def test_a_file_that_was_never_previewed_is_not_found(world: World) -> None:
    body = {"file": "0" * 64, "replaces": 1}
    assert world.as_("process_owner").post(f"{ADDRESS}/import", body).status_code == 404
