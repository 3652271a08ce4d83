"""Questions to the support: a thread of its own, which moves nothing of any dossier."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from play import Play, broken_chains, history, instant, rows
from sqlalchemy import select

from workflow import audit_log
from workflow.domain import person, support_question
from workflow.domain.person import Actor
from workflow.domain.support_question import SupportQuestion
from workflow.engine import human_tasks, messages
from workflow.engine.turn import Done
from workflow.engine.waiting import HumanTask
from workflow.errors import Conflict, InvalidAnswer, NotAllowed, NotFound
from workflow.outbox import OutboxMessage

ACTING = Path(__file__).with_name("acting.py")
QUESTION = {"subject": "Fichier refusé", "text": "L’envoi d’une vidéo de 2 Go échoue."}
ANSWER = {"outcome": "answered", "text": "Envoyez-la en MP4, par le bouton Reprendre."}
ELSEWHERE = {"outcome": "out_of_scope", "text": "Répondez à la sollicitation, sur le dossier."}
OF_DOSSIERS = (
    "clock_interval",
    "deadline_record",
    "dossier",
    "flag",
    "notification",
    "queue_entry",
    "timer",
)


def asked(play: Play, who: Actor | None = None, **given: str) -> Done:
    return human_tasks.start(
        play.runtime,
        support_question.PROCESS,
        support_question.ASK,
        {**QUESTION, **given},
        who or play.actor("operator"),
        aside=True,
    )


def task_of(play: Play, done: Done) -> str:
    with play.database.reading() as session:
        return session.scalars(
            select(HumanTask.id).where(
                HumanTask.instance_id == done.instance_id, HumanTask.closed_at.is_(None)
            )
        ).one()


def answer(play: Play, done: Done, given: dict[str, str] = ANSWER) -> None:
    human_tasks.complete(play.runtime, task_of(play, done), given, play.actor("support"))


def write_again(play: Play, done: Done, who: Actor | None = None) -> None:
    operator = who or play.actor("operator")
    text = {"text": "Le bouton n’est pas là."}
    messages.send_beside(play.runtime, done.instance_id, support_question.ASK_AGAIN, text, operator)


def close(play: Play, done: Done, who: Actor | None = None) -> None:
    operator = who or play.actor("operator")
    messages.send_beside(play.runtime, done.instance_id, support_question.CLOSE, {}, operator)


def thread(play: Play, done: Done) -> tuple[SupportQuestion, list[tuple[str, str]]]:
    with play.database.reading() as session:
        found = session.scalars(
            select(SupportQuestion).where(SupportQuestion.instance_id == done.instance_id)
        ).one()
        said = support_question.messages_of(session, found.id)
        return found, [(message.kind, message.text) for message, _name in said]


def of_dossiers(play: Play) -> dict[str, Any]:
    """Every row of clocks, dates, ranks, flags and procedures of dossiers."""
    stored = rows(play.database)
    own = {name: stored[name] for name in OF_DOSSIERS}
    with play.database.reading() as session:
        for table in ("instance", "human_task"):
            own[table] = stored[table]
        aside = {
            row.id for row in session.scalars(select(HumanTask).where(HumanTask.aside.is_(True)))
        }
    own["human_task"] = [row for row in own["human_task"] if row[0] not in aside]
    own["instance"] = [row for row in own["instance"] if support_question.PROCESS not in row]
    return own


@pytest.mark.rule(75)
def test_no_clock_date_or_rank_of_a_dossier_moves_whatever_is_said_to_the_support(
    play: Play,
) -> None:
    play.solicited("A")
    play.instructed_so_far("B")
    play.clock.move_to(instant("2022-10-03T10:00"))
    before = of_dossiers(play)
    assert all(
        before[table] for table in ("timer", "clock_interval", "queue_entry", "deadline_record")
    )
    done = asked(play, play.actor("operator", "A"))
    answer(play, done)
    write_again(play, done, play.actor("operator", "A"))
    answer(play, done, ELSEWHERE)
    close(play, done, play.actor("operator", "A"))
    assert of_dossiers(play) == before
    assert broken_chains(play.database) == []


@pytest.mark.rule(75)
def test_a_thread_goes_to_and_fro_until_its_asker_closes_it(play: Play) -> None:
    play.act(start="deposit_dossier")
    done = asked(play)
    answer(play, done)
    write_again(play, done)
    answer(play, done, ELSEWHERE)
    close(play, done)
    question, said = thread(play, done)
    assert [kind for kind, _text in said] == ["asked", "answered", "asked_again", "redirected"]
    assert question.closed_at is not None
    with pytest.raises(Conflict):
        write_again(play, done)
    with pytest.raises(Conflict):
        close(play, done)


def test_an_asker_may_close_before_any_answer(play: Play) -> None:
    play.act(start="deposit_dossier")
    done = asked(play)
    task_id = task_of(play, done)
    close(play, done)
    with pytest.raises(Conflict):
        human_tasks.complete(play.runtime, task_id, ANSWER, play.actor("support"))


def test_a_question_is_answered_once(play: Play) -> None:
    play.act(start="deposit_dossier")
    done = asked(play)
    task_id = task_of(play, done)
    answer(play, done)
    with pytest.raises(Conflict):
        human_tasks.complete(play.runtime, task_id, ANSWER, play.actor("support"))


@pytest.mark.rule(75, 76)
def test_only_the_askers_operator_the_support_and_auditors_read_a_thread(play: Play) -> None:
    play.act(dossier="A", start="deposit_dossier")
    play.act(dossier="B", start="deposit_dossier")
    done = asked(play, play.actor("operator", "A"))
    question, _said = thread(play, done)
    readers = [play.actor(role, "A") for role in ("operator", "legal_representative")]
    readers += [play.actor("support"), play.actor("auditor")]
    others = [play.actor("operator", "B")]
    others += [play.actor(role) for role in ("instructor", "process_owner", "administrator")]
    with play.database.reading() as session:
        for reader in readers:
            assert support_question.visible_to(session, question.id, reader).id == question.id
            assert [q.id for q in support_question.listed(session, reader)] == [question.id]
        for other in others:
            assert support_question.listed(session, other) == []
            with pytest.raises(NotFound):
                support_question.visible_to(session, question.id, other)


def test_a_stranger_neither_writes_in_a_thread_nor_closes_it(play: Play) -> None:
    play.act(dossier="A", start="deposit_dossier")
    play.act(dossier="B", start="deposit_dossier")
    done = asked(play, play.actor("operator", "A"))
    answer(play, done)
    for stranger in (play.actor("operator", "B"), _newcomer(play, "sans.societe")):
        with pytest.raises(NotFound):
            write_again(play, done, stranger)
        with pytest.raises(NotFound):
            close(play, done, stranger)
    with pytest.raises(NotAllowed):
        close(play, done, play.actor("support"))


def test_each_side_acts_in_its_role_only(play: Play) -> None:
    play.act(start="deposit_dossier")
    with pytest.raises(NotAllowed):
        asked(play, play.actor("instructor"))
    done = asked(play, play.actor("legal_representative"))
    for role in ("operator", "instructor", "auditor"):
        with pytest.raises(NotAllowed):
            human_tasks.complete(play.runtime, task_of(play, done), ANSWER, play.actor(role))


def _newcomer(play: Play, name: str) -> Actor:
    with play.database.transaction() as session:
        added = person.add_person(
            session,
            email=f"{name}@exemple.example",
            name="Personne fictive",
            password=None,
            roles=["operator"],
            at=play.clock.now(),
        )
        return person.actor_of(session, added)


def test_a_person_without_a_company_or_a_dossier_asks_too_and_alone_reads_the_answer(
    play: Play,
) -> None:
    first, second = _newcomer(play, "premiere"), _newcomer(play, "seconde")
    done = asked(play, first)
    question, _said = thread(play, done)
    with play.database.reading() as session:
        assert support_question.visible_to(session, question.id, first)
        with pytest.raises(NotFound):
            support_question.visible_to(session, question.id, second)
    with pytest.raises(NotFound):
        close(play, done, second)
    close(play, done, first)


def test_what_is_missing_is_told_field_by_field_in_french(play: Play) -> None:
    play.act(start="deposit_dossier")
    with pytest.raises(InvalidAnswer) as refusal:
        asked(play, subject="", text=" ")
    assert refusal.value.faults == {
        "subject": ["L’objet manque. Dites en quelques mots de quoi il s’agit."],
        "text": ["La question manque. Écrivez-la."],
    }
    done = asked(play)
    with pytest.raises(InvalidAnswer) as refusal:
        human_tasks.complete(play.runtime, task_of(play, done), {}, play.actor("support"))
    assert set(refusal.value.faults) == {"outcome", "text"}


@pytest.mark.rule(76)
def test_the_house_keeps_that_something_was_said_but_not_what(play: Play) -> None:
    play.act(start="deposit_dossier")
    done = asked(play)
    answer(play, done)
    close(play, done)
    told = history(play.database, None)
    entries = [e for e in told if e.facts.get("process") == support_question.PROCESS]
    kinds = [entry.kind for entry in entries]
    assert [kind for kind in kinds if kind.startswith("support:")] == [
        "support:asked",
        "support:answered",
        "support:closed",
    ]
    assert kinds[0] == "instance:started"
    assert "instance:ended" in kinds
    written = "".join(str(entry.facts) for entry in told)
    for secret in (QUESTION["text"], QUESTION["subject"], ANSWER["text"]):
        assert secret not in written


def test_each_side_is_told_by_mail_that_there_is_something_to_read(play: Play) -> None:
    play.act(start="deposit_dossier")
    support, operator = play.actor("support"), play.actor("operator")
    with play.database.reading() as session:
        before = {row.id for row in session.scalars(select(OutboxMessage))}
        addresses = {
            actor.name: session.get_one(person.Person, actor.person_id).email
            for actor in (support, operator)
        }
    done = asked(play, operator)
    answer(play, done)
    with play.database.reading() as session:
        sent = [row for row in session.scalars(select(OutboxMessage)) if row.id not in before]
    told = [row.payload["to"] for row in sent]
    assert told == [addresses[support.name], addresses[operator.name]]
    assert all(ANSWER["text"] not in row.payload["body"] for row in sent)


def test_an_answer_stays_unread_until_its_operator_reads_it(play: Play) -> None:
    play.act(start="deposit_dossier")
    operator, auditor = play.actor("operator"), play.actor("auditor")
    done = asked(play, operator)
    answer(play, done)
    question, _said = thread(play, done)
    with play.database.transaction() as session:
        support_question.mark_read(session, question, auditor, play.clock.now())
    with play.database.reading() as session:
        assert [q.id for q in support_question.unread_by(session, operator)] == [question.id]
    with play.database.transaction() as session:
        support_question.mark_read(session, question, operator, play.clock.now())
    with play.database.reading() as session:
        assert support_question.unread_by(session, operator) == []


@pytest.mark.slow
def test_a_thread_goes_on_after_the_process_that_opened_it_was_killed(
    play: Play, tmp_path: Path
) -> None:
    play.act(start="deposit_dossier")
    url = play.database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, str(ACTING), "ask", url, str(tmp_path), "2022-10-03T10:00"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as victim:
        assert victim.stdout is not None
        assert victim.stdout.readline() == "asked\n"
        victim.kill()
        victim.communicate()
    with play.database.reading() as session:
        [question] = support_question.listed(session, play.actor("support"))
    assert question.subject == "Fichier refusé"
    done = Done(question.instance_id, None, 0)
    answer(play, done)
    close(play, done)
    assert [kind for kind, _text in thread(play, done)[1]] == ["asked", "answered"]


def test_an_auditor_finds_what_a_process_did_among_all_the_rest(play: Play) -> None:
    play.act(start="deposit_dossier")
    done = asked(play)
    close(play, done)
    with play.database.reading() as session:
        found = audit_log.history_of(session, None, process=support_question.PROCESS)
    kinds = [entry.kind for entry in found]
    assert {"instance:started", "support:asked", "support:closed", "instance:ended"} <= set(kinds)
    assert "college:scheduled" not in kinds
