"""Searches kept through the API, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest
from api_world import World

from workflow.domain import saved_search

SEARCH = {"list": "queue", "name": "À finir", "filters": {"etat": "actif", "tri": "-temps"}}


def test_a_search_is_kept_shared_renamed_and_deleted(world_on_each_database: World) -> None:
    world = world_on_each_database
    mine, colleague = world.as_("instructor"), world.as_("auditor")
    kept = mine.post("/saved-searches", SEARCH)
    assert kept.status_code == 201, kept.text
    assert (kept.get_json()["filters"], kept.get_json()["own"]) == (SEARCH["filters"], True)
    path = f"/saved-searches/{kept.get_json()['id']}"
    assert colleague.get("/saved-searches").get_json()["items"] == []
    changed = mine.call("PUT", path, json={"name": "Bientôt finis", "shared": True})
    assert changed.get_json()["name"] == "Bientôt finis"
    (seen,) = colleague.get("/saved-searches").get_json()["items"]
    assert (seen["name"], seen["own"], seen["default"]) == ("Bientôt finis", False, False)
    assert colleague.call("PUT", path, json={"name": "Volée"}).status_code == 403
    assert colleague.call("DELETE", path).status_code == 403
    assert mine.call("DELETE", path).status_code == 204
    assert mine.call("DELETE", path).status_code == 404


def test_operators_keep_no_searches(world_on_each_database: World) -> None:
    operator = world_on_each_database.as_("operator.alize")
    assert operator.get("/saved-searches").status_code == 403
    assert operator.post("/saved-searches", SEARCH).status_code == 403


def test_what_cannot_be_kept_is_refused_by_its_code(
    world_on_each_database: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = world_on_each_database.as_("instructor")
    elsewhere = mine.post("/saved-searches", {**SEARCH, "list": "dossiers"})
    assert (elsewhere.status_code, elsewhere.get_json()["code"]) == (422, "invalid_answer")
    assert mine.post("/saved-searches", {**SEARCH, "name": "x" * 81}).status_code == 422
    kept = mine.post("/saved-searches", SEARCH)
    assert kept.status_code == 201
    monkeypatch.setattr(saved_search, "MOST_SEARCHES", 2)
    again = mine.post("/saved-searches", {**SEARCH, "name": " à  FINIR "})
    assert (again.status_code, again.get_json()["code"]) == (409, "search_name_taken")
    monkeypatch.setattr(saved_search, "MOST_SEARCHES", 1)
    full = mine.post("/saved-searches", {**SEARCH, "name": "De trop"})
    assert (full.status_code, full.get_json()["code"]) == (409, "too_many_searches")
