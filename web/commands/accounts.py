"""`jalon accounts`: the first administrator, and lost passwords."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from web.compose import build_runtime
from workflow import audit_log
from workflow.domain import operator as operators
from workflow.domain import person as people
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.operator import Operator
from workflow.domain.person import OPERATOR_SIDE, ROLES, SYSTEM, Person
from workflow.domain.siret import is_valid
from workflow.errors import InvalidInput, NotFound
from workflow.settings import Settings

PASSWORD = click.option(
    "--password",
    prompt=True,
    hide_input=True,
    confirmation_prompt=True,
    help="Asked for when not given.",
)


@click.group()
def accounts() -> None:
    """People and their roles."""


@accounts.command("add")
@click.argument("email")
@click.option("--name", required=True, help="First and last name.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES))
@click.option("--siret", help="SIRET of the person's operator, for the operator's side.")
@click.option("--company", help="Company name, when the operator is new.")
@PASSWORD
def add(
    email: str,
    name: str,
    roles: tuple[str, ...],
    siret: str | None,
    company: str | None,
    password: str,
) -> None:
    """Open an account."""
    if siret is None and OPERATOR_SIDE & set(roles):
        raise InvalidInput("Expected --siret with a role of the operator's side. Add it.")
    runtime = build_runtime(Settings.from_environment())
    at = runtime.clock.now()
    with runtime.database.transaction() as session:
        operator_id = None
        if siret is not None:
            known = operators.of_siret(session, siret)
            if known is None:
                if not is_valid(siret):
                    raise InvalidInput(
                        f"Expected a SIRET of 14 digits with a right key but found {siret!r}."
                        " Correct it."
                    )
                known = Operator(company_name=company or siret, siret=siret)
                session.add(known)
                session.flush()  # the person refers to it
            operator_id = known.id
        person = people.add_person(
            session,
            email=email,
            name=name,
            password=password,
            roles=roles,
            operator_id=operator_id,
            at=at,
        )
        facts = {"email": person.email, "roles": sorted(person.roles), "by": "command"}
        _record(session, AuditKind.ACCOUNT_ADDED, facts, at)
    click.echo(f"{person.email}: {', '.join(sorted(person.roles))}.")


@accounts.command("password")
@click.argument("email")
@PASSWORD
def password_command(email: str, password: str) -> None:
    """Set a person's password."""
    runtime = build_runtime(Settings.from_environment())
    at = runtime.clock.now()
    with runtime.database.transaction() as session:
        person = people.find_by_email(session, email)
        if person is None:
            raise NotFound(f"Expected an account {email} but there is none. Check the address.")
        people.set_password(session, person, password, at)
        facts = {"email": person.email, "by": "command"}
        _record(session, AuditKind.ACCOUNT_PASSWORD_CHANGED, facts, at)
    click.echo(f"{email}: password set.")


def _record(session: Session, kind: AuditKind, facts: Mapping[str, object], at: datetime) -> None:
    entry = audit_log.Event(str(kind), facts, SYSTEM.person_id, SYSTEM.name, at, at)
    audit_log.append(session, audit_log.HOUSE, [entry])


@accounts.command("list")
def list_command() -> None:
    """List the accounts."""
    runtime = build_runtime(Settings.from_environment())
    table = Table("E-mail", "Name", "Roles", "Active")
    for column in table.columns:
        column.overflow = "fold"
    with runtime.database.reading() as session:
        for person in session.scalars(select(Person).order_by(Person.email)):
            roles = ", ".join(granted.role for granted in person.granted)
            active = "yes" if person.is_active else "no"
            table.add_row(*map(escape, (person.email, person.name, roles, active)))
    Console().print(table)
