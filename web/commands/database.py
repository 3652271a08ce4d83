"""`jalon db`, `jalon backup`, `jalon restore`: the tables and their keeping."""

from __future__ import annotations

import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from pathlib import Path

import click
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from web.compose import make_folder
from workflow.errors import Conflict, InvalidInput
from workflow.settings import PROJECT, Settings

SQLITE = "sqlite:///"
DATABASE_NAME = "jalon.sqlite3"
PROOFS_NAME = "proofs"


def upgrade(database_url: str) -> None:
    """Bring the tables to this version."""
    config = Config()
    config.set_main_option("script_location", str(PROJECT / "migrations"))
    config.attributes["database_url"] = database_url
    try:
        command.upgrade(config, "head")
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


def _embedded(settings: Settings) -> Path:
    if not settings.database_url.startswith(SQLITE):
        raise InvalidInput(
            "Expected the embedded database but this deployment uses a server."
            " Save it with that server's own tool (pg_dump), and copy the proofs' folder."
        )
    return Path(settings.database_url.removeprefix(SQLITE))


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
def backup(archive: Path) -> None:
    """Write the embedded database and the proofs to ARCHIVE (.tar.gz), while it is in use."""
    settings = Settings.from_environment()
    database = _embedded(settings)
    if not database.is_file():
        raise InvalidInput(f"Expected a database at {database} but there is none. Check it.")
    if archive.exists():
        raise Conflict(f"Expected a new file but {archive} exists. Choose another name.")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "jalon.sqlite3"
        source, target = sqlite3.connect(database), sqlite3.connect(copy)
        try:
            source.backup(target)
        except sqlite3.Error as fault:
            raise InvalidInput(
                f"Expected a database at {database} but {fault}. Check JALON_DATABASE_URL."
            ) from fault
        finally:
            source.close()
            target.close()
        written = archive.with_name(f".{archive.name}.part")
        try:
            with tarfile.open(written, "w:gz") as tar:
                tar.add(copy, DATABASE_NAME)
                if settings.proofs_folder.is_dir():
                    tar.add(settings.proofs_folder, PROOFS_NAME)
            written.replace(archive)
        finally:
            written.unlink(missing_ok=True)
    click.echo(f"{archive}: written.")


@click.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def restore(archive: Path) -> None:
    """Bring a backup back into an empty place."""
    settings = Settings.from_environment()
    database = _embedded(settings)
    if database.exists() or any(settings.proofs_folder.glob("*")):
        raise Conflict(
            f"Expected an empty place but {database} or {settings.proofs_folder} is there."
            " Set JALON_DATABASE_URL and JALON_PROOFS_FOLDER to new places."
        )
    with tempfile.TemporaryDirectory() as folder:
        try:
            with tarfile.open(archive) as tar:
                tar.extractall(folder, filter="data")
        except (tarfile.TarError, EOFError, zlib.error) as fault:
            raise InvalidInput(
                f"Expected a backup but {archive} is not a whole .tar.gz archive. Choose another."
            ) from fault
        copy, proofs = Path(folder) / DATABASE_NAME, Path(folder) / PROOFS_NAME
        if not copy.is_file():
            raise InvalidInput(
                f"Expected {DATABASE_NAME} in {archive} but it is not there. Choose another one."
            )
        _require_whole(copy, archive)
        make_folder(settings.database_url)
        if proofs.is_dir():
            shutil.copytree(proofs, settings.proofs_folder, dirs_exist_ok=True)
        shutil.copy(copy, database)
    click.echo(f"{archive}: restored.")


def _require_whole(copy: Path, archive: Path) -> None:
    """Refuse a database that SQLite itself does not find whole."""
    connection = sqlite3.connect(copy)
    try:
        found = connection.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError:
        found = None
    finally:
        connection.close()
    if found != ("ok",):
        raise InvalidInput(
            f"Expected a whole database in {archive} but it is damaged. Choose another backup."
        )
