"""The procedure in a browser that runs no script: every act is a form that the server answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from chromium import IN_CHROMIUM, chromium, patient, served
from fictitious_files import mp4
from flask import Flask
from playwright.sync_api import expect
from stage import OFFICER, OPERATOR, Stage

from web.demo_accounts import DEMO_PASSWORD
from workflow.engine.runtime import Runtime

pytestmark = IN_CHROMIUM
CANDIDATURE = {
    "Nom et prénom du représentant légal": "Odile Renaudin",
    "Adresse électronique du représentant": "direction@alize.example",
    "Téléphone du représentant légal": "01 99 00 12 34",
    "Numéro de version": "4.2",
    "Date prévue": "05/12/2022",
}


class Site:
    """The product before a browser without scripts."""

    def __init__(self, stage: Stage, address: str, browser: Any) -> None:
        self.stage = stage
        self.address = address
        self.browser = browser

    def person(self, email: str) -> Any:
        """Someone's page, signed in."""
        page = patient(self.browser, java_script_enabled=False).new_page()
        page.goto(f"{self.address}/connexion")
        page.fill("#email", email)
        page.fill("#password", DEMO_PASSWORD)
        page.get_by_role("button", name="Se connecter", exact=True).click()
        page.wait_for_url("**/accueil")
        return page


@pytest.fixture
def site(app: Flask, runtime: Runtime) -> Iterator[Site]:
    """A deployed procedure that nobody has entered yet."""
    stage = Stage.set_up(runtime)
    with served(app) as address, chromium() as browser:
        yield Site(stage, address, browser)


def test_a_candidature_is_kept_deposited_and_questioned_without_a_script(site: Site) -> None:
    operator = site.person(OPERATOR)
    operator.goto(f"{site.address}/deposer")
    operator.get_by_label("Nom du service").fill("Alizé Sans Script")
    operator.get_by_role("button", name="Enregistrer le brouillon").click()
    operator.get_by_text("Brouillon enregistré à").first.wait_for()
    for label, typed in CANDIDATURE.items():
        operator.get_by_label(label).fill(typed)
    operator.get_by_label("Oui, elle peut paraître").check()
    for box in operator.locator('input[name^="commitment_"]').all():
        box.check()
    operator.get_by_role("button", name="Déposer la candidature").last.click()
    operator.get_by_text("Candidature déposée.").wait_for()

    officer = site.person(OFFICER)
    officer.get_by_role("link", name="Contrôler la recevabilité").first.click()
    officer.get_by_label("Questions à poser").check()
    officer.get_by_role("button", name="Afficher les questions qui suivent").click()
    officer.get_by_label("Questions à l’opérateur").fill("Votre SIRET ?\nVotre contrat ?")
    officer.get_by_role("button", name="Enregistrer le contrôle").last.click()

    operator.goto(f"{site.address}/accueil")
    operator.get_by_role("link", name="Répondre").first.click()
    answers = operator.locator("textarea:visible")
    for answer in answers.all():
        answer.fill("Il est au dossier.")
    operator.get_by_role("button", name="Envoyer la réponse").last.click()
    operator.get_by_text("Réponse envoyée.").wait_for()


def test_a_proof_is_joined_and_taken_away_without_a_script(site: Site) -> None:
    number = site.stage.number(site.stage.admitted())
    page = site.person(OPERATOR)
    page.goto(f"{site.address}/dossiers/{number}/preuves")
    video = {"name": "essai.mp4", "mimeType": "video/mp4", "buffer": mp4(10_000)}
    page.locator("input[type=file]").first.set_input_files(video)
    page.get_by_role("button", name="Joindre les fichiers choisis").click()
    link = page.get_by_role("link", name="essai.mp4", exact=True)
    expect(link).to_have_count(1)
    page.get_by_role("link", name="Retirer").first.click()
    page.get_by_role("button", name="Retirer").first.click()
    expect(link).to_have_count(0)
