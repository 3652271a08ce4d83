"""Mails by the API: what one chooses, incidents and their retry, the log of copies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from api_world import World
from sqlalchemy import select

from web.compose import carriers
from web.mail import MailCarrier
from workflow import outbox
from workflow.clock import VirtualClock
from workflow.outbox import DeliveryRefused, OutboxMessage

NOON = VirtualClock(datetime(2026, 1, 5, 12, tzinfo=UTC))


@pytest.fixture
def failed(world_on_each_database: World) -> World:
    """A world where a deposit's mails were refused for good."""
    world = world_on_each_database
    runtime = world.runtime
    runtime.settings = replace(runtime.settings, smtp_host="127.0.0.1", smtp_port=1)
    world.deposit()
    copies = {"notification": carriers(runtime, NOON)["notification"]}
    outbox.deliver(runtime.database, copies, NOON)
    refusing = Refused(runtime.database, runtime.settings, NOON)
    outbox.deliver(runtime.database, {"mail": refusing}, NOON)
    return world


class Refused(MailCarrier):
    """Comes back with a refusal from every mailbox."""

    def __call__(self, payload: Mapping[str, Any]) -> None:
        raise DeliveryRefused("550 no such user", reply_code=550)


def test_a_person_reads_and_chooses_its_mails(world_on_each_database: World) -> None:
    me = world_on_each_database.as_("instructor")
    found = me.get("/me/mail-preferences").json
    assert found is not None
    assert (found["rhythm"], found["declined"]) == ("immediate", [])
    assert "proof_file_submitted" in found["optional"]
    choice = {"rhythm": "digest", "declined": ["proof_file_submitted"]}
    chosen = me.call("PUT", "/me/mail-preferences", json=choice)
    assert chosen.status_code == 200
    again = me.get("/me/mail-preferences").json
    assert again is not None
    assert {name: again[name] for name in choice} == choice


def test_what_is_due_cannot_be_declined(world_on_each_database: World) -> None:
    me = world_on_each_database.as_("operator.alize")
    for declined in (["decision_award"], ["nothing"]):
        refusal = me.call(
            "PUT", "/me/mail-preferences", json={"rhythm": "digest", "declined": declined}
        )
        assert refusal.status_code == 422
        assert refusal.json is not None
        assert refusal.json["code"] == "invalid_answer"


def test_an_administrator_lists_incidents_and_tries_them_again(failed: World) -> None:
    administrator = failed.as_("administrator")
    listed = administrator.get("/outbox/incidents").json
    assert listed is not None
    assert {row["last_error"] for row in listed["items"]} == {"550 no such user"}
    log = administrator.get("/mail-deliveries?state=failed").json
    assert log is not None
    assert len(log["items"]) == len(listed["items"]) > 0
    assert {row["reply_code"] for row in log["items"]} == {550}
    first = listed["items"][0]["id"]
    done = administrator.post(f"/outbox/incidents/{first}/retry")
    assert done.json == {"retried": [first]}
    assert administrator.post(f"/outbox/incidents/{first}/retry").status_code == 409
    assert administrator.post("/outbox/incidents/retry").status_code == 200
    left = administrator.get("/outbox/incidents").json
    assert left is not None
    assert left["items"] == []
    with failed.runtime.database.reading() as session:
        waiting = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "mail")).all()
    assert {row.attempts for row in waiting} == {0}


def test_others_neither_read_incidents_nor_try_them_again(failed: World) -> None:
    assert failed.as_("instructor").get("/outbox/incidents").status_code == 403
    assert failed.as_("instructor").get("/mail-deliveries").status_code == 403
    auditor = failed.as_("auditor")
    assert auditor.get("/outbox/incidents").status_code == 200
    assert auditor.post("/outbox/incidents/retry").status_code == 403
