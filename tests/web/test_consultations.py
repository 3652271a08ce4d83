"""Who opened what, as the auditor reads it; operators see none of it (DSR 4.7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from sqlalchemy import select, text
from stage import (
    AUDITOR,
    INSTRUCTOR,
    MEMBER,
    OPERATOR,
    OWNER,
    SSI_OFFICER,
    STRANGER,
    Stage,
)

from api.openings import seal_past_days
from workflow.clock import VirtualClock
from workflow.domain import access_record, api_token
from workflow.domain.access_record import AccessFilters, AccessRecord
from workflow.domain.person import Person
from workflow.domain.proof import Proof
from workflow.engine.runtime import Runtime

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """The deployed procedure."""
    return Stage.set_up(runtime)


def kept(stage: Stage) -> list[AccessRecord]:
    """All openings, oldest first."""
    with stage.runtime.database.reading() as session:
        return [*reversed(access_record.listed(session, AccessFilters(), limit=500))]


def told(stage: Stage) -> list[tuple[str, str, str, bool]]:
    return [(row.person_name, row.what, row.way, row.refused) for row in kept(stage)]


def proof_of(stage: Stage, dossier_id: int) -> int:
    with stage.runtime.database.reading() as session:
        found = session.scalar(select(Proof.id).where(Proof.dossier_id == dossier_id))
    assert found is not None
    return found


def test_each_opening_is_kept_with_who_what_and_both_clocks(
    stage: Stage, signed_in: SignedIn, system_clock: VirtualClock
) -> None:
    dossier_id = stage.submitted()
    number, proof_id = stage.number(dossier_id), proof_of(stage, dossier_id)
    instructor = signed_in(INSTRUCTOR)
    addresses = {
        f"/dossiers/{number}": "dossier",
        f"/dossiers/{number}/preuves": "proofs",
        f"/preuves/{proof_id}": "proof",
        f"/dossiers/{number}/historique": "history",
        f"/dossiers/{number}/interne": "exchanges",
        f"/dossiers/{number}/convention": "document",
        f"/taches/{stage.task_id(dossier_id, 'instruct_dossier')}": "task",
    }
    for address in addresses:
        instructor.open(address)
        assert instructor.page.status_code == 200, address
        instructor.page.close()
    rows = kept(stage)
    assert {row.address: row.what for row in rows} == addresses
    assert {row.dossier_id for row in rows} == {dossier_id}
    assert {row.person_name for row in rows} == {"Claire Danjou"}
    assert {tuple(row.roles) for row in rows} == {("instructor",)}
    assert {row.at for row in rows} == {system_clock.now()}
    assert {row.procedure_at for row in rows} == {stage.runtime.clock.now()}


def test_the_api_is_kept_too_and_a_token_is_told_from_a_session(
    app: Flask, stage: Stage, signed_in: SignedIn
) -> None:
    number = stage.number(stage.deposit())
    signed_in(OWNER).open(f"/api/v1/dossiers/{number}/history")
    with stage.runtime.database.transaction() as session:
        owner = session.get_one(Person, stage.who(OWNER).person_id)
        token = api_token.create(session, owner, "essai", stage.runtime.clock.now())
    bearer = {"Authorization": f"Bearer {token}"}
    assert app.test_client().get(f"/api/v1/dossiers/{number}", headers=bearer).status_code == 200
    assert told(stage) == [
        ("Luc Arnoult", "history", "api", False),
        ("Luc Arnoult", "dossier", "token", False),
    ]


def test_a_refused_attempt_is_kept_as_refused(stage: Stage, signed_in: SignedIn) -> None:
    dossier_id = stage.submitted()
    number = stage.number(dossier_id)
    signed_in(STRANGER).open(f"/dossiers/{number}")
    signed_in(MEMBER).open(f"/dossiers/{number}/questionnaire-ssi")
    signed_in(OPERATOR).open(f"/api/v1/dossiers/{number}/ssi-answers")
    signed_in(STRANGER).open(f"/preuves/{proof_of(stage, dossier_id)}")
    assert told(stage) == [
        ("Hugo Castel", "dossier", "page", True),
        ("Marc Olivet", "ssi", "page", True),
        ("Nadia Ferrand", "ssi", "api", True),
        ("Hugo Castel", "proof", "page", True),
    ]
    assert {row.dossier_id for row in kept(stage)} == {dossier_id}


def test_what_does_not_exist_and_what_is_not_confidential_is_not_kept(
    stage: Stage, signed_in: SignedIn
) -> None:
    number = stage.number(stage.deposit())
    operator = signed_in(OPERATOR)
    for address in (
        "/dossiers/2022-999",
        f"/dossiers/{number}/convention",
        "/accueil",
        "/registre",
        "/dossiers",
    ):
        operator.open(address)
    assert told(stage) == []


def test_nothing_is_shown_that_could_not_be_kept(stage: Stage, signed_in: SignedIn) -> None:
    number, instructor = stage.number(stage.deposit()), signed_in(INSTRUCTOR)
    with stage.runtime.database.engine.begin() as connection:
        connection.execute(text("DROP TABLE access_record"))
    assert "Alizé Santé Pro" not in instructor.open(f"/dossiers/{number}")
    assert instructor.page.status_code == 500


def test_the_ssi_officers_readings_are_kept(stage: Stage, signed_in: SignedIn) -> None:
    number = stage.number(stage.submitted())
    officer = signed_in(SSI_OFFICER)
    officer.open("/ssi")
    officer.open(f"/dossiers/{number}/questionnaire-ssi")
    assert [(row.what, row.dossier_id is None) for row in kept(stage)] == [
        ("ssi", True),
        ("ssi", False),
    ]


def test_the_auditor_filters_the_openings_and_exports_them(
    stage: Stage, signed_in: SignedIn
) -> None:
    first, second = stage.number(stage.deposit("Brise")), stage.number(stage.deposit("Zéphyr"))
    signed_in(INSTRUCTOR).open(f"/dossiers/{first}")
    signed_in(STRANGER).open(f"/dossiers/{second}")
    auditor = signed_in(AUDITOR)
    page = auditor.open("/consultations")
    assert "Claire Danjou" in page
    assert "Hugo Castel" in page
    assert "Refusé" in page
    assert "Claire Danjou" not in auditor.open(f"/consultations?dossier={second}")
    assert "Hugo Castel" not in auditor.open("/consultations?personne=danjou")
    assert "Claire Danjou" not in auditor.open("/consultations?refus=oui")
    assert "Claire Danjou" in auditor.open("/consultations?du=05/01/2026&au=05/01/2026")
    assert "Aucune consultation" in auditor.open("/consultations?du=06/01/2026")
    assert "mal écrite" in auditor.open("/consultations?du=hier")
    assert auditor.page.status_code == 422
    table = auditor.open(f"/consultations.csv?dossier={first}").splitlines()
    assert table[0].startswith("\ufeffinstant;horloge_procedure;personne;roles;quoi;dossier")
    assert len(table) == 2
    assert f";Claire Danjou;instructor;dossier;{first};/dossiers/{first};page;non" in table[1]
    assert kept(stage)[-1].what == "export"


def test_the_auditor_reads_the_openings_by_the_api(stage: Stage, signed_in: SignedIn) -> None:
    number = stage.number(stage.deposit())
    instructor = signed_in(INSTRUCTOR)
    for _ in range(3):
        instructor.open(f"/dossiers/{number}")
    auditor = signed_in(AUDITOR)
    found = auditor.client.get(f"/api/v1/access-records?dossier={number}&limit=2").get_json()
    assert [row["person"] for row in found["items"]] == ["Claire Danjou"] * 2
    assert found["items"][0]["dossier"] == number
    then = auditor.client.get(
        f"/api/v1/access-records?dossier={number}&cursor={found['next']}"
    ).get_json()
    assert len(then["items"]) == 1
    refused = auditor.client.get("/api/v1/access-records?refused=true").get_json()
    assert refused["items"] == []


@pytest.mark.parametrize("email", [OPERATOR, STRANGER, INSTRUCTOR, MEMBER])
def test_nobody_else_reads_who_opened_what(stage: Stage, signed_in: SignedIn, email: str) -> None:
    number = stage.number(stage.deposit())
    signed_in(AUDITOR).open(f"/dossiers/{number}")
    other = signed_in(email)
    for address in ("/consultations", "/consultations.csv", "/api/v1/access-records"):
        other.open(address)
        assert other.page.status_code == 403, address
    page = other.open(f"/dossiers/{number}")
    link = f'href="/consultations?dossier={number}"'
    assert link not in page
    assert "Édith Poncet" not in page
    assert link in signed_in(AUDITOR).open(f"/dossiers/{number}")


def test_the_worker_seals_the_days_that_are_over_and_the_page_says_if_they_hold(
    stage: Stage, signed_in: SignedIn, system_clock: VirtualClock, runtime: Runtime
) -> None:
    number = stage.number(stage.deposit())
    signed_in(INSTRUCTOR).open(f"/dossiers/{number}")
    system_clock.move_to(system_clock.now().replace(day=7))
    seal_past_days(runtime, system_clock)
    seal_past_days(runtime, system_clock)
    auditor = signed_in(AUDITOR)
    page = auditor.open("/consultations")
    assert "05/01/2026" in page
    assert "Intact" in page
    assert "Scelle 1 consultation du 2026-01-05" in auditor.open("/historique")
    with runtime.database.engine.begin() as connection:
        connection.execute(text("UPDATE access_record SET person_name = 'Personne'"))
    assert "Altéré" in auditor.open("/consultations")
