"""What an act on many dossiers does to each, and what may be foreseen of it beforehand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal
from sqlalchemy.orm import Session

from workflow.domain import (
    absence_cover,
    bulk_report,
    custody,
    hand_over,
    interest,
    internal_note,
    read_mark,
)
from workflow.domain import campaign as campaigns
from workflow.domain import dossier as dossiers
from workflow.domain import instruction_assignment as assignments
from workflow.domain.bulk_act import (
    ASSIGN,
    GIVE_BACK,
    HAND_OVER,
    NOTE,
    READ,
    BulkAct,
    is_complete,
)
from workflow.domain.call import Call
from workflow.domain.custody import Custody
from workflow.domain.dossier import Dossier
from workflow.domain.person import Actor
from workflow.errors import JalonError

VERBS: Mapping[str, Callable[[Call, BulkAct], object]] = {
    ASSIGN: lambda call, act: hand_over.assign(call, to=act.to, why=act.reason),
    HAND_OVER: lambda call, act: hand_over.hand_over(call, to=act.to, why=act.reason),
    GIVE_BACK: lambda call, act: hand_over.give_back(call, why=act.reason),
    NOTE: lambda call, act: internal_note.add(call, act.text),
    READ: lambda call, act: read_mark.keep(call.session, call.actor, literal(dossiers.of(call).id)),
}


@dataclass(frozen=True)
class Foreseen:
    """What will become of one dossier: the code of a refusal, or None when it will be done."""

    dossier: Dossier
    holder: str | None
    code: str | None


@dataclass
class _Target:
    """The person to whom dossiers would go, as far as one campaign is concerned."""

    bars: Mapping[int, str]
    free: list[int]

    def takes_next(self, dossier_id: int) -> bool:
        """Whether a dossier is the head of the queue once those before it are given."""
        is_next = bool(self.free) and self.free[0] == dossier_id
        if dossier_id in self.free:
            self.free.remove(dossier_id)
        return is_next


def foresee(session: Session, actor: Actor, act: BulkAct, at: datetime) -> list[Foreseen]:
    """What the act would do to each dossier if it began now, in order; few statements for all."""
    chosen = [dossier for _item, dossier in bulk_report.items(session, act.id)]
    known = custody.custodies(session, [dossier.id for dossier in chosen])
    if not is_complete(act) or act.act in (NOTE, READ):
        return [Foreseen(each, known[each.id].holder, None) for each in chosen]
    try:
        targets = _targets(session, chosen, act)
    except custody.RecipientUnfit as unfit:
        return [Foreseen(each, known[each.id].holder, unfit.code) for each in chosen]
    own = _acting_holders(session, actor, known.values(), at)
    found: list[Foreseen] = []
    for dossier in chosen:
        fault = _fault(act, known[dossier.id], targets.get(dossier.campaign_id), own)
        code = None if fault is None else fault.code
        found.append(Foreseen(dossier, known[dossier.id].holder, code))
    return found


def _fault(
    act: BulkAct, known: Custody, target: _Target | None, own: Collection[int]
) -> JalonError | None:
    by = known.holder_id if known.holder_id in own else None
    if act.act == GIVE_BACK or target is None or act.to is None:
        return custody.fault_of_giving_back(known, by=by, reason=act.reason)
    bar = target.bars.get(known.dossier.id)
    if act.act == HAND_OVER:
        return custody.fault_of_handing_over(known, act.to, by=by, bar=bar, reason=act.reason)
    fault = custody.fault_of_assigning(known, act.to, bar=bar, is_next=True, reason=" ")
    if fault is not None and fault.code != custody.ReasonNeeded.code:
        return fault
    is_next = target.takes_next(known.dossier.id)
    return custody.fault_of_assigning(known, act.to, bar=bar, is_next=is_next, reason=act.reason)


def _targets(session: Session, chosen: Collection[Dossier], act: BulkAct) -> dict[str, _Target]:
    if act.to is None:
        return {}
    custody.require_recipient(session, act.to)
    found: dict[str, _Target] = {}
    for campaign_id in sorted({dossier.campaign_id for dossier in chosen}):
        campaign = campaigns.active(session, campaign_id)
        of_campaign = [each for each in chosen if each.campaign_id == campaign_id]
        free = (
            [entry.dossier_id for entry in assignments.free_in_order(session, campaign, act.to)]
            if act.act == ASSIGN
            else []
        )
        found[campaign_id] = _Target(interest.bars(session, of_campaign, campaign, act.to), free)
    return found


def _acting_holders(
    session: Session, actor: Actor, known: Collection[Custody], at: datetime
) -> set[int]:
    """The holders for whom a person may act: themselves, and those for whom they stand in."""
    if actor.person_id is None:
        return set()
    holders = {each.holder_id for each in known if each.holder_id is not None}
    away = absence_cover.covers(session, at, holders) if holders else {}
    covered = {each.person_id for each in away.values() if each.stand_in_id == actor.person_id}
    return covered | {actor.person_id}
