"""What the pages of the instructor's desk show: hands, interests, opinions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from web.comment_view import comments_about
from web.runtime import now
from workflow.domain import absence_cover, interest, second_opinion
from workflow.domain import instruction_assignment as assignments
from workflow.domain.absence_cover import Cover
from workflow.domain.campaign import Campaign
from workflow.domain.dossier import Dossier
from workflow.domain.interest import InterestDeclaration
from workflow.domain.note_mention import Colleague
from workflow.domain.person import Actor
from workflow.domain.second_opinion import SecondOpinion
from workflow.engine import turn
from workflow.engine.runtime import Runtime
from workflow.engine.waiting import HumanTask

BARRED_FORMS = frozenset({"instruct_dossier", "verify_corrections"})

Held = tuple[int | None, str | None]
"""The id and the name of who holds a dossier."""
NOBODY: Held = (None, None)


@dataclass(frozen=True)
class Hands:
    """In whose hands a dossier is, and which one is next, for someone who may take it."""

    holder: str | None
    is_mine: bool
    bar: str | None
    before: Dossier | None
    """The dossier that comes before this one for this person; None when it is the next."""
    cover: Cover | None = None
    """The holder's absence by which this person acts in the holder's place."""


@dataclass(frozen=True)
class InternalView:
    """What the Agency keeps to itself on a dossier."""

    hands: Hands
    opinions: list[tuple[SecondOpinion, str, str]]
    interests: list[tuple[InterestDeclaration, str]]
    advisers: list[Colleague]
    person_id: int | None
    instructs: bool

    @property
    def may_declare(self) -> bool:
        """Whether this person instructs, and has declared no conflict yet."""
        return self.instructs and self.hands.bar != "declared"


def hands_of(
    session: Session,
    campaign: Campaign,
    dossier: Dossier,
    actor: Actor,
    declared: Sequence[InterestDeclaration] | None = None,
    *,
    held: Held | None = None,
    offers: bool = True,
) -> Hands:
    """In whose hands a dossier is, as this person sees it.

    `held` and `declared` are who holds it and what is declared on it, when they are read already.
    Only a page that `offers` to act on it reads for whom one acts and which dossier comes before;
    neither is looked for on behalf of the holder.
    """
    if held is None:
        held = assignments.holders(session, [dossier.id]).get(dossier.id, NOBODY)
    holder, name = held
    mine = holder is not None and holder == actor.person_id
    if "instructor" not in actor.roles or actor.person_id is None:
        return Hands(name, mine, None, None)
    why = interest.bar(session, dossier, campaign, actor.person_id, declared)
    if not offers or mine:
        return Hands(name, mine, why, None)
    cover = (
        absence_cover.acts_for(session, actor.person_id, holder, dossier.id, now())
        if holder is not None
        else None
    )
    if cover is not None:
        return Hands(name, mine, why, None, cover)
    # It comes with its dossier: the session holds it.
    first = assignments.head(session, campaign, actor.person_id)
    before = session.get(Dossier, first.dossier_id) if first is not None else None
    return Hands(name, mine, why, None if before is dossier else before)


def internal_view(
    session: Session, runtime: Runtime, dossier: Dossier, actor: Actor
) -> InternalView:
    """Read what is internal on a dossier; NotAllowed outside the Agency."""
    instructs = "instructor" in actor.roles and actor.person_id is not None
    interests = interest.of_dossier(session, dossier.id)
    declared = [row for row, _name in interests]
    campaign = turn.campaign_of(session, runtime, dossier.campaign_id)
    return InternalView(
        hands=hands_of(session, campaign, dossier, actor, declared, offers=False),
        opinions=second_opinion.of_dossier(session, dossier.id, actor),
        interests=interests,
        advisers=_advisers(dossier, actor) if instructs else [],
        person_id=actor.person_id,
        instructs=instructs,
    )


def _advisers(dossier: Dossier, actor: Actor) -> list[Colleague]:
    """Whom one may ask for an opinion, of the people that the page reads for its notes too."""
    comments = comments_about(dossier)
    return [
        each
        for each in (comments.colleagues if comments else ())
        if each.roles & second_opinion.ADVISING_ROLES and each.id != actor.person_id
    ]


def bar_of(
    session: Session,
    campaign: Campaign,
    task: HumanTask,
    dossier: Dossier | None,
    actor: Actor,
    declared: Sequence[InterestDeclaration],
) -> str | None:
    """Why this person may not complete a task that they see, if what they declared forbids it."""
    if dossier is None or actor.person_id is None or task.form_key not in BARRED_FORMS:
        return None
    return interest.bar(session, dossier, campaign, actor.person_id, declared)
