"""Proofs: attached one by one, submitted once, when all are there (DSR 4.3). [règles 55 56 58]"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.domain import dossier as dossiers
from workflow.domain import file_name as file_names
from workflow.domain import proof_opening, receipt, ssi, stored_content
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.dossier import Dossier
from workflow.domain.file_store import StoredFile
from workflow.domain.file_type import empty
from workflow.domain.notification import notify
from workflow.domain.notification_texts import delay_named
from workflow.domain.person import Actor
from workflow.domain.proof_limits import limits_of
from workflow.domain.requirement import ExpectedProof, expected_proof, expected_proofs
from workflow.domain.ssi import SsiAnswers, answer_ssi
from workflow.domain.stored_content import INFECTED, NOT_SCANNED, StoredContent
from workflow.errors import Conflict, InvalidAnswer, NotFound

__all__ = [
    "Completeness",
    "ExpectedProof",
    "Proof",
    "SsiAnswers",
    "answer_ssi",
    "attach",
    "completeness",
    "find_readable",
    "notify_complete",
    "of_dossier",
    "open_file",
    "remind",
    "remove",
    "submit",
]

READERS = frozenset(
    {"instructor", "college_member", "college_president", "process_owner", "auditor"}
)
"""The Agency's roles that may read proofs: they are confidential (DSR 4.7)."""
MOST_PROOFS = 2_000
DECLARATIONS = ("third_party_disclaimer", "fictitious_data", "no_security_risk")


class Proof(Base):
    """A file for one expected proof; several may answer the same."""

    __tablename__ = "proof"
    __table_args__ = (Index(None, "dossier_id", "requirement_code", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    requirement_code: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    file_name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content_key: Mapped[str] = mapped_column(String(64))
    uploaded_at: Mapped[datetime] = mapped_column(Instant)
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    solicitation_id: Mapped[int | None] = mapped_column(ForeignKey("solicitation.id"))
    """The solicitation in whose answer it was added; none in the deposit itself."""
    handed_in_at: Mapped[datetime | None] = mapped_column(Instant)
    """When it was submitted with its version: the Agency sees nothing before."""


@dataclass(frozen=True, slots=True)
class Completeness:
    """How many proofs are expected and provided, which are missing, and the questionnaire."""

    expected: int
    provided: int
    missing: tuple[ExpectedProof, ...]
    ssi_done: bool

    @property
    def is_complete(self) -> bool:
        """Whether the proof file may be submitted."""
        return not self.missing and self.ssi_done


def open_file(call: Call) -> None:
    """Let the operator attach proofs from now on."""
    dossiers.of(call).proof_file_opened_at = call.effective_at
    call.record(AuditKind.PROOF_FILE_OPENED, {})


def attach(
    call: Call,
    *,
    requirement_code: str,
    position: int,
    file_name: str,
    media_type: str,
    stored: StoredFile,
) -> Proof:
    """Keep a file that was stored before the transaction as a proof of the call's dossier.

    Raises Conflict when the proof file is not open, InvalidAnswer when no such proof is
    expected or the file is empty.
    """
    dossier = dossiers.of(call)
    answered = proof_opening.require_open(call.session, dossier, call.actor)
    expected = expected_proof(call.session, dossier, requirement_code, position)
    if stored.size == 0:
        raise empty()
    limits_of(call.campaign.parameters).require_size(
        expected.kind, stored.size, size_of(call.session, dossier.id)
    )
    proof = Proof(
        dossier_id=dossier.id,
        requirement_code=expected.requirement_code,
        position=expected.position,
        kind=expected.kind,
        file_name=file_names.plain(file_name),
        media_type=file_names.plain_media_type(media_type),
        size=stored.size,
        sha256=stored.sha256,
        content_key=stored.key,
        uploaded_at=call.effective_at,
        uploaded_by=call.actor.person_id,
        solicitation_id=None if answered is None else answered.id,
    )
    call.session.add(proof)
    call.session.flush()  # The caller shows the proof by its id.
    call.record(
        AuditKind.PROOF_ATTACHED,
        {
            "requirement": proof.requirement_code,
            "position": proof.position,
            "file_name": proof.file_name,
            "size": proof.size,
            "sha256": proof.sha256,
        },
    )
    return proof


def remove(call: Call, proof_id: int) -> None:
    """Take a proof away, as `require_removable` lets one; its content stays in the store."""
    dossier = dossiers.of(call)
    proof = require_removable(call.session, dossier, call.actor, proof_id)
    call.session.delete(proof)
    call.record(
        AuditKind.PROOF_REMOVED,
        {"requirement": proof.requirement_code, "sha256": proof.sha256},
    )


def require_removable(session: Session, dossier: Dossier, actor: Actor, proof_id: int) -> Proof:
    """A proof that may be taken away: not handed in yet, or infected and files may be added.

    Raises NotFound, Conflict, NotAllowed.
    """
    proof_opening.require_open(session, dossier, actor)
    proof = session.get(Proof, proof_id)
    if proof is None or proof.dossier_id != dossier.id:
        raise NotFound(f"Expected proof {proof_id} of this dossier but there is none. Check it.")
    if not may_remove(session, proof):
        raise Conflict("Expected a file that is not handed in but it is. Add another beside it.")
    return proof


def may_remove(session: Session, proof: Proof) -> bool:
    """Whether a proof may be taken away while files may be added."""
    return proof.handed_in_at is None or bool(stored_content.infected(session, [proof.content_key]))


def completeness(session: Session, dossier: Dossier) -> Completeness:
    """What the proof file of a dossier still lacks; an infected file proves nothing."""
    expected = expected_proofs(session, dossier)
    provided = set(
        session.execute(
            select(Proof.requirement_code, Proof.position)
            .outerjoin(StoredContent, StoredContent.sha256 == Proof.content_key)
            .where(
                Proof.dossier_id == dossier.id,
                func.coalesce(StoredContent.scan_state, NOT_SCANNED) != INFECTED,
            )
            .distinct()
            .limit(MOST_PROOFS)
        )
    )
    missing = tuple(
        proof for proof in expected if (proof.requirement_code, proof.position) not in provided
    )
    return Completeness(
        len(expected), len(expected) - len(missing), missing, ssi.is_done(session, dossier.id)
    )


def submit(call: Call) -> None:
    """Receive the complete proof file, once: its instant orders the queue (DOMAIN A11, A12).

    Raises InvalidAnswer while something is missing, Conflict when it was received before.
    """
    dossier = dossiers.of(call)
    _require_not_submitted(dossier)
    state = completeness(call.session, dossier)
    if not state.is_complete:
        raise InvalidAnswer(
            f"Expected a complete proof file but {len(state.missing)} proofs are missing and the"
            f" SSI questionnaire is {'filled' if state.ssi_done else 'not filled'}."
            " Complete it first.",
            _lacks(state),
        )
    dossier.complete_received_at = call.effective_at
    declared = [name for name in DECLARATIONS if call.answer.get(name) is True]
    call.record(
        AuditKind.PROOF_FILE_SUBMITTED, {"proofs": state.expected, "declarations": declared}
    )
    notify(call, "instructor", "proof_file_submitted")


def notify_complete(call: Call) -> None:
    """Acknowledge the complete proof file: the indicative six weeks run from here (DSR 4.4)."""
    dossier = dossiers.of(call)
    dossier.complete_notified_at = call.effective_at
    call.record(AuditKind.PROOF_FILE_ACKNOWLEDGED, {})
    notify(
        call,
        "operator",
        "proof_file_complete",
        at=dossier.complete_received_at,
        delay=delay_named(call.campaign, "instruction"),
    )
    receipt.of_proof_file(call, dossier, of_dossier(call.session, dossier.id))


def remind(call: Call) -> None:
    """Remind of the provisional date that the operator gave; it binds nobody (DSR 4.2)."""
    planned = dossiers.of(call).planned_proof_on
    call.record(AuditKind.PROOF_FILE_REMINDED, {"planned_proof_on": planned})
    notify(call, "operator", "proof_reminder", planned=planned)


def of_dossier(session: Session, dossier_id: int) -> Sequence[Proof]:
    """A dossier's proofs by requirement."""
    return session.scalars(
        select(Proof)
        .where(Proof.dossier_id == dossier_id)
        .order_by(Proof.requirement_code, Proof.position, Proof.id)
        .limit(MOST_PROOFS)
    ).all()


def shown_to(session: Session, dossier: Dossier, actor: Actor) -> list[Proof]:
    """A dossier's proofs that this actor sees: all of its own, of others those handed in."""
    is_own = actor.operator_id == dossier.operator_id
    found = of_dossier(session, dossier.id)
    return [proof for proof in found if is_own or proof.handed_in_at is not None]


def size_of(session: Session, dossier_id: int) -> int:
    """How many bytes the files of a dossier have together."""
    query = select(func.coalesce(func.sum(Proof.size), 0)).where(Proof.dossier_id == dossier_id)
    return int(session.scalar(query) or 0)


def find_readable(session: Session, proof_id: int, actor: Actor) -> Proof:
    """A proof this actor may read, else NotFound; the Agency once handed in. [règles 76 77]"""
    proof = session.get(Proof, proof_id)
    if proof is not None:
        dossier = dossiers.visible_to(session, proof.dossier_id, actor)
        is_handed_in = proof.handed_in_at is not None
        if actor.operator_id == dossier.operator_id or (actor.roles & READERS and is_handed_in):
            return proof
    raise NotFound(f"Expected proof {proof_id} but there is none. Check the number.")


def _require_not_submitted(dossier: Dossier) -> None:
    if dossier.complete_received_at is not None:
        raise Conflict(
            f"Expected a proof file to submit but dossier {dossier.number} has submitted its own."
            " Additions are made in answer to a solicitation."
        )


def _lacks(state: Completeness) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    if state.missing:
        shown = ", ".join(
            f"{proof.requirement_code} nº\u00a0{proof.position}" for proof in state.missing
        )
        faults["proofs"] = [f"Il manque {len(state.missing)} preuve(s)\u00a0: {shown}."]
    if not state.ssi_done:
        faults["ssi"] = ["Le questionnaire de maturité SSI n’est pas rempli."]
    return faults
