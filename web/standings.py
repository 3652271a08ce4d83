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


def standings(
    session: Session,
    runtime: Runtime,
    found: Sequence[Dossier],
    stakes: Sequence[Stake] | None = None,
) -> list[Standing]:
    """Where each of these dossiers stands, in the same order; `stakes` when they are known."""
    if stakes is None:
        stakes = of_dossiers(session, runtime, under_way(found))
    marks = _marks(session, [dossier.id for dossier in found])
    return [
        standing_of(
            dossier,
            [stake for stake in stakes if stake.task.dossier_id == dossier.id],
            marks[dossier.id].awaits_college,
            marks[dossier.id].next_session,
            marks[dossier.id].flags,
        )
        for dossier in found
    ]


def under_way(found: Sequence[Dossier]) -> list[int]:
    """Those of these dossiers that something may be expected of."""
    return [dossier.id for dossier in found if dossier.ended_at is None]


def role_name(role: str) -> str:
    """A role as it is called, or its id when a diagram invents one."""
    return str(ROLE_NAMES.get(role, role))


def standing_of(
    dossier: Dossier,
    stakes: list[Stake],
    awaits_college: bool,
    coming: datetime | None,
    flags: list[Look],
) -> Standing:
    """Where one dossier stands, from what was read of it."""
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


@dataclass
class _Marks:
    """What a list says of a dossier beside its tasks."""

    awaits_college: bool = False
    next_session: datetime | None = None
    flags: list[Look] = field(default_factory=list[Look])


def _marks(session: Session, dossier_ids: Sequence[int]) -> dict[int, _Marks]:
    """Flags, and the next session of those that wait for the college, in one statement."""
    found = {dossier_id: _Marks() for dossier_id in dossier_ids}
    if not found:
        return found
    rows = session.execute(
        select(Dossier.id, Flag.flag, MessageWait.message, CollegeSession.scheduled_at)
        .outerjoin(Flag, Flag.dossier_id == Dossier.id)
        .outerjoin(
            MessageWait, (MessageWait.message == MESSAGE) & (MessageWait.dossier_id == Dossier.id)
        )
        .outerjoin(
            CollegeSession,
            MessageWait.message.is_not(None)
            & (CollegeSession.campaign_id == Dossier.campaign_id)
            & CollegeSession.held_at.is_(None),
        )
        .where(Dossier.id.in_(dossier_ids))
        .order_by(Dossier.id, CollegeSession.number, Flag.raised_at)
    )
    for dossier_id, flag, message, at in rows:
        marks = found[dossier_id]
        marks.awaits_college = message is not None
        marks.next_session = at
        if flag in FLAGS and FLAGS[flag] not in marks.flags:
            marks.flags.append(FLAGS[flag])
    return found
