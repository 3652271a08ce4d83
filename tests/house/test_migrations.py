"""The migrations make the tables that the code knows, on both databases."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from web.commands.database import upgrade
from workflow.db import Database
from workflow.engine import tables


def test_the_migrations_make_the_tables_that_the_code_knows(database: Database) -> None:
    with database.engine.begin() as connection:
        tables.METADATA.drop_all(connection)
    upgrade(database.engine.url.render_as_string(hide_password=False))
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.METADATA) == []


def test_migrating_twice_changes_nothing(database: Database) -> None:
    with database.engine.begin() as connection:
        tables.METADATA.drop_all(connection)
    address = database.engine.url.render_as_string(hide_password=False)
    upgrade(address)
    upgrade(address)
    with database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM alembic_version")) == 1
