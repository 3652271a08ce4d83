"""`jalon outbox`: what could not leave (mails, documents), and trying it again."""

from __future__ import annotations

import json

import click

from api import mail_door
from web.compose import build_runtime
from workflow import outbox as messages
from workflow.domain.person import SYSTEM
from workflow.errors import InvalidInput
from workflow.settings import Settings

MOST = 1_000
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group()
def outbox() -> None:
    """What leaves after a commit: mails, documents."""


@outbox.command("list")
@AS_JSON
def list_command(as_json: bool) -> None:
    """List the incidents: what was given up after its last try."""
    runtime = build_runtime(Settings.from_environment())
    with runtime.database.reading() as session:
        found = messages.incidents(session, limit=MOST)
    if as_json:
        rows = [
            {
                "id": each.id,
                "topic": each.kind,
                "created_at": each.created_at.isoformat(),
                "attempts": each.attempts,
                "last_error": each.last_error,
            }
            for each in found
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for each in found:
        click.echo(f"{each.id}  {each.kind}  {each.attempts} tries  {each.last_error}")
    click.echo(f"{len(found)} incidents")


@outbox.command("retry")
@click.argument("number", type=int, required=False)
@click.option("--all", "every", is_flag=True, help="Try every incident again.")
@AS_JSON
def retry_command(number: int | None, every: bool, as_json: bool) -> None:
    """Try incident NUMBER again, or all of them; the worker sends at its next sweep."""
    if (number is None) is not every:
        raise InvalidInput("Expected a number or --all but found neither or both. Give one.")
    again = mail_door.retry(build_runtime(Settings.from_environment()), SYSTEM, number)
    click.echo(json.dumps({"retried": again}) if as_json else f"{len(again)} tried again.")
