"""The pages of the college's minutes, of the register and of the evidence of corrections."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from stage import INSTRUCTOR, OPERATOR, PRESIDENT, STRANGER, Stage

from workflow.domain.dossier import Dossier
from workflow.engine import messages
from workflow.engine.runtime import Runtime

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

AGENCY_SIRET = "18751275100046"
RESERVED = [{"requirement": "DER-TLS-01", "nature": "minor", "text": "Compléter la trace."}]


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """The project's procedure in force, on Thursday 3 November 2022."""
    return Stage.set_up(runtime)


def test_the_president_invites_a_partner_and_records_a_recusal(
    stage: Stage, signed_in: SignedIn
) -> None:
    number = stage.number(stage.instructed())
    messages.convene(stage.runtime, stage.campaign.id, stage.who(PRESIDENT))
    president = signed_in(PRESIDENT)
    address = f"/taches/{stage.task_id(None, 'hold_session')}"
    page = president.open(address)
    assert "CNDA, GIE SV, CNAM" in page
    assert 'name="partners.0.name"' not in page, "nobody has to be invited"
    assert "Conflits d’intérêts" in page
    answer = {
        "attendance": "Hélène Vasseur\nMarc Olivet\nClaire Danjou",
        "partners.0.organisation": "CNDA",
        "partners.0.name": "Anne Fictive",
        "decisions.0.dossier": number,
        "decisions.0.outcome": "award",
        "decisions.0.reasons": "Au vu des preuves.",
        "decisions.0.recused": "Claire Danjou",
    }
    refused = president.post(address, more=answer)
    assert "n’est pas atteint après déport" in refused
    answer["attendance"] += "\nInès Bouvard"
    assert "Décisions de la séance enregistrées" in president.post(address, more=answer)
    minutes = president.open("/college/1")
    assert "Procès-verbal PV-2022-001" in minutes
    assert "tenue le jeudi 3 novembre 2022" in minutes
    assert "Anne Fictive (CNDA)" in minutes
    assert "Se sont déportés" in minutes
    assert "Au vu des preuves." in minutes
    text = president.open(f"/college/1/proces-verbal.txt?campagne={stage.campaign.id}")
    assert "Déportés, sans voix sur ce dossier : Claire Danjou." in text
    link = f'<a href="/college/1?campagne={stage.campaign.id}">Séance 1</a>'
    assert link in president.open("/college")


def test_minutes_are_the_agencys_and_only_of_sessions_held(
    stage: Stage, signed_in: SignedIn
) -> None:
    stage.decided("award")
    operator = signed_in(OPERATOR)
    operator.open("/college/1")
    assert operator.page.status_code == 403
    instructor = signed_in(INSTRUCTOR)
    instructor.open("/college/2")
    assert instructor.page.status_code == 404


def test_the_agency_as_a_candidate_is_named_before_the_college(
    stage: Stage, signed_in: SignedIn
) -> None:
    dossier_id = stage.instructed()
    with stage.runtime.database.transaction() as session:
        session.get_one(Dossier, dossier_id).siret = AGENCY_SIRET
    messages.convene(stage.runtime, stage.campaign.id, stage.who(PRESIDENT))
    page = signed_in(PRESIDENT).open(f"/taches/{stage.task_id(None, 'hold_session')}")
    assert "L’Agence est candidate" in page


def test_the_register_shows_a_past_day_and_compares_two(stage: Stage, browser: Browser) -> None:
    stage.decided("award")
    stage.move_to("2022-11-10T09:00")
    assert "1 service." in browser.open("/registre")
    past = browser.open("/registre?au=2022-11-02")
    assert "Au mercredi 2 novembre 2022 : 0 service." in past
    assert "Alizé Santé Pro" in browser.open("/registre?au=2022-11-03")
    assert "Alizé Santé Pro" in browser.open("/registre?au=03/11/2022")
    assert browser.open("/registre.csv?au=2022-11-02").count("OPE-MSS-2022") == 0
    assert browser.open("/registre.csv?au=2022-11-03").count("OPE-MSS-2022") == 1
    browser.open("/registre.json?au=2022-11-03")
    document = json.loads(browser.page.text)
    assert document["as_of"] == "2022-11-03T23:59:59+01:00"
    assert [row["service_name"] for row in document["services"]] == ["Alizé Santé Pro"]
    compared = browser.open("/registre/comparer?du=2022-11-02&au=2022-11-03")
    assert "Alizé Santé Pro" in compared.split('id="added"')[1].split('id="withdrawn"')[0]
    unchanged = browser.open("/registre/comparer?du=2022-11-03&au=2022-11-10")
    assert "n’a pas changé entre ces deux dates" in unchanged


@pytest.mark.parametrize(
    "address",
    [
        "/registre?au=hier",
        "/registre?au=2022-13-01",
        "/registre.csv?au=2031-01-01",
        "/registre/comparer?du=2022-11-03&au=2022-11-02",
    ],
)
def test_a_day_that_the_register_has_not_seen_is_refused(browser: Browser, address: str) -> None:
    browser.open(address)
    assert browser.page.status_code in (400, 422)


@pytest.mark.rule(73)
def test_a_register_is_read_by_dsr(stage: Stage, browser: Browser) -> None:
    stage.decided("award")
    assert "Alizé Santé Pro" in browser.open("/registre?dsr=DSR-OPE-MSS")
    assert browser.open("/registre.csv?dsr=DSR-AUTRE").count("OPE-MSS-2022") == 0


@pytest.mark.rule(49)
def test_a_provisional_date_is_public_only_when_its_operator_authorised_it(
    stage: Stage, browser: Browser
) -> None:
    stage.deposit("Service discret", publication_authorised=False)
    page = browser.open("/registre")
    assert "Dépôts annoncés" not in page
    assert "Service discret" not in page
    stage.deposit("Service annoncé", planned_proof_on=date(2022, 12, 5))
    page = browser.open("/registre").split('id="announced"')[1]
    assert "Service annoncé" in page
    assert "Messageries Alizé SAS" in page
    assert 'datetime="2022-12-05"' in page
    assert "Service discret" not in page
    for address in ("/registre.csv", "/registre.json", "/api/v1/register"):
        assert "Service" not in browser.open(address).replace("service_", "")


def test_an_operator_shows_each_correction_with_a_file(stage: Stage, signed_in: SignedIn) -> None:
    number = stage.number(stage.decided("non_blocking", RESERVED))
    operator, address = signed_in(OPERATOR), f"/dossiers/{number}/reserves"
    assert "Aucune pièce." in operator.open(address)
    page = operator.post(address, more={"file.1": (io.BytesIO(b"Trace TLS."), "trace.log")})
    assert "1 fichier joint." in page
    task = page.split('btn-second" href="')[1].split('"')[0]
    assert "Corriger les réserves" in operator.open(task)
    download = "/pieces/" + page.split('href="/pieces/')[1].split('"')[0]
    instructor = signed_in(INSTRUCTOR)
    assert instructor.open(download) == "Trace TLS."
    instructor.page.close()
    stranger = signed_in(STRANGER)
    for hidden in (address, download):
        stranger.open(hidden)
        assert stranger.page.status_code == 404


def test_no_file_is_added_once_the_corrections_are_deposited(
    stage: Stage, signed_in: SignedIn
) -> None:
    dossier_id = stage.decided("non_blocking", RESERVED)
    operator, address = signed_in(OPERATOR), f"/dossiers/{stage.number(dossier_id)}/reserves"
    operator.open(address)
    operator.post(address, more={"file.1": (io.BytesIO(b""), "vide.log")})
    assert operator.page.status_code == 422
    stage.do(dossier_id, "correct_reservations", OPERATOR)
    assert 'type="file"' not in operator.open(address)
    operator.post(address, more={"file.1": (io.BytesIO(b"Tard."), "tard.log")})
    assert operator.page.status_code == 409
