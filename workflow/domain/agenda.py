"""What a session of the college may decide on, and the decisions as they are typed in.

A dossier is ready once it is instructed and its convention is in force (DOMAIN P2, P4); a
recommendation is never a reservation, and a requirement that is not conform is never awarded.
[règles 6 67]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain import instruction, requirement, suspension
from workflow.domain.call import Call
from workflow.domain.convention import Convention
from workflow.domain.dossier import Dossier
from workflow.domain.reservation import NATURES
from workflow.errors import Conflict, InvalidAnswer

AWARD = "award"
NON_BLOCKING = "non_blocking"
BLOCKING = "blocking"
OUTCOMES = (AWARD, NON_BLOCKING, BLOCKING)
MOST_DOSSIERS = 1000


@dataclass(frozen=True, slots=True)
class WantedReservation:
    """A reservation as typed in."""

    requirement: str
    nature: str
    text: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as typed in, on a dossier that is ready for it.

    `recused` are those who take no part in it; `no_conflict` those who declared to have none.
    """

    dossier: Dossier
    outcome: str
    reasons: str
    reservations: tuple[WantedReservation, ...]
    recused: tuple[str, ...] = ()
    no_conflict: tuple[str, ...] = ()


def ready(session: Session, campaign_id: str) -> Sequence[Dossier]:
    """The dossiers of a campaign that the college may decide, in the order of instruction."""
    return session.scalars(
        select(Dossier)
        .join(Convention, Convention.dossier_id == Dossier.id)
        .where(
            Dossier.campaign_id == campaign_id,
            Dossier.instructed_at.is_not(None),
            Dossier.decided_at.is_(None),
            Dossier.ended_at.is_(None),
            Convention.countersigned_at.is_not(None),
            ~suspension.is_held(Dossier.id),
        )
        .order_by(Dossier.instructed_at, Dossier.id)
        .limit(MOST_DOSSIERS)
    ).all()


def read(call: Call, decisions: Sequence[Mapping[str, Any]] | None) -> list[Decision]:
    """The decisions of a form; InvalidAnswer with every fault, Conflict on a dossier not ready."""
    rows = _given(decisions)
    numbers = [_number(row) for row in rows]
    known = _dossiers(call.session, call.campaign.id, numbers)
    _refuse(_unusable(numbers, known))
    early = _not_ready(call.session, call.campaign.id, known)
    if early:
        raise Conflict(
            f"Expected dossiers that wait for the college but {', '.join(early)} do not."
            " Decide only dossiers that are instructed, undecided, and whose convention is signed."
        )
    taken = [_decision(known[number], row) for number, row in zip(numbers, rows, strict=True)]
    _refuse(_all_faults(call.session, taken))
    return taken


def foreseen(
    session: Session, campaign_id: str, decisions: Sequence[Mapping[str, Any]] | None
) -> tuple[list[Decision], list[str]]:
    """Decisions as typed so far, and every fault that would have `read` refuse them.

    Those without an outcome yet are no decision; none is given twice, in the order of their ids.
    """
    rows = [row for row in _given(decisions) if row.get("outcome") or row.get("reasons")]
    numbers = [_number(row) for row in rows]
    known = _dossiers(session, campaign_id, numbers)
    early = _not_ready(session, campaign_id, known)
    faults = _unusable(numbers, known)
    faults += [f"Dossier {number}\u00a0: il n’est plus à l’ordre du jour." for number in early]
    typed = dict(zip(numbers, rows, strict=True))
    taken = [
        _decision(found, typed[number])
        for number, found in sorted(known.items(), key=lambda each: each[1].id)
        if number not in early
    ]
    faults += _all_faults(session, taken)
    return [each for each in taken if each.outcome in OUTCOMES], faults


def _given(decisions: Sequence[Mapping[str, Any]] | None) -> list[Mapping[str, Any]]:
    return [row for row in decisions or () if row.get("dossier")]


def _number(row: Mapping[str, Any]) -> str:
    return str(row["dossier"]).strip()


def _dossiers(session: Session, campaign_id: str, numbers: Sequence[str]) -> dict[str, Dossier]:
    if not numbers:
        return {}
    found = session.scalars(
        select(Dossier)
        .where(Dossier.number.in_(numbers), Dossier.campaign_id == campaign_id)
        .order_by(Dossier.id)
        .limit(MOST_DOSSIERS)
    )
    return {dossier.number: dossier for dossier in found}


def _unusable(numbers: Sequence[str], known: Mapping[str, Dossier]) -> list[str]:
    faults = [f"Dossier {number}\u00a0: inconnu." for number in numbers if number not in known]
    return faults + [
        f"Dossier {number}\u00a0: décidé deux fois."
        for number in sorted(set(numbers))
        if numbers.count(number) > 1
    ]


def _not_ready(session: Session, campaign_id: str, known: Mapping[str, Dossier]) -> list[str]:
    if not known:
        return []
    may_be_decided = {dossier.id for dossier in ready(session, campaign_id)}
    return [number for number, found in known.items() if found.id not in may_be_decided]


def _all_faults(session: Session, taken: Sequence[Decision]) -> list[str]:
    refused = instruction.non_conformities(session, [each.dossier.id for each in taken])
    return [
        fault
        for decision in taken
        for fault in _faults(session, decision, refused.get(decision.dossier.id, []))
    ]


def _decision(dossier: Dossier, row: Mapping[str, Any]) -> Decision:
    reservations = tuple(
        WantedReservation(
            str(wanted.get("requirement") or "").strip(),
            str(wanted.get("nature") or "minor"),
            str(wanted.get("text") or "").strip(),
        )
        for wanted in row.get("reservations") or ()
    )
    reasons = str(row.get("reasons") or "").strip()
    return Decision(
        dossier,
        str(row.get("outcome") or ""),
        reasons,
        reservations,
        _names(row.get("recused")),
        _names(row.get("no_conflict")),
    )


def _names(given: Sequence[str] | None) -> tuple[str, ...]:
    written = (" ".join(str(name or "").split()) for name in given or ())
    return tuple(dict.fromkeys(name for name in written if name))


def _faults(session: Session, decision: Decision, not_conform: Sequence[str]) -> list[str]:
    found: list[str] = []
    if decision.outcome not in OUTCOMES:
        found.append("choisissez la décision.")
    if decision.outcome == AWARD and not_conform:
        found.append(
            f"l’attribution sans réserve est exclue, {', '.join(not_conform)} n’est pas conforme."
        )
    if decision.outcome == AWARD and decision.reservations:
        found.append("une attribution sans réserve n’en porte aucune.")
    if decision.outcome == NON_BLOCKING and not decision.reservations:
        found.append("indiquez au moins une réserve non bloquante.")
    if decision.outcome == NON_BLOCKING and any(
        wanted.nature == "major" for wanted in decision.reservations
    ):
        found.append("une réserve majeure est bloquante.")
    found += _reservation_faults(session, decision)
    return [f"Dossier {decision.dossier.number}\u00a0: {sentence}" for sentence in found]


def _reservation_faults(session: Session, decision: Decision) -> list[str]:
    if not decision.reservations:
        return []
    known = {found.code for found in requirement.applicable(session, decision.dossier)}
    faults: list[str] = []
    for wanted in decision.reservations:
        if wanted.requirement not in known:
            faults.append(
                f"l’exigence «\u00a0{wanted.requirement}\u00a0» ne peut faire l’objet"
                " d’une réserve."
            )
        if wanted.nature not in NATURES:
            faults.append("une réserve est mineure ou majeure.")
        if not wanted.text:
            faults.append("décrivez chaque réserve.")
    return faults


def _refuse(faults: list[str]) -> None:
    if faults:
        raise InvalidAnswer(
            f"Expected decisions that the college may take but {len(faults)} points stand against"
            " them. Correct the decisions.",
            {"decisions": faults},
        )
