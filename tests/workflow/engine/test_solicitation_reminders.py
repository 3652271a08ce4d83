"""Reminders and withdrawals on the engine: what fires, what moves, what older diagrams keep."""

from __future__ import annotations

from datetime import timedelta

import pytest
from play import DEFAULT, Play, broken_chains, instant
from sqlalchemy import select

from workflow.domain import solicitation
from workflow.domain.notification import Notification
from workflow.domain.person import SYSTEM
from workflow.engine import acts, holds, human_tasks
from workflow.engine.diagrams import put_in_force
from workflow.engine.source_file import SourceFile
from workflow.scenarios import Procedure

REMINDED = "solicitation:reminded"


def kinds(play: Play) -> list[str]:
    return [entry.kind for entry in play.history()]


def reminders(play: Play) -> list[tuple[str, str]]:
    with play.database.reading() as session:
        rows = session.execute(
            select(Notification.role, Notification.kind)
            .where(Notification.kind.startswith("reminder_"))
            .order_by(Notification.id)
        )
        return [(role, kind) for role, kind in rows]


def test_both_people_of_the_operator_are_reminded_before_each_step(play: Play) -> None:
    play.solicited()
    play.wait_until("2022-11-02T23:59:59")
    steps = ("deprioritise", "delay", "abandon", "abandon")
    assert reminders(play) == [
        (role, f"reminder_solicitation_{step}")
        for step in steps
        for role in ("operator", "legal_representative")
    ]
    assert kinds(play).count(REMINDED) == 4
    facts = [entry.facts for entry in play.history() if entry.kind == REMINDED]
    assert [entry["step"] for entry in facts] == [f"solicitation_{step}" for step in steps]
    assert broken_chains(play.database) == []


def test_nobody_is_reminded_after_the_answer(play: Play) -> None:
    play.solicited()
    play.act(at="2022-10-03T12:00", complete="answer_solicitation")
    play.wait_until("2022-11-10T00:00")
    assert reminders(play) == []


def test_a_reminder_moves_no_clock_no_flag_and_no_task(play: Play) -> None:
    play.solicited()
    task, revision = play.task("answer_solicitation"), play.instance().revision
    play.wait_until("2022-10-04T05:00")
    assert kinds(play).count(REMINDED) == 1
    after = play.task("answer_solicitation")
    assert (after.id, after.due_at, after.closed_at) == (task.id, task.due_at, None)
    assert play.instance().revision == revision + 1
    assert "dossier:flagged" not in kinds(play)


@pytest.mark.rule(79)
def test_a_suspension_moves_each_reminder_with_its_step(play: Play) -> None:
    play.solicited()
    play.wait_until("2022-10-05T09:00")
    owner, dossier_id = play.actor("process_owner"), play.stage.dossiers[DEFAULT]
    before = play.timers()
    holds.suspend(play.runtime, dossier_id, "Vérification.", owner)
    play.wait_until("2022-10-15T09:00")
    assert kinds(play).count(REMINDED) == 1
    holds.resume(play.runtime, dossier_id, "Vérifié.", owner)
    after = play.timers()
    assert after["after_30_days"] == before["after_30_days"] + timedelta(days=10)
    assert after["one_week_before_30_days"] == after["after_30_days"] - timedelta(days=7)
    assert after["two_days_before_30_days"] == after["after_30_days"] - timedelta(days=2)
    assert after["before_5_days"] == after["after_5_days"] - timedelta(days=1)


def test_the_first_reading_is_recorded_once_and_moves_nothing(play: Play) -> None:
    play.solicited()
    before = (play.timers(), play.instance().revision)
    for _time in range(2):
        acts.perform(
            play.runtime,
            play.actor("operator"),
            play.stage.dossiers[DEFAULT],
            solicitation.note_seen,
        )
    assert kinds(play).count("solicitation:seen") == 1
    assert (play.timers(), play.instance().revision) == before


def test_a_dossier_under_way_on_the_diagrams_of_before_goes_on(
    play: Play, procedure: Procedure
) -> None:
    # As drawn before: no reminder, no withdrawal, one answer for the whole given to its record.
    name = "instruction_solicitation.bpmn"
    drawn = next(file for file in procedure.files if file.name == name).content.decode()
    older = drawn.replace(
        '            <spiffworkflow:parameter id="answers" type="any" value="answers"/>\n', ""
    )
    assert older != drawn
    put_in_force(play.runtime, [SourceFile(name, older.encode())], SYSTEM)
    play.solicited()
    put_in_force(play.runtime, procedure.files, SYSTEM)
    task = play.task("answer_solicitation")
    given = {"answers": [{"question": 1, "text": "Question par question."}]}
    human_tasks.complete(play.runtime, task.id, given, play.actor("operator"))
    with play.database.reading() as session:
        (asked,) = solicitation.of_dossier(session, play.stage.dossiers[DEFAULT])
        (question,) = solicitation.questions_of(session, asked.id)
    assert question.answer == "Question par question."
    assert instant("2022-10-03T09:00") == play.clock.now()
