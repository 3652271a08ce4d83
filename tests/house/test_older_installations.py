"""An installation of an earlier version keeps its rows when its tables are brought up to date."""

from __future__ import annotations

from sqlalchemy import text

from web.commands.database import upgrade
from workflow.db import Database
from workflow.engine import tables

ROWS = (
    "INSERT INTO deployment VALUES (1, '2022-10-03 07:00:00+00:00', 'Jalon')",
    "INSERT INTO instance (id, process_id, deployment_id, campaign_id, revision, state,"
    " projection, held, last_instant, started_at) VALUES (7, 'college_session', 1, 'c', 3, '',"
    " '', false, '2022-10-03 07:00:00+00:00', '2022-10-03 07:00:00+00:00')",
    "INSERT INTO human_task (id, instance_id, element_id, process_id, label, role, form_key,"
    " opened_at) VALUES ('t', 7, 'hold_session', 'college_session', 'Tenir la séance',"
    " 'college_president', 'hold_session', '2022-10-03 07:00:00+00:00')",
)


def test_instances_and_tasks_of_before_are_no_processes_aside(database: Database) -> None:
    with database.engine.begin() as connection:
        tables.METADATA.drop_all(connection)
    address = database.engine.url.render_as_string(hide_password=False)
    upgrade(address, "0002")
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    upgrade(address)
    with database.reading() as session:
        query = "SELECT t.id, t.aside, i.aside, i.revision FROM human_task t, instance i"
        [kept] = session.execute(text(query)).all()
    assert (kept[0], bool(kept[1]), bool(kept[2]), kept[3]) == ("t", False, False, 3)
