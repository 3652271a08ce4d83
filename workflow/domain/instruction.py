"""The instruction: one verdict for each applicable requirement (DSR 4.1.4, 4.4). [règles 29 40]"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant
from workflow.domain import dossier as dossiers
from workflow.domain import instruction_assignment, interest, requirement
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.errors import InvalidAnswer

VERDICTS = ("conform", "not_conform", "to_clarify", "not_applicable")
TO_CLARIFY = "to_clarify"
NOT_CONFORM = "not_conform"


class Verdict(Base):
    """What the instructor last concluded on one requirement of one dossier."""

    __tablename__ = "verdict"

    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    requirement_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    verdict: Mapped[str] = mapped_column(String(20))
    comment: Mapped[str] = mapped_column(Text)
    by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Instant)


def record_verdicts(call: Call, verdicts: Sequence[Mapping[str, Any]] | None) -> None:
    """Keep verdicts given as {requirement, verdict, comment}; a later one replaces an earlier.

    Raises InvalidAnswer on a requirement that does not apply (a recommendation is never
    judged), on an unknown verdict, and on one given twice; Barred on a declared interest.
    """
    interest.require_impartial(call)
    instruction_assignment.note_instruction(call)
    given = [row for row in verdicts or () if row.get("requirement")]
    dossier = dossiers.of(call)
    known = {found.code for found in requirement.applicable(call.session, dossier)}
    _refuse(_faults(given, known))
    stored = {verdict.requirement_code: verdict for verdict in of_dossier(call.session, dossier.id)}
    for row in given:
        code = str(row["requirement"])
        verdict = stored.get(code)
        if verdict is None:
            verdict = Verdict(dossier_id=dossier.id, requirement_code=code)
            call.session.add(verdict)
        verdict.verdict = str(row["verdict"])
        verdict.comment = str(row.get("comment") or "").strip()
        verdict.by = call.actor.person_id
        verdict.at = call.effective_at
    if given:
        call.record(
            AuditKind.VERDICT_RECORDED,
            {"verdicts": {str(row["requirement"]): str(row["verdict"]) for row in given}},
        )


def conclude(call: Call) -> None:
    """End the instruction; InvalidAnswer unless each applicable requirement has its verdict."""
    dossier = dossiers.of(call)
    settled = {
        verdict.requirement_code
        for verdict in of_dossier(call.session, dossier.id)
        if verdict.verdict != TO_CLARIFY
    }
    open_codes = [
        found.code
        for found in requirement.applicable(call.session, dossier)
        if found.code not in settled
    ]
    if open_codes:
        _refuse([f"Il manque un verdict définitif pour\u00a0: {', '.join(open_codes)}."])
    dossier.instructed_at = call.effective_at
    call.record(AuditKind.INSTRUCTION_COMPLETED, {"requirements": len(settled)})


def of_dossier(session: Session, dossier_id: int) -> Sequence[Verdict]:
    """A dossier's verdicts by requirement."""
    return session.scalars(
        select(Verdict)
        .where(Verdict.dossier_id == dossier_id)
        .order_by(Verdict.requirement_code)
        .limit(requirement.CATALOGUE_LIMIT)
    ).all()


def non_conformities(session: Session, dossier_ids: Sequence[int]) -> dict[int, list[str]]:
    """The requirements judged not conform, by dossier; dossiers without any are left out."""
    rows = session.execute(
        select(Verdict.dossier_id, Verdict.requirement_code)
        .where(Verdict.dossier_id.in_(dossier_ids), Verdict.verdict == NOT_CONFORM)
        .order_by(Verdict.dossier_id, Verdict.requirement_code)
    )
    found: dict[int, list[str]] = {}
    for dossier_id, code in rows:
        found.setdefault(dossier_id, []).append(code)
    return found


def _faults(given: Sequence[Mapping[str, Any]], known: set[str]) -> list[str]:
    codes = [str(row["requirement"]) for row in given]
    faults = [
        f"L’exigence {code} ne s’applique pas à ce dossier, ou n’est qu’une préconisation."
        for code in codes
        if code not in known
    ]
    faults += [
        f"L’exigence {code} a plusieurs verdicts."
        for code in sorted(set(codes))
        if codes.count(code) > 1
    ]
    faults += [
        f"Le verdict de l’exigence {row['requirement']} n’est pas reconnu."
        for row in given
        if row.get("verdict") not in VERDICTS
    ]
    return faults


def _refuse(faults: list[str]) -> None:
    if faults:
        raise InvalidAnswer(
            f"Expected one settled verdict for each applicable requirement but {len(faults)} points"
            " stand against it. Correct the verdicts.",
            {"verdicts": faults},
        )
