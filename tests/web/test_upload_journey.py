"""A file on its way in a real browser: its progress is seen, a cut costs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chromium import IN_CHROMIUM, chromium, first_held, served
from fictitious_files import mp4, pdf
from flask import Flask
from stage import OPERATOR, Stage
from test_journey import People

from workflow.engine.runtime import Runtime

pytestmark = IN_CHROMIUM
PIECE = 1024 * 1024
SIZE = 5 * PIECE // 2
VIDEO = 'input[data-requirement="DER-API-01"][data-position="1"]'
PIECES = "**/api/v1/uploads/*"
BEGINNINGS = "**/api/v1/uploads"


@pytest.fixture
def page(app: Flask, runtime: Runtime, tmp_path: Path) -> Iterator[Any]:
    """An operator before the proofs of a dossier, with a video to give."""
    # What one request may carry bounds what a cut may cost.
    runtime.settings = replace(runtime.settings, max_upload_megabytes=1)
    (tmp_path / "essai.mp4").write_bytes(mp4(SIZE))
    (tmp_path / "rapport.mp4").write_bytes(pdf())
    stage = Stage.set_up(runtime)
    number = stage.number(stage.admitted())
    with served(app) as site, chromium() as browser:
        page = People(browser, site).of(OPERATOR)
        page.goto(f"{site}/dossiers/{number}/preuves")
        page.wait_for_selector("html[data-uploads-ready]")
        yield page


def link(page: Any) -> Any:
    return page.get_by_role("link", name="essai.mp4", exact=True)


@pytest.mark.rule(55)
def test_a_piece_that_is_lost_on_the_way_is_sent_again(page: Any, tmp_path: Path) -> None:
    offsets: list[str] = []

    def lose_the_second(route: Any) -> None:
        if route.request.method == "PATCH":
            offsets.append(route.request.headers["upload-offset"])
        if len(offsets) == 2 and route.request.method == "PATCH":
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(PIECES, lose_the_second)
    page.locator(VIDEO).set_input_files(tmp_path / "essai.mp4")
    link(page).wait_for()
    assert offsets == [str(each * PIECE) for each in (0, 1, 1, 2)]
    page.get_by_text("1 preuve sur 33").wait_for()


def test_an_upload_that_was_left_goes_on_when_the_file_is_chosen_again(
    page: Any, tmp_path: Path
) -> None:
    offsets: list[str] = []

    def hold_the_second(route: Any) -> None:
        offsets.append(route.request.headers.get("upload-offset", ""))
        # The answer to the second piece never comes: the page is left meanwhile.
        if len(offsets) != 2:
            route.continue_()

    page.route(PIECES, hold_the_second)
    page.locator(VIDEO).set_input_files(tmp_path / "essai.mp4")
    page.get_by_text(re.compile("1.Mo sur 2,6.Mo")).first.wait_for()
    assert page.locator("[data-upload-total]").is_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.unroute(PIECES)
    page.get_by_role("heading", name="Envois interrompus").wait_for()
    sent: list[str] = []
    page.on("request", lambda each: sent.append(each.headers.get("upload-offset", "")))
    page.wait_for_selector("html[data-uploads-ready]")
    page.locator(VIDEO).set_input_files(tmp_path / "essai.mp4")
    link(page).wait_for()
    assert [each for each in sent if each] == [str(PIECE), str(2 * PIECE)]


def test_an_upload_is_paused_resumed_and_given_up(
    page: Any, tmp_path: Path, runtime: Runtime
) -> None:
    page.route(PIECES, lambda route: None)
    page.locator(VIDEO).set_input_files(tmp_path / "essai.mp4")
    page.get_by_role("button", name="Mettre en pause").click()
    page.get_by_text(re.compile("En pause.:")).wait_for()
    page.unroute(PIECES)
    page.get_by_role("button", name="Reprendre").click()
    link(page).wait_for()
    page.route(PIECES, lambda route: route.continue_() if _forgets(route) else None)
    page.locator(VIDEO).set_input_files(tmp_path / "essai.mp4")
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        page.get_by_role("button", name="Abandonner").click()
    assert [path.name for path in runtime.files.scratch.glob("*.part")] == []


def test_an_upload_paused_and_resumed_before_it_has_an_address_begins_once(
    page: Any, tmp_path: Path, runtime: Runtime
) -> None:
    begun = first_held(page, BEGINNINGS)
    with page.expect_request(BEGINNINGS):
        page.locator(VIDEO).set_input_files(tmp_path / "essai.mp4")
    page.get_by_role("button", name="Mettre en pause").click()
    page.get_by_role("button", name="Reprendre").click()
    page.get_by_role("button", name="Mettre en pause").wait_for()
    begun[0].continue_()
    link(page).wait_for()
    assert len(begun) == 1
    assert [path.name for path in runtime.files.scratch.glob("*.part")] == []


def test_a_line_that_is_back_sends_a_file_again_once(page: Any, tmp_path: Path) -> None:
    page.clock.install()
    page.reload()
    page.wait_for_selector("html[data-uploads-ready]")
    page.route(PIECES, lambda route: route.abort("internetdisconnected"))
    page.locator(VIDEO).set_input_files(tmp_path / "essai.mp4")
    page.get_by_text("Connexion perdue").first.wait_for()
    page.unroute(PIECES)
    sent = first_held(page, PIECES)
    with page.expect_request(PIECES):
        page.evaluate("dispatchEvent(new Event('online'))")
    page.clock.run_for(120_000)
    sent[0].continue_()
    link(page).wait_for()
    assert [each.request.method for each in sent] == ["HEAD", "PATCH", "PATCH", "PATCH"]


def test_a_refused_file_says_why_where_it_was_chosen(page: Any, tmp_path: Path) -> None:
    page.locator(VIDEO).set_input_files(tmp_path / "rapport.mp4")
    page.get_by_text(re.compile("rapport.mp4 » est un PDF. Ici sont acceptés")).wait_for()


def _forgets(route: Any) -> bool:
    return route.request.method == "DELETE"
