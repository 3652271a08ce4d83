"""`jalon`: the commands of those who run it. Never a traceback; status 0 only on success."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
from sqlalchemy.exc import SQLAlchemyError

from web.commands.accounts import accounts
from web.commands.backup import backup, restore
from web.commands.campaigns import campaigns
from web.commands.catalogues import catalogues
from web.commands.database import db
from web.commands.diagrams import diagrams
from web.commands.feel import feel
from web.commands.files import files
from web.commands.history import history
from web.commands.outbox import outbox
from web.commands.scenario import scenario
from web.commands.serve import demo, serve, work
from workflow.errors import JalonError

DATABASE_REMEDY = "Check JALON_DATABASE_URL, and run: jalon db upgrade"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="jalon")
def jalon() -> None:
    """Jalon runs the listing procedure from its diagrams."""


for command in (
    accounts,
    backup,
    campaigns,
    catalogues,
    db,
    demo,
    diagrams,
    feel,
    files,
    history,
    outbox,
    restore,
    scenario,
    serve,
    work,
):
    jalon.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; a refusal is one sentence on stderr and status 1."""
    try:
        given = None if arguments is None else list(arguments)
        # Outside its own mode, click answers with the status that a command asked to exit with.
        sys.exit(jalon.main(args=given, standalone_mode=False) or 0)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as mistake:
        mistake.show()
        sys.exit(mistake.exit_code)
    except JalonError as refusal:
        _fail(refusal.code, str(refusal))
    except SQLAlchemyError as failure:
        _fail("database", f"{str(failure).splitlines()[0]}. {DATABASE_REMEDY}")
    except OSError as failure:
        _fail("system", str(failure))


def _fail(code: str, sentence: str) -> None:
    click.echo(f"{code}: {sentence}", err=True)
    sys.exit(1)
