"""Where dossiers stand, in words: read off what their instances wait for, never stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from web.dossier_words import FLAGS, Look, end_look, turn_words
from web.language import _
from web.signed_in import ROLE_NAMES
from web.stakes import Rung, Stake, of_dossiers
from workflow.domain.college import MESSAGE, CollegeSession
from workflow.domain.dossier import Dossier, Flag
from workflow.domain.person import OPERATOR_SIDE, Actor
from workflow.engine.runtime import Runtime
from workflow.engine.waiting import MessageWait


@dataclass(frozen=True)
class Standing:
    """One dossier in a list: whose turn it is, the next date, what was flagged."""

    dossier: Dossier
    words: list[str]
    tone: str
    shape: str
    stakes: list[Stake] = field(default_factory=list[Stake])
    flags: list[Look] = field(default_factory=list[Look])
    next_session: datetime | None = None
    """The college's next session, of a dossier that waits for its decision."""

    @property
    def next(self) -> Rung | None:
        """The soonest date of all that is expected."""
        soonest = [stake.next for stake in self.stakes if stake.next]
        return min(soonest, key=lambda rung: rung.at, default=None)

    @property
    def since(self) -> datetime | None:
        """Since when the oldest of what is expected has been."""
        return min((stake.task.opened_at for stake in self.stakes), default=None)

    def my_stakes(self, actor: Actor) -> list[Stake]:
        """What is expected of this person."""
        own = actor.operator_id == self.dossier.operator_id
        return [
            stake
            for stake in self.stakes
            if stake.task.role in actor.roles and (own or stake.task.role not in OPERATOR_SIDE)
        ]


def standings(session: Session, runtime: Runtime, found: Sequence[Dossier]) -> list[Standing]:
    """Where each of these dossiers stands, in the same order."""
    under_way = [dossier.id for dossier in found if dossier.ended_at is None]
    stakes = of_dossiers(session, runtime, under_way)
    awaiting = _awaiting_college(session, under_way)
    coming = next_sessions(session) if awaiting else {}
    flags = _flags(session, [dossier.id for dossier in found])
    return [
        _standing(
            dossier,
            [stake for stake in stakes if stake.task.dossier_id == dossier.id],
            dossier.id in awaiting,
            coming.get(dossier.campaign_id),
            flags.get(dossier.id, []),
        )
        for dossier in found
    ]


def role_name(role: str) -> str:
    """A role as it is called, or its id when a diagram invents one."""
    return str(ROLE_NAMES.get(role, role))


def _standing(
    dossier: Dossier,
    stakes: list[Stake],
    awaits_college: bool,
    coming: datetime | None,
    flags: list[Look],
) -> Standing:
    if dossier.end is not None:
        look = end_look(dossier.end)
        return Standing(dossier, [str(look.words)], look.tone, look.shape, [], flags)
    words = [turn_words(stake.task.element_id, stake.task.label) for stake in stakes]
    if awaits_college:
        words.append(turn_words(MESSAGE, _("Décision du collège")))
    if not words:
        return Standing(dossier, [_("En cours de traitement")], "mute", "ring", [], flags)
    operator_holds = any(stake.is_of_operator for stake in stakes)
    tone, shape = ("wait", "pause") if operator_holds else ("mine", "ring")
    next_session = coming if awaits_college else None
    return Standing(dossier, words, tone, shape, stakes, flags, next_session)


def next_sessions(session: Session) -> dict[str, datetime]:
    """When the college of each campaign sits next; the instant is past once the session is open."""
    rows = session.execute(
        select(CollegeSession.campaign_id, CollegeSession.scheduled_at)
        .where(CollegeSession.held_at.is_(None))
        .order_by(CollegeSession.number)
        .limit(100)
    )
    return {row.campaign_id: row.scheduled_at for row in rows}


def _awaiting_college(session: Session, dossier_ids: Sequence[int]) -> set[int | None]:
    if not dossier_ids:
        return set()
    return set(
        session.scalars(
            select(MessageWait.dossier_id)
            .where(MessageWait.dossier_id.in_(dossier_ids), MessageWait.message == MESSAGE)
            .limit(len(dossier_ids))
        )
    )


def _flags(session: Session, dossier_ids: Sequence[int]) -> dict[int, list[Look]]:
    found: dict[int, list[Look]] = {}
    if not dossier_ids:
        return found
    rows = session.execute(
        select(Flag.dossier_id, Flag.flag)
        .where(Flag.dossier_id.in_(dossier_ids))
        .order_by(Flag.dossier_id, Flag.raised_at)
        .limit(4 * len(dossier_ids))
    )
    for dossier_id, flag in rows:
        if flag in FLAGS:
            found.setdefault(dossier_id, []).append(FLAGS[flag])
    return found
