"""What a form may be opened with, and where each answer comes from: nothing is taken unseen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from web.language import _
from web.words import siret_words
from workflow.domain.dossier import Dossier
from workflow.domain.operator import Operator
from workflow.domain.person import Actor

REPRESENTATIVE = (
    "legal_representative_name",
    "legal_representative_email",
    "legal_representative_phone",
)
OF_A_DOSSIER = (*REPRESENTATIVE, "contact_name", "service_name", "service_version", "profiles")
"""What a new candidature takes over; dates, consents and commitments are always given anew."""


@dataclass(frozen=True)
class Known:
    """One answer that is known already, and in words where it comes from."""

    value: Any
    origin: str


KnownAnswers = Mapping[str, Known]


def of_company(session: Session, actor: Actor) -> dict[str, Known]:
    """What is known of the depositor's company, and what its last dossier said of its people."""
    yours = _("Repris de votre compte.")
    known = {"contact_name": Known(actor.name, yours)}
    if actor.operator_id is None:
        return known
    company = session.get(Operator, actor.operator_id)
    last = session.scalars(
        select(Dossier)
        .where(Dossier.operator_id == actor.operator_id)
        .order_by(Dossier.id.desc())
        .limit(1)
    ).first()
    if company is not None:
        origin = _("Repris de la fiche de votre entreprise.")
        known["company_name"] = Known(company.company_name, origin)
        known["siret"] = Known(siret_words(company.siret), origin)
    return known | (of_dossier(last, REPRESENTATIVE) if last is not None else {})


def of_dossier(dossier: Dossier, names: Iterable[str]) -> dict[str, Known]:
    """What an earlier dossier said."""
    origin = _("Repris du dossier %(number)s.", number=dossier.number)
    return {name: Known(getattr(dossier, name), origin) for name in names}


def values_of(known: KnownAnswers) -> dict[str, Any]:
    """The answers alone."""
    return {name: each.value for name, each in known.items()}


def origins_of(known: KnownAnswers, answer: Mapping[str, Any]) -> dict[str, str]:
    """Where the answers of a page come from, as long as they are what was taken over."""
    return {
        name: each.origin
        for name, each in known.items()
        if each.value not in (None, "", [])
        and _comparable(each.value) == _comparable(answer.get(name))
    }


def _comparable(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return sorted(str(each) for each in value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    return str(value or "").strip()
