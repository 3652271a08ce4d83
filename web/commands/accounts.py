"""`jalon accounts`: the first administrator, and lost passwords."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from web.compose import build_runtime
from workflow.clock import SystemClock
from workflow.domain import operator as operators
from workflow.domain import person as people
from workflow.domain.operator import Operator
from workflow.domain.person import ROLES, Person
from workflow.errors import NotFound
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
    runtime = build_runtime(Settings.from_environment())
    with runtime.database.transaction() as session:
        operator_id = None
        if siret is not None:
            known = operators.of_siret(session, siret)
            if known is None:
                known = Operator(company_name=company or siret, siret=siret)
                session.add(known)
                session.flush()  # the person refers to it
            operator_id = known.id
        people.add_person(
            session,
            email=email,
            name=name,
            password=password,
            roles=roles,
            operator_id=operator_id,
            at=SystemClock().now(),
        )
    click.echo(f"{email}: {', '.join(roles)}.")


@accounts.command("password")
@click.argument("email")
@PASSWORD
def password_command(email: str, password: str) -> None:
    """Set a person's password."""
    runtime = build_runtime(Settings.from_environment())
    with runtime.database.transaction() as session:
        person = people.find_by_email(session, email)
        if person is None:
            raise NotFound(f"Expected an account {email} but there is none. Check the address.")
        people.set_password(session, person, password, SystemClock().now())
    click.echo(f"{email}: password set.")


@accounts.command("list")
def list_command() -> None:
    """List the accounts."""
    runtime = build_runtime(Settings.from_environment())
    table = Table("E-mail", "Name", "Roles", "Active")
    with runtime.database.reading() as session:
        for person in session.scalars(select(Person).order_by(Person.email)):
            roles = ", ".join(granted.role for granted in person.granted)
            table.add_row(person.email, person.name, roles, "yes" if person.is_active else "no")
    Console().print(table)
