"""Charts: pictures of what the campaign did, the same numbers as tables and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from stage import ATTENDANCE, INSTRUCTOR, OPERATOR, OWNER, PRESIDENT, Stage

from web.chart import BOTTOM, FULL, HEIGHT, TOP, Chart
from workflow.engine import human_tasks
from workflow.engine.runtime import Runtime

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """One dossier decided, one deposited."""
    stage = Stage.set_up(runtime)
    stage.decided("award")
    stage.deposit("Zéphyr")
    return stage


def numbers(browser: Browser, key: str) -> dict[str, int]:
    """A chart's CSV, read as a spreadsheet does."""
    text = browser.open(f"/pilotage/{key}.csv").lstrip("\ufeff")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    return {label: int(value) for label, value in rows[1:]}


def test_a_process_owner_sees_what_came_in_and_out_each_week(
    stage: Stage, signed_in: SignedIn
) -> None:
    browser = signed_in(OWNER)
    page = browser.open("/pilotage")
    assert "Candidatures déposées par semaine" in page
    assert numbers(browser, "depots")["31/10/2022"] == 2
    assert numbers(browser, "dossiers-complets")["31/10/2022"] == 1
    assert numbers(browser, "decisions")["31/10/2022"] == 1


def test_ages_count_open_dossiers_only(stage: Stage, signed_in: SignedIn) -> None:
    stage.move_to("2022-11-13T12:00")
    counted = numbers(signed_in(OWNER), "ages")
    assert counted["7 à 13 j"] == 1
    assert sum(counted.values()) == 1


def test_the_work_ahead_comes_from_the_planned_dates(stage: Stage, signed_in: SignedIn) -> None:
    assert numbers(signed_in(OWNER), "charge-a-venir")["28/11/2022"] == 1


def test_decisions_are_told_by_profile(stage: Stage, signed_in: SignedIn) -> None:
    browser = signed_in(OWNER)
    assert numbers(browser, "decisions-general")["Sans réserve"] == 1
    browser.open("/pilotage/decisions-bal-app.csv")
    assert browser.page.status_code == 404


def test_time_at_the_agency_and_at_the_operator_is_counted_by_spans(
    stage: Stage, signed_in: SignedIn
) -> None:
    stage.move_to("2022-11-04T09:00")
    dossier_id = stage.solicited("Alizé Attente")
    stage.move_to("2022-11-14T09:00")
    stage.do(dossier_id, "answer_solicitation", OPERATOR)
    stage.do(dossier_id, "instruct_dossier", INSTRUCTOR)
    decision = {"dossier": stage.number(dossier_id), "outcome": "award", "reasons": "Conforme."}
    human_tasks.complete(
        stage.runtime,
        stage.task_id(None, "hold_session"),
        {"attendance": ATTENDANCE, "decisions": [decision]},
        stage.who(PRESIDENT),
    )
    browser = signed_in(OWNER)
    page = browser.open("/pilotage")
    assert "Temps à l’ANS" in page
    assert numbers(browser, "temps-ans")["moins de 7 j"] == 2
    at_operator = numbers(browser, "temps-operateur")
    assert (at_operator["moins de 7 j"], at_operator["7 à 13 j"]) == (1, 1)


def test_an_operator_sees_no_figures_of_others(stage: Stage, signed_in: SignedIn) -> None:
    browser = signed_in(OPERATOR)
    for address in ("/pilotage", "/pilotage/depots.csv"):
        browser.open(address)
        assert browser.page.status_code == 403


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
def test_every_bar_stays_in_the_picture_and_is_as_long_as_its_value(values: list[int]) -> None:
    chart = Chart("k", "t", "h", "u", [(str(n), value) for n, value in enumerate(values)])
    scale = (HEIGHT - BOTTOM - TOP) / chart.top
    for bar in chart.columns:
        assert 0 <= bar.x <= bar.x + bar.width <= FULL
        assert bar.y >= TOP - 0.1
        assert abs(bar.height - bar.value * scale) < 0.2
    longest = max(values) or 1
    for line, value in zip(chart.lines, values, strict=True):
        assert abs(line.width - FULL * value / longest) < 0.01
