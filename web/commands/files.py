"""`jalon files`: what the store of files and the tables say of each other, and scans."""

from __future__ import annotations

import json
import sys

import click

from web.compose import build_runtime
from workflow.clock import SystemClock
from workflow.engine import file_sweep, scanning
from workflow.errors import InvalidInput
from workflow.settings import Settings


@click.group()
def files() -> None:
    """The stored files: proofs, evidence, documents."""


@files.command("check")
@click.option("--quick", is_flag=True, help="Compare names and sizes; read no content.")
@click.option("--delete-orphans", is_flag=True, help="Delete what no row has named for a day.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def check_command(quick: bool, delete_orphans: bool, as_json: bool) -> None:
    """Tell orphan files, lost ones and altered ones; status 1 on a lost or altered one."""
    runtime = build_runtime(Settings.from_environment())
    report = file_sweep.check(runtime, SystemClock().now(), read=0 if quick else None)
    deleted = file_sweep.delete_orphans(runtime, report) if delete_orphans else 0
    if as_json:
        told = {
            "files": report.files,
            "orphans": [each.key for each in report.orphans],
            "missing": list(report.missing),
            "altered": list(report.wrong),
            "leftovers_removed": report.leftovers,
            "orphans_deleted": deleted,
        }
        click.echo(json.dumps(told))
    else:
        for words, keys in (
            ("nobody names it", [each.key for each in report.orphans]),
            ("missing", report.missing),
            ("altered", report.wrong),
        ):
            for key in keys:
                click.echo(f"{key}: {words}")
        click.echo(
            f"{report.files} files, {len(report.orphans)} orphans ({deleted} deleted),"
            f" {len(report.missing)} missing, {len(report.wrong)} altered."
        )
    if not report.is_sound:
        sys.exit(1)


@files.command("scan")
def scan_command() -> None:
    """Have the antivirus read what it never read; the worker does it."""
    settings = Settings.from_environment()
    if not settings.clamav:
        raise InvalidInput("Expected an antivirus in JALON_CLAMAV but none is set. Name one.")
    count = scanning.scan_all(build_runtime(settings))
    click.echo(f"{count} files wait for their scan.")
