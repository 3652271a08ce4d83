"""A browser that keeps whole pages to show them again at once, as people's do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from chromium import IN_CHROMIUM, chromium, served
from flask import Flask
from playwright.sync_api import expect
from stage import OPERATOR, Stage
from test_journey import People

from workflow.engine.runtime import Runtime

pytestmark = IN_CHROMIUM
PLAYWRIGHT_FORBIDS = ["--disable-back-forward-cache"]


@pytest.fixture
def page(app: Flask, runtime: Runtime) -> Iterator[Any]:
    """An operator who has read the page of a dossier."""
    stage = Stage.set_up(runtime)
    number = stage.number(stage.deposit("Alizé Mail"))
    with served(app) as site, chromium(ignore_default_args=PLAYWRIGHT_FORBIDS) as browser:
        page = People(browser, site).of(OPERATOR)
        page.goto(f"{site}/dossiers/{number}")
        page.goto(f"{site}/aide/nouvelle")
        yield page


def test_whoever_comes_after_a_sign_out_goes_back_to_nothing(page: Any) -> None:
    page.get_by_role("button", name="Se déconnecter").click()
    page.get_by_text("Vous êtes déconnecté.").wait_for()
    for _ in ("the page that was left", "the dossier before"):
        page.go_back()
        expect(page.get_by_label("Mot de passe")).to_have_count(1)
        expect(page.get_by_text("Alizé")).to_have_count(0)


def test_back_finds_a_question_that_was_left_half_written(page: Any) -> None:
    page.get_by_label("Votre question").fill("Une longue question")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="Registre public").first.click()
    page.wait_for_url("**/registre")
    page.go_back()
    expect(page.get_by_label("Votre question")).to_have_value("Une longue question")
