"""What nobody types on purpose: null characters, numbers without end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from stage import ADMINISTRATOR, INSTRUCTOR, OFFICER, OPERATOR, Stage

from workflow.engine import deposit_drafts
from workflow.engine.runtime import Runtime

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

ENDLESS = "9" * 5_000
"""More digits than Python turns into a number."""


def test_a_search_goes_on_without_the_null_character_that_was_pasted(signed_in: SignedIn) -> None:
    administrator = signed_in(ADMINISTRATOR)
    page = administrator.open("/personnes", query_string={"q": "Nadia\0 Ferrand"})
    assert administrator.page.status_code == 200
    assert 'value="Nadia Ferrand"' in page
    assert OPERATOR in page


def test_an_address_with_a_null_character_leads_nowhere(signed_in: SignedIn) -> None:
    operator = signed_in(OPERATOR)
    operator.open("/dossiers/2022-0%0001")
    assert operator.page.status_code == 404


def test_what_is_typed_is_kept_without_its_null_characters(
    app: Flask, runtime: Runtime, signed_in: SignedIn
) -> None:
    stage = Stage.set_up(runtime)
    operator = signed_in(OPERATOR)
    operator.open("/deposer")
    place = {"~place": "ab" * 16, "~draft": "0"}
    operator.post(
        "/deposer/brouillon?campagne=dsr-ope-mss-2022", service_name="Alizé\0 Santé", more=place
    )
    with runtime.database.reading() as session:
        [prepared] = deposit_drafts.all_of(session, stage.who(OPERATOR))
    assert prepared.draft.answer["service_name"] == "Alizé Santé"


@pytest.mark.parametrize(
    "address",
    [
        "/dossiers?echeance={}",
        "/dossiers?operateur={}&instructeur={}&page={}",
        "/dossiers/{number}/interne/notes/nouvelle?reply_to={}",
        "/dossiers/{number}/interne?avant={}",
        "/registre?page={}",
    ],
)
def test_a_number_without_end_is_no_number(
    runtime: Runtime, signed_in: SignedIn, address: str
) -> None:
    stage = Stage.set_up(runtime)
    number = stage.number(stage.deposit("Alizé Chiffres"))
    instructor = signed_in(INSTRUCTOR)
    instructor.open(address.replace("{number}", number).replace("{}", ENDLESS))
    assert instructor.page.status_code == 200


def test_a_row_whose_rank_has_no_end_is_not_there_to_remove(
    runtime: Runtime, signed_in: SignedIn
) -> None:
    stage = Stage.set_up(runtime)
    dossier_id = stage.deposit("Alizé Rangées")
    asked = {"outcome": "solicit", "questions": ["Votre SIRET ?"]}
    stage.do(dossier_id, "check_admissibility", OFFICER, **asked)
    address = f"/taches/{stage.task_id(dossier_id, 'answer_admissibility_solicitation')}"
    operator = signed_in(OPERATOR)
    operator.open(address)
    typed = {"answers.0.text": "Au dossier.", "~remove": f"answers.{ENDLESS}"}
    page = operator.post(address, more=typed)
    assert operator.page.status_code == 200
    assert "Au dossier." in page
