"""The listing convention: what binds an operator and the Agency over time (DSR 4.1.8, 4.2).

Signing has no deadline; the college decides nothing before both signatures (DOMAIN P2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.clock import paris_date
from workflow.db import Base, Instant
from workflow.domain import convention_signature, convention_text, document, document_facts, mandate
from workflow.domain import dossier as dossiers
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.convention_signature import AGENCY, OPERATOR, Certificate
from workflow.domain.convention_text import Article
from workflow.domain.file_store import StoredFile
from workflow.domain.notification import notify
from workflow.errors import Conflict


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
    mandate_id: Mapped[int | None] = mapped_column(ForeignKey("mandate.id"))

    @property
    def in_force(self) -> bool:
        """Whether both parties have signed."""
        return self.signed_at is not None and self.countersigned_at is not None


def find(session: Session, dossier_id: int | None) -> Convention | None:
    """A dossier's convention, if it has one."""
    return None if dossier_id is None else session.get(Convention, dossier_id)


def send(call: Call) -> dict[str, Any]:
    """Write the convention and send it to the legal representative; returns when.

    Conflict when it was sent before.
    """
    dossier = dossiers.of(call)
    if find(call.session, dossier.id) is not None:
        raise Conflict(
            f"Expected dossier {dossier.number} to have no convention but it has one."
            " Sign that one."
        )
    facts = document_facts.of(dossier, call.campaign)
    articles = convention_text.articles(facts)
    text = convention_text.whole(facts, articles, paris_date(call.effective_at))
    convention = Convention(
        dossier_id=dossier.id,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        sent_at=call.effective_at,
    )
    call.session.add(convention)
    call.record(AuditKind.CONVENTION_SENT, {"sha256": convention.sha256})
    document.ask(call, document.CONVENTION, _written(facts, articles, convention))
    notify(call, "legal_representative", "convention_sent")
    return {"sent_at": call.effective_at}


def remind(call: Call) -> None:
    """Remind the legal representative of a convention to sign; nothing is rejected for it."""
    convention = _sent(call)
    call.record(AuditKind.CONVENTION_REMINDED, {"sent_at": convention.sent_at})
    notify(call, "legal_representative", "convention_reminder", sent=convention.sent_at)


def sign(call: Call) -> None:
    """Keep the operator's signature: its legal representative's, or a mandatary's.

    Raises Conflict when it is not waited for, NotAllowed by a mandate that is over.
    """
    convention = _sent(call)
    convention_signature.require_unsigned(convention.signed_at)
    convention.signed_at = call.effective_at
    convention.signed_by = call.actor.person_id
    held = mandate.signing(call.session, call.actor, call.effective_at)
    convention.mandate_id = None if held is None else held.id
    _prove(call, convention, OPERATOR, AuditKind.CONVENTION_SIGNED)
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
    _prove(call, convention, AGENCY, AuditKind.CONVENTION_COUNTERSIGNED)
    _bind(call, convention)
    notify(call, "operator", "convention_countersigned")
    notify(call, "legal_representative", "convention_countersigned")


def keep_signed_copy(call: Call, certificate: Certificate, stored: StoredFile) -> None:
    """Keep the convention's PDF as its signatory signed it, until the task is completed.

    Raises Conflict when no signature is waited for, WrongSigner, NotAllowed.
    """
    convention, dossier = _sent(call), dossiers.of(call)
    convention_signature.require_unsigned(convention.signed_at)
    if dossier.ended_at is not None:
        raise Conflict(
            f"Expected dossier {dossier.number} to be under way but it has ended. Nothing is to"
            " be signed any more."
        )
    convention_signature.keep_copy(call, convention.sha256, certificate, stored)


def remove_signed_copy(call: Call) -> None:
    """Forget the signed copy that waits, to sign in the tool; Conflict without any."""
    dossier_id = dossiers.of(call).id
    dossiers.require_party(call.session, dossier_id, "legal_representative", call.actor)
    if not convention_signature.drop_copies(call):
        raise Conflict("Expected a signed copy that waits but there is none. Nothing is to remove.")


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
            mandate_id=previous.mandate_id,
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


def _prove(call: Call, convention: Convention, party: str, kind: AuditKind) -> None:
    signature = convention_signature.take(call, party, convention.sha256)
    call.session.flush()  # The evidence of both is read again when the second signs.
    call.record(
        kind,
        {
            "sha256": convention.sha256,
            "by": signature.name,
            "method": signature.method,
            "quality": signature.quality,
            "pdf_sha256": signature.pdf_sha256,
        },
    )
    document.ask(
        call,
        document.SIGNATURE_EVIDENCE,
        {
            **document_facts.of(dossiers.of(call), call.campaign),
            **convention_signature.as_facts(call, signature, convention.mandate_id),
        },
        version=convention_signature.VERSIONS[party],
    )


def _bind(call: Call, convention: Convention) -> None:
    """Have the convention with both its signatures made."""
    sent = document.latest(call.session, convention.dossier_id, document.CONVENTION)
    signatures = convention_signature.of_dossier(call.session, convention.dossier_id)
    document.ask(
        call,
        document.SIGNED_CONVENTION,
        {
            **(_as_text(call, convention) if sent is None else sent.facts),
            "signatures": [
                convention_signature.as_facts(call, each, convention.mandate_id)
                for each in signatures
            ],
        },
    )


def _as_text(call: Call, convention: Convention) -> dict[str, Any]:
    """A convention that was sent before its documents were made: its text is all there is."""
    title, *paragraphs = convention.text.strip().split("\n\n")
    facts = document_facts.of(dossiers.of(call), call.campaign)
    return {**_written(facts, [Article(title, tuple(paragraphs))], convention), "parties": ""}


def _written(
    facts: Mapping[str, Any], articles: Sequence[Article], convention: Convention
) -> dict[str, Any]:
    return {
        **facts,
        "parties": convention_text.parties(facts),
        "articles": [[article.title, list(article.paragraphs)] for article in articles],
        "sent_at": convention.sent_at,
        "text_sha256": convention.sha256,
    }
