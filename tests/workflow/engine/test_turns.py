"""A turn is whole or has not been: whatever breaks, whoever comes at the same time."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from statistics import median
from time import process_time

import pytest
from play import CAMPAIGN, Play, broken_chains, rows
from sqlalchemy import select, text, update
from sqlalchemy.exc import SQLAlchemyError

from workflow.db import Database
from workflow.domain.college import CollegeDecision
from workflow.domain.dossier import Dossier
from workflow.engine import human_tasks, messages, turn
from workflow.engine.instances import Instance, Projection
from workflow.engine.waiting import HumanTask, MessageWait, Timer
from workflow.errors import Conflict, JalonError
from workflow.scenarios import Procedure, defaults

ACTING = Path(__file__).with_name("acting.py")
SOLICIT = {"with": {"outcome": "solicit"}}


def process(what: str, database: Database, folder: Path, at: str) -> subprocess.Popen[str]:
    url = database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, str(ACTING), what, url, str(folder), at]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def kill(victim: subprocess.Popen[str]) -> None:
    victim.kill()
    victim.communicate()


def college_task(play: Play) -> str:
    done = messages.convene(play.runtime, CAMPAIGN, play.actor("college_president"))
    with play.database.reading() as session:
        return session.scalars(
            select(HumanTask.id).where(
                HumanTask.instance_id == done.instance_id, HumanTask.closed_at.is_(None)
            )
        ).one()


def decisions(play: Play, decided: dict[str, str]) -> dict[str, object]:
    with play.database.reading() as session:
        numbers = {
            name: defaults.dossier_of(session, play.stage.dossiers[name]).number for name in decided
        }
    return defaults.session_of_college(
        defaults.attendance(play.stage.campaign), decided, numbers, dict.fromkeys(decided, "")
    )


def test_what_breaks_in_the_middle_of_a_turn_leaves_nothing(play: Play) -> None:
    play.act(start="deposit_dossier")
    play.actor("admissibility_officer")
    before = rows(play.database)
    with play.database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE outbox_message RENAME TO away"))
    with pytest.raises(SQLAlchemyError):
        play.complete("check_admissibility", "admissibility_officer")
    with play.database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO outbox_message"))
    assert rows(play.database) == before
    play.complete("check_admissibility", "admissibility_officer")


@pytest.mark.slow
def test_the_college_decides_three_dossiers_in_one_act(play: Play) -> None:
    for name in ("A", "B", "C"):
        play.ready_for_the_college(name)
    president = play.actor("college_president")
    task = college_task(play)
    answer = decisions(play, {"A": "award", "B": "award", "C": "award"})
    human_tasks.complete(play.runtime, task, answer, president)
    assert {play.instance(name).end for name in ("A", "B", "C")} == {"listed"}
    with play.database.reading() as session:
        held = session.scalars(
            select(Instance).where(Instance.process_id == "college_session")
        ).all()
    assert sorted(session.end or "" for session in held) == ["", "held"]
    assert broken_chains(play.database) == []


def test_one_dossier_that_is_not_ready_stops_the_whole_session(play: Play) -> None:
    play.ready_for_the_college("A")
    play.ready_for_the_college("B")
    president = play.actor("college_president")
    task = college_task(play)
    answer = decisions(play, {"A": "award", "B": "award"})
    play.act(dossier="B", send="withdraw")
    before = rows(play.database)
    with pytest.raises(Conflict):
        human_tasks.complete(play.runtime, task, answer, president)
    assert rows(play.database) == before


@pytest.mark.slow
def test_a_session_and_exclusions_at_the_same_time_never_wait_for_each_other(
    play: Play,
) -> None:
    names = ("A", "B", "C")
    for name in names:
        play.ready_for_the_college(name)
    president, owner = play.actor("college_president"), play.actor("process_owner")
    task, answer = college_task(play), decisions(play, dict.fromkeys(names, "award"))
    start, outcomes = threading.Barrier(len(names) + 1), Counter[str]()

    def decide() -> None:
        start.wait()
        outcomes[_outcome(lambda: human_tasks.complete(play.runtime, task, answer, president))] += 1

    def exclude(dossier_id: int) -> None:
        reason = {"reason": "Engagement non tenu"}
        start.wait()
        _outcome(lambda: messages.send(play.runtime, dossier_id, "exclude", reason, owner))

    threads = [threading.Thread(target=decide)]
    threads += [
        threading.Thread(target=exclude, args=(play.stage.dossiers[name],)) for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ends = Counter(play.instance(name).end for name in names)
    with play.database.reading() as session:
        decided = len(session.scalars(select(CollegeDecision.id)).all())
    assert (decided, ends["listed"] + ends["excluded"]) in {(0, 3), (3, 3)}
    assert outcomes == ({"done": 1} if decided else {"conflict": 1})
    assert broken_chains(play.database) == []


def _outcome(act: object) -> str:
    assert callable(act)
    try:
        act()
    except JalonError as refusal:
        return refusal.code
    return "done"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_session_waits_for_a_dossiers_own_turn_before_it_writes_to_it(play: Play) -> None:
    play.ready_for_the_college("A")
    president = play.actor("college_president")
    task, answer = college_task(play), decisions(play, {"A": "award"})
    dossier_id, now = play.stage.dossiers["A"], play.clock.now()
    instance_id = play.instance("A").id
    session_act = threading.Thread(
        target=human_tasks.complete, args=(play.runtime, task, answer, president)
    )
    with play.database.transaction() as session:
        turn.lock(session, instance_id, now=now)
        session_act.start()
        _until_somebody_waits(play.database)
        session.execute(text("SET LOCAL lock_timeout = '5s'"))
        session.execute(update(Dossier).where(Dossier.id == dossier_id).values(end_reason="Motif"))
    session_act.join()
    assert play.instance("A").end == "listed"


def _until_somebody_waits(database: Database) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    tick = threading.Event()
    for _ in range(500):
        with database.reading() as session:
            if session.scalar(waiting):
                return
        tick.wait(0.01)
    raise AssertionError("Expected the session to wait for the dossier but it does not.")


@pytest.mark.slow
def test_a_process_killed_between_two_words_leaves_whole_turns(
    database: Database, procedure: Procedure, tmp_path: Path
) -> None:
    play = Play(database, procedure, tmp_path / "proofs")
    play.instructed_so_far()
    for acts_before_the_kill in (3, 6):
        victim = process("solicit", database, tmp_path / "proofs", "2022-10-03T10:00")
        assert victim.stdout is not None
        for _ in range(acts_before_the_kill):
            assert victim.stdout.readline(), victim.communicate()[1]
        kill(victim)
        _require_whole(play)
    task = play.task("instruct_dossier")
    if task.closed_at is not None:
        play.complete("answer_solicitation", "operator")
    play.complete("instruct_dossier", "instructor")
    _require_whole(play)


def _require_whole(play: Play) -> None:
    """The state, what it waits for and the history tell the same story."""
    instance = play.instance()
    with play.database.reading() as session:
        tasks = session.scalars(
            select(HumanTask.id).where(
                HumanTask.instance_id == instance.id, HumanTask.closed_at.is_(None)
            )
        ).all()
        timers = session.scalars(
            select(Timer.timer_id).where(Timer.instance_id == instance.id)
        ).all()
        heard = session.execute(
            select(MessageWait.message, MessageWait.element_id).where(
                MessageWait.instance_id == instance.id
            )
        ).all()
    projection = Projection.load(instance.projection)
    assert sorted(projection.tasks) == sorted(tasks)
    assert sorted(projection.timers) == sorted(timers)
    assert sorted(projection.messages) == sorted(f"{name} {where}" for name, where in heard)
    turns = [e.facts["revision"] for e in play.history() if "revision" in e.facts]
    assert turns == list(range(1, instance.revision + 1))
    assert broken_chains(play.database) == []


@pytest.mark.slow
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_three_workers_of_which_one_is_killed_fire_every_timer_once(
    database: Database, procedure: Procedure, tmp_path: Path
) -> None:
    play = Play(database, procedure, tmp_path / "proofs")
    names = [f"dossier {number}" for number in range(30)]
    for name in names:
        play.act(dossier=name, start="deposit_dossier")
    at = "2022-10-11T09:00"
    workers = [process("sweep", database, tmp_path / "proofs", at) for _ in range(3)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    while not any(entry.kind == "timer:fired" for entry in play.history(names[0])):
        assert workers[0].poll() is None
    kill(workers[0])
    for worker in workers[1:]:
        _, complaints = worker.communicate()
        assert worker.returncode == 0, complaints
        assert "failed" not in complaints
    play.wait_until(at)
    for name in names:
        told = [e.facts["element"] for e in play.history(name) if e.kind == "timer:fired"]
        assert told == ["admissibility_week"]
    assert broken_chains(database) == []


@pytest.mark.slow
def test_hundreds_of_solicitations_neither_break_nor_slow_a_dossier(
    procedure: Procedure, tmp_path: Path
) -> None:
    database = Database("sqlite://")
    database.create_all()
    play = Play(database, procedure, tmp_path / "proofs")
    play.instructed_so_far()
    instructor, operator = play.actor("instructor"), play.actor("operator")
    asked = {**play.answer(play.task("instruct_dossier")), "outcome": "solicit"}
    sizes: list[int] = []
    spent: list[float] = []
    for number in range(400):
        start = process_time()
        for element, answer, who in (
            ("instruct_dossier", asked, instructor),
            ("answer_solicitation", {"answer": "Voici."}, operator),
        ):
            human_tasks.complete(play.runtime, play.task(element).id, answer, who)
        spent.append(process_time() - start)
        if number % 50 == 49:
            instance = play.instance()
            sizes.append(len(instance.state) + len(instance.projection))
    assert max(sizes) <= 1.05 * sizes[0]
    assert median(spent[-100:]) <= 2 * median(spent[100:200]), "a generous factor"
    play.complete("instruct_dossier", "instructor")
    assert play.instance().revision == 6 + 2 * 400
    assert broken_chains(database) == []
    database.close()
