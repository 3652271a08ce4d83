"""The two signatures of a convention, and what proves each (DSR 4.10). [règle 83]

A party signs in the tool (who, when, the hash of what was signed), or with a certificate of its
own: the operator uploads the convention's PDF with a PAdES signature before it completes the
task. The address of the signatory's machine is not kept: it proves nothing of an identity.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant, Json
from workflow.domain import document, mandate
from workflow.domain import dossier as dossiers
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.document import InvalidDocument
from workflow.domain.dossier import Dossier
from workflow.domain.file_store import StoredFile
from workflow.domain.mandate import Mandate
from workflow.domain.person import Actor, Person
from workflow.errors import Conflict

OPERATOR, AGENCY = PARTIES = ("operator", "agency")
IN_TOOL, PADES = METHODS = ("in_tool", "pades")
VERSIONS = {OPERATOR: 1, AGENCY: 2}
"""Party → the version of the dossier's signature evidence that is its own."""
LEGAL_REPRESENTATIVE = "représentant légal"
MANDATED = "mandataire du représentant légal"
SIGNATORY = "signataire, au nom de l’Agence du numérique en santé"


class WrongSigner(InvalidDocument):
    """A signature that is sound, by a person who may not sign this convention."""

    code = "wrong_signer"


@dataclass(frozen=True, slots=True)
class Certificate:
    """Whose certificate signed, as it says itself; `sha256` is of the certificate."""

    name: str
    subject: str
    issuer: str
    serial: str
    sha256: str


class ConventionSignature(Base):
    """One signature; a signed copy that waits for the task to be completed has no `signed_at`."""

    __tablename__ = "convention_signature"
    __table_args__ = (Index("ix_convention_signature_order", "dossier_id", "party", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    party: Mapped[str] = mapped_column(String(20))
    method: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(300))
    quality: Mapped[str] = mapped_column(String(200))
    text_sha256: Mapped[str] = mapped_column(String(64))
    pdf_sha256: Mapped[str | None] = mapped_column(String(64))
    uploaded_at: Mapped[datetime | None] = mapped_column(Instant)
    signed_at: Mapped[datetime | None] = mapped_column(Instant)
    certificate: Mapped[dict[str, str] | None] = mapped_column(Json)
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None]
    content_key: Mapped[str | None] = mapped_column(String(64))


def keep_copy(
    call: Call, text_sha256: str, certificate: Certificate, stored: StoredFile
) -> ConventionSignature:
    """Keep a copy that was signed with a certificate, until the task is completed.

    It replaces an earlier one. Raises WrongSigner unless the certificate names the legal
    representative or who holds a mandate, NotAllowed to anyone else than these.
    """
    dossier = dossiers.of(call)
    dossiers.require_party(call.session, dossier.id, "legal_representative", call.actor)
    quality = require_signer(call.session, dossier.id, call.actor, certificate.name)
    original = document.latest(call.session, dossier.id, document.CONVENTION)
    kept = ConventionSignature(
        dossier_id=dossier.id,
        party=OPERATOR,
        method=PADES,
        person_id=call.actor.person_id,
        name=certificate.name,
        quality=quality,
        text_sha256=text_sha256,
        pdf_sha256=None if original is None else original.sha256,
        uploaded_at=call.effective_at,
        certificate=asdict(certificate),
        sha256=stored.sha256,
        size=stored.size,
        content_key=stored.key,
    )
    drop_copies(call)
    call.session.add(kept)
    call.record(
        AuditKind.CONVENTION_SIGNED_COPY_ATTACHED,
        {"sha256": stored.sha256, "certificate": certificate.subject},
    )
    return kept


def require_signer(session: Session, dossier_id: int, actor: Actor, name: str) -> str:
    """In what quality the person of that name signs for the operator; raises WrongSigner."""
    dossier = dossiers.get(session, dossier_id)
    quality = may_sign(dossier, actor, name)
    if quality is None:
        raise WrongSigner(
            f"Expected a certificate of {dossier.legal_representative_name} but found {name!r}."
            " Have the legal representative sign, or a mandated person.",
            {
                "file": [
                    f"Le certificat est celui de {name}, et non de"
                    f" {dossier.legal_representative_name}. Faites signer le représentant légal,"
                    " ou une personne qui en a le mandat."
                ]
            },
        )
    return quality


def drop_copies(call: Call) -> bool:
    """Forget the signed copy that waits, if there is one; its file stays in the store."""
    waiting = pending(call.session, dossiers.of(call).id)
    if waiting is None:
        return False
    call.session.delete(waiting)
    call.record(AuditKind.CONVENTION_SIGNED_COPY_REMOVED, {"sha256": waiting.sha256})
    return True


def take(call: Call, party: str, text_sha256: str) -> ConventionSignature:
    """Keep a party's signature: its uploaded copy when there is one, else what it did here."""
    dossier = dossiers.of(call)
    taken = pending(call.session, dossier.id) if party == OPERATOR else None
    if taken is None:
        original = document.latest(call.session, dossier.id, document.CONVENTION)
        taken = ConventionSignature(
            dossier_id=dossier.id,
            party=party,
            method=IN_TOOL,
            person_id=call.actor.person_id,
            name=call.actor.name,
            quality=_quality(call, party),
            text_sha256=text_sha256,
            pdf_sha256=None if original is None else original.sha256,
        )
        call.session.add(taken)
    taken.signed_at = call.effective_at
    return taken


def as_facts(call: Call, signature: ConventionSignature, mandate_id: int | None) -> dict[str, Any]:
    """What the evidence says of a signature; the mandate is that of the operator's signatory."""
    mandate = None
    if signature.party == OPERATOR and mandate_id is not None:
        mandate = call.session.get_one(Mandate, mandate_id).number
    person = call.session.get(Person, signature.person_id) if signature.person_id else None
    return {
        "party": signature.party,
        "method": signature.method,
        "name": signature.name,
        "quality": signature.quality,
        "mandate": mandate,
        "account": None if person is None else {"name": person.name, "email": person.email},
        "signed_at": signature.signed_at,
        "uploaded_at": signature.uploaded_at,
        "text_sha256": signature.text_sha256,
        "pdf_sha256": signature.pdf_sha256,
        "certificate": signature.certificate,
        "signed_copy_sha256": signature.sha256,
    }


def may_sign(dossier: Dossier, actor: Actor, name: str) -> str | None:
    """In what quality the person of that name may sign for the operator; None when it may not."""
    if same_person(name, dossier.legal_representative_name):
        return LEGAL_REPRESENTATIVE
    if actor.mandate_id is not None and same_person(name, actor.name):
        return MANDATED
    return None


def same_person(one: str, other: str) -> bool:
    """Whether two names are the same words, whatever their order, capitals and accents."""
    return bool(one.strip()) and _words(one) == _words(other)


def pending(session: Session, dossier_id: int) -> ConventionSignature | None:
    """The signed copy that waits for the operator to complete the task."""
    return session.scalars(
        select(ConventionSignature)
        .where(
            ConventionSignature.dossier_id == dossier_id,
            ConventionSignature.signed_at.is_(None),
        )
        .order_by(ConventionSignature.id.desc())
        .limit(1)
    ).first()


def of_dossier(session: Session, dossier_id: int) -> Sequence[ConventionSignature]:
    """A convention's signatures, the operator's first."""
    return session.scalars(
        select(ConventionSignature)
        .where(
            ConventionSignature.dossier_id == dossier_id,
            ConventionSignature.signed_at.is_not(None),
        )
        .order_by(ConventionSignature.id)
        .limit(len(PARTIES))
    ).all()


def require_unsigned(signed_at: datetime | None) -> None:
    """Refuse a second signature of the operator; raises Conflict."""
    if signed_at is not None:
        raise Conflict("Expected an unsigned convention but it is signed. Nothing is left to sign.")


def _quality(call: Call, party: str) -> str:
    if party == AGENCY:
        return SIGNATORY
    held = mandate.signing(call.session, call.actor, call.effective_at)
    return LEGAL_REPRESENTATIVE if held is None else f"{MANDATED}, mandat {held.number}"


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(
        letter if letter.isalnum() else " " for letter in plain if not unicodedata.combining(letter)
    )
    return sorted(letters.split())
