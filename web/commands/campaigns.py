"""`jalon campaigns`: put campaigns in force."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from web.compose import build_runtime
from workflow.clock import PARIS
from workflow.domain import campaign as versions
from workflow.domain.person import SYSTEM
from workflow.engine import campaigns as door
from workflow.settings import Settings


@click.group()
def campaigns() -> None:
    """Campaigns and their parameters."""


@campaigns.command("deploy")
@click.argument("path", type=click.Path(path_type=Path))
def deploy_command(path: Path) -> None:
    """Put the campaign of a YAML file in force, with the catalogue beside it."""
    runtime = build_runtime(Settings.from_environment())
    mapping, catalogue = door.read(path)
    campaign = door.deploy(runtime, mapping, catalogue, SYSTEM)
    click.echo(f"{campaign.id}: parameters version {campaign.version_id} in force.")


@campaigns.command("list")
def list_command() -> None:
    """List the campaigns in force."""
    runtime = build_runtime(Settings.from_environment())
    with runtime.database.reading() as session:
        rows = versions.all_active(session)
    table = Table("Campaign", "DSR", "Opens", "Closes (excluded)", "Catalogue")
    for row in rows:
        opens, closes = (
            instant.astimezone(PARIS).strftime("%Y-%m-%d %H:%M")
            for instant in (row.opens_at, row.closes_at.instant)
        )
        table.add_row(row.id, row.dsr, opens, closes, row.catalogue)
    Console().print(table)
