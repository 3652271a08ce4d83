"""A slow server: an answer never undoes, nor hides, what was typed since it was asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from chromium import IN_CHROMIUM, chromium, served
from flask import Flask
from playwright.sync_api import expect
from stage import OFFICER, OPERATOR, Stage
from test_journey import People

from workflow.engine.runtime import Runtime

pytestmark = IN_CHROMIUM
PAUSE = 600
"""Milliseconds after which what is typed has been asked for."""


class Held:
    """Requests of htmx that wait until they are let go; those that come afterwards do not."""

    def __init__(self, page: Any, address: str) -> None:
        self.page = page
        self.routes: list[Any] = []
        self.is_over = False
        page.route(address, self._hold)

    def _hold(self, route: Any) -> None:
        if self.is_over or "hx-request" not in route.request.headers:
            route.continue_()
        else:
            self.routes.append(route)

    def let_go(self) -> None:
        """Answer those that are still wanted one after the other, the last one first."""
        self.is_over = True
        for route in reversed(self.routes):
            if route.request.failure is None:
                with self.page.expect_event("requestfinished"):
                    route.continue_()


@pytest.fixture
def stage(runtime: Runtime) -> Stage:
    return Stage.set_up(runtime)


@pytest.fixture
def people(app: Flask, stage: Stage) -> Iterator[People]:
    """The demo's people before a deployed procedure."""
    with served(app) as site, chromium() as browser:
        yield People(browser, site)


def test_a_list_shows_what_was_typed_last(people: People, stage: Stage) -> None:
    for service in ("Alizé Mail", "Bora Mail", "Cierzo Mail"):
        stage.deposit(service)
    page = people.of(OPERATOR)
    page.clock.install()
    page.goto(f"{people.site}/dossiers")
    held = Held(page, "**/dossiers?*")
    words = page.get_by_label("Numéro, service, opérateur, SIRET ou personne")
    with page.expect_request("**/dossiers?*"):
        words.fill("Alizé Mail")
    words.fill("Bora Mail")
    page.clock.run_for(PAUSE)
    words.fill("Cierzo Mail")
    page.clock.run_for(PAUSE)
    held.let_go()
    found = page.locator("#found")
    expect(found.get_by_role("link", name="Bora Mail 1.0")).to_have_count(0)
    expect(found.get_by_role("link", name="Cierzo Mail 1.0")).to_have_count(1)
    expect(found.get_by_role("link", name="Alizé Mail 1.0")).to_have_count(0)


def test_a_siret_is_judged_as_it_stands(people: People) -> None:
    page = people.of(OPERATOR)
    page.clock.install()
    page.goto(f"{people.site}/deposer")
    number = page.get_by_label("Numéro SIRET")
    expect(page.get_by_text("SIRET correct")).to_have_count(1)
    held = Held(page, "**/siret?*")
    with page.expect_request("**/siret?*"):
        number.fill("123 456 782 00010")
    for typed in ("123 456 782 00", "123 456 782 0002"):
        number.fill(typed)
        page.clock.run_for(PAUSE)
    held.let_go()
    expect(page.get_by_text("Il manque 1 chiffre.")).to_have_count(1)


def test_a_form_drawn_again_undoes_nothing(people: People, stage: Stage) -> None:
    dossier_id = stage.deposit("Alizé Mail")
    page = people.of(OFFICER)
    address = f"/taches/{stage.task_id(dossier_id, 'check_admissibility')}"
    page.goto(people.site + address)
    comment = page.get_by_label("Commentaire")
    comment.fill("Le contrat")
    held = Held(page, f"**{address}*")
    with page.expect_request(f"**{address}?"):
        page.get_by_label("Irrecevable").check()
    comment.fill("Le contrat est signé.")
    with page.expect_request(f"**{address}?"):
        page.get_by_label("Questions à poser").check()
    held.let_go()
    page.get_by_label("Questions à l’opérateur").wait_for()
    expect(comment).to_have_value("Le contrat est signé.")
