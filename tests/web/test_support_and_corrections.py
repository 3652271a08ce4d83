"""Questions to the support and corrections of clerical errors, in the browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from stage import AUDITOR, INSTRUCTOR, LEGAL, OFFICER, OPERATOR, OWNER, STRANGER, Stage

from workflow.engine import holds
from workflow.engine.runtime import Runtime

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

SUPPORT = "assistance@ans.example"
QUESTION = {"subject": "Fichier refusé", "text": "L’envoi d’une vidéo échoue."}
REPLY = "Reprenez l’envoi par le bouton Reprendre."


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """The deployed procedure."""
    return Stage.set_up(runtime)


def asked(browser: Browser) -> str:
    browser.open("/aide/nouvelle")
    page = browser.post("/aide/nouvelle", **QUESTION)
    assert "Question envoyée." in page
    return "/aide/1"


@pytest.mark.rule(75)
def test_an_operator_asks_and_the_support_answers(stage: Stage, signed_in: SignedIn) -> None:
    operator, support = signed_in(OPERATOR), signed_in(SUPPORT)
    assert "Aucune question pour l’instant." in operator.open("/aide")
    assert "Aucune question." in support.open("/aide")
    thread = asked(operator)
    assert "Attend une réponse du support" in operator.open("/aide")
    home = support.open("/accueil")
    assert "Répondre à la question" in home
    assert QUESTION["subject"] in home
    assert "1 question attend votre réponse." in support.open("/aide")
    assert QUESTION["text"] in support.open(thread)
    page = support.post(thread, outcome="answered", text=REPLY)
    assert "Réponse envoyée." in page
    assert "Le support vous a répondu" in operator.open("/accueil")
    assert REPLY in operator.open(thread)
    assert "Le support vous a répondu" not in operator.open("/accueil")
    operator.open(thread)
    assert "Message envoyé." in operator.post(thread, text="Le bouton manque.")
    support.open(thread)
    page = support.post(thread, outcome="out_of_scope", text="Posez-la sur le dossier.")
    assert "hors de son périmètre" in page
    operator.open(thread)
    page = operator.post(f"{thread}/clore")
    assert "Question close. Le fil reste lisible." in page
    assert "Clore la question" not in page
    operator.post(f"{thread}/clore", token=operator.token)
    assert operator.page.status_code == 409


def test_the_support_is_told_what_its_answer_lacks(stage: Stage, signed_in: SignedIn) -> None:
    thread = asked(signed_in(OPERATOR))
    support = signed_in(SUPPORT)
    support.open(thread)
    page = support.post(thread, outcome="answered", text=" ")
    assert support.page.status_code == 422
    assert "La réponse manque. Écrivez-la." in page


@pytest.mark.rule(75, 76)
def test_a_thread_is_hidden_from_other_operators_and_from_the_rest_of_the_agency(
    stage: Stage, signed_in: SignedIn
) -> None:
    thread = asked(signed_in(OPERATOR))
    assert QUESTION["text"] in signed_in(LEGAL).open(thread)
    assert QUESTION["text"] in signed_in(AUDITOR).open(thread)
    for stranger in (STRANGER, INSTRUCTOR, OWNER):
        browser = signed_in(stranger)
        assert QUESTION["text"] not in browser.open(thread)
        assert browser.page.status_code == 404
    assert QUESTION["subject"] not in signed_in(STRANGER).open("/aide")
    owner = signed_in(OWNER)
    owner.open("/aide")
    assert owner.page.status_code == 403
    assert QUESTION["text"] not in owner.open("/historique")


@pytest.mark.rule(57, 76)
def test_the_support_sees_no_proof_no_security_answer_and_no_verdict(
    stage: Stage, signed_in: SignedIn
) -> None:
    number = stage.number(stage.instructed())
    support = signed_in(SUPPORT)
    page = support.open(f"/dossiers/{number}")
    assert "Verdicts" not in page
    assert "Voir les preuves" not in page
    for address in (f"/dossiers/{number}/preuves", "/ssi"):
        support.open(address)
        assert support.page.status_code in (403, 404), address


def task_link(page: str) -> str:
    found = re.search(r'href="(/taches/[0-9a-f]{32})"', page)
    assert found is not None
    return found[1]


@pytest.mark.rule(41)
def test_the_officer_proposes_and_the_operator_agrees(stage: Stage, signed_in: SignedIn) -> None:
    number = stage.number(stage.deposit())
    officer, operator = signed_in(OFFICER), signed_in(OPERATOR)
    assert "Corriger une erreur matérielle…" in officer.open(f"/dossiers/{number}/echanges")
    assert "Corriger une erreur matérielle" not in operator.open(f"/dossiers/{number}/echanges")
    address = f"/dossiers/{number}/corrections/nouvelle"
    assert "Valeurs actuelles" in officer.open(address)
    page = officer.post(address, fact="service_version", new_text="1.0", reason="Coquille.")
    assert officer.page.status_code == 422
    assert "C’est la valeur actuelle." in page
    page = officer.post(address, fact="service_version", new_text="1.0.1", reason="Coquille.")
    assert "Correction proposée." in page
    assert "Retirer la proposition…" in page
    assert "Version du service" in operator.open("/accueil")
    task = task_link(operator.open(f"/dossiers/{number}/echanges"))
    aside = "à côté de la procédure, sans effet sur ses dates"
    overview = operator.open(f"/dossiers/{number}")
    assert (aside in overview, task_link(overview)) == (True, task)
    overview = signed_in(AUDITOR).open(f"/dossiers/{number}")
    assert (aside in overview, task in overview) == (True, False)
    shown = operator.open(task)
    assert "Ce que l’ANS propose" in shown
    assert "1.0.1" in shown
    page = operator.post(task, outcome="agree")
    assert "Correction acceptée. Le dossier est corrigé." in page
    assert "« 1.0 » devient « 1.0.1 »" in page
    assert "Alizé Santé Pro 1.0.1" in page
    assert "ne sont pas réécrits" in page
    assert "Cette tâche est terminée" in operator.open(task)
    assert aside not in operator.open(f"/dossiers/{number}")


def test_the_legal_representative_declines_and_says_why(stage: Stage, signed_in: SignedIn) -> None:
    number = stage.number(stage.deposit())
    officer, legal = signed_in(OFFICER), signed_in(LEGAL)
    address = f"/dossiers/{number}/corrections/nouvelle"
    officer.open(address)
    officer.post(address, fact="company_name", new_text="Messageries Alizé SA", reason="Kbis.")
    task = task_link(legal.open("/accueil"))
    legal.open(task)
    page = legal.post(task, outcome="decline", reason="C’est bien une SAS.")
    assert "Correction refusée" in page
    page = officer.open(f"/dossiers/{number}/echanges")
    assert "C’est bien une SAS." in page
    assert "Odile Renaudin" in page


def test_the_officer_takes_a_proposal_back(stage: Stage, signed_in: SignedIn) -> None:
    number = stage.number(stage.deposit())
    officer = signed_in(OFFICER)
    address = f"/dossiers/{number}/corrections/nouvelle"
    officer.open(address)
    officer.post(address, fact="planned_proof_on", new_date="05/12/2022", reason="Saisie.")
    back = f"/dossiers/{number}/corrections/1/retrait"
    assert "5 décembre 2022" in officer.open(back)
    page = officer.post(back, reason="Erreur de ma part.")
    assert "Proposition retirée." in page
    officer.open(back)
    assert officer.page.status_code == 409


def test_nobody_else_reaches_the_correction_pages(stage: Stage, signed_in: SignedIn) -> None:
    number = stage.number(stage.deposit())
    for email, status in ((OPERATOR, 403), (INSTRUCTOR, 403), (STRANGER, 404)):
        browser = signed_in(email)
        browser.open(f"/dossiers/{number}/corrections/nouvelle")
        assert browser.page.status_code == status, email


def test_a_suspended_dossier_offers_no_correction(
    stage: Stage, runtime: Runtime, signed_in: SignedIn
) -> None:
    dossier = stage.deposit()
    number = stage.number(dossier)
    officer = signed_in(OFFICER)
    address = f"/dossiers/{number}/corrections/nouvelle"
    officer.open(address)
    officer.post(address, fact="service_version", new_text="1.0.1", reason="Coquille.")
    holds.suspend(runtime, dossier, "Vérification.", stage.who(OWNER))
    page = signed_in(OPERATOR).open(f"/dossiers/{number}/echanges")
    assert "Dossier suspendu" in page
    assert "Se prononcer" not in page
    assert "Corriger une erreur matérielle" not in officer.open(f"/dossiers/{number}/echanges")
    officer.open(address)
    assert officer.page.status_code == 409
