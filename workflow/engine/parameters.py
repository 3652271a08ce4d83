"""The door that changes the parameters of a running campaign, as a recorded act (DOMAIN A5).

What was computed stays, unless the act says that running dates follow: then each one that was
counted from a changed parameter is counted again from its own start, and the act, the register
and the history of its dossier say from when to when. What is computed from now on, and the
period of deposit, follow in any case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow import audit_log
from workflow.domain import campaign as campaigns
from workflow.domain import campaign_change
from workflow.domain.campaign import Campaign
from workflow.domain.campaign_change import CampaignChange
from workflow.domain.campaign_parameters import plain
from workflow.domain.person import Actor
from workflow.domain.standing import MAY_CHANGE_CAMPAIGN, require_reason, require_role
from workflow.engine import following, idempotency, running_dates, timers
from workflow.engine.instances import Instance
from workflow.engine.running_dates import (
    DROPPED,
    KEPT,
    PAST,
    SHORTENED,
    STANDING,
    DateMove,
    Touched,
)
from workflow.engine.runtime import Runtime
from workflow.engine.turn import TimersDue
from workflow.errors import Conflict, InvalidAnswer

NOW = "now"
"""What `past` says when dates that would be over already take effect at the act."""


@dataclass(frozen=True)
class Act:
    """A change as it is asked for.

    With `moves_running` the running dates follow; those that would be over already are refused
    unless `past` is "now". `version` is the version of the parameters that the actor read.
    """

    campaign_id: str
    changes: Mapping[str, Any]
    basis: str
    moves_running: bool = False
    past: str | None = None
    version: int | None = None

    def as_request(self) -> dict[str, Any]:
        """What makes two acts the same one."""
        names = ("campaign_id", "basis", "moves_running", "past", "version")
        return {**{name: getattr(self, name) for name in names}, "changes": plain(self.changes)}


@dataclass(frozen=True)
class Changed:
    """What an act left: the parameters in force, and its number; None when nothing changed."""

    campaign: Campaign
    number: int | None


@dataclass(frozen=True)
class Preview:
    """What a change would do; `moves` as if the running dates followed."""

    before: Campaign
    after: Campaign
    changes: Sequence[Mapping[str, Any]]
    moves: Sequence[DateMove]

    def count(self, status: str) -> int:
        """How many dates go that way."""
        return sum(move.status == status for move in self.moves)


def preview(
    runtime: Runtime, campaign_id: str, changes: Mapping[str, Any], actor: Actor
) -> Preview:
    """What a change would do to the running dates; nothing is kept.

    Raises NotAllowed, NotFound, InvalidCampaign with every fault.
    """
    require_role(actor, MAY_CHANGE_CAMPAIGN)
    now = runtime.clock.now()
    with runtime.database.reading() as session:
        before = campaigns.active(session, campaign_id)
        after = campaigns.changed(before, changes)
        touched = Touched(before, after)
        dates = running_dates.concerned(session, runtime, before, touched, now)
        moved = running_dates.moves(session, touched, dates, now)
        differing = campaign_change.differences(before.parameters, after.parameters)
        return Preview(before, after, differing, moved)


def change(
    runtime: Runtime,
    campaign_id: str,
    changes: Mapping[str, Any],
    basis: str,
    actor: Actor,
    *,
    moves_running: bool = False,
    past: str | None = None,
    version: int | None = None,
    idempotency_key: str | None = None,
) -> Changed:
    """Put changed parameters in force; the act lists the running dates that it moves or keeps.

    Raises NotAllowed, InvalidAnswer without a legal basis, NotFound, InvalidCampaign with every
    fault, Conflict when `version` is no longer in force or a date would be over already and
    `past` does not say that it takes effect now; then nothing has changed.
    """
    require_role(actor, MAY_CHANGE_CAMPAIGN)
    ground = require_reason(basis, "basis")
    _require_known(past)
    act = Act(campaign_id, changes, ground, moves_running, past, version)
    if moves_running:
        _fire_what_is_due(runtime, campaign_id)
    while True:
        try:
            with runtime.database.transaction() as session:
                return _once(session, runtime, act, actor, idempotency_key)
        except TimersDue as due:
            timers.fire_due(runtime, due.until, instance_id=due.instance_id)
        except BaseException:
            # What was parsed in a transaction that was undone: its number will serve another.
            runtime.specs.forget_campaigns()
            raise


def _require_known(past: str | None) -> None:
    if past not in (None, NOW):
        raise InvalidAnswer(
            f"Expected 'past' to be {NOW!r} or left out but found {past!r}. Correct it.",
            {"past": ["Dites « now » si les dates déjà dépassées prennent effet à l’acte."]},
        )


def _fire_what_is_due(runtime: Runtime, campaign_id: str) -> None:
    """What is due happens before the act, each at its own instant, as before any other act."""
    now = runtime.clock.now()
    with runtime.database.reading() as session:
        late = session.scalars(
            select(Instance.id)
            .where(Instance.campaign_id == campaign_id, Instance.next_due_at <= now)
            .order_by(Instance.next_due_at, Instance.id)
        ).all()
    for instance_id in late:
        timers.fire_due(runtime, now, instance_id=instance_id)


def _once(session: Session, runtime: Runtime, act: Act, actor: Actor, key: str | None) -> Changed:
    if key is None or actor.person_id is None:
        return _change(session, runtime, act, actor)
    mark = idempotency.fingerprint("change_campaign", act.as_request())
    earlier = idempotency.claim(session, key, actor.person_id, mark, runtime.clock.now())
    if earlier is not None:
        return Changed(campaigns.active(session, act.campaign_id), earlier["number"])
    done = _change(session, runtime, act, actor)
    idempotency.answer(session, key, actor.person_id, {"number": done.number})
    return done


def _change(session: Session, runtime: Runtime, act: Act, actor: Actor) -> Changed:
    now = runtime.clock.now()
    locked = _lock(session, act, now)
    audit_log.serialise(session, audit_log.HOUSE)
    before = campaigns.active(session, act.campaign_id)
    _require_current(before, act.version)
    after = campaigns.change(session, act.campaign_id, act.changes, now, actor.person_id)
    if after.version_id == before.version_id:
        return Changed(after, None)
    touched = Touched(before, after)
    dates = running_dates.concerned(session, runtime, before, touched, now)
    kept = running_dates.kept(dates)
    moves = running_dates.moves(session, touched, dates, now) if act.moves_running else kept
    _require_choice(moves, act.past)
    entered = _enter(session, before, after, act, moves, actor, now)
    following.tell(session, runtime, locked, moves, _facts(entered, act, after), entered, actor)
    return Changed(after, entered.number)


def _lock(session: Session, act: Act, now: datetime) -> Sequence[Instance]:
    """The instances under way, locked in one order: each dossier's history gets an entry.

    The college's come first: it locks its own before those of the dossiers that it decides on.
    What stands aside of a dossier comes last, as at a suspension.
    """
    under_way = (
        select(Instance)
        .where(Instance.campaign_id == act.campaign_id, Instance.ended_at.is_(None))
        .order_by(Instance.id)
        .with_for_update()
    )
    college = under_way.where(Instance.dossier_id.is_(None), Instance.aside.is_(False))
    dossiers = under_way.where(Instance.dossier_id.is_not(None))
    aside = under_way.where(Instance.dossier_id.is_(None), Instance.aside.is_(True))
    found = [one for query in (college, dossiers, aside) for one in session.scalars(query)]
    for instance in found if act.moves_running else ():
        if instance.next_due_at is not None and instance.next_due_at <= now:
            raise TimersDue(instance.id, now)
    return found


def _require_current(before: Campaign, version: int | None) -> None:
    if version is not None and version != before.version:
        raise Conflict(
            f"Expected version {before.version} of the parameters but the preview was made of"
            f" version {version}. They were changed meanwhile: preview the change again."
        )


def _require_choice(moves: Sequence[DateMove], past: str | None) -> None:
    over = [move.date for move in moves if move.status == PAST]
    if over and past != NOW:
        raise Conflict(
            f"Expected no date to be over already but {len(over)} would be, first"
            f" {over[0].key!r} of dossier {over[0].number}. Say that they take effect now, or"
            " change less."
        )


def _enter(
    session: Session,
    before: Campaign,
    after: Campaign,
    act: Act,
    moves: Sequence[DateMove],
    actor: Actor,
    now: datetime,
) -> CampaignChange:
    assert before.version_id is not None
    assert after.version_id is not None
    stay = sum(move.status in (KEPT, STANDING, DROPPED) for move in moves)
    entered = CampaignChange(
        campaign_id=act.campaign_id,
        number=campaign_change.next_number(session, act.campaign_id),
        previous_version_id=before.version_id,
        version_id=after.version_id,
        changes=campaign_change.differences(before.parameters, after.parameters),
        basis=act.basis,
        moves_running=act.moves_running,
        moved=len(moves) - stay,
        shortened=sum(move.status in (SHORTENED, PAST) for move in moves),
        past=sum(move.status == PAST for move in moves),
        kept=stay,
        person_id=actor.person_id,
        person_name=actor.name,
        changed_at=now,
    )
    session.add(entered)
    session.flush()  # The dates that it moves name it.
    return entered


def _facts(entered: CampaignChange, act: Act, after: Campaign) -> dict[str, Any]:
    return {
        "campaign": act.campaign_id,
        "change": entered.number,
        "campaign_version": after.version_id,
        "version": after.version,
        "previous_version": entered.previous_version_id,
        "changes": plain(act.changes),
        "basis": act.basis,
        "moves_running": act.moves_running,
    }
