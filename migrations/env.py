"""Alembic's door: the same migrations on SQLite and PostgreSQL."""

from __future__ import annotations

from alembic import context

from workflow.db import Database
from workflow.engine import tables

target = tables.METADATA


def run() -> None:
    """Run the migrations on the database that the command names."""
    database = Database(context.config.attributes["database_url"])
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=target,
            render_as_batch=database.is_sqlite,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    database.close()


run()
