"""What became of the dossiers of a bulk act: counted, and one by one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.domain.bulk_act import (
    DONE,
    MOST_DOSSIERS,
    REFUSED,
    WAITING,
    BulkAct,
    BulkActItem,
)
from workflow.domain.dossier import Dossier
from workflow.domain.person import Actor

MOST_KEPT = 100


@dataclass(frozen=True)
class Counts:
    """How many dossiers of a bulk act are done, refused, still to do."""

    done: int
    refused: int
    waiting: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.done + self.refused + self.waiting


def confirmed_by(session: Session, actor: Actor) -> Sequence[BulkAct]:
    """What a person had carried out, last first."""
    return session.scalars(
        select(BulkAct)
        .where(BulkAct.person_id == actor.person_id, BulkAct.confirmed_at.is_not(None))
        .order_by(BulkAct.id.desc())
        .limit(MOST_KEPT)
    ).all()


def items(session: Session, bulk_act_id: int) -> list[tuple[BulkActItem, Dossier]]:
    """Every dossier of an act, in order."""
    rows = session.execute(
        select(BulkActItem, Dossier)
        .join(Dossier, Dossier.id == BulkActItem.dossier_id)
        .where(BulkActItem.bulk_act_id == bulk_act_id)
        .order_by(BulkActItem.position)
        .limit(MOST_DOSSIERS)
    )
    return [(item, dossier) for item, dossier in rows]


def counts(session: Session, bulk_act_id: int) -> Counts:
    """How far an act has come."""
    return counts_of(session, [bulk_act_id]).get(bulk_act_id, Counts(0, 0, 0))


def counts_of(session: Session, bulk_act_ids: Collection[int]) -> dict[int, Counts]:
    """How far each of some acts has come."""
    found: dict[int, dict[str, int]] = {}
    rows = session.execute(
        select(BulkActItem.bulk_act_id, BulkActItem.state, func.count())
        .where(BulkActItem.bulk_act_id.in_(sorted(bulk_act_ids)))
        .group_by(BulkActItem.bulk_act_id, BulkActItem.state)
    )
    for bulk_act_id, state, number in rows:
        found.setdefault(bulk_act_id, {})[state] = number
    return {
        bulk_act_id: Counts(by.get(DONE, 0), by.get(REFUSED, 0), by.get(WAITING, 0))
        for bulk_act_id, by in found.items()
    }
