"""Answers kept while they are typed: seen by colleagues, never lost to another tab."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from sqlalchemy import func, select
from stage import INSTRUCTOR, OFFICER, OPERATOR, STRANGER, Stage

from web.demo_accounts import DEMO_PASSWORD
from workflow.audit_log import AuditEntry
from workflow.domain.solicitation import Question, Solicitation
from workflow.engine.runtime import Runtime
from workflow.engine.task_draft import TaskDraft

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

QUESTIONS = ["Votre SIRET ?", "Le contrat V2 ?"]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """The deployed procedure."""
    return Stage.set_up(runtime)


def asked(stage: Stage) -> tuple[int, str]:
    """A dossier with two questions, and the address of the task that answers them."""
    dossier_id = stage.deposit()
    stage.do(dossier_id, "check_admissibility", OFFICER, outcome="solicit", questions=QUESTIONS)
    return dossier_id, f"/taches/{stage.task_id(dossier_id, 'answer_admissibility_solicitation')}"


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def typed(first: str, second: str, draft: str, **more: str) -> dict[str, str]:
    return {
        "answers.0.question": "1",
        "answers.0.text": first,
        "answers.1.question": "2",
        "answers.1.text": second,
        "answer": "",
        "~draft": draft,
        **more,
    }


def autosave(browser: Browser, address: str, fields: dict[str, str]) -> str:
    """What the browser sends as someone types, and the line that comes back."""
    data = {"csrf_token": browser.token, **fields}
    browser.page = browser.client.post(f"{address}/brouillon", data=data, headers=HTMX)
    return browser.text


def drafts(runtime: Runtime) -> int:
    with runtime.database.reading() as session:
        return session.scalar(select(func.count()).select_from(TaskDraft)) or 0


def test_what_an_operator_types_is_kept_and_shown_again(stage: Stage, signed_in: SignedIn) -> None:
    _dossier, address = asked(stage)
    operator = signed_in(OPERATOR)
    page = operator.open(address)
    assert all(question in page for question in QUESTIONS)
    said = autosave(operator, address, typed("123", "", hidden(page, "~draft")))
    assert "Brouillon enregistré à 9 h 40." in said
    later = signed_in(OPERATOR)
    page = later.open(address)
    assert ">\n123</textarea>" in page
    assert "Brouillon enregistré à 9 h 40." in page
    assert hidden(page, "~draft") == "1"


def test_a_second_tab_is_warned_and_nothing_is_lost(stage: Stage, signed_in: SignedIn) -> None:
    _dossier, address = asked(stage)
    operator = signed_in(OPERATOR)
    token_page = operator.open(address)
    draft = hidden(token_page, "~draft")
    autosave(operator, address, typed("Le premier onglet.", "", draft))
    operator.open(address)
    said = autosave(operator, address, typed("Le second onglet.", "", draft))
    assert operator.page.status_code == 409
    assert "Une autre version de ce brouillon existe" in said
    assert "Le premier onglet." in said
    operator.open(address)
    over = hidden(said, "~over")
    said = autosave(operator, address, typed("Le second onglet.", "", draft, **{"~over": over}))
    assert "Brouillon enregistré" in said
    assert "Le second onglet." in operator.open(address)


def test_without_javascript_a_draft_is_kept_by_a_button(stage: Stage, signed_in: SignedIn) -> None:
    _dossier, address = asked(stage)
    operator = signed_in(OPERATOR)
    draft = hidden(operator.open(address), "~draft")
    page = operator.post(f"{address}/brouillon", more=typed("Ma réponse.", "", draft))
    assert "Brouillon enregistré à 9 h 40." in page
    assert "Ma réponse." in page
    page = operator.post(f"{address}/brouillon", more=typed("Une autre, gardée.", "", draft))
    assert operator.page.status_code == 409
    assert "Une autre, gardée." in page
    assert "Une autre version de ce brouillon existe" in page


def test_each_question_is_answered_in_its_own_field(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    dossier_id, address = asked(stage)
    operator = signed_in(OPERATOR)
    fields = typed("Le voici.", "", hidden(operator.open(address), "~draft"))
    autosave(operator, address, fields)
    operator.open(address)
    page = operator.post(address, more=fields)
    assert operator.page.status_code == 422
    assert "La réponse à la question 2 manque." in page
    assert 'href="#f-answers-1-text"' in page
    page = operator.post(address, more={**fields, "answers.1.text": "Signé des deux parts."})
    assert "Réponse envoyée." in page
    with runtime.database.reading() as session:
        kept = session.scalars(select(Question.answer).order_by(Question.position)).all()
        assert kept == ["Le voici.", "Signé des deux parts."]
        number = stage.number(dossier_id)
    assert drafts(runtime) == 0
    page = signed_in(OFFICER).open(f"/dossiers/{number}/echanges")
    assert "Signé des deux parts." in page
    assert "Répondue" in page


def test_the_questions_are_seen_when_the_operator_opens_them(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    dossier_id, address = asked(stage)
    number = stage.number(dossier_id)
    officer = signed_in(OFFICER)
    assert "Envoyée, pas encore lue" in officer.open(f"/dossiers/{number}/echanges")
    operator = signed_in(OPERATOR)
    operator.open(f"/dossiers/{number}")
    dates = operator.open(f"/dossiers/{number}/dates")
    assert '<span aria-hidden="true">−</span>' in dates, "a reminder is counted back"
    assert "la demande est rejetée</strong>" in dates
    assert "Envoyée, pas encore lue" in officer.open(f"/dossiers/{number}/echanges")
    operator.open(address)
    operator.open(address)
    page = officer.open(f"/dossiers/{number}/echanges")
    assert "Lue, réponse attendue" in page
    assert "Prend connaissance de la sollicitation." in officer.open(f"/dossiers/{number}")
    with runtime.database.reading() as session:
        seen = select(func.count()).where(AuditEntry.kind == "solicitation:seen")
        assert session.scalar(seen) == 1
    stage.move_to("2022-11-15T00:00")
    assert "Close sans réponse" in officer.open(f"/dossiers/{number}/echanges")


def test_a_late_answer_is_told_late(stage: Stage, signed_in: SignedIn) -> None:
    dossier_id = stage.solicited()
    stage.move_to("2022-11-04T09:40")
    instructor = signed_in(INSTRUCTOR)
    address = f"/dossiers/{stage.number(dossier_id)}/echanges"
    assert "En retard" in instructor.open(address)
    stage.do(dossier_id, "answer_solicitation", OPERATOR)
    page = instructor.open(address)
    assert "Répondue" in page
    assert "après la première échéance" in page


def test_who_asked_takes_the_question_back_with_a_reason(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    dossier_id, address = asked(stage)
    number = stage.number(dossier_id)
    exchanges = f"/dossiers/{number}/echanges"
    assert "Retirer la sollicitation…" not in signed_in(OPERATOR).open(exchanges)
    officer = signed_in(OFFICER)
    assert "Retirer la sollicitation…" in officer.open(exchanges)
    act = f"/dossiers/{number}/fin/withdraw_solicitation"
    officer.open(act)
    page = officer.post(act, reason=" ")
    assert officer.page.status_code == 422
    assert "Le motif manque." in page
    page = officer.post(act, reason="La pièce était au dossier.")
    assert "Sollicitation retirée." in page
    page = officer.open(f"/dossiers/{number}/echanges")
    assert "Motif du retrait : La pièce était au dossier." in page
    assert "Retirer la sollicitation…" not in page
    with runtime.database.reading() as session:
        assert session.scalars(select(Solicitation.withdrawn_at)).one() is not None
    operator = signed_in(OPERATOR)
    assert "Cette tâche est terminée" in operator.open(address)
    assert "sollicitation retirée" in operator.open("/notifications").lower()


def test_a_stranger_keeps_no_draft_and_a_session_that_ended_changes_nothing(
    stage: Stage, signed_in: SignedIn, runtime: Runtime, browser: Browser
) -> None:
    _dossier, address = asked(stage)
    stranger = signed_in(STRANGER)
    stranger.open("/dossiers")
    autosave(stranger, address, typed("Moi.", "", "0"))
    assert stranger.page.status_code in (403, 404)
    autosave(browser, address, typed("Personne.", "", "0"))
    assert browser.page.status_code == 204
    assert drafts(runtime) == 0


def test_a_draft_that_is_too_long_stays_on_the_page(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    _dossier, address = asked(stage)
    operator = signed_in(OPERATOR)
    operator.open(address)
    said = autosave(operator, address, typed("é" * 220_000, "é" * 10, "0", answer="x" * 9))
    assert operator.page.status_code == 200
    operator.open(address)
    autosave(operator, address, typed("x" * 1_100_000, "", "1"))
    assert operator.page.status_code == 413
    assert "Brouillon enregistré" in said
    assert drafts(runtime) == 1


def test_an_answer_of_two_megabytes_outlives_its_session(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    _dossier, address = asked(stage)
    operator = signed_in(OPERATOR)
    draft = hidden(operator.open(address), "~draft")
    autosave(operator, address, typed("Début.", "", draft))
    operator.open(address)
    long = "é" * 1_000_000
    fields = typed("Le voici.", "Signé.", "1", answer=long, **{"~revision": "3"})
    operator.client.delete_cookie("jalon")
    page = operator.post(address, more=fields)
    assert operator.page.status_code == 401
    assert f'name="kept:answer" value="{long}"' in page
    carried = {f"kept:{name}": text for name, text in fields.items()}
    account = {"email": OPERATOR, "password": DEMO_PASSWORD, "to": address}
    page = operator.post("/connexion", more={**carried, **account})
    assert "Retrouver ma saisie" in page
    assert all(f'name="{name}" value="{text}"' in page for name, text in fields.items())
    page = operator.post(address, more={**fields, "~refresh": "yes"})
    assert f"{long}</textarea>" in page
    shorter = {**fields, "answer": "Court.", "~refresh": "yes"}
    page = operator.post(address, more=shorter)
    assert "Court.</textarea>" in page
    assert hidden(page, "~draft") == "1"
    assert hidden(page, "~revision") == "3"


def test_what_somebody_typed_is_never_saved_for_who_signs_in_next(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    _dossier, address = asked(stage)
    operator = signed_in(OPERATOR)
    me = hidden(operator.open(address), "~as")
    keeps = {**HTMX, "Jalon-Keeps": "yes"}
    fields = typed("À moi.", "", "0")
    for person, status in ((me, 400), ("0", 403)):
        answer = operator.client.post(
            f"{address}/brouillon",
            data={**fields, "~as": person, "csrf_token": "old"},
            headers=keeps,
        )
        assert answer.status_code == status
        assert ("Jalon-Token" in answer.headers) == (person == me)
    token = operator.token
    fresh = {**fields, "~as": "0", "csrf_token": token}
    assert (
        operator.client.post(f"{address}/brouillon", data=fresh, headers=keeps).status_code == 403
    )
    operator.client.delete_cookie("jalon")
    answer = operator.client.post(f"{address}/brouillon", data=fields, headers=keeps)
    assert answer.status_code == 401
    assert drafts(runtime) == 0
