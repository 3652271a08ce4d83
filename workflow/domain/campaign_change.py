"""The register of changes: what was changed in a running campaign, by whom, on what legal basis.

Real DSRs moved their dates by amending arrêtés (DOMAIN A5, F7): each such act is one row here,
numbered in its campaign, and each date that it moved names it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Instant, Json
from workflow.domain.campaign import CampaignVersion
from workflow.errors import NotFound

QUOTED = ("amount", "unit", "counting", "remaining", "last_day", "fires_at")


class CampaignChange(Base):
    """One act on the parameters of a running campaign.

    `changes` lists what differs as {path, before, after}; `moved` counts the running dates that
    followed, `shortened` and `past` those of them that came earlier or were over already, `kept`
    those that stayed on the terms under which they were set.
    """

    __tablename__ = "campaign_change"
    __table_args__ = (UniqueConstraint("campaign_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[str] = mapped_column(String(80))
    number: Mapped[int]
    previous_version_id: Mapped[int] = mapped_column(ForeignKey("campaign_version.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("campaign_version.id"))
    changes: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    basis: Mapped[str] = mapped_column(Text)
    moves_running: Mapped[bool]
    moved: Mapped[int]
    shortened: Mapped[int]
    past: Mapped[int]
    kept: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    person_name: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime] = mapped_column(Instant)

    def quoted(self, replaced: Mapping[str, Any]) -> dict[str, Any]:
        """How a date that this act moved tells of it, and of the sum that stood before."""
        return {
            "number": self.number,
            "basis": self.basis,
            "replaced": {name: replaced.get(name) for name in QUOTED},
        }


def next_number(session: Session, campaign_id: str) -> int:
    """The number of the next change; the caller lets changes follow one another."""
    last = session.scalar(
        select(func.max(CampaignChange.number)).where(CampaignChange.campaign_id == campaign_id)
    )
    return (last or 0) + 1


def register(
    session: Session, campaign_id: str, *, before: int | None = None, limit: int = 100
) -> Sequence[CampaignChange]:
    """A campaign's changes, newest first."""
    query = select(CampaignChange).where(CampaignChange.campaign_id == campaign_id)
    if before is not None:
        query = query.where(CampaignChange.number < before)
    return session.scalars(query.order_by(CampaignChange.number.desc()).limit(limit)).all()


def get(session: Session, campaign_id: str, number: int) -> CampaignChange:
    """One change by its number in the campaign; raises NotFound."""
    found = session.scalars(
        select(CampaignChange).where(
            CampaignChange.campaign_id == campaign_id, CampaignChange.number == number
        )
    ).first()
    if found is None:
        raise NotFound(
            f"Expected a change {number} of campaign {campaign_id!r} but there is none."
            " Check the number."
        )
    return found


def versions_of(session: Session, change: CampaignChange) -> tuple[int, int]:
    """The numbers of the versions before and after a change."""
    ids = (change.previous_version_id, change.version_id)
    before, after = (session.get_one(CampaignVersion, each).version for each in ids)
    return before, after


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What differs between two states of the parameters, leaf by leaf: {path, before, after}."""
    return list(_differences(before, after, ""))


def _differences(before: Any, after: Any, path: str) -> Iterator[dict[str, Any]]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in (*before, *(key for key in after if key not in before)):
            below = f"{path}.{key}" if path else str(key)
            yield from _differences(before.get(key), after.get(key), below)
    elif before != after:
        yield {"path": path, "before": before, "after": after}
