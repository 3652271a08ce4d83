"""`jalon diagrams`: check, deploy and list what the procedure is drawn in."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from web.compose import build_runtime, check_context
from workflow.db import Database
from workflow.domain.person import SYSTEM
from workflow.engine import diagrams as deployed
from workflow.engine.diagram_checks import Fault, check
from workflow.engine.source_file import SourceFile
from workflow.settings import Settings

PATHS = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))


@click.group()
def diagrams() -> None:
    """Diagrams and decision tables."""


@diagrams.command("check")
@PATHS
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
def check_command(paths: tuple[Path, ...], as_json: bool) -> None:
    """Name every fault of the diagrams in PATHS; a folder is one deployment."""
    settings = Settings.from_environment()
    faults = _faults(settings, paths)
    if as_json:
        click.echo(json.dumps([_as_json(fault) for fault in faults], ensure_ascii=False))
    else:
        _print(faults, len(deployed.read_files(paths)))
    if faults:
        raise click.exceptions.Exit(1)


def _faults(settings: Settings, paths: tuple[Path, ...]) -> list[Fault]:
    files = deployed.read_files(paths)
    folder = next((path for path in paths if path.is_dir()), None)
    in_force = () if folder is not None else _in_force(settings, {file.name for file in files})
    return check(files, check_context(settings, folder or paths[0].parent, in_force))


def _in_force(settings: Settings, replaced: set[str]) -> tuple[SourceFile, ...]:
    """The deployed files that a single one is checked with; the project's before any deploy."""
    try:
        with Database(settings.database_url).reading() as session:
            files = deployed.in_force(session)
    except SQLAlchemyError:
        files = []
    files = files or deployed.read_files([settings.bpmn_folder])
    return tuple(file for file in files if file.name not in replaced)


def _as_json(fault: Fault) -> dict[str, str]:
    return {
        "code": fault.code,
        "file": fault.file,
        "element": fault.element,
        "message": fault.message,
        "remedy": fault.remedy,
    }


def _print(faults: list[Fault], count: int) -> None:
    console = Console(soft_wrap=True)
    for fault in faults:
        place = f"{fault.file} {fault.element}".strip()
        console.print(f"{place} ({fault.code})", style="bold", markup=False, highlight=False)
        console.print(f"  {fault.message} {fault.remedy}", markup=False, highlight=False)
    verdict = f"{len(faults)} défauts" if faults else "aucun défaut"
    console.print(f"{count} fichiers, {verdict}.", highlight=False)


@diagrams.command("deploy")
@PATHS
def deploy_command(paths: tuple[Path, ...]) -> None:
    """Put the diagrams in PATHS in force; running dossiers stay on theirs."""
    settings = Settings.from_environment()
    runtime = build_runtime(settings)
    files = deployed.read_files(paths)
    folder = next((path for path in paths if path.is_dir()), None)
    done = deployed.deploy(runtime, files, SYSTEM, check_context(settings, folder))
    changed = ", ".join(done.changed) or "nothing, all files are in force already"
    click.echo(f"Deployment {done.deployment_id}: {changed}.")


@diagrams.command("list")
def list_command() -> None:
    """List the files in force with their versions."""
    runtime = build_runtime(Settings.from_environment())
    with runtime.database.reading() as session:
        rows = deployed.files_of(session, deployed.latest(session))
    table = Table("File", "Version", "SHA-256", "Deployed at", "By")
    for row in rows:
        at = row.deployed_at.isoformat(timespec="seconds")
        table.add_row(row.name, str(row.version), row.sha256[:16], at, row.deployed_by)
    Console().print(table)
