"""`jalon db`: the tables and their versions."""

from __future__ import annotations

import click
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from web.compose import make_folder
from workflow.errors import InvalidInput
from workflow.settings import PROJECT, Settings


def upgrade(database_url: str, revision: str = "head") -> None:
    """Bring the tables to a version, by default this one; raises InvalidInput."""
    config = Config()
    config.set_main_option("script_location", str(PROJECT / "migrations"))
    config.attributes["database_url"] = database_url
    try:
        command.upgrade(config, revision)
    except CommandError as fault:
        raise InvalidInput(
            f"Expected tables of this version or an earlier one but {fault}."
            " Use the version of Jalon that made them, or a later one."
        ) from fault


@click.group()
def db() -> None:
    """The database's tables."""


@db.command("upgrade")
def upgrade_command() -> None:
    """Bring the tables to this version."""
    settings = Settings.from_environment()
    make_folder(settings.database_url)
    upgrade(settings.database_url)
    click.echo("The tables are at this version.")
