"""Acts that no diagram draws: they too come after the timers, whole, and into the history."""

from __future__ import annotations

import pytest
from play import Play, broken_chains, rows

from workflow.domain import dossier as dossiers
from workflow.domain import ssi
from workflow.engine import acts
from workflow.errors import Conflict, InvalidInput, NotFound
from workflow.service_tasks.registry import Call


def answer_ssi(call: Call) -> None:
    ssi.answer_ssi(call, {"declared": "Réponse fictive"})


def test_an_operator_who_answers_the_questionnaire_is_in_the_history(play: Play) -> None:
    play.act(start="deposit_dossier")
    play.act(complete="check_admissibility")
    operator = play.actor("operator")
    acts.perform(play.runtime, operator, play.stage.dossiers["default"], answer_ssi)
    last = play.history()[-1]
    assert (last.kind, last.actor_id) == ("ssi:answered", operator.person_id)
    assert broken_chains(play.database) == []


def test_an_act_that_is_refused_halfway_leaves_nothing(play: Play) -> None:
    play.act(start="deposit_dossier")
    play.act(complete="check_admissibility")
    operator = play.actor("operator")

    def halfway(call: Call) -> None:
        answer_ssi(call)
        call.session.flush()
        dossiers.raise_flag(call, "no such flag")

    before = rows(play.database)
    with pytest.raises(InvalidInput):
        acts.perform(play.runtime, operator, play.stage.dossiers["default"], halfway)
    assert rows(play.database) == before


def test_what_time_has_ended_is_ended_before_the_act(play: Play) -> None:
    play.act(start="deposit_dossier")
    play.complete("check_admissibility", "admissibility_officer", given={"outcome": "solicit"})
    play.clock.move_to(play.timers()["five_business_days"])
    operator = play.actor("operator")
    with pytest.raises(Conflict):
        acts.perform(play.runtime, operator, play.stage.dossiers["default"], answer_ssi)
    assert play.instance().end == "rejected_no_answer"


def test_nobody_acts_on_a_dossier_that_does_not_exist(play: Play) -> None:
    with pytest.raises(NotFound):
        acts.perform(play.runtime, play.actor("support"), 404, answer_ssi)
