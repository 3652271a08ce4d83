"""`jalon catalogues`: preview and import the requirement catalogue of a campaign."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from web.compose import build_runtime
from workflow.domain import catalogue_file
from workflow.domain.catalogue_file import InvalidCatalogue
from workflow.domain.person import SYSTEM
from workflow.engine import catalogues as door
from workflow.engine.catalogues import CataloguePreview
from workflow.errors import LimitExceeded
from workflow.settings import Settings

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
CAMPAIGN = click.option("--campaign", required=True, help="Id of the campaign.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group()
def catalogues() -> None:
    """Requirement catalogues (REM), from XLSX or CSV."""


@catalogues.command("preview")
@FILE
@CAMPAIGN
@AS_JSON
def preview_command(file: Path, campaign: str, as_json: bool) -> None:
    """Say what importing FILE would change; nothing is changed."""
    runtime = build_runtime(Settings.from_environment())
    try:
        found = door.preview(runtime, campaign, _content(file))
    except InvalidCatalogue as refusal:
        raise _exit(refusal, as_json) from refusal
    if as_json:
        _print_json(_shown(found))
        return
    changes = found.changes
    click.echo(f"Against version {found.replaces_name} of {campaign}:")
    for word, rows in (("added", changes.added), ("removed", changes.removed)):
        click.echo(f"  {len(rows)} {word}: {', '.join(row['code'] for row in rows) or 'none'}")
    click.echo(f"  {len(changes.changed)} changed, {changes.unchanged} unchanged")
    for row in changes.changed:
        for each in row.columns:
            click.echo(f"    {row.code} {each.column}: {each.before!r} becomes {each.after!r}")
    click.echo(f"  {_effect(found)}")


@catalogues.command("import")
@FILE
@CAMPAIGN
@click.option("--version", help="Name of the version, when the file gives none.")
@AS_JSON
def import_command(file: Path, campaign: str, version: str | None, as_json: bool) -> None:
    """Put the catalogue of FILE in force."""
    runtime = build_runtime(Settings.from_environment())
    try:
        done = door.import_catalogue(runtime, campaign, _content(file), SYSTEM, version=version)
    except InvalidCatalogue as refusal:
        raise _exit(refusal, as_json) from refusal
    if as_json:
        _print_json(
            {"version": done.version, "changed": done.changed, "corrected": list(done.corrected)}
        )
    elif not done.changed:
        click.echo(f"{campaign}: version {done.version} stays in force, nothing differs.")
    else:
        click.echo(
            f"{campaign}: version {done.version} in force, {len(done.corrected)} open dossiers"
            " corrected."
        )


def _content(file: Path) -> bytes:
    if file.stat().st_size > catalogue_file.LARGEST_FILE:
        raise LimitExceeded(
            f"Expected a file of at most {catalogue_file.LARGEST_FILE} bytes but {file.name} is"
            " larger. Keep the sheet of requirements only."
        )
    return file.read_bytes()


def _exit(refusal: InvalidCatalogue, as_json: bool) -> click.exceptions.Exit:
    if as_json:
        _print_json({"faults": [_fault(each) for each in refusal.faults]})
    else:
        for each in refusal.faults:
            click.echo(f"{each.element or 'file'} ({each.code}): {each.message_en}", err=True)
    return click.exceptions.Exit(1)


def _fault(fault: catalogue_file.CatalogueFault) -> dict[str, Any]:
    return {
        "code": fault.code,
        "line": fault.line,
        "column": fault.column,
        "message": fault.message,
        "message_en": fault.message_en,
    }


def _shown(found: CataloguePreview) -> dict[str, Any]:
    changes = found.changes
    return {
        "replaces": found.replaces_name,
        "added": [row["code"] for row in changes.added],
        "removed": [row["code"] for row in changes.removed],
        "changed": [
            {
                "requirement": row.code,
                "columns": {c.column: {"before": c.before, "after": c.after} for c in row.columns},
            }
            for row in changes.changed
        ],
        "unchanged": changes.unchanged,
        "scope": changes.changes_scope,
        "level": changes.changes_level,
        "corrected": list(found.corrected),
        "kept": list(found.kept),
        "unread_columns": list(found.unread),
    }


def _effect(found: CataloguePreview) -> str:
    if found.changes.is_empty:
        return "Nothing differs."
    nature = (
        "Corrective: neither scope nor level changes."
        if found.changes.is_corrective
        else "Scope or level changes: for new deposits only."
    )
    return (
        f"{nature} {len(found.corrected)} open dossiers corrected,"
        f" {len(found.kept)} kept on their version."
    )


def _print_json(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, ensure_ascii=False))
