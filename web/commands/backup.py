"""`jalon backup`, `jalon restore`: the keeping of rows and files, proven by bringing them back."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, TaskID

from web.backup import restoring
from web.backup.restoring import Restored
from web.backup.saving import Advance, save
from web.commands.database import upgrade
from web.compose import file_store, make_folder
from workflow.clock import SystemClock
from workflow.db import Database
from workflow.domain.file_store import FolderStore
from workflow.errors import InvalidInput
from workflow.settings import Settings

SQLITE = "sqlite:///"
ARCHIVE = click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))


@click.command()
@ARCHIVE
@click.option("--verify", is_flag=True, help="Check ARCHIVE instead: restore it aside, and verify.")
def backup(archive: Path, verify: bool) -> None:
    """Write every row and every file to ARCHIVE (.zip), while the tool is in use.

    With --verify, ARCHIVE exists already: it is restored into a temporary place, every hash and
    every chain is checked, and the place is removed.
    """
    settings = Settings.from_environment()
    if verify:
        _require_there(archive)
        _tell("verified", archive, _verified(archive))
        return
    _require_database(settings)
    with _opened(settings.database_url) as database, _progress() as advance:
        now = SystemClock().now()
        manifest, sha256 = save(database, file_store(settings), archive, now, advance)
    click.echo(
        f"{archive}: {manifest.rows} rows of {len(manifest.tables)} tables,"
        f" {len(manifest.files)} files. Manifest {sha256}"
    )


@click.command()
@ARCHIVE
@click.option("--replace", is_flag=True, help="Lose what is in the place now.")
def restore(archive: Path, replace: bool) -> None:
    """Bring ARCHIVE back into an empty place, of either kind of database, and verify it.

    With --replace, ARCHIVE is first proven whole aside; then what is in the place is lost.
    """
    settings = Settings.from_environment()
    _require_there(archive)
    if replace:
        _verified(archive)
    make_folder(settings.database_url)
    with _opened(settings.database_url) as database, _progress() as advance:
        files = file_store(settings)
        if replace:
            restoring.clear(database)
            for entry in list(files.entries()):
                files.delete(entry.key)
        done = restoring.restore(archive, database, files, upgrade, advance)
    _tell("restored", archive, done)


def _verified(archive: Path) -> Restored:
    with tempfile.TemporaryDirectory(prefix="jalon-verify-") as folder:
        place = Path(folder)
        with _opened(f"{SQLITE}{place / 'jalon.sqlite3'}") as database, _progress() as advance:
            files = FolderStore(place / "files")
            return restoring.restore(archive, database, files, upgrade, advance)


def _tell(done: str, archive: Path, found: Restored) -> None:
    manifest = found.manifest
    click.echo(
        f"{archive}: {done}. {manifest.rows} rows of {len(manifest.tables)} tables and"
        f" {len(manifest.files)} files as they were saved, {found.chains} chains intact."
    )


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _progress() -> Iterator[Advance]:
    """A bar on stderr for each phase, where somebody watches."""
    console = Console(stderr=True)
    tasks: dict[str, TaskID] = {}
    with Progress(console=console, transient=True, disable=not console.is_terminal) as shown:

        def advance(phase: str, amount: int, total: int | None) -> None:
            if phase not in tasks:
                tasks[phase] = shown.add_task(phase, total=total)
            shown.advance(tasks[phase], amount)

        yield advance


def _require_there(archive: Path) -> None:
    if not archive.is_file():
        raise click.BadParameter(f"{archive} is not a file.", param_hint="ARCHIVE")


def _require_database(settings: Settings) -> None:
    url = settings.database_url
    if url.startswith(SQLITE) and not Path(url.removeprefix(SQLITE)).is_file():
        raise InvalidInput(
            f"Expected a database at {url.removeprefix(SQLITE)} but there is none."
            " Check JALON_DATABASE_URL."
        )
