"""The accounts of the demo: one per role, all fictitious, one password that everyone may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from workflow.domain import operator, person
from workflow.domain.operator import Operator

DEMO_PASSWORD = "demonstration-2022"


@dataclass(frozen=True)
class DemoCompany:
    """A fictitious operator."""

    name: str
    siret: str


@dataclass(frozen=True)
class DemoAccount:
    """Someone of the demo; `company` is None at the agency."""

    email: str
    name: str
    roles: tuple[str, ...]
    company: DemoCompany | None = None


ALIZE = DemoCompany("Messageries Alizé SAS", "12345678200010")
NACRE = DemoCompany("Nacre SAS", "98765432400019")

DEMO_ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount("operateur@alize.example", "Nadia Ferrand", ("operator",), ALIZE),
    DemoAccount("direction@alize.example", "Odile Renaudin", ("legal_representative",), ALIZE),
    DemoAccount(
        "operateur@nacre.example", "Hugo Castel", ("operator", "legal_representative"), NACRE
    ),
    DemoAccount("recevabilite@ans.example", "Inès Bouvard", ("admissibility_officer",)),
    DemoAccount("instruction@ans.example", "Claire Danjou", ("instructor",)),
    DemoAccount("signature@ans.example", "Paul Estève", ("signatory",)),
    DemoAccount("college@ans.example", "Marc Olivet", ("college_member",)),
    DemoAccount("presidence@ans.example", "Hélène Vasseur", ("college_president",)),
    DemoAccount("ssi@ans.example", "Yann Le Goff", ("ssi_officer",)),
    DemoAccount("assistance@ans.example", "Sonia Mercier", ("support",)),
    DemoAccount("pilote@ans.example", "Luc Arnoult", ("process_owner",)),
    DemoAccount("audit@ans.example", "Édith Poncet", ("auditor",)),
    DemoAccount("admin@ans.example", "Rémi Soulier", ("administrator",)),
    DemoAccount("invitee@partenaire.example", "Fanny Legrand", ("partner",)),
)

DEMO_COLLEAGUES: tuple[DemoAccount, ...] = (
    DemoAccount("collegue@ans.example", "Bruno Keller", ("instructor",)),
)
"""A second person of a role, for what takes two: handing over, standing in, second opinions."""


def add_demo_accounts(
    session: Session, at: datetime, accounts: Sequence[DemoAccount] = DEMO_ACCOUNTS
) -> None:
    """Open the accounts that are not there yet; the caller commits."""
    for account in accounts:
        if person.find_by_email(session, account.email) is not None:
            continue
        person.add_person(
            session,
            email=account.email,
            name=account.name,
            password=DEMO_PASSWORD,
            roles=account.roles,
            operator_id=None if account.company is None else _operator_id(session, account.company),
            at=at,
        )


def _operator_id(session: Session, company: DemoCompany) -> int:
    known = operator.of_siret(session, company.siret)
    if known is None:
        known = Operator(company_name=company.name, siret=company.siret)
        session.add(known)
        session.flush()
    return known.id
