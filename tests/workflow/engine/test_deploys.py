"""Deploys: all or nothing; what runs stays where it was started."""

from __future__ import annotations

import threading

import pytest
from play import CAMPAIGN, Play, rows
from sqlalchemy import func, select

from web.compose import check_context
from workflow.db import Database
from workflow.domain.campaign import InvalidCampaign
from workflow.domain.person import SYSTEM
from workflow.engine import campaigns, diagrams
from workflow.engine.diagrams import Deployment, DiagramRefused
from workflow.engine.source_file import SourceFile
from workflow.errors import InvalidInput, NotFound
from workflow.scenarios import Procedure
from workflow.settings import Settings

CONTEXT = check_context(Settings.from_environment({}))


def altered(procedure: Procedure, name: str, old: str, new: str) -> SourceFile:
    file = next(file for file in procedure.files if file.name == name)
    assert old in file.content.decode()
    return SourceFile(name, file.content.decode().replace(old, new).encode())


def relabelled(procedure: Procedure, name: str = "admissibility.bpmn") -> SourceFile:
    return altered(procedure, name, "Contrôler la recevabilité", "Examiner la recevabilité")


def test_one_faulty_file_keeps_all_the_others_out(play: Play, procedure: Procedure) -> None:
    files = [
        relabelled(procedure),
        altered(procedure, "award.bpmn", "listings.award", "listings.awarded"),
    ]
    before = rows(play.database)
    with pytest.raises(DiagramRefused, match="award") as refusal:
        diagrams.deploy(play.runtime, files, SYSTEM, CONTEXT)
    assert [fault.code for fault in refusal.value.faults] == ["unknown_operation"]
    assert rows(play.database) == before


def test_the_same_files_again_change_nothing(play: Play, procedure: Procedure) -> None:
    before = rows(play.database)
    done = diagrams.deploy(play.runtime, procedure.files, SYSTEM, CONTEXT)
    assert done.changed == ()
    assert rows(play.database) == before


def test_a_file_is_checked_with_those_that_stay_in_force(play: Play, procedure: Procedure) -> None:
    file = next(file for file in procedure.files if file.name == "award.bpmn")
    twice = SourceFile("award_again.bpmn", file.content)
    before = rows(play.database)
    with pytest.raises(InvalidInput, match="award"):
        diagrams.deploy(play.runtime, [twice], SYSTEM, CONTEXT)
    assert rows(play.database) == before


def test_a_new_version_is_for_new_dossiers_only(play: Play, procedure: Procedure) -> None:
    play.act(dossier="A", start="deposit_dossier")
    done = diagrams.deploy(play.runtime, [relabelled(procedure)], SYSTEM, CONTEXT)
    assert done.changed == ("admissibility.bpmn",)
    play.act(dossier="B", start="deposit_dossier")
    solicit = {"with": {"outcome": "solicit"}}
    for name in ("A", "B"):
        play.act(dossier=name, complete="check_admissibility", **solicit)
        play.act(dossier=name, complete="answer_admissibility_solicitation")
    labels = {name: play.task("check_admissibility", name).label for name in ("A", "B")}
    assert labels == {"A": "Contrôler la recevabilité", "B": "Examiner la recevabilité"}
    assert play.instance("B").deployment_id == done.deployment_id
    assert play.instance("A").deployment_id < done.deployment_id


def test_two_owners_who_deploy_at_once_both_have_their_file_in_force(
    play: Play, procedure: Procedure
) -> None:
    files = [relabelled(procedure), relabelled(procedure, "dossier.bpmn")]
    start = threading.Barrier(len(files))

    def deploy(file: SourceFile) -> None:
        start.wait()
        diagrams.put_in_force(play.runtime, [file], SYSTEM)

    owners = [threading.Thread(target=deploy, args=(file,)) for file in files]
    for owner in owners:
        owner.start()
    for owner in owners:
        owner.join()
    with play.database.reading() as session:
        in_force = {file.name: file.content for file in diagrams.in_force(session)}
        assert session.scalar(select(func.count()).select_from(Deployment)) == 3
    assert [in_force[file.name] == file.content for file in files] == [True, True]


def test_a_faulty_campaign_changes_nothing(play: Play, procedure: Procedure) -> None:
    mapping, catalogue = procedure.campaign(CAMPAIGN)
    before = rows(play.database)
    with pytest.raises(InvalidCampaign):
        campaigns.deploy(play.runtime, {**mapping, "opens_at": "demain"}, catalogue, SYSTEM)
    assert rows(play.database) == before


def test_the_same_campaign_again_changes_nothing(play: Play, procedure: Procedure) -> None:
    before = rows(play.database)
    campaigns.deploy(play.runtime, *procedure.campaign(CAMPAIGN), SYSTEM)
    assert rows(play.database) == before


def test_a_new_delay_counts_from_the_next_deadline_on(play: Play, procedure: Procedure) -> None:
    mapping, catalogue = procedure.campaign(CAMPAIGN)
    play.act(dossier="A", start="deposit_dossier")
    delay = {**mapping["delays"]["admissibility_check"], "amount": 14}
    changed = {**mapping, "delays": {**mapping["delays"], "admissibility_check": delay}}
    campaigns.deploy(play.runtime, changed, catalogue, SYSTEM)
    play.act(dossier="B", start="deposit_dossier")
    week, fortnight = (play.timers(name)["admissibility_week"] for name in ("A", "B"))
    assert (fortnight - week).days == 7


def test_nothing_is_in_force_before_the_first_deploy(database: Database) -> None:
    with database.reading() as session:
        assert diagrams.in_force(session) == []
        with pytest.raises(NotFound, match="diagrams deploy"):
            diagrams.latest(session)
