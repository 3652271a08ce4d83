"""Programs open dossiers too: each reading is kept, mandates hold, partners stay outside."""

from __future__ import annotations

from datetime import timedelta

import pytest
from api_world import World

from workflow.domain import mandate, person
from workflow.domain.mandate import Grant
from workflow.domain.person import Actor, Person


def actor(world: World, name: str) -> Actor:
    with world.runtime.database.reading() as session:
        return person.actor_of(session, session.get_one(Person, world.people[name]))


def grant(world: World) -> int:
    """The representative of Alizé gives its operator's person a mandate to sign."""
    with world.runtime.database.transaction() as session:
        wanted = Grant(
            person_id=world.people["operator.alize"],
            may_sign=True,
            since=world.clock.now().date(),
            until=None,
            basis="Pouvoir du 2 octobre 2022",
        )
        given = mandate.grant(
            session, actor(world, "representative.alize"), wanted, world.clock.now()
        )
        return given.id


def test_a_reading_by_token_and_a_refused_one_are_kept(world_on_each_database: World) -> None:
    world = world_on_each_database
    number = world.deposit()
    assert world.as_("instructor").get(f"/dossiers/{number}").status_code == 200
    assert world.as_("operator.bise").get(f"/dossiers/{number}").status_code == 404
    assert world.as_("instructor").get(f"/dossiers/{number}/ssi-answers").status_code == 403
    assert world.as_("instructor").get("/dossiers/2022-999").status_code == 404
    found = world.as_("auditor").get(f"/access-records?dossier={number}").get_json()["items"]
    told = [(row["person"], row["what"], row["way"], row["refused"]) for row in found]
    assert told == [
        ("instructor", "ssi", "token", True),
        ("operator.bise", "dossier", "token", True),
        ("instructor", "dossier", "token", False),
    ]


def test_the_log_is_filtered_by_instants_and_refuses_what_it_cannot_read(world: World) -> None:
    number, now = world.deposit(), world.clock.now()
    world.as_("instructor").get(f"/dossiers/{number}")
    auditor = world.as_("auditor")

    def count(**query: str) -> int:
        answer = auditor.get("/access-records", query_string=query)
        assert answer.status_code == 200, answer.text
        return len(answer.get_json()["items"])

    assert count(since=now.isoformat(), what="dossier") == 1
    assert count(since=(now + timedelta(seconds=1)).isoformat(), what="dossier") == 0
    assert count(until=now.isoformat()) == 0
    for wrong in ({"since": "0001-01-01T00:00:00+14:00"}, {"what": "tout"}, {"person": "\0"}):
        assert auditor.get("/access-records", query_string=wrong).status_code == 422, wrong


@pytest.mark.parametrize("name", ["operator.alize", "instructor", "administrator", "support"])
def test_only_auditors_and_the_process_owner_read_the_log(world: World, name: str) -> None:
    assert world.as_(name).get("/access-records").status_code == 403
    assert world.as_("process_owner").get("/access-records").status_code == 200


def test_a_token_acts_by_the_mandate_of_its_person_and_stops_with_it(
    world_on_each_database: World,
) -> None:
    world = world_on_each_database
    number = world.deposit()
    given = grant(world)
    operator = world.as_("operator.alize")
    assert operator.get("/me").get_json()["roles"] == ["operator", "legal_representative"]
    assert operator.get(f"/dossiers/{number}").status_code == 200
    with world.runtime.database.transaction() as session:
        mandate.revoke(session, actor(world, "representative.alize"), given, world.clock.now())
    assert operator.get(f"/dossiers/{number}").status_code == 403
    assert operator.get("/dossiers").status_code == 403
    again = operator.post("/dossiers", {"answer": world.deposit_answer()})
    assert again.status_code == 403


@pytest.mark.rule(76)
def test_a_partner_reads_no_dossier_and_no_list(world: World) -> None:
    number = world.deposit()
    world.add("partner", ("partner",))
    partner = world.as_("partner")
    assert partner.get(f"/dossiers/{number}").status_code == 404
    assert partner.get("/dossiers").get_json()["items"] == []
    assert partner.get("/tasks").get_json()["items"] == []
    assert partner.get("/me/notifications").get_json()["items"] == []
    assert partner.get("/college-invitations").get_json()["items"] == []
    assert partner.get("/college-invitations/1").status_code == 404
    assert world.as_("instructor").get("/college-invitations").status_code == 403
