"""Corrections of clerical errors: proposed by the officer, made only if the operator agrees."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from play import DEFAULT, Play, broken_chains, history
from sqlalchemy import select, update

from workflow.domain import correction, notification
from workflow.domain.correction import Correction
from workflow.domain.dossier import Dossier
from workflow.engine import holds, human_tasks, messages
from workflow.engine.turn import Done
from workflow.engine.waiting import HumanTask
from workflow.errors import Conflict, InvalidAnswer, NotAllowed, NotFound

ACTING = Path(__file__).with_name("acting.py")
VERSION = {"fact": "service_version", "new_text": "1.0.1", "reason": "Coquille au dépôt."}
NAME = {"fact": "company_name", "new_text": "Opérateur Fictif SA", "reason": "Graphie."}
AGREE = {"outcome": "agree"}
DECLINE = {"outcome": "decline", "reason": "C’est bien la version 1.0."}
SECOND_PROPOSAL = {"reason": "Erreur de ma part."}


def propose(
    play: Play, given: dict[str, Any] = VERSION, role: str = "admissibility_officer"
) -> Done:
    return human_tasks.start(
        play.runtime,
        correction.PROCESS,
        correction.PROPOSE,
        given,
        play.actor(role),
        about_dossier_id=play.stage.dossiers[DEFAULT],
    )


def task_of(play: Play, done: Done) -> HumanTask:
    with play.database.reading() as session:
        return session.scalars(
            select(HumanTask)
            .where(HumanTask.instance_id == done.instance_id)
            .order_by(HumanTask.opened_at.desc())
        ).one()


def reply(play: Play, done: Done, given: dict[str, str] = AGREE, role: str = "operator") -> None:
    human_tasks.complete(play.runtime, task_of(play, done).id, given, play.actor(role))


def withdraw(play: Play, done: Done, role: str = "admissibility_officer") -> None:
    officer = play.actor(role)
    messages.send_beside(
        play.runtime, done.instance_id, correction.WITHDRAW, SECOND_PROPOSAL, officer
    )


def dossier(play: Play) -> Dossier:
    with play.database.reading() as session:
        return session.get_one(Dossier, play.stage.dossiers[DEFAULT])


def outcome(play: Play, done: Done) -> str | None:
    with play.database.reading() as session:
        found = correction.of_instance(session, done.instance_id)
        assert found is not None
        return found.outcome


def waiting(play: Play) -> list[str]:
    with play.database.reading() as session:
        tasks = human_tasks.open_of_dossier(session, play.stage.dossiers[DEFAULT])
        return [task.element_id for task in tasks]


@pytest.mark.rule(41)
@pytest.mark.parametrize("role", ["operator", "legal_representative"])
def test_a_fact_changes_once_a_person_of_the_operator_agrees(play: Play, role: str) -> None:
    play.act(start="deposit_dossier")
    done = propose(play)
    assert dossier(play).service_version == "1.0"
    reply(play, done, role=role)
    assert dossier(play).service_version == "1.0.1"
    [told] = [e for e in play.history() if e.kind == "dossier:corrected"]
    assert told.facts["old"] == "1.0"
    assert told.facts["new"] == "1.0.1"
    assert told.facts["reason"] == VERSION["reason"]
    assert told.facts["proposed_by"] == play.actor("admissibility_officer").name
    assert told.facts["agreed_by"] == told.actor_name == play.actor(role).name
    assert broken_chains(play.database) == []


@pytest.mark.rule(41)
@pytest.mark.parametrize(
    ("given", "fact", "value"),
    [
        ({"fact": "company_name", "new_text": "Exemple SA"}, "company_name", "Exemple SA"),
        ({"fact": "contact_name", "new_text": "Ana Fictif"}, "contact_name", "Ana Fictif"),
        (
            {"fact": "legal_representative_email", "new_email": "camille@operateur.example"},
            "legal_representative_email",
            "camille@operateur.example",
        ),
        (
            {"fact": "legal_representative_phone", "new_phone": "01 99 00 00 01"},
            "legal_representative_phone",
            "01 99 00 00 01",
        ),
        (
            {"fact": "planned_proof_on", "new_date": "2022-12-05"},
            "planned_proof_on",
            date(2022, 12, 5),
        ),
        (
            {"fact": "publication_authorised", "new_permission": "false"},
            "publication_authorised",
            False,
        ),
    ],
)
def test_each_correctable_fact_is_corrected_in_its_own_kind(
    play: Play, given: dict[str, str], fact: str, value: object
) -> None:
    play.act(start="deposit_dossier")
    reply(play, propose(play, {**given, "reason": "Erreur de saisie."}))
    assert getattr(dossier(play), fact) == value


def test_a_declined_proposal_changes_nothing_and_keeps_why(play: Play) -> None:
    play.act(start="deposit_dossier")
    done = propose(play)
    with pytest.raises(InvalidAnswer) as refusal:
        reply(play, done, {"outcome": "decline"})
    assert list(refusal.value.faults) == ["reason"]
    reply(play, done, DECLINE)
    assert dossier(play).service_version == "1.0"
    with play.database.reading() as session:
        [told] = correction.of_dossier(session, play.stage.dossiers[DEFAULT])
    assert told.correction.answer_reason == DECLINE["reason"]
    assert (told.proposed_by, told.concluded_by) == (
        play.actor("admissibility_officer").name,
        play.actor("operator").name,
    )


def test_an_officer_takes_a_proposal_back_before_it_is_answered(play: Play) -> None:
    play.act(start="deposit_dossier")
    done = propose(play)
    for role in ("operator", "instructor"):
        with pytest.raises(NotAllowed):
            withdraw(play, done, role)
    withdraw(play, done)
    assert (outcome(play, done), dossier(play).service_version) == ("withdrawn", "1.0")
    with pytest.raises(Conflict):
        reply(play, done)
    with pytest.raises(Conflict):
        withdraw(play, done)


def test_only_the_officer_proposes_and_only_the_operators_own_people_answer(play: Play) -> None:
    play.act(start="deposit_dossier")
    play.act(dossier="B", start="deposit_dossier")
    for role in ("operator", "legal_representative", "instructor", "process_owner"):
        with pytest.raises(NotAllowed):
            propose(play, role=role)
    done = propose(play)
    task_id = task_of(play, done).id
    for role in ("admissibility_officer", "support"):
        with pytest.raises(NotAllowed):
            human_tasks.complete(play.runtime, task_id, AGREE, play.actor(role))
    with pytest.raises(NotFound):
        human_tasks.complete(play.runtime, task_id, AGREE, play.actor("operator", "B"))
    assert dossier(play).service_version == "1.0"


def test_a_second_agreement_and_a_second_proposal_on_the_same_fact_are_conflicts(
    play: Play,
) -> None:
    play.act(start="deposit_dossier")
    done = propose(play)
    with pytest.raises(Conflict):
        propose(play, {**VERSION, "new_text": "1.0.2"})
    other = propose(play, NAME)
    reply(play, done)
    with pytest.raises(Conflict):
        reply(play, done)
    reply(play, other)
    assert dossier(play).company_name == NAME["new_text"]


def test_a_proposal_that_the_fact_has_overtaken_is_refused(play: Play) -> None:
    play.act(start="deposit_dossier")
    done = propose(play)
    with play.database.transaction() as session:
        session.execute(update(Dossier).values(service_version="2.0"))
    with pytest.raises(Conflict, match=r"2\.0"):
        reply(play, done)
    assert dossier(play).service_version == "2.0"
    withdraw(play, done)


@pytest.mark.rule(50)
@pytest.mark.parametrize("fact", ["profiles", "siret", "dsr", "attempt"])
def test_what_makes_the_dossier_is_never_corrected_so(play: Play, fact: str) -> None:
    play.act(start="deposit_dossier")
    with pytest.raises(InvalidAnswer) as refusal:
        propose(play, {"fact": fact, "new_text": "autre", "reason": "Essai."})
    assert "fact" in refusal.value.faults


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"fact": "service_version", "new_text": "1.0"}, "new_text"),
        ({"fact": "service_version", "new_text": "x" * 61}, "new_text"),
        ({"fact": "service_version"}, "new_text"),
        ({"fact": "legal_representative_email", "new_email": "pas une adresse"}, "new_email"),
        ({"fact": "legal_representative_phone", "new_phone": "appelez-moi"}, "new_phone"),
        ({"fact": "planned_proof_on", "new_date": "demain"}, "new_date"),
        ({"fact": "publication_authorised", "new_permission": "true"}, "new_permission"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_at_its_field(
    play: Play, given: dict[str, str], key: str
) -> None:
    play.act(start="deposit_dossier")
    with pytest.raises(InvalidAnswer) as refusal:
        propose(play, {**given, "reason": "Erreur de saisie."})
    assert list(refusal.value.faults) == [key]
    with play.database.reading() as session:
        assert session.scalars(select(Correction)).all() == []


def test_a_suspended_dossier_is_not_corrected_until_it_is_resumed(play: Play) -> None:
    play.act(start="deposit_dossier")
    done = propose(play)
    owner, number = play.actor("process_owner"), play.stage.dossiers[DEFAULT]
    holds.suspend(play.runtime, number, "Vérification.", owner)
    assert task_of(play, done).closed_by == "held"
    acts: list[Callable[[], object]] = [
        lambda: reply(play, done),
        lambda: withdraw(play, done),
        lambda: propose(play, NAME),
    ]
    for act in acts:
        with pytest.raises(Conflict, match="suspended"):
            act()
    holds.resume(play.runtime, number, "Vérifié.", owner)
    reply(play, done)
    assert dossier(play).service_version == "1.0.1"
    assert broken_chains(play.database) == []


@pytest.mark.parametrize("held", [False, True])
def test_the_end_of_a_dossier_makes_its_proposals_void(play: Play, held: bool) -> None:
    play.act(start="deposit_dossier")
    done = propose(play)
    if held:
        owner = play.actor("process_owner")
        holds.suspend(play.runtime, play.stage.dossiers[DEFAULT], "Vérification.", owner)
    play.act(send="withdraw")
    assert outcome(play, done) == "lapsed"
    assert task_of(play, done).closed_at is not None
    for act in (lambda: reply(play, done), lambda: withdraw(play, done), lambda: propose(play)):
        with pytest.raises(Conflict):
            act()
    assert dossier(play).service_version == "1.0"
    assert broken_chains(play.database) == []


def test_a_deadline_that_ends_the_dossier_comes_before_the_agreement(play: Play) -> None:
    play.act(start="deposit_dossier")
    play.act(complete="check_admissibility", **{"with": {"outcome": "solicit"}})
    done = propose(play)
    play.clock.move_to(play.clock.now().replace(month=12))
    with pytest.raises(Conflict):
        reply(play, done)
    assert (dossier(play).end, outcome(play, done)) == ("rejected_no_answer", "lapsed")
    assert dossier(play).service_version == "1.0"


def test_the_procedure_of_the_dossier_does_not_wait_for_a_correction(play: Play) -> None:
    play.act(start="deposit_dossier")
    before = (waiting(play), play.timers(), play.instance().revision)
    done = propose(play)
    assert (waiting(play), play.timers(), play.instance().revision) == before
    play.act(complete="check_admissibility")
    reply(play, done)
    assert set(waiting(play)) == {"sign_convention", "submit_proofs"}


def test_both_sides_are_told(play: Play) -> None:
    play.act(start="deposit_dossier")
    reply(play, propose(play))
    with play.database.reading() as session:
        told = notification.of_dossier(
            session, play.stage.dossiers[DEFAULT], play.actor("auditor"), limit=4
        )
    assert {(n.role, n.kind) for n in told if n.kind.startswith("correction")} == {
        ("operator", "correction_proposed"),
        ("legal_representative", "correction_proposed"),
        ("admissibility_officer", "correction_agreed"),
    }
    [proposed] = [n for n in told if (n.role, n.kind) == ("operator", "correction_proposed")]
    assert "1.0.1" in proposed.body


def test_a_correction_is_in_the_chain_of_its_dossier_alone(play: Play) -> None:
    play.act(start="deposit_dossier")
    house = len(history(play.database, None))
    reply(play, propose(play))
    kinds = [entry.kind for entry in play.history()]
    assert {"correction:proposed", "dossier:corrected", "instance:ended"} <= set(kinds)
    assert len(history(play.database, None)) == house


@pytest.mark.slow
def test_an_agreement_is_found_by_a_process_that_starts_after_a_crash(
    play: Play, tmp_path: Path
) -> None:
    play.act(start="deposit_dossier")
    url = play.database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, str(ACTING), "propose", url, str(tmp_path), "2022-10-03T10:00"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as victim:
        assert victim.stdout is not None
        assert victim.stdout.readline() == "proposed\n"
        victim.kill()
        victim.communicate()
    with play.database.reading() as session:
        [told] = correction.of_dossier(session, play.stage.dossiers[DEFAULT])
    assert told.correction.new_value == "1.0.1"
    reply(play, Done(told.correction.instance_id, None, 0))
    assert dossier(play).service_version == "1.0.1"
