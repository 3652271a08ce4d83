"""One dossier carried through the pages in a real browser, from its deposit to the register."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import IN_CHROMIUM, chromium, patient, served
from fictitious_files import SAMPLES
from flask import Flask
from stage import (
    INSTRUCTOR,
    LEGAL,
    OFFICER,
    OPERATOR,
    PRESIDENT,
    SIGNATORY,
    Stage,
)

from web.demo_accounts import DEMO_PASSWORD
from workflow.engine.runtime import Runtime

pytestmark = IN_CHROMIUM


class People:
    """The people of the journey, each with a browser of their own."""

    def __init__(self, chromium: Any, site: str, **options: Any) -> None:
        self.chromium = chromium
        self.site = site
        self.options = options
        self.pages: dict[str, Any] = {}
        self.faults: list[str] = []

    def of(self, email: str) -> Any:
        """This person's page, signed in, on their home."""
        if email not in self.pages:
            page = patient(self.chromium, **self.options).new_page()
            page.on("console", self._hear)
            page.on("pageerror", lambda error: self.faults.append(str(error)))
            page.goto(f"{self.site}/connexion")
            page.fill("#email", email)
            page.fill("#password", DEMO_PASSWORD)
            page.get_by_role("button", name="Se connecter").click()
            # Another page asked for now would cut the sign-in short.
            page.wait_for_url("**/accueil")
            self.pages[email] = page
            return page
        page = self.pages[email]
        page.goto(f"{self.site}/accueil")
        return page

    def _hear(self, message: Any) -> None:
        # A form that is refused answers 422, which Chromium reports; so does it the 409 of a
        # draft, or of a form drawn again ("?"), that came after its form was sent.
        address = message.location.get("url", "")
        is_late = "409" in message.text and address.endswith(("/brouillon", "?"))
        if message.type == "error" and "422" not in message.text and not is_late:
            self.faults.append(f"{message.text} {address}")


@pytest.fixture
def people(app: Flask, runtime: Runtime) -> Iterator[People]:
    """The demo's people before a deployed procedure."""
    Stage.set_up(runtime)
    with served(app) as site, chromium() as browser:
        yield People(browser, site)


@pytest.mark.rule(44)
def test_a_dossier_goes_from_its_deposit_to_the_register(people: People, tmp_path: Path) -> None:
    deposit(people)
    check(people)
    sign(people)
    hand_in_proofs(people, tmp_path)
    instruct_with_a_question(people)
    hold_the_college(people)
    lift_the_reservation(people)
    read_the_register(people)
    assert people.faults == []


def deposit(people: People) -> None:
    page = people.of(OPERATOR)
    follow(page, page.get_by_role("link", name="Déposer une candidature"))
    page.get_by_label("Nom et prénom du représentant légal").fill("Odile Renaudin")
    page.get_by_label("Adresse électronique du représentant légal").fill("direction@alize.example")
    page.get_by_label("Téléphone du représentant légal").fill("01 99 00 12 34")
    page.get_by_label("Nom du service").fill("Alizé Santé Pro")
    page.get_by_label("Numéro de version").fill("4.2")
    page.get_by_label("DSR choisi").select_option("DSR-OPE-MSS")
    page.get_by_label("Date prévue").fill("05/12/2022")
    submit(page, "Déposer la candidature")
    page.get_by_text("Le dépôt n’est pas fait").wait_for()
    page.get_by_label("Oui, elle peut paraître").check()
    for box in page.locator('input[name^="commitment_"]').all():
        box.check()
    submit(page, "Déposer la candidature")
    page.get_by_text("Candidature déposée. Elle porte le numéro 2022-001.").wait_for()
    page.locator("#macro[data-ready]").wait_for()
    assert page.locator("#macro .djs-element.here").get_attribute("data-element-id") == (
        "admissibility"
    )


def check(people: People) -> None:
    page = people.of(OFFICER)
    follow(page, page.get_by_role("link", name="Contrôler la recevabilité"))
    page.get_by_label("Questions à poser").check()
    page.get_by_label("Questions à l’opérateur").wait_for()
    assert page.get_by_label("signé par l’opérateur le").count() == 0
    page.get_by_label("Recevable", exact=True).check()
    page.get_by_role("group", name="Espace de Confiance").get_by_label("Oui").check()
    page.get_by_label("L’opérateur lui-même").check()
    page.get_by_label("signé par l’opérateur le").fill("02/05/2022")
    page.get_by_label("signé par l’ANS le").fill("09/05/2022")
    submit(page, "Enregistrer le contrôle")
    page.get_by_text("le dossier est recevable").wait_for()


def sign(people: People) -> None:
    for email, act in ((LEGAL, "Signer la convention"), (SIGNATORY, "Contresigner la convention")):
        page = people.of(email)
        follow(page, page.get_by_role("link", name=act))
        page.locator("#f-accepted").check()
        submit(page, act)
        page.get_by_text("Ce qui est attendu, et de qui").wait_for()


def hand_in_proofs(people: People, tmp_path: Path) -> None:
    samples: dict[str, Path] = {}
    for name, content in SAMPLES.values():
        samples[Path(name).suffix] = tmp_path / name
        (tmp_path / name).write_bytes(content)
    page = people.of(OPERATOR)
    follow(page, page.get_by_role("link", name="Déposer les preuves"))
    for chooser in page.locator('input[type="file"]').all():
        taken = (chooser.get_attribute("accept") or "").split(",")
        chooser.set_input_files(next(samples[end] for end in taken if end in samples))
    page.get_by_text("33 preuves sur 33").wait_for()
    follow(page, page.get_by_role("link", name="Remplir le questionnaire"))
    for name in ("policy", "officer"):
        page.locator(f'input[name="security_{name}"][value="yes"]').check()
    for name in ("risk_analysis", "vulnerability_watch", "incident_procedure", "restoration_test"):
        page.locator(f'input[name="{name}"][value="yes"]').check()
    page.locator('input[name="penetration_test"][value="false"]').check()
    page.locator('input[name="certifications"][value="none"]').check()
    submit(page, "Enregistrer le questionnaire")
    follow(page, page.get_by_role("link", name="Déposer les preuves"))
    for name in ("third_party_disclaimer", "fictitious_data", "no_security_risk"):
        page.locator(f'input[name="{name}"]').check()
    submit(page, "Déposer les preuves")
    page.get_by_text("Le dossier est dans la file d’instruction").wait_for()


def instruct_with_a_question(people: People) -> None:
    page = people.of(INSTRUCTOR)
    follow(page, page.get_by_role("link", name="File d’instruction"))
    follow(page, page.get_by_role("button", name="Prendre le dossier suivant"))
    page.get_by_label("Questions à poser").check()
    page.get_by_label("Questions à l’opérateur").fill("Et en TLS 1.1 ?")
    submit(page, "Enregistrer l’instruction")
    page.get_by_text("le décompte est suspendu").wait_for()

    page = people.of(OPERATOR)
    page.get_by_text("votre rang dans la file n’est plus garanti").wait_for()
    follow(page, page.get_by_role("link", name="Répondre à la question"))
    page.get_by_label("Votre réponse").fill("Le refus est montré par le second journal.")
    submit(page, "Envoyer la réponse")
    page.get_by_text("L’instruction reprend").wait_for()

    page = people.of(INSTRUCTOR)
    follow(page, page.get_by_role("link", name="Instruire le dossier").first)
    page.get_by_text("Le refus est montré par le second journal.").wait_for()
    for choice in page.locator('input[value="conform"]').all():
        choice.check(force=True)
    page.get_by_label("Clore l’instruction").check()
    submit(page, "Enregistrer l’instruction")
    page.get_by_text("Instruction enregistrée et close").wait_for()


def hold_the_college(people: People) -> None:
    page = people.of(PRESIDENT)
    follow(page, page.get_by_role("link", name="Collège", exact=True))
    follow(page, page.get_by_role("link", name="Convoquer une séance maintenant"))
    submit(page, "Convoquer la séance")
    follow(page, page.get_by_role("link", name="Tenir la séance"))
    page.get_by_role("textbox", name="Présents").fill("Hélène Vasseur\nMarc Olivet\nInès Bouvard")
    page.get_by_label("Réserves non bloquantes").check()
    requirement = page.locator('select[name$=".requirement"]')
    requirement.wait_for()
    requirement.select_option("DER-TLS-02")
    page.get_by_label("Mineure").check()
    page.get_by_label("Correction nécessaire").fill("Refuser TLS 1.1 sur le port 993.")
    submit(page, "Enregistrer les décisions de la séance")
    page.get_by_text("Décisions de la séance enregistrées et notifiées.").wait_for()


def lift_the_reservation(people: People) -> None:
    page = people.of(OPERATOR)
    follow(page, page.get_by_role("link", name="Corriger les réserves"))
    page.get_by_text("Refuser TLS 1.1 sur le port 993.").wait_for()
    page.get_by_label("Correction apportée").fill("TLS 1.1 est refusé depuis la version 4.2.1.")
    submit(page, "Déposer les corrections")

    page = people.of(INSTRUCTOR)
    follow(page, page.get_by_role("link", name="Vérifier les corrections"))
    page.get_by_text("TLS 1.1 est refusé depuis la version 4.2.1.").wait_for()
    page.locator('input[name="outcome"][value="lifted"]').check()
    submit(page, "Enregistrer la vérification")
    page.get_by_text("Vérification enregistrée.").wait_for()

    page = people.of(PRESIDENT)
    follow(page, page.get_by_role("link", name="Confirmer la levée"))
    submit(page, "Confirmer la levée")
    page.get_by_text("Levée confirmée : le service est référencé.").wait_for()


def read_the_register(people: People) -> None:
    page = people.of(OPERATOR)
    page.goto(f"{people.site}/registre")
    follow(page, page.get_by_role("link", name="Alizé Santé Pro 4.2"))
    page.get_by_text("Référencement en vigueur").wait_for()
    assert "OPE-MSS-2022-0001-" in page.url


def follow(page: Any, link: Any) -> None:
    """Go where a link or a button leads, until that page can be used."""
    with page.expect_navigation():
        link.click()


def submit(page: Any, name: str) -> None:
    """Press the one button that concludes a page."""
    buttons = page.locator("main .btn-primary[type=submit], main .btn-second[type=submit]")
    follow(page, buttons.filter(has_text=name))
