"""Drafts: kept on the server, shared by who may complete the task, gone with it."""

from __future__ import annotations

import pytest
from play import DEFAULT, Play
from sqlalchemy import func, select

from workflow.domain import person
from workflow.domain.person import Actor
from workflow.engine import drafts, holds
from workflow.engine.drafts import Draft, StaleDraft
from workflow.engine.task_draft import TaskDraft
from workflow.errors import Conflict, LimitExceeded, NotAllowed, NotFound

TYPED = {"answer": "", "answers": [{"question": "1", "text": "Le SIRET est"}]}


def read(play: Play, task_id: str) -> Draft | None:
    with play.database.reading() as session:
        return drafts.find(session, task_id)


def stored(play: Play) -> int:
    with play.database.reading() as session:
        return session.scalar(select(func.count()).select_from(TaskDraft)) or 0


def colleague(play: Play) -> Actor:
    """Another person of the same operator."""
    operator_id = play.actor("operator").operator_id
    with play.database.transaction() as session:
        added = person.add_person(
            session,
            email="collegue@scenario.example",
            name="Collègue fictive",
            password=None,
            roles=["operator"],
            operator_id=operator_id,
            at=play.clock.now(),
        )
        return person.actor_of(session, added)


@pytest.fixture
def task_id(play: Play) -> str:
    """The open answer to a solicitation."""
    play.solicited()
    return play.task("answer_solicitation").id


def test_what_is_typed_is_kept_for_a_colleague_who_goes_on(play: Play, task_id: str) -> None:
    first = drafts.save(play.runtime, task_id, TYPED, play.actor("operator"), revision=0)
    assert (first.revision, first.answer) == (1, TYPED)
    other = colleague(play)
    more = {"answer": "Tout est là."}
    second = drafts.save(play.runtime, task_id, more, other, revision=1)
    assert second.revision == 2
    found = read(play, task_id)
    assert found is not None
    assert (found.answer, found.saved_by, found.saved_at) == (more, other.name, play.clock.now())


def test_a_draft_is_no_act(play: Play, task_id: str) -> None:
    before = [(entry.kind, entry.link) for entry in play.history()]
    revision = play.instance().revision
    drafts.save(play.runtime, task_id, TYPED, play.actor("operator"))
    assert [(entry.kind, entry.link) for entry in play.history()] == before
    assert play.instance().revision == revision


def test_a_second_tab_does_not_overwrite_the_first(play: Play, task_id: str) -> None:
    operator = play.actor("operator")
    drafts.save(play.runtime, task_id, TYPED, operator, revision=0)
    for seen in (0, 2):
        with pytest.raises(StaleDraft) as refused:
            drafts.save(play.runtime, task_id, {"answer": "Autre"}, operator, revision=seen)
        assert (refused.value.code, refused.value.current) == ("stale_draft", 1)
        with pytest.raises(StaleDraft):
            drafts.discard(play.runtime, task_id, operator, revision=seen)
    found = read(play, task_id)
    assert found is not None
    assert found.answer == TYPED
    assert drafts.save(play.runtime, task_id, {"answer": "Autre"}, operator).revision == 2


def test_a_draft_goes_with_its_task_and_what_is_sent_is_the_form(play: Play, task_id: str) -> None:
    drafts.save(play.runtime, task_id, TYPED, play.actor("operator"))
    play.act(complete="answer_solicitation")
    assert read(play, task_id) is None
    assert stored(play) == 0
    with pytest.raises(Conflict):
        drafts.save(play.runtime, task_id, TYPED, play.actor("operator"))
    assert stored(play) == 0


@pytest.mark.rule(66)
def test_a_draft_goes_when_its_delay_passes(play: Play, task_id: str) -> None:
    drafts.save(play.runtime, task_id, TYPED, play.actor("operator"))
    play.wait_until("2022-11-02T23:59:59")
    assert stored(play) == 1
    play.wait_until("2022-11-03T00:00")
    assert stored(play) == 0


def test_a_draft_goes_when_the_solicitation_is_withdrawn(play: Play, task_id: str) -> None:
    drafts.save(play.runtime, task_id, TYPED, play.actor("operator"))
    withdrawal = {"actor": "instructor", "send": "withdraw_solicitation"}
    play.act(None, **withdrawal, **{"with": {"reason": "Erreur."}})
    assert stored(play) == 0


@pytest.mark.rule(79)
def test_a_draft_outlives_a_suspension(play: Play, task_id: str) -> None:
    drafts.save(play.runtime, task_id, TYPED, play.actor("operator"))
    owner, dossier_id = play.actor("process_owner"), play.stage.dossiers[DEFAULT]
    holds.suspend(play.runtime, dossier_id, "Vérification.", owner)
    with pytest.raises(Conflict):
        drafts.save(play.runtime, task_id, {"answer": "Encore"}, play.actor("operator"))
    holds.resume(play.runtime, dossier_id, "Vérifié.", owner)
    found = read(play, task_id)
    assert found is not None
    assert found.answer == TYPED


def test_nobody_drafts_for_another_role_or_company(play: Play, task_id: str) -> None:
    play.act(dossier="B", start="deposit_dossier")
    for stranger in (play.actor("instructor"), play.actor("legal_representative")):
        with pytest.raises(NotAllowed):
            drafts.save(play.runtime, task_id, TYPED, stranger)
    with pytest.raises((NotAllowed, NotFound)):
        drafts.save(play.runtime, task_id, TYPED, play.actor("operator", "B"))
    with pytest.raises(NotFound):
        drafts.save(play.runtime, "0" * 32, TYPED, play.actor("operator"))
    assert stored(play) == 0


def test_an_instructor_drafts_verdicts_too(play: Play) -> None:
    play.instructed_so_far()
    task = play.task("instruct_dossier")
    verdicts = {"verdicts": [{"requirement": "DER-TLS-01", "verdict": "conform"}]}
    saved = drafts.save(play.runtime, task.id, verdicts, play.actor("instructor"), revision=0)
    assert saved.answer == verdicts
    drafts.discard(play.runtime, task.id, play.actor("instructor"), revision=1)
    assert read(play, task.id) is None


def test_ten_megabytes_are_no_draft(play: Play, task_id: str) -> None:
    with pytest.raises(LimitExceeded) as refused:
        drafts.save(play.runtime, task_id, {"answer": "x" * 10_000_000}, play.actor("operator"))
    assert (refused.value.code, refused.value.http_status) == ("limit_exceeded", 413)
    assert stored(play) == 0
