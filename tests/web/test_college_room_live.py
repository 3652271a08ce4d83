"""The college's room in a browser: what the president types is what the screen shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from chromium import IN_CHROMIUM, chromium, first_held, patient, served
from flask import Flask
from stage import OWNER, PRESIDENT, Stage

from tests.web.conftest import Browser
from tests.web.test_college_room import COMMENT, Sitting
from workflow.engine.runtime import Runtime

pytestmark = [*IN_CHROMIUM, pytest.mark.slow, pytest.mark.xdist_group("one page in a browser")]
PROJECTOR = {"width": 1280, "height": 720}
DESKTOP = {"width": 1440, "height": 900}


@pytest.fixture
def pages(app: Flask, runtime: Runtime) -> Iterator[tuple[Any, Any, Sitting]]:
    """The president's room, and the screen that the secretary projects."""
    sitting = Sitting(Stage.set_up(runtime))
    with served(app) as address, chromium() as browser:

        def opened(email: str, path: str, size: dict[str, int]) -> Any:
            person = Browser(app.test_client())
            person.sign_in(email)
            cookie = person.client.get_cookie("jalon")
            assert cookie is not None
            context = patient(browser, viewport=size)
            context.add_cookies([{"name": "jalon", "value": cookie.value, "url": address}])
            page = context.new_page()
            page.goto(address + path)
            return page

        president = opened(PRESIDENT, sitting.room(sitting.first), DESKTOP)
        screen = opened(OWNER, sitting.screen, PROJECTOR)
        yield president, screen, sitting


@pytest.mark.rule(67, 69)
def test_the_screen_follows_what_the_president_types(pages: tuple[Any, Any, Sitting]) -> None:
    president, screen, sitting = pages
    screen.get_by_role("heading", level=1, name="Alizé Un").wait_for()
    # A key that no field takes goes on to the next dossier, for everybody.
    president.keyboard.press("ArrowRight")
    president.get_by_role("heading", level=2, name="Alizé Deux").wait_for()
    screen.get_by_role("heading", level=1, name="Alizé Deux").wait_for()
    president.get_by_role("radio", name="Réserves non bloquantes").check()
    president.get_by_label("Correction nécessaire").fill("Refuser TLS 1.1.")
    president.get_by_label("Motifs").fill("Au vu des essais.")
    president.get_by_text("Rien n’est décidé avant la clôture").wait_for()
    screen.get_by_text("Refuser TLS 1.1.").wait_for()
    screen.get_by_text("Au vu des essais.").wait_for()
    # What is typed while the line is cut is kept, and saved by itself afterwards.
    president.context.set_offline(True)
    president.get_by_label("Motifs").fill("Au vu des essais, relus.")
    president.get_by_text("Hors connexion : rien n’est perdu.").wait_for()
    president.context.set_offline(False)
    screen.get_by_text("Au vu des essais, relus.").wait_for()
    assert COMMENT in president.content()
    assert COMMENT not in screen.content()
    screen.keyboard.press("ArrowLeft")
    screen.get_by_role("heading", level=1, name="Alizé Un").wait_for()
    row = sitting.draft()["decisions"][1]
    assert (row["outcome"], row["reasons"]) == ("non_blocking", "Au vu des essais, relus.")


def test_what_is_saved_meanwhile_has_no_form_drawn_twice(
    pages: tuple[Any, Any, Sitting],
) -> None:
    president, _screen, sitting = pages
    drawn = first_held(
        president,
        f"**{sitting.room(sitting.first)}*",
        lambda request: request.method == "POST" and "jalon-keeps" not in request.headers,
    )
    president.get_by_role("radio", name="Réserves non bloquantes").check()
    president.get_by_text("Rien n’est décidé avant la clôture").wait_for()
    drawn[0].continue_()
    president.get_by_label("Correction nécessaire").wait_for()
    assert len(drawn) == 1
