"""Templates of questions: kept by the process owner, inserted by whoever asks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from sqlalchemy import select
from stage import CAMPAIGN, INSTRUCTOR, OFFICER, OPERATOR, OWNER, Stage

from web.demo_templates import TEMPLATES, add_demo_templates
from workflow.audit_log import AuditEntry
from workflow.domain.solicitation import Question
from workflow.domain.solicitation_template import SolicitationTemplate
from workflow.engine.runtime import Runtime

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

NEW = f"/campagnes/{CAMPAIGN}/modeles/nouveau"
FIELDS = {"kind": "admissibility", "title": "SIRET", "text": "Votre SIRET ?\n\n Et son NIC ? "}


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """The deployed procedure."""
    return Stage.set_up(runtime)


def add(owner: Browser, **changes: str) -> str:
    owner.open(NEW)
    return owner.post(NEW, more={**FIELDS, **changes})


def test_the_process_owner_adds_changes_and_retires_a_template(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    owner = signed_in(OWNER)
    assert "Modèle ajouté." in add(owner)
    page = owner.open("/modeles")
    assert "Votre SIRET ?<br>Et son NIC ?" in page
    address = re.findall(r'href="(/modeles/\d+)"', page)[0]
    owner.open(address)
    page = owner.post(address, title="SIRET exact", text="Quel est votre SIRET ?")
    assert "Modèle changé." in page
    asked = owner.open(f"{address}/retrait")
    assert "Garder le modèle" in asked
    page = owner.post(f"{address}/retrait")
    assert "Modèle retiré." in page
    assert "Retiré" in page
    owner.open("/modeles")
    owner.post(f"{address}/retrait", token=owner.token or "")
    with runtime.database.reading() as session:
        kinds = session.scalars(
            select(AuditEntry.kind).where(AuditEntry.kind.startswith("solicitation_template:"))
        ).all()
        assert kinds == [
            f"solicitation_template:{verb}" for verb in ("added", "changed", "retired")
        ]
        (kept,) = session.scalars(select(SolicitationTemplate)).all()
        assert (kept.title, kept.text) == ("SIRET exact", "Quel est votre SIRET ?")


@pytest.mark.parametrize(
    "changes", [{"kind": ""}, {"kind": "other"}, {"title": " "}, {"title": "x" * 121}, {"text": ""}]
)
def test_a_template_without_kind_title_or_question_is_refused(
    stage: Stage, signed_in: SignedIn, changes: dict[str, str]
) -> None:
    owner = signed_in(OWNER)
    page = add(owner, **changes)
    assert owner.page.status_code == 422
    assert "Le modèle n’est pas enregistré" in page


def test_only_the_process_owner_keeps_templates(stage: Stage, signed_in: SignedIn) -> None:
    add(signed_in(OWNER))
    instructor = signed_in(INSTRUCTOR)
    assert "Ajouter un modèle" not in instructor.open("/modeles")
    assert "SIRET" in instructor.text
    instructor.open(NEW)
    assert instructor.page.status_code == 403
    operator = signed_in(OPERATOR)
    operator.open("/modeles")
    assert operator.page.status_code == 403


def test_a_template_is_inserted_edited_and_sent_as_it_was_edited(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    add(signed_in(OWNER))
    dossier_id = stage.deposit()
    officer = signed_in(OFFICER)
    address = f"/taches/{stage.task_id(dossier_id, 'check_admissibility')}"
    officer.open(address)
    asking = {"outcome": "solicit", "questions": "Bonjour ?"}
    page = officer.post(address, more={**asking, "~refresh": "yes"})
    choice = re.search(r'<option value="(\d+)">SIRET</option>', page)
    assert choice
    inserting = {**asking, "~refresh": "offer", "~offer": choice[1]}
    page = officer.post(address, more=inserting)
    assert "Bonjour ?\nVotre SIRET ?\nEt son NIC ?</textarea>" in page
    officer.post(address, more={**asking, "questions": "Bonjour ?\nVotre SIRET exact ?"})
    with runtime.database.reading() as session:
        asked = session.scalars(select(Question.text).order_by(Question.position)).all()
    assert asked == ["Bonjour ?", "Votre SIRET exact ?"]


def test_an_instructor_is_not_offered_the_templates_of_admissibility(
    stage: Stage, signed_in: SignedIn
) -> None:
    owner = signed_in(OWNER)
    add(owner)
    add(owner, kind="instruction", title="Trace datée")
    dossier_id = stage.submitted()
    instructor = signed_in(INSTRUCTOR)
    address = f"/taches/{stage.task_id(dossier_id, 'instruct_dossier')}"
    instructor.open(address)
    page = instructor.post(address, more={"outcome": "solicit", "~refresh": "yes"})
    assert "Trace datée</option>" in page
    assert "SIRET</option>" not in page


def test_the_demo_offers_its_templates_once(stage: Stage, runtime: Runtime) -> None:
    for _time in range(2):
        with runtime.database.transaction() as session:
            add_demo_templates(session, CAMPAIGN, runtime.clock.now())
    with runtime.database.reading() as session:
        assert len(session.scalars(select(SolicitationTemplate)).all()) == len(TEMPLATES)
