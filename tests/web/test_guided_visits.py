"""The first visit of each role: its pages open, its elements are there, it ticks by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from every_page import deploy_other_campaign
from flask import Flask
from stage import (
    ADMINISTRATOR,
    AUDITOR,
    INSTRUCTOR,
    LEGAL,
    MEMBER,
    OFFICER,
    OPERATOR,
    OWNER,
    PARTNER,
    PRESIDENT,
    SIGNATORY,
    SSI_OFFICER,
    Stage,
    demo_runtime,
)

from tests.web.conftest import Browser
from web.app import create_app
from web.guide_texts import visit_of
from workflow.clock import PARIS
from workflow.domain.person import ROLES
from workflow.engine.runtime import Runtime
from workflow.settings import Settings

pytestmark = pytest.mark.xdist_group("first visits")
SUPPORT = "assistance@ans.example"
PEOPLE = {
    "operator": OPERATOR,
    "legal_representative": LEGAL,
    "admissibility_officer": OFFICER,
    "instructor": INSTRUCTOR,
    "signatory": SIGNATORY,
    "college_member": MEMBER,
    "college_president": PRESIDENT,
    "ssi_officer": SSI_OFFICER,
    "support": SUPPORT,
    "process_owner": OWNER,
    "auditor": AUDITOR,
    "administrator": ADMINISTRATOR,
    "partner": PARTNER,
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The demo as it begins: two campaigns, its people, no dossier."""
    begins = datetime(2022, 10, 3, 9, tzinfo=PARIS)
    with demo_runtime(tmp_path_factory.mktemp("demo"), begins) as runtime:
        deploy_other_campaign(runtime)
        yield Stage.set_up(runtime)


@pytest.fixture(scope="module")
def demo(stage: Stage) -> Flask:
    """The pages of the demo."""
    app = create_app(stage.runtime, demo=True)
    app.config["RATELIMIT_ENABLED"] = False
    return app


def at_work(app: Flask, email: str) -> Browser:
    browser = Browser(app.test_client())
    browser.sign_in(email)
    return browser


def panel(page: str) -> str:
    found = re.search(r'<aside class="visit.*?</aside>', page, re.DOTALL)
    return found[0] if found else ""


def move(browser: Browser, how: str, **fields: Any) -> str:
    return browser.post("/visite", do=how, **{"to": "/accueil", **fields})


def test_every_role_has_a_visit_whose_steps_lead_to_what_they_name(
    stage: Stage, demo: Flask
) -> None:
    assert set(PEOPLE) == set(ROLES)
    with demo.test_request_context():
        addresses = {step.id: demo.url_for(step.page) for role in ROLES for step in visit_of(role)}
    at_work_as = {role: at_work(demo, email) for role, email in PEOPLE.items()}
    missing: list[str] = []
    for deposited in (False, True):
        if deposited:
            stage.submitted()
        for role, browser in at_work_as.items():
            steps = visit_of(role)
            assert 3 <= len(steps) <= 6, role
            pages = {step.page: browser.open(addresses[step.id]) for step in steps}
            for step in steps:
                if f'id="{step.anchor}"' not in pages[step.page]:
                    missing.append(f"{step.id}: {addresses[step.id]}#{step.anchor}")
                assert (step.opened | step.acts) <= set(demo.view_functions), step.id
    assert missing == []


def test_a_visit_ticks_its_steps_as_its_pages_are_read(demo: Flask) -> None:
    browser = at_work(demo, AUDITOR)
    browser.post("/visite/recommencer")
    # The page of the first step tells it; then it is done, and the next one is told.
    assert "étape 1 sur 5" in panel(browser.text)
    assert 'class="visiting"' in browser.text
    page = panel(browser.open("/accueil"))
    assert "étape 2 sur 5" in page
    assert "Ouvrir la page" in page
    assert "L’historique général.</a><span" in page.replace("\n", "")
    assert ", fait" in page


def test_an_act_ticks_the_step_that_asks_for_it_and_reading_the_form_does_not(
    demo: Flask,
) -> None:
    browser = at_work(demo, LEGAL)
    browser.post("/visite/recommencer")
    for address in ("/dossiers", "/dossiers/2022-001", "/entreprise/mandats"):
        browser.open(address)
    assert "Invitez un collègue" in panel(browser.open("/compte/inviter"))
    browser.post("/compte/inviter", email="wrong", role="operator")
    assert "étape 4 sur 4" in panel(browser.open("/compte/inviter"))
    browser.post("/compte/inviter", email="nouveau@alize.example", role="operator")
    assert not panel(browser.open("/registre"))


def test_whoever_goes_on_folds_or_ends_the_visit_is_obeyed_until_they_take_it_again(
    demo: Flask,
) -> None:
    browser = at_work(demo, SUPPORT)
    browser.post("/visite/recommencer")
    assert "étape 1 sur 3" in panel(browser.text)
    move(browser, "next", step="support.questions")
    assert browser.page.request.path == "/aide"
    assert "étape 2 sur 3" in panel(browser.text)
    folded = panel(move(browser, "later"))
    assert "Reprendre" in folded
    assert "Ouvrez un fil" not in folded
    assert "Ouvrez un fil" in panel(move(browser, "resume"))
    assert not panel(move(browser, "never"))
    browser.open("/compte")
    assert "Refaire la visite guidée" in browser.text
    assert "étape 1 sur 3" in panel(browser.post("/visite/recommencer"))


def test_outside_the_demo_the_setting_alone_offers_visits(stage: Stage) -> None:
    for offered in (False, True):
        runtime = Runtime(
            stage.runtime.database,
            stage.runtime.clock,
            stage.runtime.forms,
            stage.runtime.files,
            Settings(secret_key="for tests only", guided_visits=offered),
        )
        browser = at_work(create_app(runtime, demo=False), MEMBER)
        assert bool(panel(browser.open("/accueil"))) is offered


def test_a_visit_is_read_in_the_readers_language(demo: Flask) -> None:
    browser = at_work(demo, SIGNATORY)
    browser.post("/langue", language="en", to="/accueil")
    browser.post("/visite/recommencer")
    assert "Guided visit: step 1 of 3" in panel(browser.text)
    assert "The conventions to countersign." in panel(browser.text)
