"""Lists and readings of the API: whole, bounded, and the same on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from api_world import CAMPAIGN, CHECK, World
from sqlalchemy import event


def test_lists_are_walked_from_page_to_page_without_gap_or_repetition(world: World) -> None:
    numbers = [world.deposit() for _ in range(5)]
    auditor = world.as_("auditor")
    seen: list[str] = []
    cursor = ""
    while True:
        page = auditor.get(f"/dossiers?limit=2{cursor}").get_json()
        assert len(page["items"]) <= 2
        seen += [item["number"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == numbers[::-1]
    tasks = world.as_("admissibility_officer").get("/tasks?limit=4").get_json()
    rest = world.as_("admissibility_officer").get(f"/tasks?cursor={tasks['next']}").get_json()
    assert sorted(t["dossier"] for t in tasks["items"] + rest["items"]) == numbers


def test_dossiers_are_found_by_where_they_stand(world: World) -> None:
    admitted, checked = world.deposit(), world.deposit()
    world.complete("admissibility_officer", admitted, "check_admissibility", CHECK)
    world.as_("operator.alize").post(f"/dossiers/{checked}/messages", {"message": "withdraw"})
    late = world.deposit()
    auditor = world.as_("auditor")
    for query, numbers in (
        ("open=true", [late, admitted]),
        ("open=false", [checked]),
        ("end=withdrawn", [checked]),
        ("waiting=sign_convention", [admitted]),
        ("waiting=check_admissibility", [late]),
        ("flag=deprioritised", []),
        ("campaign=dsr-ope-mss-2022", [late, checked, admitted]),
        ("campaign=another", []),
    ):
        items = auditor.get(f"/dossiers?{query}").get_json()["items"]
        assert [item["number"] for item in items] == numbers, query


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("auditor", "/dossiers"),
        ("admissibility_officer", "/tasks"),
        ("operator.alize", "/me/notifications"),
    ],
)
def test_a_longer_list_takes_no_more_statements(world: World, name: str, path: str) -> None:
    def statements() -> int:
        seen: list[str] = []

        def count(_c: Any, _u: Any, statement: str, *_more: Any) -> None:
            seen.append(statement)

        engine = world.runtime.database.engine
        event.listen(engine, "before_cursor_execute", count)
        items = world.as_(name).get(path).get_json()["items"]
        event.remove(engine, "before_cursor_execute", count)
        lengths.append(len(items))
        return len(seen)

    lengths: list[int] = []
    world.deposit()
    statements()  # The first use of a token is noted once an hour.
    lengths.clear()
    short = statements()
    for _ in range(6):
        world.deposit()
    assert statements() == short
    assert lengths[0] < lengths[1]


NUMBER, TASK = "2022-001", "0" * 32
READ_BY_THE_AGENCY = (
    "/me",
    "/me/notifications",
    "/me/tokens",
    "/tasks",
    "/dossiers",
    "/dossiers?open=true&end=listed&flag=deprioritised&waiting=sign_convention&campaign=a",
    f"/dossiers/{NUMBER}",
    f"/dossiers/{NUMBER}/messages",
    f"/dossiers/{NUMBER}/proofs",
    f"/dossiers/{NUMBER}/proof-file",
    f"/dossiers/{NUMBER}/history",
    f"/dossiers/{NUMBER}/deadlines",
    f"/dossiers/{NUMBER}/solicitations",
    f"/dossiers/{NUMBER}/reservations",
    "/history",
    "/diagrams",
    "/diagrams/award.bpmn?version=1",
    "/deployments",
    "/deployments/1/diagrams",
    "/campaigns",
    f"/campaigns/{CAMPAIGN}",
    f"/campaigns/{CAMPAIGN}/versions",
    f"/campaigns/{CAMPAIGN}/college-sessions",
    f"/campaigns/{CAMPAIGN}/college-sessions/1",
    "/register",
    "/register?dsr=DSR-OPE-MSS",
    "/openapi.json",
)


def test_every_reading_works_on_each_database(world_on_each_database: World) -> None:
    world = world_on_each_database
    assert world.deposit() == NUMBER
    for path in READ_BY_THE_AGENCY:
        assert world.as_("auditor").get(path).status_code == 200, path
    assert world.as_("support").get("/metrics").status_code == 200


def test_null_characters_in_an_address_name_nothing(world_on_each_database: World) -> None:
    auditor = world_on_each_database.as_("auditor")
    for path in (
        "/dossiers/2022-001%00",
        f"/tasks/{TASK}%00",
        "/campaigns/%00",
        "/campaigns/%00/college-sessions/1",
        "/diagrams/%00?version=1",
        "/forms/%00",
        "/register/%00",
    ):
        assert auditor.get(path).status_code == 404, path
