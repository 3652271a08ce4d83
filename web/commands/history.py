"""`jalon history`: prove that nothing in the audit log was altered."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.progress import track
from sqlalchemy import select

from web.compose import build_runtime
from workflow import audit_log
from workflow.clock import SystemClock
from workflow.domain import access_record
from workflow.domain.dossier import Dossier
from workflow.engine import house_check
from workflow.settings import Settings

MOST_DAYS = 40_000
"""A century of sealed days: all there are."""


@click.group()
def history() -> None:
    """The audit log."""


@history.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def verify(as_json: bool) -> None:
    """Compute every chain and sealed day again; status 1 when one is broken."""
    runtime = build_runtime(Settings.from_environment())
    with runtime.database.reading() as session:
        dossiers = (audit_log.chain_of(number) for number in session.scalars(select(Dossier.id)))
        names = sorted({*audit_log.chains(session), *dossiers})
        console = Console(stderr=True)
        shown = track(names, "Chaînes", console=console, transient=True, disable=as_json)
        verdicts = [audit_log.verify(session, name) for name in shown]
        days = access_record.verdicts(session, limit=MOST_DAYS)
    broken = [verdict for verdict in verdicts if verdict.broken_at is not None]
    altered = [day for day in days if not day.intact]
    intact = not broken and not altered
    with runtime.database.transaction() as session:
        facts = {
            "entries": sum(verdict.entries for verdict in verdicts),
            "broken": [verdict.chain for verdict in broken],
            "altered_days": [day.day.isoformat() for day in altered],
        }
        house_check.note(
            session, house_check.HISTORY, SystemClock().now(), is_sound=intact, facts=facts
        )
    if as_json:
        rows = [
            {"chain": v.chain, "entries": v.entries, "broken_at": v.broken_at} for v in verdicts
        ]
        sealed = [
            {"day": d.day.isoformat(), "openings": d.openings, "intact": d.intact} for d in days
        ]
        click.echo(json.dumps({"intact": intact, "chains": rows, "access_days": sealed}))
    else:
        for verdict in broken:
            click.echo(f"{verdict.chain}: broken at entry {verdict.broken_at}")
        for day in altered:
            click.echo(f"access log: altered on {day.day.isoformat()}")
        entries = sum(verdict.entries for verdict in verdicts)
        click.echo(f"{len(verdicts)} chains, {entries} entries, {len(broken)} broken")
        click.echo(f"{len(days)} sealed days of the access log, {len(altered)} altered")
    if not intact:
        raise click.exceptions.Exit(1)
