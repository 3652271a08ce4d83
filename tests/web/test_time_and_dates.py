"""Where the time went, told by the ledger; and why each date is that one, told by its record."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from sqlalchemy import select
from stage import INSTRUCTOR, LEGAL, OFFICER, OPERATOR, PRESIDENT, SIGNATORY, Stage

from web.clock_view import clocks_of, time_spent
from web.dossier_view import operator_periods, tasks_of
from workflow.domain.deadline import DeadlineRecord
from workflow.domain.dossier import Dossier
from workflow.engine.runtime import Runtime

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

HOUR = timedelta(hours=1)


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """The deployed procedure."""
    return Stage.set_up(runtime)


def spent(stage: Stage, dossier_id: int) -> tuple[timedelta, timedelta]:
    """With the Agency, with the operator, until now."""
    with stage.runtime.database.reading() as session:
        dossier = session.get_one(Dossier, dossier_id)
        ledger = clocks_of(session, [dossier_id]).get(dossier_id, [])
        periods = operator_periods(tasks_of(session, dossier))
        return time_spent(dossier, periods, ledger, stage.runtime.clock.now())


def test_a_solicitation_on_admissibility_is_the_operator_s_time(stage: Stage) -> None:
    dossier_id = stage.deposit()
    stage.move_to("2022-11-03T11:40")
    stage.do(dossier_id, "check_admissibility", OFFICER, outcome="solicit", questions=["SIRET ?"])
    stage.move_to("2022-11-04T14:40")
    stage.do(dossier_id, "answer_admissibility_solicitation", OPERATOR)
    stage.move_to("2022-11-04T15:40")
    assert spent(stage, dossier_id) == (3 * HOUR, 27 * HOUR)


def test_signing_and_gathering_proofs_is_the_operator_s_time_counted_once(stage: Stage) -> None:
    dossier_id = stage.deposit()
    stage.move_to("2022-11-03T10:40")
    stage.do(dossier_id, "check_admissibility", OFFICER)
    stage.move_to("2022-11-03T20:40")
    assert spent(stage, dossier_id) == (HOUR, 10 * HOUR)


def test_while_the_instruction_runs_an_unsigned_convention_is_the_agency_s_time(
    stage: Stage,
) -> None:
    dossier_id = stage.admitted()
    stage.do(dossier_id, "submit_proofs", OPERATOR)
    stage.move_to("2022-11-03T14:40")
    assert spent(stage, dossier_id) == (5 * HOUR, timedelta(0))
    stage.do(dossier_id, "instruct_dossier", INSTRUCTOR)
    stage.move_to("2022-11-03T16:40")
    assert spent(stage, dossier_id) == (5 * HOUR, 2 * HOUR)
    stage.do(dossier_id, "sign_convention", LEGAL)
    stage.move_to("2022-11-03T19:40")
    assert spent(stage, dossier_id) == (8 * HOUR, 2 * HOUR)


@pytest.mark.rule(63)
def test_each_solicitation_of_the_instruction_is_the_operator_s_time(stage: Stage) -> None:
    dossier_id = stage.submitted()
    for asked, answered in (
        ("2022-11-03T12:40", "2022-11-05T12:40"),
        ("2022-11-06T09:40", "2022-11-06T19:40"),
    ):
        stage.move_to(asked)
        stage.do(
            dossier_id, "instruct_dossier", INSTRUCTOR, outcome="solicit", questions=["Et ceci ?"]
        )
        stage.move_to(answered)
        stage.do(dossier_id, "answer_solicitation", OPERATOR)
    stage.move_to("2022-11-07T09:40")
    assert spent(stage, dossier_id) == (96 * HOUR - 58 * HOUR, 58 * HOUR)


@pytest.mark.rule(62)
def test_the_operator_and_the_agency_read_the_ledger_with_its_reasons(
    signed_in: SignedIn, stage: Stage
) -> None:
    dossier_id = stage.solicited()
    number = stage.number(dossier_id)
    for email in (OPERATOR, INSTRUCTOR):
        page = signed_in(email).open(f"/dossiers/{number}/dates")
        table = page[page.index('id="ledger"') :]
        assert "dossier de preuves complet" in table
        assert "réponse attendue de l'opérateur" in table.replace("’", "'")
    items = signed_in(OPERATOR).client.get(f"/api/v1/dossiers/{number}/clock-intervals")
    found = [(each["running"], each["reason"]) for each in items.get_json()["items"]]
    assert found == [(True, "complete_proof_file"), (False, "solicitation")]


def phases(stage: Stage) -> dict[str, Callable[[], int]]:
    """A way to bring a dossier to each phase in which a legal date stands."""

    def asked() -> int:
        dossier_id = stage.deposit()
        stage.do(dossier_id, "check_admissibility", OFFICER, outcome="solicit", questions=["?"])
        return dossier_id

    def countersigning() -> int:
        dossier_id = stage.admitted()
        stage.do(dossier_id, "sign_convention", LEGAL)
        return dossier_id

    reservation = {"requirement": "DER-TLS-01", "nature": "minor", "text": "Compléter."}
    return {
        "checked": stage.deposit,
        "asked": asked,
        "proofs": stage.admitted,
        "countersigning": countersigning,
        "instructed": stage.submitted,
        "solicited": stage.solicited,
        "college": stage.instructed,
        "lifting": lambda: stage.decided("non_blocking", [reservation]),
    }


PHASES = (
    "checked",
    "asked",
    "proofs",
    "countersigning",
    "instructed",
    "solicited",
    "college",
    "lifting",
)


def explanations(stage: Stage, dossier_id: int) -> list[DeadlineRecord]:
    with stage.runtime.database.reading() as session:
        query = select(DeadlineRecord).where(DeadlineRecord.dossier_id == dossier_id)
        found = list(session.scalars(query.order_by(DeadlineRecord.id)))
        session.expunge_all()
        return found


@pytest.mark.parametrize("phase", PHASES)
def test_each_date_of_a_dossier_has_its_sum_in_every_page_from_the_record(
    signed_in: SignedIn, stage: Stage, phase: str
) -> None:
    dossier_id = phases(stage)[phase]()
    number, before = stage.number(dossier_id), explanations(stage, dossier_id)
    for email in (OPERATOR, INSTRUCTOR, OFFICER, SIGNATORY, PRESIDENT):
        browser = signed_in(email)
        page = browser.open(f"/dossiers/{number}/dates")
        listed = page.count("Pourquoi cette date ?") + page.count("Pourquoi cette heure ?")
        assert listed == len(before) + (1 if phase == "college" else 0), email
        api = browser.client.get(f"/api/v1/dossiers/{number}/deadlines").get_json()["items"]
        assert [each["explanation"] for each in api] == [
            row.explanation for row in reversed(before)
        ]
        for address in (f"/dossiers/{number}", "/dossiers", "/accueil", "/file"):
            text = browser.open(address)
            if browser.page.status_code == 200:
                unexplained(text, address)
    assert len(explanations(stage, dossier_id)) == len(before), "reading computes no date"


def unexplained(text: str, address: str) -> None:
    """Each cell or stake that tells what happens at a date lets one ask why."""
    text = html.unescape(text)
    effects = (
        "prochaine séance",
        "La demande est rejetée",
        "n'est plus garanti<",
        "Fin de la durée indicative",
        "Fin du délai indicatif",
        "Un rappel est envoyé",
        "Le référencement est refusé",
    )
    for piece in re.split(r"</tr>|</li>", text.replace("’", "'")):
        if any(effect in piece for effect in effects) and "<time" in piece:
            assert "Pourquoi" in piece, (address, piece[-600:])


def test_a_date_says_its_sum_as_it_was_set_even_when_the_campaign_changed_since(
    signed_in: SignedIn, stage: Stage
) -> None:
    dossier_id = stage.deposit()
    number = stage.number(dossier_id)
    with stage.runtime.database.transaction() as session:
        row = session.scalars(
            select(DeadlineRecord).where(DeadlineRecord.dossier_id == dossier_id)
        ).first()
        assert row is not None
        row.explanation = {**row.explanation, "source": "DSR 9.9 telle qu'en 2022"}
    page = signed_in(OPERATOR).open(f"/dossiers/{number}/dates")
    assert "DSR 9.9 telle qu" in page
