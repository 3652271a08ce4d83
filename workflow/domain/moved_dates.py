"""Which dates a change of the campaign moved: read off the dates themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from workflow.domain.deadline import DeadlineRecord
from workflow.domain.dossier import Dossier


@dataclass(frozen=True, slots=True)
class MovedDate:
    """A date that stood, the one that takes its place, and the dossier's number if it has one."""

    number: str | None
    before: DeadlineRecord
    after: DeadlineRecord

    @property
    def is_shorter(self) -> bool:
        """Whether it came earlier."""
        old, new = self.before.fires_at, self.after.fires_at
        return old is not None and new is not None and new < old


def moved_by(
    session: Session, change_id: int, *, after: int = 0, limit: int = 100
) -> Sequence[MovedDate]:
    """The dates that one change moved, in the order in which they were set."""
    old = aliased(DeadlineRecord)
    rows = session.execute(
        select(Dossier.number, old, DeadlineRecord)
        .select_from(DeadlineRecord)
        .join(old, old.id == DeadlineRecord.replaces_id)
        .outerjoin(Dossier, Dossier.id == DeadlineRecord.dossier_id)
        .where(DeadlineRecord.campaign_change_id == change_id, DeadlineRecord.id > after)
        .order_by(DeadlineRecord.id)
        .limit(limit)
    )
    return [MovedDate(number, before, moved) for number, before, moved in rows]
