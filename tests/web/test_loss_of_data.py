"""Nothing typed is lost: an ended session, two tabs, a double click, Back, a line that is cut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from chromium import IN_CHROMIUM, chromium, patient, served
from every_page import post
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import func, select
from stage import LEGAL, OFFICER, OPERATOR, Stage, demo_runtime

from web.app import create_app
from web.demo_accounts import DEMO_PASSWORD
from workflow.domain.dossier import Dossier

pytestmark = [*IN_CHROMIUM, pytest.mark.xdist_group("loss of data")]

RESTORED = "new Promise((done) => setTimeout(done, 1_500))"
"""The browser fills in what it remembers after the page's scripts have begun."""
FROZEN = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"
"""A page comes out of the browser's cache as it was left; Playwright turns that cache off."""
SEND = """() => fetch(location.href, {
  method: "POST",
  body: new URLSearchParams(new FormData(document.querySelector("form:has([data-autosave])"))),
})"""
SAVES = "**/deposer/brouillon?*"
COPIES = "Object.keys(localStorage).filter((key) => key.startsWith('jalon:copy:')).length"
UNTIL_COPIES = f"""(count) => new Promise((done) => {{
  const look = () => {COPIES} === count ? done() : setTimeout(look, 20);
  look();
}})"""
"""Playwright's own way to wait for a condition is refused by the pages' security policy."""


@dataclass
class Site:
    """The product before a browser, with nobody at work yet."""

    app: Flask
    stage: Stage
    address: str
    browser: Any

    def person(self, email: str) -> Any:
        """Someone who has signed in: the cookies of a browser of their own."""
        context = patient(self.browser)
        self.sign_in(context, email)
        return context

    def sign_in(self, context: Any, email: str) -> None:
        """Sign someone in without a page of theirs."""
        client = self.app.test_client()
        post(client, "/connexion", email=email, password=DEMO_PASSWORD)
        cookie = client.get_cookie("jalon")
        assert cookie is not None
        context.add_cookies([{"name": "jalon", "value": cookie.value, "url": self.address}])

    def open(self, context: Any, address: str) -> Any:
        """A new tab."""
        page = context.new_page()
        page.goto(self.address + address)
        return page

    def dossiers(self, service: str) -> int:
        """How many candidatures of a service were deposited."""
        with self.stage.runtime.database.reading() as session:
            query = select(func.count()).select_from(Dossier)
            return session.scalar(query.where(Dossier.service_name == service)) or 0


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, english_words: None) -> Iterator[Site]:
    """One product and one browser for all the traps."""
    with demo_runtime(tmp_path_factory.mktemp("site")) as runtime:
        app = create_app(runtime, demo=False)
        app.config["RATELIMIT_ENABLED"] = False
        with served(app) as address, chromium() as browser:
            yield Site(app, Stage.set_up(runtime), address, browser)


def service(page: Any) -> Any:
    return page.get_by_label("Nom du service")


def saved(page: Any) -> None:
    """Wait until the page says that it is saved."""
    page.locator("[data-draft-said]").get_by_text("Brouillon enregistré à").wait_for()


def fill(page: Any, name: str) -> None:
    """A whole candidature."""
    page.get_by_label("Nom et prénom du représentant légal").fill("Odile Renaudin")
    page.get_by_label("Adresse électronique du représentant").fill("direction@alize.example")
    page.get_by_label("Téléphone du représentant légal").fill("01 99 00 12 34")
    service(page).fill(name)
    page.get_by_label("Numéro de version").fill("4.2")
    page.get_by_label("Date prévue").fill("05/12/2022")
    page.get_by_label("Oui, elle peut paraître").check()
    for box in page.locator('input[name^="commitment_"]').all():
        box.check()


def started(site: Site, context: Any, name: str) -> Any:
    """A page on which a candidature is begun and saved."""
    page = site.open(context, "/deposer")
    service(page).fill(name)
    saved(page)
    page.wait_for_url("**/deposer?brouillon=*")
    return page


def test_a_session_that_ends_meanwhile_loses_nothing(site: Site) -> None:
    context = site.person(OPERATOR)
    page = started(site, context, "Alizé Session")
    context.clear_cookies()
    service(page).fill("Alizé Session finie")
    page.get_by_text("Votre session a pris fin").wait_for()
    with context.expect_page() as opened:
        page.get_by_role("link", name="Se connecter dans un nouvel onglet").click()
    tab = opened.value
    tab.fill("#email", OPERATOR)
    tab.fill("#password", DEMO_PASSWORD)
    tab.get_by_role("button", name="Se connecter", exact=True).click()
    tab.get_by_text("Revenez à l’onglet où vous écriviez").wait_for()
    page.get_by_text("Votre session a pris fin").wait_for(state="hidden")
    tab.goto(page.url)
    expect(service(tab)).to_have_value("Alizé Session finie")
    tab.close()  # A page behind another one is slow.

    fill(page, "Alizé Session envoyée")
    page.get_by_text("17 réponses obligatoires sur 17").wait_for()
    context.clear_cookies()
    page.get_by_role("button", name="Déposer la candidature").last.click()
    page.get_by_role("heading", name="Votre session a expiré").wait_for()
    page.fill("#email", OPERATOR)
    page.fill("#password", DEMO_PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    page.get_by_role("button", name="Retrouver ma saisie").click()
    page.wait_for_url("**/deposer?brouillon=*")
    expect(service(page)).to_have_value("Alizé Session envoyée")
    expect(page.locator('input[name^="commitment_"]:checked')).to_have_count(5)
    assert site.dossiers("Alizé Session envoyée") == 0
    page.get_by_role("button", name="Déposer la candidature").last.click()
    page.get_by_text("Candidature déposée.").wait_for()
    context.close()


def test_whoever_signs_in_next_never_saves_what_somebody_else_typed(site: Site) -> None:
    context = site.person(OPERATOR)
    page = started(site, context, "Alizé Personne")
    context.clear_cookies()
    site.sign_in(context, LEGAL)
    service(page).fill("Alizé Personne, suite")
    page.get_by_text("Une autre personne s’est connectée").wait_for()
    site.sign_in(context, OPERATOR)
    page.evaluate("dispatchEvent(new Event('focus'))")
    page.get_by_text("Une autre personne s’est connectée").wait_for(state="hidden")
    tab = site.open(context, page.url.removeprefix(site.address))
    expect(service(tab)).to_have_value("Alizé Personne, suite")
    context.close()


def test_two_tabs_show_their_conflict_and_keep_both_versions(site: Site) -> None:
    context = site.person(OPERATOR)
    first = started(site, context, "Alizé Onglets")
    second = site.open(context, first.url.removeprefix(site.address))
    with second.expect_response(SAVES):
        service(second).fill("Alizé Second")
    first.bring_to_front()
    service(first).fill("Alizé Premier")
    first.get_by_text("Une autre version de ce brouillon existe").wait_for()
    first.get_by_text("Alizé Second").wait_for()
    second.reload()
    expect(service(second)).to_have_value("Alizé Second")
    first.get_by_role("button", name="Garder ma saisie").click()
    first.get_by_text("Une autre version de ce brouillon existe").wait_for(state="hidden")
    second.reload()
    expect(service(second)).to_have_value("Alizé Premier")
    context.close()


def test_a_double_click_deposits_once_and_back_says_that_it_is_done(site: Site) -> None:
    context = site.person(OPERATOR)
    page = started(site, context, "Alizé Double")
    fill(page, "Alizé Double")
    page.get_by_role("button", name="Déposer la candidature").last.dblclick()
    page.get_by_text("Candidature déposée.").wait_for()
    assert site.dossiers("Alizé Double") == 1

    page.go_back()
    page.get_by_role("heading", name="Cette candidature est déjà déposée").wait_for()
    page.get_by_role("link", name="Ouvrir le dossier").click()
    page.get_by_text("Ce qui est attendu, et de qui").wait_for()
    context.close()


def test_a_form_that_was_sent_says_so_when_the_browser_shows_it_again(site: Site) -> None:
    context = site.person(OPERATOR)
    page = started(site, context, "Alizé Figé")
    fill(page, "Alizé Figé")
    page.evaluate(SEND)
    page.evaluate(FROZEN)
    page.get_by_text("Ce formulaire a déjà été envoyé").wait_for()
    service(page).fill("Alizé Figé, encore")
    page.get_by_role("button", name="Déposer la candidature").last.click()
    page.get_by_role("heading", name="Cette candidature est déjà déposée").wait_for()
    assert (site.dossiers("Alizé Figé"), site.dossiers("Alizé Figé, encore")) == (1, 0)
    context.close()


def test_back_on_an_answer_that_was_sent_says_so(site: Site) -> None:
    dossier_id = site.stage.deposit("Alizé Retour")
    asked = {"outcome": "solicit", "questions": ["Votre SIRET ?"]}
    site.stage.do(dossier_id, "check_admissibility", OFFICER, **asked)
    task_id = site.stage.task_id(dossier_id, "answer_admissibility_solicitation")
    context = site.person(OPERATOR)
    page = site.open(context, f"/taches/{task_id}")
    page.get_by_label("Votre réponse").first.fill("Il est au dossier.")
    page.get_by_role("button", name="Envoyer la réponse").last.click()
    page.get_by_text("Réponse envoyée.").wait_for()
    page.go_back()
    page.get_by_text("Cette tâche est terminée").wait_for()
    context.close()


def test_a_line_that_is_cut_for_a_minute_loses_nothing(site: Site) -> None:
    context = site.person(OPERATOR)
    page = started(site, context, "Alizé Ligne")
    context.set_offline(True)
    service(page).fill("Alizé Ligne coupée")
    page.get_by_text("Hors connexion : rien n’est perdu.").wait_for()
    context.set_offline(False)
    page.get_by_text("Hors connexion").wait_for(state="hidden")
    assert page.evaluate(COPIES) == 0
    tab = site.open(context, page.url.removeprefix(site.address))
    expect(service(tab)).to_have_value("Alizé Ligne coupée")
    tab.close()

    context.route(SAVES, lambda route: route.abort())
    service(page).fill("Alizé Onglet fermé")
    page.evaluate(UNTIL_COPIES, 1)
    address = page.url.removeprefix(site.address)
    page.close()
    context.unroute(SAVES)
    page = site.open(context, address)
    expect(service(page)).to_have_value("Alizé Ligne coupée")
    page.get_by_role("button", name="Reprendre cette saisie").click()
    saved(page)
    expect(service(page)).to_have_value("Alizé Onglet fermé")
    page.evaluate(UNTIL_COPIES, 0)

    context.set_offline(True)
    service(page).fill("Alizé à oublier")
    page.get_by_text("Hors connexion : rien n’est perdu.").wait_for()
    assert page.evaluate(COPIES) == 1
    page.on("dialog", lambda dialog: dialog.accept())
    context.route(SAVES, lambda route: route.abort())
    context.set_offline(False)
    page.get_by_role("button", name="Se déconnecter").click()
    page.get_by_text("Vous êtes déconnecté.").wait_for()
    assert page.evaluate(COPIES) == 0
    context.close()


def test_what_was_saved_without_an_answer_is_not_offered_again(site: Site) -> None:
    context = site.person(OPERATOR)
    page = started(site, context, "Alizé Réponse")

    def lose_the_answer(route: Any) -> None:
        route.fetch()
        route.abort()

    page.route(SAVES, lose_the_answer)
    service(page).fill("Alizé Réponse perdue")
    page.evaluate(UNTIL_COPIES, 1)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("about:blank")
    page.unroute(SAVES)
    page.go_back()
    expect(service(page)).to_have_value("Alizé Réponse perdue")
    page.evaluate(UNTIL_COPIES, 0)
    expect(page.get_by_role("button", name="Reprendre cette saisie")).to_have_count(0)
    context.close()


def test_back_shows_what_is_saved_and_not_what_the_browser_remembers(site: Site) -> None:
    context = site.person(OPERATOR)
    page = started(site, context, "Alizé Souvenir")
    address = page.url.removeprefix(site.address)
    page.goto("about:blank")
    tab = site.open(context, address)
    with tab.expect_response(SAVES):
        service(tab).fill("Alizé Souvenir, la suite")
    tab.close()
    page.go_back()
    expect(page.get_by_text("Brouillon enregistré")).to_have_count(1)
    page.evaluate(RESTORED)
    expect(service(page)).to_have_value("Alizé Souvenir, la suite")
    tab = site.open(context, address)
    expect(service(tab)).to_have_value("Alizé Souvenir, la suite")
    context.close()


def test_nothing_is_left_on_a_device_whose_line_comes_back_while_one_signs_out(site: Site) -> None:
    context = site.person(OPERATOR)
    page = started(site, context, "Alizé Partie")
    saves: list[Any] = []
    leaves: list[Any] = []
    page.route(SAVES, lambda route: saves.append(route))
    page.route("**/deconnexion", lambda route: leaves.append(route))
    page.on("dialog", lambda dialog: dialog.accept())
    with page.expect_request(SAVES):
        service(page).fill("Alizé Partie, suite")
    with page.expect_request("**/deconnexion"):
        page.get_by_role("button", name="Se déconnecter").click(no_wait_after=True)
    saves[0].abort()
    leaves[0].continue_()
    page.get_by_text("Vous êtes déconnecté.").wait_for()
    assert page.evaluate(COPIES) == 0
    context.close()


def test_a_choice_made_before_the_scripts_are_there_is_heard(site: Site) -> None:
    dossier_id = site.stage.deposit("Alizé Tôt")
    task_id = site.stage.task_id(dossier_id, "check_admissibility")
    context = site.person(OFFICER)
    held: list[Any] = []
    context.route("**/built/htmx.js*", lambda route: held.append(route))
    page = context.new_page()
    page.goto(f"{site.address}/taches/{task_id}", wait_until="commit")
    page.get_by_label("Questions à poser").check()
    held[0].continue_()
    page.get_by_label("Questions à l’opérateur").wait_for()
    context.close()
