"""What pages show of documents: those of a dossier, and where a convention's signatures stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from web.access import is_agency
from web.document_words import titled
from workflow.documents.export import AUDITORS
from workflow.documents.reading_copy import has_copy
from workflow.domain import convention_signature, document
from workflow.domain.convention_signature import ConventionSignature
from workflow.domain.document import Document
from workflow.domain.person import Actor
from workflow.outbox import OutboxMessage

MOST_INCIDENTS = 200


@dataclass(frozen=True)
class DocumentRow:
    """One document in a list: its name, and why it is not there when it failed."""

    document: Document
    title: str
    failure: str | None

    @property
    def has_english_copy(self) -> bool:
        """Whether it may be read in English too."""
        return self.document.is_made and has_copy(self.document.kind)


def rows_of(session: Session, dossier_id: int, who: Actor) -> list[DocumentRow]:
    """A dossier's documents, as its page lists them."""
    found = document.of_dossier(session, dossier_id, who)
    failures = failures_of(session, found) if is_agency(who) else {}
    return [DocumentRow(each, titled(each), failures.get(each.code)) for each in found]


def failures_of(session: Session, documents: Sequence[Document]) -> dict[str, str]:
    """Why documents could not be made, by code: incidents of the outbox."""
    if all(each.is_made for each in documents):
        return {}
    rows = session.execute(
        select(OutboxMessage.payload, OutboxMessage.last_error)
        .where(OutboxMessage.incident.is_(True), OutboxMessage.kind == document.OUTBOX_KIND)
        .limit(MOST_INCIDENTS)
    )
    return {str(payload.get("code")): str(error or "") for payload, error in rows}


@dataclass(frozen=True)
class Signing:
    """What the page of a signature shows: the convention's PDF, and who has signed how."""

    sent: Document | None
    waiting: ConventionSignature | None
    signatures: Sequence[ConventionSignature]


def signing_of(session: Session, dossier_id: int) -> Signing:
    """Where the signatures of a dossier's convention stand."""
    return Signing(
        document.latest(session, dossier_id, document.CONVENTION),
        convention_signature.pending(session, dossier_id),
        convention_signature.of_dossier(session, dossier_id),
    )


def may_export(operator_id: int, who: Actor) -> bool:
    """Whether this person may download the whole dossier."""
    return who.operator_id == operator_id or bool(who.roles & AUDITORS)
