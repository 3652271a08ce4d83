"""Acts on many dossiers: foreseen, done once each, continued after a crash, on both databases."""

from __future__ import annotations

import threading

import pytest
from play import Play

from api import bulk_door
from workflow import audit_log
from workflow.domain import (
    bulk_act,
    bulk_report,
    bulk_verbs,
    deviation,
    hand_over,
    instruction_assignment,
    interest,
    internal_note,
    person,
)
from workflow.domain.dossier import Dossier
from workflow.domain.person import Actor
from workflow.engine import acts, drafts, human_tasks
from workflow.errors import Conflict, InvalidAnswer, NotAllowed, NotFound

NAMES = ("A", "B", "C")


def account(play: Play, name: str, role: str) -> Actor:
    """Someone of the Agency with an account."""
    with play.database.transaction() as session:
        added = person.add_person(
            session,
            email=f"{name}@ans.example",
            name=name,
            password="une phrase assez longue",
            roles=[role],
            at=play.clock.now(),
        )
        return person.actor_of(session, added)


@pytest.fixture
def deposited(play: Play) -> Play:
    """Three dossiers."""
    for name in NAMES:
        play.act(dossier=name, start="deposit_dossier")
    return play


@pytest.fixture
def queue(deposited: Play) -> Play:
    """Three dossiers in the queue, A first."""
    for hour, name in enumerate(NAMES):
        deposited.act(f"2022-10-04T1{hour}:00", dossier=name, complete="check_admissibility")
        deposited.act(dossier=name, complete="submit_proofs")
    return deposited


def numbers(play: Play, names: str) -> list[str]:
    with play.database.reading() as session:
        return [session.get_one(Dossier, play.stage.dossiers[name]).number for name in names]


def prepared(play: Play, actor: Actor, act: str, names: str, **answer: object) -> int:
    found = bulk_door.prepare(play.runtime, actor, act, numbers(play, names))
    said = {"to": None, "reason": "", "text": "", **answer}
    bulk_door.complete(play.runtime, actor, found, **said)  # pyright: ignore[reportArgumentType]
    return found


def foreseen(play: Play, actor: Actor, bulk_act_id: int) -> list[str | None]:
    with play.database.reading() as session:
        act = bulk_act.of_actor(session, actor, bulk_act_id)
        return [row.code for row in bulk_verbs.foresee(session, actor, act, play.clock.now())]


def became(play: Play, bulk_act_id: int) -> list[tuple[str, str | None]]:
    with play.database.reading() as session:
        return [(row.state, row.code) for row, _d in bulk_report.items(session, bulk_act_id)]


def holders(play: Play) -> list[str | None]:
    with play.database.reading() as session:
        held = instruction_assignment.holders(session, list(play.stage.dossiers.values()))
        return [held.get(play.stage.dossiers[n], (0, None))[1] for n in NAMES]


@pytest.mark.slow
@pytest.mark.rule(60)
def test_what_is_foreseen_is_what_happens_dossier_by_dossier_and_drafts_go_along(
    queue: Play,
) -> None:
    luc, ines = account(queue, "luc", "process_owner"), account(queue, "ines", "instructor")
    karim = account(queue, "karim", "instructor")
    runtime, dossiers = queue.runtime, queue.stage.dossiers
    declared = interest.declare
    acts.perform(
        runtime, karim, dossiers["B"], lambda c: declared(c, has_conflict=True, reason="Parent.")
    )
    out_of_order = prepared(queue, luc, "assign", "CB", to=ines.person_id)
    assert foreseen(queue, luc, out_of_order) == ["reason_needed"] * 2
    in_order = prepared(queue, luc, "assign", "CBA", to=ines.person_id)
    assert foreseen(queue, luc, in_order) == [None] * 3
    bulk_door.confirm(runtime, luc, in_order)
    assert became(queue, in_order) == [("done", None)] * 3
    assert holders(queue) == ["ines"] * 3
    with queue.database.reading() as session:
        assert deviation.deviations(session) == []
        kinds = [row.kind for row in audit_log.history_of(session, None)]
        task = human_tasks.latest_of_element(session, dossiers["A"], "instruct_dossier")
        assert task is not None
    assert (kinds.count("bulk_act:confirmed"), kinds.count("bulk_act:finished")) == (1, 1)

    drafts.save(runtime, task.id, {"comment": "À finir."}, ines)
    acts.perform(runtime, luc, dossiers["C"], lambda c: hand_over.take_back(c, why="Autre lot."))
    over = prepared(queue, ines, "hand_over", "ABC", to=karim.person_id, reason="Congé.")
    expected = [None, "recipient_barred", "not_held"]
    assert foreseen(queue, ines, over) == expected
    bulk_door.confirm(runtime, ines, over)
    assert [code for _state, code in became(queue, over)] == expected
    assert holders(queue) == ["karim", "ines", None]
    with queue.database.reading() as session:
        kept = drafts.find(session, task.id)
    assert kept is not None
    assert kept.answer == {"comment": "À finir."}
    drafts.save(runtime, task.id, {"comment": "Fini."}, karim, revision=kept.revision)


def test_a_button_pressed_twice_and_two_processes_write_each_note_once(deposited: Play) -> None:
    ines = account(deposited, "ines", "instructor")
    noted = prepared(deposited, ines, "note", "ABC", text="Lot commun.")
    threads = [
        threading.Thread(target=bulk_door.confirm, args=(deposited.runtime, ines, noted))
        for _press in range(2)
    ] + [threading.Thread(target=bulk_door.BulkRound(deposited.runtime))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    bulk_door.BulkRound(deposited.runtime)()
    assert became(deposited, noted) == [("done", None)] * 3
    with deposited.database.reading() as session:
        for dossier_id in deposited.stage.dossiers.values():
            assert len(internal_note.of_dossier(session, dossier_id, ines)) == 1


def test_a_process_that_dies_in_the_middle_is_continued_where_it_stopped(
    deposited: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    ines = account(deposited, "ines", "instructor")
    noted = prepared(deposited, ines, "note", "ABC", text="Lot commun.")
    monkeypatch.setattr(bulk_door, "AT_ONCE", 1)
    bulk_door.confirm(deposited.runtime, ines, noted)
    assert became(deposited, noted) == [("done", None), ("waiting", None), ("waiting", None)]

    class Killed(BaseException):
        """The process is gone."""

    def dies(*_args: object, **_more: object) -> None:
        raise Killed

    with monkeypatch.context() as killing:
        killing.setattr(audit_log, "append", dies)
        with pytest.raises(Killed):
            bulk_door.carry_on(deposited.runtime, noted)
    assert became(deposited, noted)[1] == ("waiting", None)
    bulk_door.BulkRound(deposited.runtime)()
    assert became(deposited, noted) == [("done", None)] * 3
    with deposited.database.reading() as session:
        assert bulk_act.unfinished(session) == []
        for dossier_id in deposited.stage.dossiers.values():
            assert len(internal_note.of_dossier(session, dossier_id, ines)) == 1


def test_nobody_does_in_bulk_what_they_may_not_do_or_reads_anothers_act(deposited: Play) -> None:
    ines, luc = account(deposited, "ines", "instructor"), account(deposited, "luc", "process_owner")
    for actor, act in ((ines, "assign"), (luc, "hand_over"), (luc, "award")):
        with pytest.raises(NotAllowed):
            bulk_door.prepare(deposited.runtime, actor, act, numbers(deposited, "A"))
    noted = bulk_door.prepare(deposited.runtime, ines, "note", numbers(deposited, "A"))
    with pytest.raises(InvalidAnswer):
        bulk_door.confirm(deposited.runtime, ines, noted)
    with pytest.raises(NotFound):
        bulk_door.confirm(deposited.runtime, luc, noted)
    with pytest.raises(InvalidAnswer):
        bulk_door.prepare(deposited.runtime, ines, "note", [])
    bulk_door.complete(deposited.runtime, ines, noted, to=None, reason="", text="Note.")
    bulk_door.confirm(deposited.runtime, ines, noted)
    with pytest.raises(Conflict):
        bulk_door.complete(deposited.runtime, ines, noted, to=None, reason="", text="Autre.")
