"""Rare acts in the browser: a plain link, a reason, and the dossier says what happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from stage import INSTRUCTOR, OPERATOR, OWNER, STRANGER, Stage

from workflow.engine import timers
from workflow.engine.runtime import Runtime

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

WHY = "Vérification du respect des engagements."


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """The deployed procedure."""
    return Stage.set_up(runtime)


def test_the_process_owner_suspends_and_resumes_a_dossier(
    stage: Stage, signed_in: SignedIn
) -> None:
    number = stage.number(stage.solicited())
    owner = signed_in(OWNER)
    page = owner.open(f"/dossiers/{number}")
    assert "Suspendre le dossier…" in page
    assert "Reprendre le dossier…" not in page
    asked = owner.open(f"/dossiers/{number}/actes/suspendre")
    assert "aucun délai ne court" in asked
    empty = owner.post(f"/dossiers/{number}/actes/suspendre", reason=" ")
    assert owner.page.status_code == 422
    assert "Le dossier n’est pas suspendu" in empty
    page = owner.post(f"/dossiers/{number}/actes/suspendre", reason=WHY)
    assert "Dossier suspendu. L’opérateur est notifié avec le motif." in page
    assert "Reprendre le dossier…" in page
    told = signed_in(OPERATOR).open(f"/dossiers/{number}")
    assert "Dossier suspendu" in told
    assert "Suspend la procédure." in told
    assert "Actes exceptionnels" not in told
    owner.open(f"/dossiers/{number}/actes/reprendre")
    page = owner.post(f"/dossiers/{number}/actes/reprendre", reason="Vérifié.")
    assert "Reprend la procédure : les dates sont recalculées." in page
    assert "Suspendre le dossier…" in page


def test_a_moved_date_tells_its_suspension(
    stage: Stage, runtime: Runtime, signed_in: SignedIn
) -> None:
    number = stage.number(stage.solicited())
    owner = signed_in(OWNER)
    for name, day in (("suspendre", "2022-11-05T09:00"), ("reprendre", "2022-11-12T09:00")):
        stage.move_to(day)
        timers.fire_due(runtime, runtime.clock.now())
        owner.open(f"/dossiers/{number}")
        owner.post(f"/dossiers/{number}/actes/{name}", reason=WHY)
    page = signed_in(OPERATOR).open(f"/dossiers/{number}")
    assert "reprise du dossier suspendu" in page
    assert "suspendu du 5 novembre" in page


def test_a_rejected_dossier_is_reopened_under_a_new_number(
    stage: Stage, runtime: Runtime, signed_in: SignedIn
) -> None:
    dossier = stage.solicited()
    number = stage.number(dossier)
    owner = signed_in(OWNER)
    assert "Rouvrir le dossier…" not in owner.open(f"/dossiers/{number}")
    stage.move_to("2022-12-20T09:00")
    timers.fire_due(runtime, runtime.clock.now())
    assert "Rouvrir le dossier…" in owner.open(f"/dossiers/{number}")
    owner.open(f"/dossiers/{number}/actes/rouvrir")
    page = owner.post(f"/dossiers/{number}/actes/rouvrir", reason="Panne de l'outil.")
    assert "Dossier rouvert sous un nouveau numéro." in page
    assert f"Rouvre le dossier {number} sous le numéro" in page
    assert "Rouvrir le dossier…" not in owner.open(f"/dossiers/{number}")


def test_the_rank_of_a_deprioritised_dossier_is_restored(
    stage: Stage, runtime: Runtime, signed_in: SignedIn
) -> None:
    number = stage.number(stage.solicited())
    owner = signed_in(OWNER)
    assert "Rétablir le rang" not in owner.open(f"/dossiers/{number}")
    stage.move_to("2022-11-04T18:00")
    timers.fire_due(runtime, runtime.clock.now())
    assert "Rétablir le rang du dossier…" in owner.open(f"/dossiers/{number}")
    owner.open(f"/dossiers/{number}/actes/retablir-le-rang")
    page = owner.post(f"/dossiers/{number}/actes/retablir-le-rang", reason="Panne de l'outil.")
    assert "Rang rétabli." in page
    assert "Rend au dossier son premier rang." in page


@pytest.mark.parametrize(
    ("person", "status"), [(INSTRUCTOR, 403), (OPERATOR, 403), (STRANGER, 404)]
)
def test_who_may_not_suspend_finds_no_page_for_it(
    stage: Stage, signed_in: SignedIn, person: str, status: int
) -> None:
    number = stage.number(stage.deposit())
    browser = signed_in(person)
    browser.open(f"/dossiers/{number}/actes/suspendre")
    assert browser.page.status_code == status


def test_an_act_that_is_unknown_or_impossible_has_no_page(
    stage: Stage, signed_in: SignedIn
) -> None:
    number = stage.number(stage.deposit())
    owner = signed_in(OWNER)
    owner.open(f"/dossiers/{number}/actes/oublier")
    assert owner.page.status_code == 404
    owner.open(f"/dossiers/{number}/actes/reprendre")
    assert owner.page.status_code == 409
