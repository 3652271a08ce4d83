"""The procedure in a browser that runs no script: every act is a form that the server answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chromium import IN_CHROMIUM, chromium, served
from fictitious_files import mp4
from flask import Flask
from playwright.sync_api import expect
from stage import OFFICER, OPERATOR, Stage
from test_journey import People
from test_loss_of_data import fill

from workflow.engine.runtime import Runtime

pytestmark = IN_CHROMIUM


@pytest.fixture
def stage(runtime: Runtime) -> Stage:
    return Stage.set_up(runtime)


@pytest.fixture
def people(app: Flask, stage: Stage) -> Iterator[People]:
    """The demo's people before a deployed procedure, none of whose browsers runs a script."""
    with served(app) as site, chromium() as browser:
        yield People(browser, site, java_script_enabled=False)


def test_a_candidature_is_kept_deposited_and_questioned_without_a_script(people: People) -> None:
    operator = people.of(OPERATOR)
    operator.goto(f"{people.site}/deposer")
    operator.get_by_label("Nom du service").fill("Alizé Sans Script")
    operator.get_by_role("button", name="Enregistrer le brouillon").click()
    operator.get_by_text("Brouillon enregistré à").first.wait_for()
    fill(operator, "Alizé Sans Script")
    operator.get_by_role("button", name="Déposer la candidature").last.click()
    operator.get_by_text("Candidature déposée.").wait_for()

    officer = people.of(OFFICER)
    officer.get_by_role("link", name="Contrôler la recevabilité").first.click()
    officer.get_by_label("Questions à poser").check()
    officer.get_by_role("button", name="Afficher les questions qui suivent").click()
    officer.get_by_label("Questions à l’opérateur").fill("Votre SIRET ?\nVotre contrat ?")
    officer.get_by_role("button", name="Enregistrer le contrôle").last.click()

    operator.goto(f"{people.site}/accueil")
    operator.get_by_role("link", name="Répondre").first.click()
    answers = operator.locator("textarea:visible")
    for answer in answers.all():
        answer.fill("Il est au dossier.")
    operator.get_by_role("button", name="Envoyer la réponse").last.click()
    operator.get_by_text("Réponse envoyée.").wait_for()


def test_a_proof_is_joined_and_taken_away_without_a_script(people: People, stage: Stage) -> None:
    number = stage.number(stage.admitted())
    page = people.of(OPERATOR)
    page.goto(f"{people.site}/dossiers/{number}/preuves")
    video = {"name": "essai.mp4", "mimeType": "video/mp4", "buffer": mp4(10_000)}
    page.locator("input[type=file]").first.set_input_files(video)
    page.get_by_role("button", name="Joindre les fichiers choisis").click()
    link = page.get_by_role("link", name="essai.mp4", exact=True)
    expect(link).to_have_count(1)
    page.get_by_role("link", name="Retirer").first.click()
    page.get_by_role("button", name="Retirer").first.click()
    expect(link).to_have_count(0)
