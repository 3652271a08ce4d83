"""A catalogue put in force: for whom, and what stays as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from play import CAMPAIGN, Play
from sqlalchemy import func, select

from workflow import audit_log
from workflow.audit_log import AuditEntry, chain_of
from workflow.db import Database
from workflow.domain import campaign as campaigns
from workflow.domain.dossier import Dossier
from workflow.domain.notification import Notification
from workflow.domain.person import SYSTEM, Actor
from workflow.domain.requirement import CatalogueVersion, Requirement
from workflow.engine import campaigns as campaign_door
from workflow.engine import catalogues
from workflow.engine.catalogues import Imported
from workflow.errors import Conflict, InvalidAnswer, InvalidInput, NotAllowed, NotFound
from workflow.scenarios import Procedure

OWNER = Actor(None, "Pilote", frozenset({"process_owner"}), None)
Change = Callable[[str], str]


@pytest.fixture
def play(procedure: Procedure, tmp_path: Path) -> Play:
    database = Database("sqlite://")
    database.create_all()
    return Play(database, procedure, tmp_path)


@pytest.fixture
def play_on_each_database(database: Database, procedure: Procedure, tmp_path: Path) -> Play:
    return Play(database, procedure, tmp_path)


def exported(play: Play) -> str:
    with play.database.reading() as session:
        return catalogues.exported(catalogues.current(session, CAMPAIGN))


def bring(play: Play, change: Change, **more: Any) -> Imported:
    content = change(exported(play)).encode()
    return catalogues.import_catalogue(play.runtime, CAMPAIGN, content, OWNER, **more)


def reworded(text: str) -> str:
    assert "émettre un message en SMTP" in text
    return text.replace("émettre un message en SMTP", "envoyer un message en SMTP")


def with_another_proof(text: str) -> str:
    return text.replace(",video,,log,", ",capture,,log,", 1)


def without_the_last(text: str) -> str:
    return "".join(text.splitlines(keepends=True)[:-1])


def pinned(play: Play, dossier: str = "default") -> int:
    with play.database.reading() as session:
        return session.get_one(Dossier, play.stage.dossiers[dossier]).catalogue_version_id


def in_force(play: Play) -> int:
    with play.database.reading() as session:
        return catalogues.current(session, CAMPAIGN).version.id


def kinds(play: Play, dossier_id: int | None) -> list[str]:
    with play.database.reading() as session:
        query = select(AuditEntry.kind).where(AuditEntry.chain == chain_of(dossier_id))
        return list(session.scalars(query.order_by(AuditEntry.sequence)))


def deposit(play: Play, dossier: str = "default") -> int:
    play.act(actor="operator", start="deposit_dossier", dossier=dossier)
    return play.stage.dossiers[dossier]


def test_importing_what_is_in_force_changes_nothing(play: Play) -> None:
    before = in_force(play)
    done = bring(play, str)
    assert (done.changed, done.catalogue_version_id, in_force(play)) == (False, before, before)
    assert "catalogue:imported" not in kinds(play, None)


@pytest.mark.rule(15)
def test_a_corrective_version_follows_open_dossiers_and_each_history_says_so(
    play_on_each_database: Play,
) -> None:
    play = play_on_each_database
    first, second = deposit(play, "A"), deposit(play, "B")
    done = bring(play, reworded, version="1.1")
    assert (done.version, len(done.corrected)) == ("1.1", 2)
    assert pinned(play, "A") == pinned(play, "B") == in_force(play) == done.catalogue_version_id
    assert kinds(play, None)[-1] == "catalogue:imported"
    last = ["catalogue:corrected", "notification:sent", "notification:sent"]
    assert kinds(play, first)[-3:] == kinds(play, second)[-3:] == last
    with play.database.reading() as session:
        broken = [audit_log.verify(session, chain).broken_at for chain in audit_log.chains(session)]
        statement = select(Requirement.statement).where(Requirement.code == "DER-API-01")
        mine = statement.where(Requirement.catalogue_version_id == pinned(play, "A"))
        assert "envoyer un message" in str(session.scalar(mine))
    assert set(broken) == {None}


@pytest.mark.rule(15, 16)
@pytest.mark.parametrize("change", [with_another_proof, without_the_last])
def test_a_version_that_changes_scope_or_level_is_for_new_deposits_only(
    play_on_each_database: Play, change: Change
) -> None:
    play = play_on_each_database
    old = deposit(play, "A")
    done = bring(play, change)
    assert (done.changed, done.corrected) == (True, ())
    deposit(play, "B")
    assert pinned(play, "A") != pinned(play, "B") == done.catalogue_version_id
    assert "catalogue:corrected" not in kinds(play, old)


def test_a_correction_of_a_larger_version_does_not_reach_the_dossiers_of_the_smaller(
    play: Play,
) -> None:
    deposit(play, "A")
    bring(play, with_another_proof)
    deposit(play, "B")
    done = bring(play, reworded)
    assert len(done.corrected) == 1
    assert pinned(play, "B") == done.catalogue_version_id != pinned(play, "A")


def test_an_ended_dossier_keeps_the_words_it_was_judged_by(play: Play) -> None:
    dossier_id = deposit(play)
    before = pinned(play)
    play.act(actor="operator", send="withdraw")
    assert bring(play, reworded).corrected == ()
    assert pinned(play) == before
    assert "catalogue:corrected" not in kinds(play, dossier_id)
    assert told(play) == []


@pytest.mark.rule(15)
def test_the_operator_of_a_corrected_dossier_is_told_that_nothing_more_is_asked(
    play: Play,
) -> None:
    deposit(play, "A")
    bring(play, reworded, version="1.1")
    (operator, representative) = told(play)
    assert (operator.role, representative.role) == ("operator", "legal_representative")
    assert "1.1" in operator.body
    assert "rien de plus ne vous est demandé" in operator.body


def told(play: Play) -> list[Notification]:
    with play.database.reading() as session:
        query = select(Notification).where(Notification.kind == "catalogue_corrected")
        return list(session.scalars(query.order_by(Notification.id)))


def test_the_preview_says_beforehand_what_the_import_does(play: Play) -> None:
    deposit(play)
    content = reworded(exported(play)).encode()
    found = catalogues.preview(play.runtime, CAMPAIGN, content)
    (row,) = found.changes.changed
    (column,) = row.columns
    assert (row.code, column.column, found.changes.unchanged) == ("DER-API-01", "statement", 32)
    assert "émettre" in column.before
    assert "envoyer" in column.after
    assert found.changes.is_corrective
    assert found.replaces == in_force(play), "a preview changes nothing"
    done = catalogues.import_catalogue(play.runtime, CAMPAIGN, content, OWNER)
    assert done.corrected == found.corrected


@pytest.mark.rule(15)
def test_scope_and_level_are_told_apart(play: Play) -> None:
    def changes(change: Change) -> tuple[bool, bool]:
        content = change(exported(play)).encode()
        found = catalogues.preview(play.runtime, CAMPAIGN, content).changes
        return found.changes_scope, found.changes_level

    assert changes(reworded) == (False, False)
    assert changes(with_another_proof) == (False, True)
    assert changes(without_the_last) == (True, False)
    assert changes(lambda text: text.replace("mandatory,general", "mandatory,bal_app", 1)) == (
        True,
        False,
    )
    assert changes(lambda text: text.replace("mandatory", "conditional", 1)) == (False, True)


def test_only_the_process_owner_imports_and_nothing_is_half_imported(play: Play) -> None:
    instructor = Actor(None, "Instructeur", frozenset({"instructor"}), None)
    content = reworded(exported(play)).encode()
    with pytest.raises(NotAllowed):
        catalogues.import_catalogue(play.runtime, CAMPAIGN, content, instructor)
    broken = content + b"DER-API-01,,,,\n"
    with pytest.raises(InvalidInput):
        catalogues.import_catalogue(play.runtime, CAMPAIGN, broken, OWNER)
    with pytest.raises(NotFound):
        catalogues.import_catalogue(play.runtime, "unknown", content, OWNER)
    with play.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(CatalogueVersion)) == 1
        assert len(campaigns.versions(session, CAMPAIGN)) == 1


def test_a_preview_that_another_import_overtook_is_not_applied(play: Play) -> None:
    seen = in_force(play)
    bring(play, reworded, replaces=seen)
    with pytest.raises(Conflict, match="Preview the file again"):
        bring(play, without_the_last, replaces=seen)


def test_a_version_is_named_once(play: Play) -> None:
    with pytest.raises(InvalidInput, match="at most 30"):
        bring(play, reworded, version="x" * 31)

    def named(text: str) -> str:
        head, *lines = reworded(text).splitlines()
        return "\n".join([f"{head},version", *(f"{line},2.0" for line in lines)])

    with pytest.raises(InvalidInput, match=r"version 2\.0 that the file names"):
        bring(play, named, version="3.0")
    assert bring(play, named).version == "2.0"


def test_deploying_the_campaign_again_does_not_undo_an_import(
    play: Play, procedure: Procedure
) -> None:
    done = bring(play, reworded)
    campaign_door.deploy(play.runtime, *procedure.campaign(CAMPAIGN), SYSTEM)
    assert in_force(play) == done.catalogue_version_id


@pytest.mark.rule(32, 39)
def test_a_verdict_on_a_recommendation_is_refused(play: Play) -> None:
    deposit(play)
    play.act(actor="admissibility_officer", complete="check_admissibility")
    play.act(actor="legal_representative", complete="sign_convention")
    play.act(actor="signatory", complete="countersign_convention")
    play.act(actor="operator", complete="submit_proofs")
    verdict = {"requirement": "DER-CFG-03", "verdict": "not_conform", "comment": ""}
    with pytest.raises(InvalidAnswer) as refused:
        play.act(
            actor="instructor",
            complete="instruct_dossier",
            **{"with": {"outcome": "solicit", "questions": ["?"], "verdicts": [verdict]}},
        )
    assert "préconisation" in str(refused.value.faults)
