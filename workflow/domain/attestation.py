"""The attestation of conformity that a listed service receives (DSR 3.2, 4.5). [règles 17 34 73]"""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.domain import college, document, document_facts, listing, technical_report
from workflow.domain import dossier as dossiers
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.campaign_parameters import FRENCH, in_language
from workflow.domain.listing import Listing
from workflow.errors import Conflict

_TEXT = """Attestation de conformité

L’Agence du numérique en santé atteste que le service « {service} », version
{version}, présenté par {company}, est conforme aux exigences du {dsr} pour les profils :
{profiles}.

Numéro de référencement : {number}
Référencé le : {day}
{funding}"""


class Attestation(Base):
    """The attestation's text, and its hash to compare a copy with."""

    __tablename__ = "attestation"

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    listing_number: Mapped[str] = mapped_column(ForeignKey("listing.number"))
    text: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime] = mapped_column(Instant)
    sha256: Mapped[str] = mapped_column(String(64))


def issue(call: Call) -> None:
    """Write the attestation of the call's dossier; Conflict before the award, and twice."""
    awarded = listing.awarded(call)
    if find(call.session, awarded.dossier_id) is not None:
        raise Conflict("Expected no attestation of this dossier but it has one. Keep that one.")
    funding = in_language(call.campaign.funding, FRENCH)
    text = _TEXT.format(
        service=awarded.service_name,
        version=awarded.service_version,
        company=awarded.company_name,
        dsr=awarded.dsr,
        profiles=call.campaign.names_of(awarded.profiles),
        number=awarded.number,
        day=awarded.listed_on.strftime("%d/%m/%Y"),
        funding=f"\n{funding}.\n" if funding else "",
    )
    attestation = Attestation(
        dossier_id=awarded.dossier_id,
        listing_number=awarded.number,
        text=text,
        issued_at=call.effective_at,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )
    call.session.add(attestation)
    call.record(
        AuditKind.ATTESTATION_ISSUED, {"number": awarded.number, "sha256": attestation.sha256}
    )
    _have_made(call, awarded)


def _have_made(call: Call, awarded: Listing) -> None:
    document.ask(
        call,
        document.ATTESTATION,
        {
            **document_facts.of(dossiers.of(call), call.campaign),
            "listing": awarded.number,
            "listed_on": awarded.listed_on,
        },
        number=f"{document.PREFIXES[document.ATTESTATION]}-{awarded.number}",
    )
    decision = college.decision_of(call.session, awarded.dossier_id)
    if decision is not None and decision.outcome != college.AWARD:
        # Its reservations were lifted since: the report says so.
        technical_report.issue(call, decision, college.reservations_of(call.session, decision.id))


def find(session: Session, dossier_id: int) -> Attestation | None:
    """A dossier's attestation, once issued."""
    return session.get(Attestation, dossier_id)
