"""What those who run Jalon are told."""

from __future__ import annotations

import re

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from api_world import World
from sqlalchemy import delete

from workflow.engine.diagrams import Deployment, DeploymentMember
from workflow.settings import PROJECT


def stamp(world: World) -> None:
    """Say of the database that its migrations are done."""
    with world.runtime.database.engine.begin() as connection:
        scripts = ScriptDirectory(str(PROJECT / "migrations"))
        MigrationContext.configure(connection).stamp(scripts, "heads")


def test_the_process_answers_without_an_account(world: World) -> None:
    assert world.nobody().get("/healthz").get_json() == {"status": "ok"}


def test_a_migrated_database_with_diagrams_is_ready(world: World) -> None:
    stamp(world)
    answer = world.app.test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "ok")


def test_a_database_that_was_not_migrated_is_not_ready(world: World) -> None:
    answer = world.app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["checks"] == {
        "database": True,
        "migrations": False,
        "diagrams": True,
    }


def test_without_diagrams_no_dossier_can_be_run(world: World) -> None:
    stamp(world)
    with world.runtime.database.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        connection.exec_driver_sql("DELETE FROM message_wait")
        connection.exec_driver_sql("DELETE FROM timer")
        connection.exec_driver_sql("DELETE FROM instance")
        connection.execute(delete(DeploymentMember))
        connection.execute(delete(Deployment))
    answer = world.app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["checks"]["diagrams"] is False


def test_the_metrics_are_not_public(world: World) -> None:
    assert world.nobody().get("/metrics").status_code == 401
    assert world.as_("operator.alize").get("/metrics").status_code == 403


def test_the_metrics_count_requests_timers_effects_and_tasks(world: World) -> None:
    def samples() -> dict[str, str]:
        read = world.as_("support").get("/metrics")
        assert read.mimetype == "text/plain"
        return dict(line.rsplit(" ", 1) for line in read.text.splitlines() if line[0] != "#")

    before = samples()
    number = world.deposit()
    world.as_("operator.alize").get(f"/dossiers/{number}")
    world.move_to("2022-10-12T09:00")
    after = samples()
    assert all(re.fullmatch(r"[a-z_]+(\{.*\})? ", f"{name} ") for name in after)
    for route in (
        'method="GET",route="/api/v1/dossiers/<number>",status="200"',
        'method="POST",route="/api/v1/dossiers",status="201"',
    ):
        counted = f"jalon_requests_total{{{route}}}"
        assert int(after[counted]) == int(before.get(counted, 0)) + 1
    assert after['jalon_open_tasks{role="admissibility_officer"}'] == "1"
    assert after['jalon_outbox_messages{state="incident"}'] == "0"
    assert int(after['jalon_timers_due{state="waiting"}']) >= 1
    assert int(after['jalon_outbox_messages{state="waiting"}']) >= 1
    assert not any(number in name for name in after)
