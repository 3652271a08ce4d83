"""What the college's room reads: where the session stands, and what is typed so far."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, literal, select, union
from sqlalchemy.orm import Session

from web import room_draft
from web.draft_view import saved_words
from web.room_draft import Noted
from web.runtime import runtime
from workflow.domain import agenda, college_invitation
from workflow.domain.attendance import is_agency
from workflow.domain.campaign import Campaign
from workflow.domain.college import CollegeSession
from workflow.domain.college_invitation import MAY_INVITE
from workflow.domain.college_room import CollegeRoom
from workflow.domain.dossier import Dossier
from workflow.domain.interest import InterestDeclaration
from workflow.domain.person import PARTNER, Actor, Person
from workflow.domain.proof import READERS
from workflow.domain.recusal import MEMBERS, CollegeRecusal
from workflow.engine import drafts, turn
from workflow.engine.drafts import Draft
from workflow.engine.task_draft import TaskDraft
from workflow.engine.waiting import HumanTask
from workflow.errors import InvalidAnswer, NotAllowed, NotFound

FORM = "hold_session"
LEFT = "left"
MOST_AWAY = 5_000
MOST_POINTS = 40
"""Points of the agenda listed at once, around the one at hand."""


@dataclass(frozen=True)
class Point:
    """One dossier of the agenda, with what is typed on it."""

    dossier: Dossier
    rank: int
    noted: Noted
    is_shown: bool
    is_away: bool
    """Whether whoever reads has no part in it: what is typed on it is kept from them."""


@dataclass(frozen=True)
class Away:
    """Who has no part in one dossier beside those whom the draft names, in order."""

    left: list[str] = field(default_factory=list[str])
    """Members who declared in the room that they leave."""
    conflicts: list[str] = field(default_factory=list[str])
    """Whoever declared a conflict of interest while the dossier was instructed."""


@dataclass(frozen=True)
class Room:
    """A session as its room shows it to one person."""

    sitting: CollegeSession
    campaign: Campaign
    ready: Sequence[Dossier]
    task: HumanTask | None
    draft: Draft | None
    shown_id: int | None
    moves: int
    away: Mapping[int, Away]
    who: Actor

    @property
    def answer(self) -> dict[str, Any]:
        """What is typed so far."""
        return self.draft.answer if self.draft else {}

    @property
    def numbers(self) -> list[str]:
        """The dossiers of the agenda, in order."""
        return [each.number for each in self.ready]

    @property
    def may_write(self) -> bool:
        """Whether this person types the decisions: whoever may complete the session's task."""
        return self.task is not None and bool(self.who.roles & self.task.roles)

    @property
    def may_move(self) -> bool:
        """Whether this person says which dossier everybody looks at."""
        return self.sitting.held_at is None and bool(self.who.roles & MAY_INVITE)

    @property
    def shown(self) -> Dossier | None:
        """The dossier that everybody looks at: the first until another is chosen."""
        chosen = next((each for each in self.ready if each.id == self.shown_id), None)
        return chosen or (self.ready[0] if self.ready else None)

    @property
    def points(self) -> list[Point]:
        """The whole agenda."""
        shown = self.shown
        noted = [self.noted(each.number) for each in self.ready]
        return [
            Point(each, rank, typed, each is shown, self.is_away(each, typed))
            for rank, (each, typed) in enumerate(zip(self.ready, noted, strict=True), start=1)
        ]

    @property
    def decided(self) -> int:
        """How many dossiers have a decision typed in."""
        return sum(bool(self.noted(number).outcome) for number in self.numbers)

    @property
    def present(self) -> list[str]:
        """The members who are present, as typed."""
        return room_draft.present_of(self.answer)

    @property
    def partners(self) -> list[dict[str, str]]:
        """The invited partners who are present, as typed."""
        return room_draft.partners_of(self.answer)

    @property
    def saved(self) -> str:
        """When the draft was saved, and by whom, in words."""
        return saved_words(self.draft) if self.draft else ""

    @property
    def mark(self) -> str:
        """What changes whenever anything that the room shows does."""
        state = (
            self.sitting.id,
            self.sitting.held_at,
            self.task is not None,
            self.moves,
            self.draft.revision if self.draft else 0,
            [each.id for each in self.ready],
            sorted((key, each.left, each.conflicts) for key, each in self.away.items()),
            self.who.person_id,
        )
        return hashlib.sha256(repr(state).encode()).hexdigest()[:20]

    def noted(self, number: str) -> Noted:
        """What is typed on a dossier."""
        return room_draft.noted(room_draft.row_of(self.answer, number))

    def away_from(self, dossier: Dossier) -> Away:
        """Who declared to have no part in a dossier."""
        return self.away.get(dossier.id, Away())

    def gone(self, dossier: Dossier, noted: Noted) -> list[str]:
        """Who left for a dossier: named in the draft, or by themselves."""
        return room_draft.names([*noted.recused, *self.away_from(dossier).left])

    def is_away(self, dossier: Dossier, noted: Noted) -> bool:
        """Whether whoever reads has no part in a dossier."""
        own = room_draft.same(self.who.name)
        names = [*self.gone(dossier, noted), *self.away_from(dossier).conflicts]
        return own in {room_draft.same(each) for each in names}

    def may_leave(self, dossier: Dossier) -> bool:
        """Whether whoever reads may declare to leave for a dossier."""
        here = self.sitting.held_at is None and bool(self.who.roles & MEMBERS)
        return here and self.who.name not in self.away_from(dossier).left

    def around(self, dossier: Dossier | None) -> list[Point]:
        """The part of a long agenda that surrounds a dossier."""
        points = self.points
        place = next((at for at, each in enumerate(points) if each.dossier is dossier), 0)
        first = max(0, min(place - MOST_POINTS // 2, len(points) - MOST_POINTS))
        return points[first : first + MOST_POINTS]

    def beside(self, dossier: Dossier, step: int) -> Dossier | None:
        """The dossier before (-1) or after (1) one in the agenda."""
        at = [each.id for each in self.ready].index(dossier.id) + step
        return self.ready[at] if 0 <= at < len(self.ready) else None

    def is_agency(self, dossier: Dossier) -> bool:
        """Whether the candidate is the Agency itself (DSR 4.1.1)."""
        return is_agency(dossier.siret, self.campaign)


def room_of(session: Session, session_id: int, who: Actor) -> Room:
    """The room of a session for whoever may read proofs; raises NotAllowed, NotFound.

    What is said there of a dossier is as confidential as its proofs (DSR 4.7).
    """
    if not who.roles & READERS:
        raise NotAllowed(
            f"Expected someone of the college or of the instruction but {who.name} is not."
            " This page is not yours."
        )
    return _read(session, session_id, who)


def screen_of(session: Session, session_id: int, who: Actor) -> Room:
    """The room as it is projected: for the same, and for the partners invited to the session."""
    if not who.is_agency and PARTNER in who.roles:
        college_invitation.session_for(session, who, session_id)
        return _read(session, session_id, who)
    return room_of(session, session_id, who)


def form_faults(room: Room, withheld: Collection[str]) -> list[str]:
    """What the form that closes the session would refuse of what is typed so far.

    Without what is typed on the dossiers `withheld` from whoever reads.
    """
    told = [
        row
        for row in room_draft.told(room.answer)
        if (row["outcome"] or row["reasons"]) and row[room_draft.DOSSIER] not in withheld
    ]
    answer = {
        room_draft.ATTENDANCE: room.present,
        room_draft.PARTNERS: room.partners,
        room_draft.DECISIONS: told,
    }
    try:
        runtime().forms.get(FORM).validate(answer)
    except InvalidAnswer as refusal:
        return [sentence for each in refusal.faults.values() for sentence in each]
    return []


def _read(session: Session, session_id: int, who: Actor) -> Room:
    row = session.execute(
        select(
            CollegeSession,
            CollegeRoom,
            HumanTask,
            TaskDraft,
            Person.name,
            turn.version_in_force(CollegeSession.campaign_id),
        )
        .outerjoin(CollegeRoom, CollegeRoom.session_id == CollegeSession.id)
        .outerjoin(
            HumanTask,
            and_(
                HumanTask.instance_id == CollegeSession.instance_id,
                HumanTask.form_key == FORM,
                HumanTask.closed_at.is_(None),
            ),
        )
        .outerjoin(TaskDraft, TaskDraft.task_id == HumanTask.id)
        .outerjoin(Person, Person.id == TaskDraft.saved_by)
        .where(CollegeSession.id == session_id)
        .limit(1)
    ).first()
    if row is None:
        raise NotFound(f"Expected a session {session_id} but there is none. Check its address.")
    sitting, room, task, kept, name, version = row
    campaign = turn.campaign_of(session, runtime(), sitting.campaign_id, version)
    ready = () if sitting.held_at else agenda.ready(session, sitting.campaign_id)
    return Room(
        sitting,
        campaign,
        ready,
        task,
        kept and drafts.kept(kept, name),
        room and room.dossier_id,
        room.revision if room else 0,
        _away(session, sitting.id, [each.id for each in ready]),
        who,
    )


def _away(session: Session, session_id: int, dossier_ids: Sequence[int]) -> dict[int, Away]:
    """Who declared to have no part in which dossier, in one statement."""
    left = select(CollegeRecusal.dossier_id, CollegeRecusal.person_id, literal(LEFT)).where(
        CollegeRecusal.session_id == session_id
    )
    conflicts = select(
        InterestDeclaration.dossier_id, InterestDeclaration.person_id, literal("")
    ).where(
        InterestDeclaration.dossier_id.in_(dossier_ids),
        InterestDeclaration.has_conflict.is_(True),
    )
    said = union(left, conflicts).subquery()
    dossier_id, person_id, kind = said.c
    rows = session.execute(
        select(dossier_id, Person.name, kind)
        .join(Person, Person.id == person_id)
        .order_by(dossier_id, Person.name)
        .limit(MOST_AWAY)
    )
    found: dict[int, Away] = {}
    for each, name, how in rows:
        away = found.setdefault(each, Away())
        (away.left if how == LEFT else away.conflicts).append(name)
    return found
