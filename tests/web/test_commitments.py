"""The texts an operator accepted, in the words shown and provable (DSR 4.8, 4.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from stage import INSTRUCTOR, LEGAL, OPERATOR, OWNER, STRANGER, Stage

from workflow import audit_log
from workflow.domain import commitment
from workflow.domain.dossier import COMMITMENTS
from workflow.domain.proof import DECLARATIONS
from workflow.engine import acceptances, human_tasks, reopenings
from workflow.engine.forms import Form, Forms
from workflow.engine.forms.component import Component
from workflow.engine.runtime import Runtime
from workflow.scenarios import defaults

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """The deployed procedure."""
    return Stage.set_up(runtime)


def accepted(stage: Stage, dossier_id: int) -> dict[str, commitment.CommitmentAcceptance]:
    with stage.runtime.database.reading() as session:
        return {row.key: row for row in commitment.of_dossier(session, dossier_id)}


def reworded(form: Form, key: str, label: str) -> Form:
    """A form in which one question has another text."""

    def changed(component: Component) -> Component:
        children = tuple(changed(child) for child in component.children)
        text = label if component.key == key else component.label
        return replace(component, label=text, children=children)

    return replace(form, components=tuple(changed(each) for each in form.components))


def change_text(stage: Stage, form_key: str, key: str, label: str) -> None:
    """Another release of the product comes with another wording."""
    forms = {form.key: form for form in stage.runtime.forms}
    forms[form_key] = reworded(forms[form_key], key, label)
    object.__setattr__(stage.runtime, "forms", Forms(forms))


@pytest.mark.rule(78)
def test_the_five_commitments_of_the_deposit_are_kept_as_shown(stage: Stage) -> None:
    dossier_id = stage.deposit()
    rows, texts = accepted(stage, dossier_id), acceptances.texts_of(_form(stage))
    assert tuple(rows) == COMMITMENTS
    for key, row in rows.items():
        assert row.text == texts[key]
        assert row.sha256 == hashlib.sha256(row.text.encode()).hexdigest()
        assert row.form_key == "deposit_dossier"
        assert row.form_version == acceptances.version_of(_form(stage))
        assert row.accepted_by == stage.who(OPERATOR).person_id
        assert row.accepted_at == stage.runtime.clock.now()


@pytest.mark.rule(59)
def test_the_three_declarations_on_the_proofs_are_kept_too(stage: Stage) -> None:
    rows = accepted(stage, stage.submitted())
    assert tuple(rows) == (*COMMITMENTS, *DECLARATIONS)
    assert "sans réserve" in rows["third_party_disclaimer"].text
    assert rows["third_party_disclaimer"].form_key == "submit_proofs"


def test_the_history_holds_the_fingerprint_of_each_text(stage: Stage) -> None:
    dossier_id = stage.submitted()
    with stage.runtime.database.reading() as session:
        entries = audit_log.history_of(session, dossier_id, limit=500)
        marks = {
            key: mark
            for entry in entries
            for key, mark in entry.facts.get("commitments", {}).items()
        }
    assert marks == {key: row.sha256 for key, row in accepted(stage, dossier_id).items()}


def test_a_new_wording_leaves_what_was_accepted_before_as_it_was(stage: Stage) -> None:
    first = stage.deposit()
    change_text(stage, "deposit_dossier", COMMITMENTS[0], "Nous respectons la nouvelle règle.")
    second = stage.deposit("Brise")
    before, after = accepted(stage, first), accepted(stage, second)
    assert before[COMMITMENTS[0]].text != after[COMMITMENTS[0]].text
    assert after[COMMITMENTS[0]].text == "Nous respectons la nouvelle règle."
    assert before[COMMITMENTS[1]].sha256 == after[COMMITMENTS[1]].sha256
    assert before[COMMITMENTS[1]].form_version != after[COMMITMENTS[1]].form_version


@pytest.mark.rule(78)
def test_texts_changed_since_the_page_was_opened_are_not_accepted_unread(
    stage: Stage, signed_in: SignedIn
) -> None:
    operator = signed_in(OPERATOR)
    page = operator.open("/deposer")
    shown = acceptances.version_of(_form(stage))
    assert f'name="~texts" value="{shown}"' in page
    answer = _typed(stage)
    change_text(stage, "deposit_dossier", COMMITMENTS[0], "Nous respectons la nouvelle règle.")
    again = operator.post("/deposer", more={**answer, "~texts": shown})
    assert operator.page.status_code == 422
    assert "Nous respectons la nouvelle règle." in again
    assert "2022-001" not in again
    fresh = acceptances.version_of(_form(stage))
    done = operator.post("/deposer", more={**answer, "~texts": fresh})
    assert "Elle porte le numéro 2022-001" in done


def test_a_program_that_read_other_texts_is_refused_as_stale(
    stage: Stage, signed_in: SignedIn
) -> None:
    operator = signed_in(OPERATOR)
    operator.open("/compte")
    headers = {"X-CSRFToken": operator.token}
    form = operator.client.get("/api/v1/forms/deposit_dossier").get_json()
    answer = _typed(stage)
    change_text(stage, "deposit_dossier", COMMITMENTS[0], "Nous respectons la nouvelle règle.")
    body = {"answer": answer, "texts_version": form["texts_version"]}
    refused = operator.client.post("/api/v1/dossiers", json=body, headers=headers)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "conflict")
    body["texts_version"] = acceptances.version_of(_form(stage))
    done = operator.client.post("/api/v1/dossiers", json=body, headers=headers)
    assert done.status_code == 201


def test_the_page_and_the_api_show_what_was_accepted(stage: Stage, signed_in: SignedIn) -> None:
    dossier_id = stage.submitted()
    number, rows = stage.number(dossier_id), accepted(stage, dossier_id)
    for email in (OPERATOR, LEGAL, INSTRUCTOR):
        page = signed_in(email).open(f"/dossiers/{number}/documents")
        assert "Engagements acceptés" in page
        assert "5 engagements du dépôt" in page
        assert "3 déclarations sur les preuves" in page
        assert rows["third_party_disclaimer"].sha256[:12] in page
    found = signed_in(OPERATOR).client.get(f"/api/v1/dossiers/{number}/commitments").get_json()
    assert [row["key"] for row in found["items"]] == [*COMMITMENTS, *DECLARATIONS]
    assert found["items"][0]["text"] == rows[COMMITMENTS[0]].text
    stranger = signed_in(STRANGER).client.get(f"/api/v1/dossiers/{number}/commitments")
    assert stranger.status_code == 404


@pytest.mark.rule(78)
def test_a_reapplication_accepts_the_commitments_anew(stage: Stage) -> None:
    reservation = {"requirement": "DER-TLS-01", "nature": "major", "text": "TLS 1.1 accepté."}
    dossier_id = stage.decided("blocking", [reservation])
    with stage.runtime.database.reading() as session:
        answer = defaults.reapplication(defaults.dossier_of(session, dossier_id))
    done = human_tasks.start(stage.runtime, "dossier", "reapply", answer, stage.who(OPERATOR))
    assert done.dossier_id is not None
    rows = accepted(stage, done.dossier_id)
    assert tuple(rows) == COMMITMENTS
    assert {row.form_key for row in rows.values()} == {"reapply"}


def test_a_reopened_dossier_keeps_who_accepted_what_and_when(stage: Stage) -> None:
    dossier_id = stage.solicited()
    before = accepted(stage, dossier_id)
    stage.move_to("2022-12-10T09:00")
    done = reopenings.reopen(stage.runtime, dossier_id, "Force majeure.", stage.who(OWNER))
    assert done.dossier_id is not None
    after = accepted(stage, done.dossier_id)
    assert tuple(after) == COMMITMENTS
    for key, row in after.items():
        assert (row.sha256, row.accepted_at) == (before[key].sha256, before[key].accepted_at)


def _form(stage: Stage) -> Form:
    return stage.runtime.forms.get("deposit_dossier")


def _typed(stage: Stage) -> dict[str, object]:
    answer = defaults.deposit("Alizé", stage.campaign)
    plain = {
        key: value.isoformat() if hasattr(value, "isoformat") else value
        for key, value in answer.items()
    }
    texts = {key: "true" if value is True else value for key, value in plain.items()}
    return {**texts, "company_name": "Messageries Alizé SAS", "siret": "12345678200010"}
