"""`jalon scenario run`: stories on the real engine, with a virtual clock."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track
from rich.text import Text

from workflow.clock import PARIS
from workflow.errors import JalonError, NotFound
from workflow.scenarios import Procedure, Report, read, run
from workflow.settings import Settings


@click.group()
def scenario() -> None:
    """Scenarios of the procedure."""


@scenario.command("run")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def run_command(paths: tuple[Path, ...], as_json: bool) -> None:
    """Play the scenarios in PATHS, files or folders, each on a fresh database in memory."""
    files = list(_files(paths))
    procedure = Procedure.load(Settings.from_environment())
    console = Console(stderr=True)
    shown = track(files, "Scénarios", console=console, transient=True, disable=as_json)
    reports = [_played(path, procedure) for path in shown]
    passed = all(report.passed for report in reports)
    if as_json:
        document = {"passed": passed, "scenarios": [report.as_json() for report in reports]}
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        _print(reports)
    if not passed:
        raise click.exceptions.Exit(1)


def _played(path: Path, procedure: Procedure) -> Report:
    """How a scenario went; one that cannot be read or played is a failure among the others."""
    try:
        return run(read(path), procedure)
    except JalonError as refusal:
        click.echo(f"{refusal.code}: {refusal}", err=True)
        return Report(path.stem, path.name, refusal=f"{refusal.code}: {refusal}")


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted(path.rglob("*.yaml"))
            if not found:
                raise NotFound(f"Expected scenarios (*.yaml) in {path} but there are none.")
            yield from found
        else:
            yield path


def _print(reports: list[Report]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for report in reports:
        mark, colour = ("✓", "green") if report.passed else ("✗", "red")
        console.print(Text.assemble((mark, colour), f" {report.scenario}"))
        if report.refusal:
            console.print(f"    {report.refusal}", markup=False)
        for step in report.steps:
            for difference in step.differences:
                at = step.at.astimezone(PARIS).strftime("%Y-%m-%d %H:%M")
                place = f"    step {step.number}, {at}, {step.act}: {difference}"
                console.print(place, markup=False)
    failed = sum(not report.passed for report in reports)
    console.print(f"{len(reports) - failed} passed, {failed} failed")
