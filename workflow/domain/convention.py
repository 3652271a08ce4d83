"""The listing convention: what binds an operator and the Agency over time (DSR 4.1.8, 4.2).

Signing has no deadline; the college decides nothing before both signatures (DOMAIN P2).
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.clock import paris_date
from workflow.db import Base, Instant
from workflow.domain import dossier as dossiers
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.dossier import Dossier
from workflow.domain.notification import notify
from workflow.errors import Conflict

_TEXT = """Convention de référencement

Entre l’Agence du numérique en santé et {company}, SIRET {siret}, représentée par {representative}.

La présente convention concerne le service de messagerie « {service} », version {version},
candidat au référencement {dsr} sous le numéro de dossier {number}, pour les profils : {profiles}.
Elle décrit les droits et devoirs à respecter dans la durée par l’Opérateur MSSanté et par l’Agence.

Les documents transmis et signés par voie dématérialisée ont la qualité d’originaux et font preuve
entre les parties (DSR 4.10, article 1366 et suivants du code civil).

Établie le {day}.
"""


class Convention(Base):
    """The text sent to a dossier's legal representative, and its two signatures."""

    __tablename__ = "convention"

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    sent_at: Mapped[datetime] = mapped_column(Instant)
    signed_at: Mapped[datetime | None] = mapped_column(Instant)
    signed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    countersigned_at: Mapped[datetime | None] = mapped_column(Instant)
    countersigned_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    @property
    def in_force(self) -> bool:
        """Whether both parties have signed."""
        return self.signed_at is not None and self.countersigned_at is not None


def find(session: Session, dossier_id: int | None) -> Convention | None:
    """A dossier's convention, if it has one."""
    return None if dossier_id is None else session.get(Convention, dossier_id)


def send(call: Call) -> None:
    """Write the convention and send it to the legal representative; Conflict when sent before."""
    dossier = dossiers.of(call)
    if find(call.session, dossier.id) is not None:
        raise Conflict(
            f"Expected dossier {dossier.number} to have no convention but it has one."
            " Sign that one."
        )
    text = _text(dossier, call)
    convention = Convention(
        dossier_id=dossier.id,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        sent_at=call.effective_at,
    )
    call.session.add(convention)
    call.record(AuditKind.CONVENTION_SENT, {"sha256": convention.sha256})
    notify(call, "legal_representative", "convention_sent")


def sign(call: Call) -> None:
    """Keep the legal representative's signature; Conflict when it is not waited for."""
    convention = _sent(call)
    if convention.signed_at is not None:
        raise Conflict("Expected an unsigned convention but it is signed. Nothing is left to sign.")
    convention.signed_at = call.effective_at
    convention.signed_by = call.actor.person_id
    call.record(AuditKind.CONVENTION_SIGNED, {"sha256": convention.sha256, "by": call.actor.name})
    notify(call, "signatory", "convention_signed")


def countersign(call: Call) -> None:
    """Keep the Agency's signature: the convention is in force. Conflict out of turn."""
    convention = _sent(call)
    if convention.signed_at is None or convention.countersigned_at is not None:
        raise Conflict(
            "Expected a convention signed by the operator alone but it is not. Wait for its turn."
        )
    convention.countersigned_at = call.effective_at
    convention.countersigned_by = call.actor.person_id
    call.record(
        AuditKind.CONVENTION_COUNTERSIGNED, {"sha256": convention.sha256, "by": call.actor.name}
    )
    notify(call, "operator", "convention_countersigned")
    notify(call, "legal_representative", "convention_countersigned")


def carry_over(call: Call, previous_dossier_id: int) -> bool:
    """Keep a previous attempt's convention in force for the call's dossier (DOMAIN A17).

    False when the previous one was not signed by both parties: a new one must be signed.
    """
    previous = find(call.session, previous_dossier_id)
    dossier_id = dossiers.of(call).id
    if previous is None or not previous.in_force:
        return False
    call.session.add(
        Convention(
            dossier_id=dossier_id,
            text=previous.text,
            sha256=previous.sha256,
            sent_at=previous.sent_at,
            signed_at=previous.signed_at,
            signed_by=previous.signed_by,
            countersigned_at=previous.countersigned_at,
            countersigned_by=previous.countersigned_by,
        )
    )
    call.record(
        AuditKind.CONVENTION_CARRIED_OVER,
        {"sha256": previous.sha256, "from_dossier": previous_dossier_id},
    )
    return True


def _sent(call: Call) -> Convention:
    convention = find(call.session, call.dossier_id)
    if convention is None:
        raise Conflict("Expected a convention that was sent but found none. Send it first.")
    return convention


def _text(dossier: Dossier, call: Call) -> str:
    return _TEXT.format(
        company=dossier.company_name,
        siret=dossier.siret,
        representative=dossier.legal_representative_name,
        service=dossier.service_name,
        version=dossier.service_version,
        dsr=dossier.dsr,
        number=dossier.number,
        profiles=call.campaign.names_of(dossier.profiles),
        day=paris_date(call.effective_at).strftime("%d/%m/%Y"),
    )
