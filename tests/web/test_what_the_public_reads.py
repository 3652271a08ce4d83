"""What anybody reads without an account: listed services, and nothing of people or of refusals."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from sqlalchemy import select, update
from stage import Stage

from api.context import RUNTIME
from workflow.domain.listing import Listing
from workflow.engine.runtime import Runtime

if TYPE_CHECKING:
    from tests.web.conftest import Browser

PUBLIC = ("/registre", "/registre.csv", "/registre.json", "/api/v1/register")
PEOPLE = ("Camille Fictif", "direction@operateur.example", "01 99 00 00 00", "Dominique Fictif")
COMPANY = "Messageries Aliz"
"""As far as JSON writes it without an escape."""
RESERVATION = {"requirement": "DER-TLS-01", "nature": "major", "text": "TLS 1.0 est accepté."}


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """The project's procedure in force, on Thursday 3 November 2022."""
    return Stage.set_up(runtime)


@pytest.mark.rule(76, 80)
def test_the_public_reads_no_name_nor_address_of_the_people_of_a_candidate(
    stage: Stage, runtime: Runtime, browser: Browser
) -> None:
    stage.decided("award")
    stage.deposit("Service annoncé", publication_authorised=True)
    with runtime.database.reading() as session:
        number = session.scalars(select(Listing.number)).one()
    for address in (*PUBLIC, f"/verifier/{number}"):
        page = browser.open(address)
        assert browser.page.status_code == 200
        assert COMPANY in page
        assert [word for word in PEOPLE if word in page] == [], address


@pytest.mark.rule(76, 77)
def test_the_public_reads_nothing_of_a_service_that_is_refused(
    stage: Stage, browser: Browser
) -> None:
    stage.decided("blocking", [RESERVATION])
    for address in PUBLIC:
        page = browser.open(address)
        assert browser.page.status_code == 200
        assert COMPANY not in page, address
        assert "TLS" not in page, address


def test_the_register_kept_in_memory_is_the_one_of_its_own_database(
    stage: Stage, app: Flask, runtime: Runtime, browser: Browser
) -> None:
    stage.decided("award")
    assert "Alizé Ailleurs" not in browser.open("/registre")
    # As another database would hold it: one service, listed at the same instant.
    with runtime.database.transaction() as session:
        session.execute(update(Listing).values(service_name="Alizé Ailleurs"))
    app.extensions[RUNTIME] = copy(runtime)
    assert "Alizé Ailleurs" in browser.open("/registre")
