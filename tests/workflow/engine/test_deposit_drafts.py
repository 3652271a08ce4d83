"""Candidatures in preparation: an operator's own, several at once, ended by their deposit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from play import Play
from sqlalchemy import func, select

from workflow.domain import person
from workflow.domain.dossier import Dossier
from workflow.domain.person import Actor
from workflow.engine import deposit_drafts, human_tasks
from workflow.engine.deposit_drafts import AlreadyDeposited, DepositPlace, Prepared
from workflow.engine.draft import StaleDraft
from workflow.engine.task_draft import DepositDraft
from workflow.errors import InvalidAnswer, LimitExceeded, NotAllowed, NotFound
from workflow.scenarios import defaults

TYPED = {"service_name": "Alizé Connect", "service_version": ""}
FORM = "deposit_dossier"


def place(number: int = 1) -> DepositPlace:
    """Where one candidature is prepared."""
    return DepositPlace(f"{number:032x}", FORM)


def newcomer(play: Play, name: str, operator_id: int | None = None) -> Actor:
    """Somebody with the role of operator, of no company unless one is given."""
    with play.database.transaction() as session:
        added = person.add_person(
            session,
            email=f"{name}@scenario.example",
            name=name,
            password=None,
            roles=["operator"],
            operator_id=operator_id,
            at=play.clock.now(),
        )
        return person.actor_of(session, added)


def prepared(play: Play, actor: Actor) -> list[Prepared]:
    with play.database.reading() as session:
        return deposit_drafts.all_of(session, actor)


def deposit(play: Play, actor: Actor, at: DepositPlace, **given: object) -> int:
    """Deposit what is prepared at a place; the dossier's id."""
    answer = {**defaults.deposit("Alizé Connect", play.stage.campaign), **given}
    done = human_tasks.start(play.runtime, "dossier", FORM, answer, actor, prepared=at)
    assert done.dossier_id is not None
    return done.dossier_id


def test_colleagues_see_what_is_begun_and_by_whom_and_nobody_else_does(play: Play) -> None:
    nadia = newcomer(play, "nadia")
    deposit_drafts.save(play.runtime, place(), TYPED, nadia, revision=0)
    dossier_id = deposit(play, nadia, place(9))
    with play.database.reading() as session:
        operator_id = session.get_one(Dossier, dossier_id).operator_id
    nadia = Actor(nadia.person_id, nadia.name, nadia.roles, operator_id)
    deposit_drafts.save(play.runtime, place(2), TYPED, nadia, revision=0)
    paul = newcomer(play, "paul", operator_id)
    assert {each.place.id for each in prepared(play, nadia)} == {place().id, place(2).id}
    (seen,) = prepared(play, paul)
    assert (seen.place, seen.draft.answer, seen.draft.saved_by) == (place(2), TYPED, "nadia")
    more = deposit_drafts.save(play.runtime, place(2), {"service_name": "B"}, paul, revision=1)
    assert more.revision == 2
    stranger = newcomer(play, "stranger")
    assert prepared(play, stranger) == []
    for act in (
        lambda: deposit_drafts.save(play.runtime, place(2), TYPED, stranger),
        lambda: deposit_drafts.discard(play.runtime, place(2).id, stranger),
        lambda: deposit(play, stranger, place(2), siret=defaults.siret_of("B")),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(NotAllowed):
        deposit_drafts.save(play.runtime, place(3), TYPED, play.actor("instructor"))
    deposit_drafts.discard(play.runtime, place(2).id, paul)
    assert [each.place.id for each in prepared(play, nadia)] == [place().id]


def test_a_newer_version_is_never_replaced_unseen(play: Play) -> None:
    nadia = newcomer(play, "nadia")
    deposit_drafts.save(play.runtime, place(), TYPED, nadia, revision=0)
    for seen in (0, 2):
        with pytest.raises(StaleDraft) as refused:
            deposit_drafts.save(play.runtime, place(), {}, nadia, revision=seen)
        assert (refused.value.code, refused.value.current) == ("stale_draft", 1)
    assert deposit_drafts.save(play.runtime, place(), {}, nadia).revision == 2


def test_a_page_that_never_heard_that_it_saved_goes_on_where_it_stands(play: Play) -> None:
    nadia = newcomer(play, "nadia")
    deposit_drafts.save(play.runtime, place(), TYPED, nadia, revision=0, page="one")
    again = deposit_drafts.save(play.runtime, place(), {"a": "b"}, nadia, revision=0, page="one")
    assert again.revision == 2
    for page in ("two", None):
        with pytest.raises(StaleDraft):
            deposit_drafts.save(play.runtime, place(), TYPED, nadia, revision=1, page=page)


def test_a_draft_ends_in_the_turn_of_its_deposit_and_tells_what_it_became(play: Play) -> None:
    nadia = newcomer(play, "nadia")
    deposit_drafts.save(play.runtime, place(), TYPED, nadia, revision=0)
    with pytest.raises(InvalidAnswer):
        deposit(play, nadia, place(), siret="12345678200011")
    assert len(prepared(play, nadia)) == 1
    dossier_id = deposit(play, nadia, place())
    with play.database.reading() as session:
        number = session.get_one(Dossier, dossier_id).number
        operator_id = session.get_one(Dossier, dossier_id).operator_id
        assert session.get_one(DepositDraft, place().id).answer == {}
    nadia = Actor(nadia.person_id, nadia.name, nadia.roles, operator_id)
    assert prepared(play, nadia) == []
    for act in (
        lambda: deposit_drafts.save(play.runtime, place(), TYPED, nadia, revision=0),
        lambda: deposit(play, nadia, place()),
    ):
        with pytest.raises(AlreadyDeposited) as done:
            act()
        assert (done.value.code, done.value.number) == ("already_deposited", number)
    with play.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Dossier)) == 1


def test_what_nobody_touches_for_half_a_year_is_forgotten(play: Play) -> None:
    nadia = newcomer(play, "nadia")
    deposit_drafts.save(play.runtime, place(), TYPED, nadia)
    deposit(play, nadia, place(2))
    now = play.clock.now()
    assert deposit_drafts.sweep(play.runtime, now + deposit_drafts.TOLD_FOR) == 0
    later = now + deposit_drafts.TOLD_FOR + timedelta(seconds=1)
    assert deposit_drafts.sweep(play.runtime, later) == 1
    assert deposit_drafts.sweep(play.runtime, now + deposit_drafts.KEPT_FOR) == 0
    later = now + deposit_drafts.KEPT_FOR + timedelta(seconds=1)
    assert deposit_drafts.sweep(play.runtime, later) == 1
    assert prepared(play, nadia) == []


def test_an_operator_prepares_twenty_candidatures_at_most(play: Play) -> None:
    nadia = newcomer(play, "nadia")
    for number in range(deposit_drafts.MOST_DRAFTS):
        deposit_drafts.save(play.runtime, place(number), TYPED, nadia)
    with pytest.raises(LimitExceeded):
        deposit_drafts.save(play.runtime, place(99), TYPED, nadia)
