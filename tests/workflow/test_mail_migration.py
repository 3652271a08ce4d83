"""What waited in the outbox before copies had a log leaves as a copy of its notification."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from web.backup import restoring
from web.commands.database import upgrade
from workflow.db import Database

ROLES = ("operator", "legal_representative")
AT = "2022-10-03 07:00:00+00:00"


def waiting(database: Database) -> None:
    """A notification of each role, and the mails of both, of which one has left."""
    told = text(
        "INSERT INTO notification (id, dossier_id, role, kind, subject, body, created_at)"
        " VALUES (:id, 1, :role, 'admitted', 'Recevable', 'Votre dossier', :at)"
    )
    queued = text(
        "INSERT INTO outbox_message"
        " (kind, payload, created_at, due_at, attempts, delivered_at, incident)"
        " VALUES ('mail', :payload, :at, :at, 2, :delivered, :no)"
    )
    with database.engine.connect() as connection:
        # The dossier itself does not matter here.
        if database.is_sqlite:
            connection.connection.execute("PRAGMA foreign_keys=OFF")
        else:
            name = "fk_notification_dossier_id_dossier"
            connection.execute(text(f"ALTER TABLE notification DROP CONSTRAINT {name}"))
        for number, role in enumerate(ROLES, start=1):
            connection.execute(told, {"id": number, "role": role, "at": AT})
        mail = {"dossier_id": 1, "subject": "Recevable", "body": "Votre dossier"}
        letter = {"to": "a@b.example", "subject": "Invitation", "body": "Un lien"}
        for payload, delivered in (
            ({**mail, "role": ROLES[0]}, AT),
            ({**mail, "role": ROLES[1]}, None),
            (letter, None),
        ):
            given = {"payload": json.dumps(payload), "at": AT, "delivered": delivered, "no": False}
            connection.execute(queued, given)
        connection.commit()
        if database.is_sqlite:
            connection.connection.execute("PRAGMA foreign_keys=ON")


@pytest.mark.slow
def test_a_mail_that_waited_becomes_the_copy_of_its_notification(database: Database) -> None:
    restoring.clear(database)
    address = database.engine.url.render_as_string(hide_password=False)
    upgrade(address, "0006")
    waiting(database)
    upgrade(address, "0007")
    with database.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT kind, payload, attempts FROM outbox_message ORDER BY id")
        ).all()
        english = connection.execute(text("SELECT subject_en FROM notification")).scalars().all()
    kept = [(row.kind, json.loads(row.payload), row.attempts) for row in rows]
    assert kept[0][:1] == ("mail",)
    assert kept[1] == ("notification", {"notification_id": 2}, 2)
    assert kept[2][1]["to"] == "a@b.example"
    assert english == [None, None]
