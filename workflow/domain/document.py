"""Documents that Jalon issues: their facts, frozen by the act that asks for them (DSR 4.2, 4.5).

The act writes a row without content and puts it into the outbox; the PDF is made after the
commit (`workflow.documents`), from the frozen facts alone, so that one made late still says what
was true at its instant. Documents are French, the language of the procedure's law.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow import outbox
from workflow.db import Base, Instant, Json
from workflow.domain import dossier as dossiers
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.campaign_parameters import FRENCH, in_language
from workflow.domain.person import Actor
from workflow.errors import InvalidAnswer, NotFound
from workflow.hash_chain import canonical

OUTBOX_KIND = "document"
DEPOSIT_RECEIPT = "deposit_receipt"
PROOF_RECEIPT = "proof_receipt"
CONVENTION = "convention"
SIGNATURE_EVIDENCE = "signature_evidence"
SIGNED_CONVENTION = "signed_convention"
TECHNICAL_REPORT = "technical_report"
ATTESTATION = "attestation"
MINUTES = "minutes"
PREFIXES = {
    DEPOSIT_RECEIPT: "ARD",
    PROOF_RECEIPT: "ARP",
    CONVENTION: "CONV",
    SIGNATURE_EVIDENCE: "SIG",
    SIGNED_CONVENTION: "CONVS",
    TECHNICAL_REPORT: "RCT",
    ATTESTATION: "ATT",
    MINUTES: "PV",
}
"""Kind of document → how its number begins."""
REPORT_READERS = frozenset(
    {"instructor", "college_member", "college_president", "process_owner", "auditor"}
)
"""The Agency's roles that may read a technical report: its verdicts are confidential (DSR 4.7)."""
MOST_DOCUMENTS = 500
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without I, L, O and U, which are misread."""
CODE_GROUPS, CODE_GROUP = 4, 4


class InvalidDocument(InvalidAnswer):
    """A file that is not the document it is given for; `faults` say why, in French."""

    code = "invalid_document"


class Document(Base):
    """One document: what it says, and once made, which bytes were issued.

    `subject` is what it is about (`dossier:12`, `session:3`); `code` is printed on it, so that
    whoever holds it can check it, and cannot be guessed. `sha256` to `sealed_by` are empty until
    the PDF is made.
    """

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("subject", "kind", "version"),
        UniqueConstraint("code"),
        Index(None, "dossier_id", "id"),
        Index(None, "session_id", "id"),
        Index(None, "sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    number: Mapped[str] = mapped_column(String(80))
    code: Mapped[str] = mapped_column(String(24))
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("college_session.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    facts_sha256: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    issued_at: Mapped[datetime | None] = mapped_column(Instant)
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None]
    content_key: Mapped[str | None] = mapped_column(String(64))
    sealed_by: Mapped[str | None] = mapped_column(String(300))

    @property
    def is_made(self) -> bool:
        """Whether its PDF is there."""
        return self.content_key is not None

    @property
    def file_name(self) -> str:
        """The name under which it is saved."""
        return f"{self.number}.pdf"


def ask(
    call: Call,
    kind: str,
    facts: Mapping[str, Any],
    *,
    version: int = 1,
    session_id: int | None = None,
    number: str | None = None,
) -> Document:
    """Freeze the facts of a document and have its PDF made after the commit.

    It is of the call's dossier, unless it is of a session of the college. `number` replaces
    the usual one: the kind's prefix, the dossier's number, and the version after the first.
    """
    funding = in_language(call.campaign.funding, FRENCH)
    frozen = orjson.loads(canonical({**facts, **({"funding": funding} if funding else {})}))
    asked = Document(
        subject=f"session:{session_id}" if session_id else f"dossier:{call.dossier_id}",
        kind=kind,
        version=version,
        number=number or _number(call, kind, version),
        code=_new_code(),
        dossier_id=None if session_id else call.dossier_id,
        session_id=session_id,
        facts=frozen,
        facts_sha256=hashlib.sha256(canonical(frozen)).hexdigest(),
        asked_at=call.effective_at,
    )
    call.session.add(asked)
    outbox.put(call.session, OUTBOX_KIND, {"code": asked.code}, call.recorded_at)
    call.record(
        AuditKind.DOCUMENT_REQUESTED,
        {"kind": kind, "number": asked.number, "facts_sha256": asked.facts_sha256},
    )
    return asked


def of_dossier(session: Session, dossier_id: int, actor: Actor) -> Sequence[Document]:
    """The documents of a dossier that this actor may read, oldest first; NotFound to strangers."""
    dossier = dossiers.visible_to(session, dossier_id, actor)
    rows = session.scalars(
        select(Document)
        .where(Document.dossier_id == dossier_id)
        .order_by(Document.id)
        .limit(MOST_DOCUMENTS)
    )
    return [row for row in rows if _may_read(row, dossier.operator_id, actor)]


def of_session(session: Session, session_id: int) -> Document | None:
    """The minutes of a session of the college."""
    return session.scalars(
        select(Document)
        .where(Document.session_id == session_id, Document.kind == MINUTES)
        .order_by(Document.id.desc())
        .limit(1)
    ).first()


def find_readable(session: Session, document_id: int, actor: Actor) -> Document:
    """A made document that this actor may read, else NotFound."""
    found = session.get(Document, document_id)
    if found is not None and found.is_made:
        owner = None
        if found.dossier_id is not None:
            owner = dossiers.visible_to(session, found.dossier_id, actor).operator_id
        if _may_read(found, owner, actor):
            return found
    raise NotFound(f"Expected document {document_id} but there is none. Check the number.")


def latest(session: Session, dossier_id: int, kind: str) -> Document | None:
    """The last version of a dossier's document of one kind, made or not."""
    return session.scalars(
        select(Document)
        .where(Document.dossier_id == dossier_id, Document.kind == kind)
        .order_by(Document.version.desc())
        .limit(1)
    ).first()


def by_code(session: Session, code: str) -> Document | None:
    """The document that bears a code, however it was typed; None before it is made."""
    found = session.scalars(select(Document).where(Document.code == normalised(code))).first()
    return found if found is not None and found.is_made else None


def by_sha256(session: Session, sha256: str) -> Document | None:
    """The document whose bytes have this hash."""
    return session.scalars(select(Document).where(Document.sha256 == sha256).limit(1)).first()


def is_code(text: str) -> bool:
    """Whether a text has the form of a document's code."""
    groups = normalised(text).split("-")
    return len(groups) == CODE_GROUPS and all(
        len(group) == CODE_GROUP and set(group) <= set(ALPHABET) for group in groups
    )


def normalised(code: str) -> str:
    """A code as printed: people type spaces and small letters."""
    return "".join(code.split()).upper()


def _may_read(document: Document, operator_id: int | None, actor: Actor) -> bool:
    if operator_id is not None and actor.operator_id == operator_id:
        return True
    if document.kind == TECHNICAL_REPORT:
        return bool(actor.roles & REPORT_READERS)
    return actor.is_agency


def _number(call: Call, kind: str, version: int) -> str:
    stem = f"{PREFIXES[kind]}-{dossiers.of(call).number}"
    return stem if version == 1 else f"{stem}-{version}"


def _new_code() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _ in range(CODE_GROUPS * CODE_GROUP))
    return "-".join(letters[at : at + CODE_GROUP] for at in range(0, len(letters), CODE_GROUP))
