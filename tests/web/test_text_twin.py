"""What a reader who sees no drawing learns of the procedure and of a dossier."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from stage import AUDITOR, OFFICER, OPERATOR, OWNER, Stage

from web.procedure_words import said
from workflow.domain.person import SYSTEM
from workflow.engine import diagrams
from workflow.engine.runtime import Runtime
from workflow.engine.source_file import SourceFile

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

TAG = re.compile(r"<[^>]+>")


@pytest.fixture
def stage(app: object, runtime: Runtime) -> Stage:
    return Stage.set_up(runtime)


def twin(page: str, process: str) -> str:
    """The text of the twin of a process, blanks made plain."""
    start = page.index(f'id="twin-{process}"')
    text = TAG.sub(" ", page[start : page.index("</details>", start)])
    return " ".join(html.unescape(text).split()).replace(" ,", ",")


def with_review(runtime: Runtime) -> SourceFile:
    """The convention's diagram with one more gateway after the start."""
    path = runtime.settings.bpmn_folder / "convention.bpmn"
    gateway = (
        '<bpmn:exclusiveGateway id="reread" name="Relecture demandée ?">'
        "<bpmn:incoming>start_to_already_signed</bpmn:incoming>"
        "<bpmn:outgoing>reread_to_already_signed</bpmn:outgoing></bpmn:exclusiveGateway>"
        '<bpmn:sequenceFlow id="reread_to_already_signed" name="Sans relecture"'
        ' sourceRef="reread" targetRef="already_signed"/>'
    )
    text = path.read_text(encoding="utf-8").replace(
        'targetRef="already_signed"/>', 'targetRef="reread"/>'
    )
    text = text.replace(
        '<bpmn:exclusiveGateway id="already_signed"',
        gateway + '<bpmn:exclusiveGateway id="already_signed"',
    )
    return SourceFile("convention.bpmn", text.encode())


def test_a_reader_reads_every_step_gateway_and_way_out_of_a_diagram(
    stage: Stage, signed_in: SignedIn
) -> None:
    text = twin(signed_in(AUDITOR).open("/schemas/admissibility.bpmn"), "admissibility")
    assert "Qui intervient : Chargé de recevabilité, Opérateur" in text
    assert "1 Dépôt dans les dates début" in text
    assert "2 Contrôler la recevabilité tâche, Chargé de recevabilité" in text
    assert re.search(r"3 Question à poser \? choix oui : étape 4, Envoyer", text)
    assert "À l’échéance « " in text


def test_every_element_of_every_diagram_is_told_once(stage: Stage, signed_in: SignedIn) -> None:
    auditor = signed_in(AUDITOR)
    with stage.runtime.database.reading() as session:
        known = diagrams.load(session, stage.runtime, diagrams.latest(session))
    for process_id in known.process_ids:
        process = known.process(process_id)
        page = auditor.open(f"/schemas/{process.file}")
        for element in process.elements.values():
            if element.kind == "boundaryEvent":
                assert f"« {element.label} »" in twin(page, process_id), element.id
            else:
                assert page.count(f'id="t-{process_id}-{element.id}"') == 1, element.id


def test_an_element_added_to_a_diagram_is_told_in_the_twin_of_the_new_version_only(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    auditor = signed_in(AUDITOR)
    assert "Relecture" not in auditor.open("/schemas/convention.bpmn")
    others = [
        file
        for file in diagrams.read_files([runtime.settings.bpmn_folder])
        if file.name != "convention.bpmn"
    ]
    diagrams.put_in_force(runtime, [*others, with_review(runtime)], SYSTEM)
    now = twin(auditor.open("/schemas/convention.bpmn"), "convention")
    assert "2 Relecture demandée ? choix Sans relecture : étape 3, Convention déjà signée ?" in now
    assert "Relecture" not in auditor.open("/schemas/convention.bpmn?version=1")


def test_an_operator_reads_what_is_done_where_the_dossier_is_and_what_can_come(
    stage: Stage, signed_in: SignedIn
) -> None:
    number = stage.number(stage.deposit())
    operator = signed_in(OPERATOR)
    page = operator.open(f"/dossiers/{number}?schema=admissibility")
    text = twin(page, "admissibility")
    assert "Dépôt dans les dates début, fait" in text
    assert "Contrôler la recevabilité tâche, Chargé de recevabilité, étape actuelle" in text
    assert "Question à poser ? choix, à venir" in text
    current = re.findall(r'<li id="([^"]+)" aria-current="step"', page)
    assert current == ["t-admissibility-check_admissibility"]
    path = page[page.index('id="path-in-words"') : page.index('id="twin-')]
    assert re.search(r"Instruire le dossier<span[^>]*>, à venir", path)
    assert re.search(r'<li aria-current="step"><span>.*?Contrôler la recevabilité', path)


def test_the_twin_of_an_ended_dossier_says_that_nothing_more_can_come(
    stage: Stage, signed_in: SignedIn
) -> None:
    dossier_id = stage.deposit()
    stage.do(dossier_id, "check_admissibility", OFFICER, outcome="ineligible")
    page = signed_in(OWNER).open(f"/dossiers/{stage.number(dossier_id)}?schema=admissibility")
    text = twin(page, "admissibility")
    assert "non parcouru" in text
    assert ", à venir" not in text
    assert "étape actuelle" not in text


def test_a_drawing_is_told_in_the_readers_language_and_a_new_label_is_marked_french(
    stage: Stage, signed_in: SignedIn
) -> None:
    auditor = signed_in(AUDITOR)
    auditor.open("/schemas/admissibility.bpmn")
    page = auditor.post("/langue", language="en", to="/schemas/admissibility.bpmn")
    text = twin(page, "admissibility")
    assert "Who takes part:" in text
    assert re.search(r"Question to ask\? choice yes ?: step 4", text)
    drawn = auditor.client.get("/schemas/admissibility.bpmn/1?langue=en").text
    assert 'name="Question to ask?"' in drawn
    with auditor.client.application.test_request_context(headers={"Accept-Language": "en"}):
        assert said("Étape redessinée ?") == '<span lang="fr">Étape redessinée\u202f?</span>'
