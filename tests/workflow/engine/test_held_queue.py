"""The queue of instruction goes on while one of its dossiers is suspended."""

from __future__ import annotations

from play import Play

from workflow.domain import instruction_assignment
from workflow.engine import holds


def test_a_suspended_dossier_does_not_keep_the_others_from_being_taken(play: Play) -> None:
    play.instructed_so_far("A")
    play.act("2022-10-04T09:00", dossier="B", start="deposit_dossier")
    for task in ("check_admissibility", "submit_proofs"):
        play.act(dossier="B", complete=task)
    with play.database.reading() as session:
        first = instruction_assignment.head(session, play.stage.campaign)
        assert first is not None
        assert first.dossier_id == play.stage.dossiers["A"]
    owner = play.actor("process_owner")
    holds.suspend(play.runtime, play.stage.dossiers["A"], "Vérification.", owner)
    with play.database.reading() as session:
        first = instruction_assignment.head(session, play.stage.campaign)
        assert first is not None
        assert first.dossier_id == play.stage.dossiers["B"]
