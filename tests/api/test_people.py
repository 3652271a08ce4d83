"""Administrators' acts on accounts through the API, on SQLite and on PostgreSQL."""

from __future__ import annotations

from api_world import World


def test_an_administrator_changes_roles_closes_an_account_and_opens_it_again(
    world_on_each_database: World,
) -> None:
    world = world_on_each_database
    administrator = world.as_("administrator")
    (found,) = administrator.get("/people?search=INSTRUCTOR@").get_json()["items"]
    path = f"/people/{found['id']}"
    assert (found["roles"], found["is_active"], found["company_name"]) == (
        ["instructor"],
        True,
        None,
    )
    wider = {"roles": ["instructor", "auditor"], "held": ["instructor"]}
    changed = administrator.call("PUT", f"{path}/roles", json=wider)
    assert changed.get_json()["roles"] == ["instructor", "auditor"]
    stale = administrator.call("PUT", f"{path}/roles", json=wider | {"roles": ["auditor"]})
    assert (stale.status_code, stale.get_json()["code"]) == (409, "conflict")
    strange = administrator.call("PUT", f"{path}/roles", json={"roles": ["operator"]})
    assert (strange.status_code, strange.get_json()["code"]) == (422, "invalid_answer")
    assert administrator.post(f"{path}/deactivation", {}).get_json()["is_active"] is False
    assert world.as_("instructor").get("/me").status_code == 401
    assert administrator.post(f"{path}/deactivation", {}).status_code == 409
    assert administrator.post(f"{path}/reactivation").get_json()["is_active"] is True
    assert world.as_("instructor").get("/me").status_code == 401, "its tokens ended for good"


def test_people_are_read_and_changed_by_administrators_only(world: World) -> None:
    first = world.as_("administrator").get("/people?limit=2").get_json()
    assert len(first["items"]) == 2
    assert first["next"]
    someone = f"/people/{first['items'][0]['id']}"
    for name in ("auditor", "process_owner", "operator.alize"):
        caller = world.as_(name)
        assert caller.get("/people").status_code == 403
        assert caller.get(someone).status_code == 403
        assert caller.post(f"{someone}/deactivation", {}).status_code == 403
    me = world.people["administrator"]
    own = world.as_("administrator").post(f"/people/{me}/deactivation", {})
    assert own.status_code == 409
    assert world.as_("administrator").get("/people/999999").status_code == 404
