"""Corrections of a clerical error after the deposit, with the operator's agreement. [règle 41]

The admissibility officer proposes, the operator agrees or declines; only an agreement changes
the fact. What makes the dossier the one it is, is never corrected so: neither its profiles
[règle 50], nor the DSR, nor the SIRET, which names the applicant. Documents that were issued stay
as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from workflow.db import Base, Instant
from workflow.domain import dossier as dossiers
from workflow.domain import dossier_word
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.correctable import CORRECTABLE, in_words, text_of, value_of
from workflow.domain.dossier import Dossier
from workflow.domain.notification import notify
from workflow.domain.notification import reason as motive_of
from workflow.domain.person import Person
from workflow.domain.standing import require_reason
from workflow.errors import Conflict, InvalidAnswer, NotFound

PROCESS = "clerical_correction"
PROPOSE, WITHDRAW = "propose_correction", "withdraw_correction"
PROPOSERS = frozenset({"admissibility_officer"})
AGREED, DECLINED, WITHDRAWN, LAPSED = "agreed", "declined", "withdrawn", "lapsed"
MOST_CORRECTIONS = 100


class Correction(Base):
    """One proposal, carried by its own instance; values as text, as `text_of` writes them."""

    __tablename__ = "correction"
    __table_args__ = (Index(None, "dossier_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[int] = mapped_column(unique=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    fact: Mapped[str] = mapped_column(String(40))
    old_value: Mapped[str] = mapped_column(Text)
    new_value: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    outcome: Mapped[str | None] = mapped_column(String(20))
    """agreed, declined, withdrawn, lapsed; None while the operator has not answered."""
    concluded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    concluded_at: Mapped[datetime | None] = mapped_column(Instant)
    answer_reason: Mapped[str | None] = mapped_column(Text)


def propose(call: Call, fact: str, new_value: Any, reason: str) -> Correction:
    """Propose a correction of the call's dossier to its operator.

    Raises InvalidAnswer on a fact that is not corrected so, on a value that is missing, too long
    or the same; Conflict while the same fact has a proposal that is not answered.
    """
    dossier = dossiers.of(call)
    correctable = CORRECTABLE.get(fact)
    if correctable is None:
        raise _invalid("fact", "Ce renseignement ne se corrige pas ainsi.")
    old, new = text_of(getattr(dossier, fact)), text_of(new_value)
    if not new:
        raise _invalid(correctable.key, "La valeur corrigée manque. Indiquez-la.")
    if len(new) > correctable.longest:
        most = f"{correctable.longest} caractères au plus sont admis. Raccourcissez."
        raise _invalid(correctable.key, most)
    if new == old:
        raise _invalid(correctable.key, "C’est la valeur actuelle. Indiquez celle qui la corrige.")
    _require_no_other(call, dossier, fact)
    proposed = Correction(
        instance_id=call.instance_id,
        dossier_id=dossier.id,
        fact=fact,
        old_value=old,
        new_value=new,
        reason=require_reason(reason),
        proposed_by=call.actor.person_id,
        proposed_at=call.effective_at,
    )
    call.session.add(proposed)
    call.session.flush()  # The history names it by its id.
    call.record(AuditKind.CORRECTION_PROPOSED, _facts(proposed) | {"reason": proposed.reason})
    _notify(call, proposed, "operator", "correction_proposed", motive=proposed.reason)
    return proposed


def agree(call: Call) -> None:
    """Change the fact, as the operator agrees.

    Raises Conflict when the fact is not any more what the proposal says it was.
    """
    proposed = _of(call)
    dossier = dossiers.of(call)
    current = text_of(getattr(dossier, proposed.fact))
    if current != proposed.old_value:
        raise Conflict(
            f"Expected {proposed.fact} to be {proposed.old_value!r} but it is {current!r} by now."
            " Decline this proposal, and have the fact looked at again."
        )
    setattr(dossier, proposed.fact, value_of(proposed.fact, proposed.new_value))
    dossier_word.learn_again(call.session, dossier)
    _conclude(call, proposed, AGREED)
    proposer = call.session.get(Person, proposed.proposed_by) if proposed.proposed_by else None
    call.record(
        AuditKind.DOSSIER_CORRECTED,
        _facts(proposed)
        | {
            "reason": proposed.reason,
            "proposed_by": proposer.name if proposer else None,
            "proposed_at": proposed.proposed_at,
            "agreed_by": call.actor.name,
        },
    )
    _notify(call, proposed, "admissibility_officer", "correction_agreed")


def decline(call: Call, reason: str | None) -> None:
    """Keep that the operator declines, and why; the fact stays."""
    proposed = _of(call)
    proposed.answer_reason = require_reason(reason)
    _conclude(call, proposed, DECLINED)
    call.record(AuditKind.CORRECTION_DECLINED, _facts(proposed) | {"reason": reason})
    motive = proposed.answer_reason
    _notify(call, proposed, "admissibility_officer", "correction_declined", motive=motive)


def withdraw(call: Call, reason: str | None) -> None:
    """Keep that the officer takes the proposal back, and why."""
    proposed = _of(call)
    proposed.answer_reason = require_reason(reason)
    _conclude(call, proposed, WITHDRAWN)
    call.record(AuditKind.CORRECTION_WITHDRAWN, _facts(proposed) | {"reason": reason})
    motive = proposed.answer_reason
    _notify(call, proposed, "operator", "correction_withdrawn", motive=motive)


def lapse(call: Call) -> None:
    """Keep that the dossier ended before the operator answered."""
    proposed = _of(call)
    _conclude(call, proposed, LAPSED)
    call.record(AuditKind.CORRECTION_LAPSED, _facts(proposed))


@dataclass(frozen=True, slots=True)
class Told:
    """A correction with the names of those who proposed and concluded it."""

    correction: Correction
    proposed_by: str
    concluded_by: str


def of_dossier(session: Session, dossier_id: int, *, before: int | None = None) -> list[Told]:
    """The corrections proposed on a dossier, newest first."""
    proposer, concluder = aliased(Person), aliased(Person)
    query = (
        select(Correction, proposer.name, concluder.name)
        .outerjoin(proposer, proposer.id == Correction.proposed_by)
        .outerjoin(concluder, concluder.id == Correction.concluded_by)
        .where(Correction.dossier_id == dossier_id)
    )
    if before is not None:
        query = query.where(Correction.id < before)
    rows = session.execute(query.order_by(Correction.id.desc()).limit(MOST_CORRECTIONS))
    return [Told(found, by or "", concluded or "") for found, by, concluded in rows]


def find(session: Session, dossier_id: int, correction_id: int) -> Correction:
    """One correction of a dossier; raises NotFound."""
    found = session.get(Correction, correction_id)
    if found is None or found.dossier_id != dossier_id:
        raise NotFound(
            f"Expected a correction {correction_id} of this dossier but there is none. Check it."
        )
    return found


def of_instance(session: Session, instance_id: int) -> Correction | None:
    """The correction that an instance carries."""
    return session.scalars(select(Correction).where(Correction.instance_id == instance_id)).first()


def one_of_instance(session: Session, instance_id: int) -> Told:
    """The correction that an instance carries, with its names; raises NotFound."""
    found = of_instance(session, instance_id)
    if found is None:
        raise NotFound("Expected a correction but there is none. Check the address.")
    return next(t for t in of_dossier(session, found.dossier_id, before=found.id + 1))


def _of(call: Call) -> Correction:
    found = of_instance(call.session, call.instance_id)
    if found is None:
        raise NotFound("Expected a proposal in this turn but there is none. Propose it first.")
    call.kept.add(found)
    return found


def _conclude(call: Call, proposed: Correction, outcome: str) -> None:
    proposed.outcome = outcome
    proposed.concluded_by, proposed.concluded_at = call.actor.person_id, call.effective_at


def _require_no_other(call: Call, dossier: Dossier, fact: str) -> None:
    other = call.session.scalar(
        select(Correction.id).where(
            Correction.dossier_id == dossier.id,
            Correction.fact == fact,
            Correction.outcome.is_(None),
        )
    )
    if other is not None:
        raise Conflict(
            f"Expected no open proposal on {fact} but correction {other} waits for its answer."
            " Withdraw that one first."
        )


def _facts(proposed: Correction) -> dict[str, Any]:
    return {
        "correction": proposed.id,
        "process": PROCESS,
        "fact": proposed.fact,
        "old": proposed.old_value,
        "new": proposed.new_value,
    }


def _notify(
    call: Call, proposed: Correction, role: str, kind: str, motive: str | None = None
) -> None:
    notify(
        call,
        role,
        kind,
        fact=CORRECTABLE[proposed.fact].label,
        old=in_words(proposed.fact, proposed.old_value),
        new=in_words(proposed.fact, proposed.new_value),
        reason=motive_of(motive),
    )


def _invalid(key: str, sentence: str) -> InvalidAnswer:
    return InvalidAnswer(
        f"Expected a correction that can be proposed but {key} does not fit. Correct it.",
        {key: [sentence]},
    )
