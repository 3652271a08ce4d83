"""A dossier that ended for want of an answer is reopened as a linked attempt."""

from __future__ import annotations

import pytest
from play import DEFAULT, Play, broken_chains, history

from workflow.engine import human_tasks, reopenings
from workflow.errors import Conflict, InvalidAnswer, JalonError, NotAllowed

WHY = "Panne de l’outil le dernier jour."


def abandoned(play: Play) -> int:
    play.solicited()
    play.wait_until("2022-12-01T09:00")
    assert play.instance().end == "abandoned"
    return play.stage.dossiers[DEFAULT]


def test_both_histories_tell_the_reopening(play: Play) -> None:
    old = abandoned(play)
    done = reopenings.reopen(play.runtime, old, WHY, play.actor("process_owner"))
    assert done.dossier_id not in (None, old)
    for dossier_id in (old, done.dossier_id):
        told = [e for e in history(play.database, dossier_id) if e.kind == "dossier:reopened"]
        assert [entry.facts["reason"] for entry in told] == [WHY]
    assert broken_chains(play.database) == []


def test_a_dossier_is_reopened_once(play: Play) -> None:
    old = abandoned(play)
    owner = play.actor("process_owner")
    first = reopenings.reopen(play.runtime, old, WHY, owner, idempotency_key="k")
    assert reopenings.reopen(play.runtime, old, WHY, owner, idempotency_key="k") == first
    with pytest.raises(Conflict):
        reopenings.reopen(play.runtime, old, WHY, owner)


def test_only_the_process_owner_reopens_and_says_why(play: Play) -> None:
    old = abandoned(play)
    for role in ("operator", "instructor", "signatory", "administrator"):
        with pytest.raises(NotAllowed):
            reopenings.reopen(play.runtime, old, WHY, play.actor(role))
    with pytest.raises(InvalidAnswer):
        reopenings.reopen(play.runtime, old, "", play.actor("process_owner"))


@pytest.mark.parametrize("form", ["deposit_dossier", "reapply"])
def test_an_operator_cannot_reopen_by_a_deposit(play: Play, form: str) -> None:
    old = abandoned(play)
    operator = play.actor("operator")
    with pytest.raises(JalonError) as refusal:
        human_tasks.start(play.runtime, "dossier", form, {"reopens": old}, operator)
    assert refusal.value.code == "invalid_answer"
