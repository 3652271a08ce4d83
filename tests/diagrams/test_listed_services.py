"""When a service is listed, what it receives, and how long it stays, on both databases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from workflow import strict_yaml
from workflow.clock import PARIS
from workflow.db import Database
from workflow.domain import register
from workflow.domain.attestation import Attestation
from workflow.domain.convention import Convention
from workflow.domain.document import TECHNICAL_REPORT, Document
from workflow.domain.instruction import Verdict
from workflow.domain.listing import Listing
from workflow.scenarios import Procedure, run
from workflow.scenarios.file import parse
from workflow.settings import PROJECT

STORIES = PROJECT / "bpmn" / "scenarios"


def told(name: str) -> dict[str, Any]:
    return strict_yaml.load((STORIES / f"{name}.yaml").read_text(encoding="utf-8"))


def play(story: dict[str, Any], procedure: Procedure, database: Database) -> None:
    report = run(parse(story), procedure, database)
    assert [step.differences for step in report.steps if step.differences] == []


def papers(database: Database) -> tuple[int, int]:
    """How many listings and attestations there are."""
    with database.reading() as session:
        return (
            session.scalar(select(func.count()).select_from(Listing)) or 0,
            session.scalar(select(func.count()).select_from(Attestation)) or 0,
        )


@pytest.mark.rule(69, 70, 73)
@pytest.mark.parametrize(("left_out", "expected"), [(0, (1, 1)), (1, (0, 0)), (2, (0, 0))])
def test_a_service_with_reservations_is_listed_only_once_they_are_lifted(
    database: Database, procedure: Procedure, left_out: int, expected: tuple[int, int]
) -> None:
    story = told("reserves_quatre_semaines")
    kept = len(story["steps"]) - left_out
    play({**story, "steps": story["steps"][:kept]}, procedure, database)
    assert papers(database) == expected


@pytest.mark.rule(43)
def test_a_listing_has_no_end(database: Database, procedure: Procedure) -> None:
    story = told("parcours_nominal")
    later = {"until": "2042-10-27T10:00", "expect": {"ended": "listed"}}
    play({**story, "steps": [*story["steps"], later]}, procedure, database)
    with database.reading() as session:
        [entry] = register.entries(session, datetime(2042, 10, 27, 10, tzinfo=PARIS))
    assert entry.status == "active"


@pytest.mark.rule(6)
def test_every_dossier_that_is_ready_may_be_listed(
    database: Database, procedure: Procedure
) -> None:
    play(told("ni_classement_ni_quota"), procedure, database)
    assert papers(database) == (5, 5)
    with database.reading() as session:
        statuses = [row.status for row in session.scalars(select(Listing))]
    assert statuses == ["active"] * 5


@pytest.mark.rule(12)
def test_the_convention_tells_the_rights_and_duties_of_both_parties(
    database: Database, procedure: Procedure
) -> None:
    play(told("parcours_nominal"), procedure, database)
    with database.reading() as session:
        convention = session.scalars(select(Convention)).one()
        assert convention.in_force
        text = " ".join(convention.text.split())
    for words in (
        "droits et devoirs à respecter dans la durée par l’",
        "Opérateur fictif default",
        "Service fictif default",
        "Agence du numérique en santé",
    ):
        assert words in text


@pytest.mark.rule(17, 34)
def test_an_attestation_tells_who_financed_the_listing_and_for_which_profiles(
    database: Database, procedure: Procedure
) -> None:
    story = told("parcours_nominal")
    deposit = {**story["steps"][0], "with": {"profiles": ["general", "bal_app"]}}
    play({**story, "steps": [deposit, *story["steps"][1:]]}, procedure, database)
    with database.reading() as session:
        text = " ".join(session.scalars(select(Attestation.text)).one().split())
    assert "Financé par l’Union européenne – NextGenerationEU." in text
    assert "Général, BAL applicatives" in text


@pytest.mark.rule(74)
def test_a_listing_comes_with_a_technical_report_of_every_requirement(
    database: Database, procedure: Procedure
) -> None:
    play(told("parcours_nominal"), procedure, database)
    with database.reading() as session:
        asked = select(Document.facts).where(Document.kind == TECHNICAL_REPORT)
        facts = session.scalars(asked).one()
        judged = session.scalars(select(Verdict.requirement_code)).all()
    assert facts["outcome"] == "award"
    assert {row["code"] for row in facts["requirements"]} == set(judged)
    assert len(judged) > 20
    assert {row["verdict"] for row in facts["requirements"]} == {"conform"}
