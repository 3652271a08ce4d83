"""Accounts and invitations of before keep what they were when providers come in."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from web.backup import restoring
from web.commands.database import upgrade
from workflow.db import Database
from workflow.domain.account_invitation import Invitation
from workflow.domain.person import Person

AT = "2022-10-03 07:00:00+00:00"


@pytest.mark.slow
def test_accounts_and_invitations_of_before_stay_as_they_were(database: Database) -> None:
    restoring.clear(database)
    address = database.engine.url.render_as_string(hide_password=False)
    upgrade(address, "0010")
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO person (id, email, name, password_hash, locale, is_active, created_at)"
                " VALUES (7, 'a@b.example', 'A', 'hash', 'fr', :yes, :at)"
            ),
            {"yes": True, "at": AT},
        )
        connection.execute(
            text("INSERT INTO person_role (person_id, role) VALUES (7, 'administrator')")
        )
        connection.execute(
            text(
                "INSERT INTO invitation (token_hash, email, role, invited_by, created_at,"
                " expires_at) VALUES ('h', 'c@d.example', 'auditor', 7, :at, :at)"
            ),
            {"at": AT},
        )
    upgrade(address)
    with database.reading() as session:
        person = session.get_one(Person, 7)
        assert (person.sessions_ended, person.roles) == (0, {"administrator"})
        invitation = session.query(Invitation).one()
        assert (invitation.withdrawn_at, invitation.invited_by) == (None, 7)
