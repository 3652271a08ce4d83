"""What is expected of each person, on their home and on the lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from sqlalchemy import update
from stage import (
    ADMINISTRATOR,
    AUDITOR,
    CAMPAIGN,
    INSTRUCTOR,
    LEGAL,
    OFFICER,
    OPERATOR,
    PRESIDENT,
    STRANGER,
    Stage,
)

from web.demo_accounts import DEMO_PASSWORD
from workflow.clock import PARIS
from workflow.domain import college_sessions, person
from workflow.engine.runtime import Runtime
from workflow.engine.waiting import HumanTask

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """The deployed procedure."""
    return Stage.set_up(runtime)


def test_an_operator_reads_the_date_the_effect_and_the_reason_of_a_question(
    stage: Stage, signed_in: SignedIn
) -> None:
    stage.solicited()
    page = signed_in(OPERATOR).open("/accueil")
    assert "Répondre à la question de l’ANS" in page
    assert "Demain, 9 h 40" in page
    assert "votre rang dans la file n’est plus garanti" in page
    assert "Pourquoi cette heure ?" in page
    assert "24 heures" in page


def test_the_soonest_date_comes_first(stage: Stage, signed_in: SignedIn) -> None:
    stage.admitted("Alizé Lent")
    stage.solicited("Alizé Pressé")
    page = signed_in(OPERATOR).open("/accueil")
    assert page.index("Alizé Pressé") < page.index("Alizé Lent")


def test_the_agency_is_told_that_a_date_has_gone_by(stage: Stage, signed_in: SignedIn) -> None:
    stage.deposit()
    officer = signed_in(OFFICER)
    late = "Contrôle au-delà du délai indicatif"
    assert late not in officer.open("/accueil")
    stage.move_to("2022-11-14T10:00")
    assert late in officer.open("/accueil")
    assert "Aucune date à venir" in officer.page.text


def test_a_stranger_reads_nothing_of_another_company(stage: Stage, signed_in: SignedIn) -> None:
    dossier_id = stage.solicited()
    stranger = signed_in(STRANGER)
    assert "Alizé Santé Pro" not in stranger.open("/accueil")
    assert "Alizé Santé Pro" not in stranger.open("/dossiers")
    assert "Alizé Santé Pro" not in stranger.open("/notifications")
    number = stage.number(dossier_id)
    for address in ("", "/preuves", "/convention", "/questionnaire-ssi", "/fin/withdraw"):
        stranger.open(f"/dossiers/{number}{address}")
        assert stranger.page.status_code == 404, address
    stranger.open(f"/taches/{stage.task_id(dossier_id, 'answer_solicitation')}")
    assert stranger.page.status_code == 404


def test_the_operators_side_sees_no_page_of_the_agency(stage: Stage, signed_in: SignedIn) -> None:
    number = stage.number(stage.deposit())
    operator = signed_in(OPERATOR)
    for address in (
        "/file",
        "/college",
        "/college/convoquer",
        "/historique",
        "/personnes",
        f"/dossiers/{number}/historique",
        f"/dossiers/{number}/fin/exclude",
    ):
        operator.open(address)
        assert operator.page.status_code == 403, address


def test_each_role_is_told_what_it_has_to_do(stage: Stage, signed_in: SignedIn) -> None:
    stage.deposit("Alizé Un")
    stage.admitted("Alizé Deux")
    stage.submitted("Alizé Trois")
    expected = {
        OFFICER: "Contrôler la recevabilité",
        LEGAL: "Signer la convention",
        OPERATOR: "Déposer les preuves",
        INSTRUCTOR: "Instruire le dossier",
    }
    for email, title in expected.items():
        assert f">{title}</h2>" in signed_in(email).open("/accueil"), email
    assert "Aucune action pour l’instant." in signed_in(AUDITOR).open("/accueil")


def test_everybody_of_the_agency_reads_when_the_college_sits(
    stage: Stage, signed_in: SignedIn
) -> None:
    with stage.runtime.database.reading() as session:
        [sitting] = college_sessions.still_to_hold(session, [CAMPAIGN], stage.runtime.clock.now())
    officer = signed_in(OFFICER)
    told = f"Collège, séance {sitting.number}"
    assert told in officer.open("/accueil")
    later = sitting.scheduled_at.astimezone(PARIS) + timedelta(hours=3)
    stage.move_to(later.strftime("%Y-%m-%dT%H:%M"))
    assert told not in officer.open("/accueil"), "it is under way: the president holds it"


def test_what_somebody_did_is_theirs_and_not_their_namesakes(
    stage: Stage, signed_in: SignedIn
) -> None:
    stage.admitted()
    officer, did = stage.who(OFFICER), "Ce que vous avez fait depuis sept jours"
    with stage.runtime.database.transaction() as session:
        person.add_person(
            session,
            email="homonyme@ans.example",
            name=officer.name,
            password=DEMO_PASSWORD,
            roles=["admissibility_officer"],
            at=stage.runtime.clock.now(),
        )
    namesake = signed_in("homonyme@ans.example")
    assert did not in namesake.open("/accueil")
    assert did in signed_in(OFFICER).open("/accueil")
    with stage.runtime.database.transaction() as session:
        # As an earlier version left it.
        session.execute(update(HumanTask).values(closed_by_id=None))
    assert did in namesake.open("/accueil")


def test_an_operator_without_dossier_is_told_what_will_come(
    stage: Stage, signed_in: SignedIn
) -> None:
    page = signed_in(OPERATOR).open("/accueil")
    assert "Vous n’avez encore aucun dossier." in page
    assert "Déposer une candidature" in page


def test_dossiers_are_found_by_number_company_and_place(stage: Stage, signed_in: SignedIn) -> None:
    waiting = stage.number(stage.solicited("Alizé Attente"))
    stage.deposit("Alizé Neuf")
    officer = signed_in(OFFICER)
    assert "Alizé Neuf" not in officer.open(f"/dossiers?q={waiting}")
    assert "Alizé Attente" in officer.text
    assert "Alizé Attente" not in officer.open("/dossiers?ou=ans")
    assert "Alizé Neuf" in officer.text
    assert "Aucun dossier ne répond" in officer.open("/dossiers?q=100%25")


def test_the_list_goes_on_after_its_last_row(
    stage: Stage, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.dossier_list.PER_PAGE", 2)
    for rank in range(1, 4):
        stage.deposit(f"Service n{rank}")
    officer = signed_in(OFFICER)
    first = officer.open("/dossiers")
    assert "Service n3" in first
    assert "Service n1" not in first
    following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    assert "Service n1" in officer.open(following)


def test_a_message_is_marked_as_read_by_its_reader_only(stage: Stage, signed_in: SignedIn) -> None:
    stage.deposit()
    operator = signed_in(OPERATOR)
    page = operator.open("/notifications")
    assert "1 message non lu." in page
    address = page.split('action="/notifications/')[1].split('"')[0]
    stranger = signed_in(STRANGER)
    stranger.open("/notifications")
    stranger.post(f"/notifications/{address}")
    assert stranger.page.status_code == 404
    assert "0 message non lu." in operator.post(f"/notifications/{address}")
    stage.deposit("Un autre service")
    stage.deposit("Un troisième service")
    page = operator.open("/notifications")
    assert "Marquer ces 2 messages comme lus" in page
    shown = re.findall(r'name="message" value="(\d+)"', page)
    stranger.post("/notifications/lues", message=shown)
    assert stranger.page.status_code == 404
    assert "0 message non lu." in operator.post("/notifications/lues", message=shown)


def test_the_president_convenes_after_a_confirmation(stage: Stage, signed_in: SignedIn) -> None:
    stage.instructed()
    president = signed_in(PRESIDENT)
    assert "Convoquer une séance maintenant…" in president.open("/college")
    president.open("/college/convoquer")
    page = president.post("/college/convoquer")
    assert "Séance convoquée." in page
    assert "Tenir la séance 1" in page


def test_a_closed_account_cannot_go_on(stage: Stage, signed_in: SignedIn) -> None:
    stranger, administrator = signed_in(STRANGER), signed_in(ADMINISTRATOR)
    page = administrator.open("/personnes")
    row = page.split("operateur@nacre.example")[1]
    address = row.split('href="')[1].split('"')[0]
    administrator.open(address)
    assert "Compte désactivé : Hugo Castel." in administrator.post(address)
    stranger.open("/accueil")
    assert stranger.page.request.path == "/connexion"


def test_the_administrator_cannot_close_their_own_account(
    stage: Stage, signed_in: SignedIn
) -> None:
    administrator = signed_in(ADMINISTRATOR)
    page = administrator.open("/personnes")
    own = page.split("admin@ans.example")[1].split("</tr>")[0]
    assert "Désactiver" not in own
