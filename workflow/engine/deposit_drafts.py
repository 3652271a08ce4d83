"""Candidatures that are being prepared: typed over days, seen by colleagues, not deposited yet.

Like the draft of a task it is no act. It has no task, hence an id of its own, which its page
chooses: two candidatures may be prepared side by side. What is left of it once it is deposited
is its id and its dossier, so that a page which comes back late learns that it was done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from workflow.clock import Clock
from workflow.domain.dossier import Dossier
from workflow.domain.person import Actor, Person
from workflow.engine.draft import Draft, require_current, require_size
from workflow.engine.runtime import Runtime
from workflow.engine.task_draft import DepositDraft
from workflow.errors import Conflict, InvalidInput, LimitExceeded, NotAllowed, NotFound

MOST_DRAFTS = 20
"""Candidatures that one operator prepares at the same time."""
KEPT_FOR = timedelta(days=180)
"""How long a draft that nobody touches is kept: it names people (GDPR, art. 5.1 e)."""
TOLD_FOR = timedelta(days=30)
"""How long a deposited draft still says which dossier it became."""
ROLE = "operator"


class AlreadyDeposited(Conflict):
    """The candidature that a page prepares was deposited already."""

    code = "already_deposited"

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Expected a candidature in preparation but it was deposited as {number}."
            " Open that dossier."
        )
        self.number = number


@dataclass(frozen=True, slots=True)
class DepositPlace:
    """Where a candidature is prepared: its own id, its form, its campaign.

    `previous` is the number of the dossier that is presented again.
    """

    id: str
    form_key: str
    campaign_id: str | None = None
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A candidature in preparation as read."""

    place: DepositPlace
    draft: Draft


def find(session: Session, draft_id: str, actor: Actor) -> Prepared | None:
    """A candidature in preparation of one's own side, None when nothing was saved.

    Raises AlreadyDeposited when it became a dossier, NotFound for anybody else.
    """
    row = session.execute(
        select(DepositDraft, Person.name, Dossier.number)
        .outerjoin(Person, Person.id == DepositDraft.saved_by)
        .outerjoin(Dossier, Dossier.id == DepositDraft.dossier_id)
        .where(DepositDraft.id == draft_id)
    ).first()
    if row is None:
        return None
    found, name, number = row
    _require_own(found, actor)
    if number is not None:
        raise AlreadyDeposited(number)
    return _prepared(found, name)


def all_of(session: Session, actor: Actor) -> list[Prepared]:
    """The candidatures that one's own side prepares, last saved first."""
    if ROLE not in actor.roles:
        return []
    rows = session.execute(
        select(DepositDraft, Person.name)
        .outerjoin(Person, Person.id == DepositDraft.saved_by)
        .where(_of(actor), DepositDraft.dossier_id.is_(None))
        .order_by(DepositDraft.saved_at.desc(), DepositDraft.id)
        .limit(MOST_DRAFTS)
    )
    return [_prepared(found, name) for found, name in rows]


def save(
    runtime: Runtime,
    place: DepositPlace,
    answer: Mapping[str, Any],
    actor: Actor,
    *,
    revision: int | None = None,
    page: str | None = None,
) -> Draft:
    """Keep what was typed so far, in place of the version of that `revision` (0: none yet).

    The `page` that saved it last replaces it whatever the revision.

    Raises NotAllowed, NotFound, AlreadyDeposited, StaleDraft, LimitExceeded.
    """
    require_size(answer)
    _require_id(place.id)
    _require_role(actor)
    now = runtime.clock.now()
    with runtime.database.transaction() as session:
        found = _locked(session, place.id, actor)
        is_same_page = found is not None and page is not None and page == found.saved_from
        require_current(found.revision if found else None, revision, is_same_page=is_same_page)
        values = {
            "answer": dict(answer),
            "saved_from": page,
            "saved_at": now,
            "saved_by": actor.person_id,
        }
        if found is None:
            _require_room(session, actor)
            session.add(_new(place, actor, revision=1, **values))
            return Draft(place.id, 1, dict(answer), now, actor.name)
        following = found.revision + 1
        session.execute(
            update(DepositDraft)
            .where(DepositDraft.id == place.id)
            .values(revision=following, **values)
        )
        return Draft(place.id, following, dict(answer), now, actor.name)


def discard(runtime: Runtime, draft_id: str, actor: Actor, *, revision: int | None = None) -> None:
    """Throw a candidature in preparation away; nothing happens without one.

    Raises NotAllowed, NotFound, AlreadyDeposited, StaleDraft.
    """
    _require_role(actor)
    with runtime.database.transaction() as session:
        found = _locked(session, draft_id, actor)
        if found is not None:
            require_current(found.revision, revision)
            session.execute(delete(DepositDraft).where(DepositDraft.id == draft_id))


def close(
    session: Session, place: DepositPlace, dossier_id: int, actor: Actor, now: datetime
) -> None:
    """Leave of a draft only what it became, within the turn of the deposit.

    Also of one that was never saved: what is on its way to be saved comes after the deposit.
    Raises AlreadyDeposited when it was deposited before.
    """
    _require_id(place.id)
    found = _locked(session, place.id, actor)
    if found is not None:
        session.execute(delete(DepositDraft).where(DepositDraft.id == place.id))
    values = {"answer": {}, "saved_at": now, "saved_by": actor.person_id}
    session.add(_new(place, actor, revision=0, dossier_id=dossier_id, **values))


def sweep(runtime: Runtime, now: datetime) -> int:
    """Forget what nobody touched for long, and what was deposited long ago; returns how many."""
    old = DepositDraft.saved_at < now - KEPT_FOR
    told = DepositDraft.dossier_id.is_not(None) & (DepositDraft.saved_at < now - TOLD_FOR)
    with runtime.database.transaction() as session:
        gone = session.scalars(select(DepositDraft.id).where(old | told).limit(1_000)).all()
        if gone:
            session.execute(delete(DepositDraft).where(DepositDraft.id.in_(gone)))
        return len(gone)


@dataclass
class DraftRound:
    """The daily sweep of the worker."""

    runtime: Runtime
    clock: Clock
    last: datetime | None = None

    def __call__(self) -> None:
        """Sweep once a day by the machine's clock, beginning with the first round."""
        now = self.clock.now()
        if self.last is None or now - self.last >= timedelta(days=1):
            self.last = now
            sweep(self.runtime, self.runtime.clock.now())


def _prepared(found: DepositDraft, name: str | None) -> Prepared:
    place = DepositPlace(found.id, found.form_key, found.campaign_id, found.previous)
    draft = Draft(found.id, found.revision, found.answer, found.saved_at, name or "")
    return Prepared(place, draft)


def _new(place: DepositPlace, actor: Actor, **values: Any) -> DepositDraft:
    return DepositDraft(
        id=place.id,
        operator_id=actor.operator_id,
        person_id=actor.person_id,
        campaign_id=place.campaign_id,
        form_key=place.form_key,
        previous=place.previous,
        **values,
    )


def _locked(session: Session, draft_id: str, actor: Actor) -> DepositDraft | None:
    found = session.scalars(
        select(DepositDraft).where(DepositDraft.id == draft_id).with_for_update()
    ).first()
    if found is None:
        return None
    _require_own(found, actor)
    if found.dossier_id is not None:
        raise AlreadyDeposited(session.get_one(Dossier, found.dossier_id).number)
    return found


def _of(actor: Actor) -> ColumnElement[bool]:
    alone = DepositDraft.operator_id.is_(None) & (DepositDraft.person_id == actor.person_id)
    if actor.operator_id is None:
        return alone
    return (DepositDraft.operator_id == actor.operator_id) | alone


def _require_own(found: DepositDraft, actor: Actor) -> None:
    shared = found.operator_id is not None and found.operator_id == actor.operator_id
    alone = found.operator_id is None and found.person_id == actor.person_id
    if not (shared or alone):
        raise NotFound("Expected a candidature in preparation of yours but there is none such.")


def _require_role(actor: Actor) -> None:
    if ROLE not in actor.roles or actor.person_id is None:
        raise NotAllowed(
            f"Expected a person who is {ROLE} but {actor.name} is not. Ask one of them."
        )


def _require_id(draft_id: str) -> None:
    if len(draft_id) != 32 or not all(each in "0123456789abcdef" for each in draft_id):
        raise InvalidInput("Expected 32 hexadecimal digits as a draft's id but found otherwise.")


def _require_room(session: Session, actor: Actor) -> None:
    known: Sequence[str] = session.scalars(
        select(DepositDraft.id)
        .where(_of(actor), DepositDraft.dossier_id.is_(None))
        .limit(MOST_DRAFTS)
    ).all()
    if len(known) >= MOST_DRAFTS:
        raise LimitExceeded(
            f"Expected at most {MOST_DRAFTS} candidatures in preparation but there are more."
            " Deposit or delete one first."
        )
