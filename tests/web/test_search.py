"""Finding a dossier as one types, in pages and API, by permission."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from stage import INSTRUCTOR, OPERATOR, STRANGER, Stage

from workflow.engine.runtime import Runtime

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """Two dossiers of Messageries Alizé."""
    stage = Stage.set_up(runtime)
    stage.deposit("Zéphyr Santé")
    stage.deposit("Bourrasque Pro")
    return stage


def test_an_instructor_finds_a_dossier_by_the_beginning_of_its_service(
    stage: Stage, signed_in: SignedIn
) -> None:
    page = signed_in(INSTRUCTOR).open("/dossiers?q=zeph+ali")
    assert "Zéphyr Santé" in page
    assert "Bourrasque Pro" not in page


def test_an_operator_finds_its_own_dossier_and_a_stranger_nothing(
    stage: Stage, signed_in: SignedIn
) -> None:
    assert "Zéphyr Santé" in signed_in(OPERATOR).open("/dossiers?q=zephyr")
    page = signed_in(STRANGER).open("/dossiers?q=zephyr")
    assert "Zéphyr Santé" not in page
    assert "Aucun dossier ne répond à cette recherche." in page


def test_what_is_typed_is_shown_as_text(stage: Stage, signed_in: SignedIn) -> None:
    page = signed_in(INSTRUCTOR).open("/dossiers?q=" + "%3Cscript%3E" * 50)
    assert "<script>&lt;" not in page
    assert "Aucun dossier ne répond à cette recherche." in page
