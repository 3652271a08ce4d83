"""A running campaign changes by a recorded act: for the future, with its legal basis."""

from __future__ import annotations

from typing import Any

import pytest
from play import CAMPAIGN, Play, broken_chains, history

from workflow.domain.campaign import InvalidCampaign
from workflow.engine import parameters
from workflow.errors import InvalidAnswer, NotAllowed, NotFound

BASIS = "Arrêté modificatif fictif."
LONGER = {"delays": {"solicitation_abandon": {"amount": 45}}}


def change(play: Play, changes: dict[str, Any], role: str = "process_owner") -> Any:
    return parameters.change(play.runtime, CAMPAIGN, changes, BASIS, play.actor(role))


def test_the_act_names_its_basis_and_the_dates_it_keeps(play: Play) -> None:
    play.solicited("A")
    play.act(dossier="B", start="deposit_dossier")
    due = play.timers("A")
    change(play, LONGER)
    assert play.timers("A") == due
    recorded = history(play.database, None)[-1]
    assert (recorded.kind, recorded.facts["basis"]) == ("campaign:changed", BASIS)
    assert (recorded.facts["changes"], recorded.facts["moved"]) == (LONGER, [])
    kept = [(each["dossier"], each["deadline"]) for each in recorded.facts["kept"]]
    assert set(kept) == {
        ("2022-001", "solicitation_abandon"),
        ("2022-001", "solicitation_abandon_reminder"),
        ("2022-001", "solicitation_abandon_last_reminder"),
    }
    assert play.history("A")[-1].facts["kept"] == recorded.facts["kept"]
    assert play.history("B")[-1].facts["kept"] == []
    assert broken_chains(play.database) == []


def test_a_change_that_changes_nothing_is_not_recorded(play: Play) -> None:
    before = len(history(play.database, None))
    same = {"delays": {"solicitation_abandon": {"amount": 30}}}
    assert change(play, same).campaign.version_id == 1
    assert len(history(play.database, None)) == before


def test_only_the_process_owner_and_the_administrator_change_a_campaign(play: Play) -> None:
    with pytest.raises(NotAllowed):
        change(play, LONGER, "instructor")
    changed = change(play, LONGER, "administrator").campaign
    assert changed.delays["solicitation_abandon"].amount == 45


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "another"},
        {"dsr": "DSR-AUTRE"},
        {"catalogue": "another"},
        {"delays": {"solicitation_abandon": {"amount": -1}}},
        {"closes_at": {"instant": "soon"}},
    ],
)
def test_a_change_that_makes_no_sense_leaves_the_campaign_as_it_was(
    play: Play, changes: dict[str, Any]
) -> None:
    with pytest.raises(InvalidCampaign):
        change(play, changes)
    assert change(play, {}).campaign.version_id == 1


def test_a_change_needs_a_legal_basis_and_a_campaign(play: Play) -> None:
    owner = play.actor("process_owner")
    with pytest.raises(InvalidAnswer) as refusal:
        parameters.change(play.runtime, CAMPAIGN, LONGER, " ", owner)
    assert list(refusal.value.faults) == ["basis"]
    with pytest.raises(NotFound):
        parameters.change(play.runtime, "unknown", LONGER, BASIS, owner)
