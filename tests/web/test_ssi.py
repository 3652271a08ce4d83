"""The SSI questionnaire: needed to submit, read by the SSI officer alone (DSR 4.3, A13)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from stage import (
    AUDITOR,
    INSTRUCTOR,
    MEMBER,
    OFFICER,
    OPERATOR,
    OWNER,
    PRESIDENT,
    SSI_OFFICER,
    STRANGER,
    Stage,
)

from workflow import audit_log
from workflow.domain import proof, ssi
from workflow.domain.dossier import Dossier
from workflow.engine import acts, human_tasks
from workflow.engine.runtime import Runtime
from workflow.errors import InvalidAnswer, NotAllowed
from workflow.scenarios import defaults
from workflow.service_tasks.registry import Call

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

MARK = "penetration-2021-confidentielle"
OTHERS = (INSTRUCTOR, MEMBER, PRESIDENT, OWNER, AUDITOR, OFFICER)


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """The deployed procedure."""
    return Stage.set_up(runtime)


def answered(stage: Stage) -> int:
    """A dossier in the queue, whose questionnaire holds a mark that is nowhere else."""
    dossier_id = stage.submitted()
    with stage.runtime.database.transaction() as session:
        session.get_one(ssi.SsiAnswers, dossier_id).answers = {
            "security_policy": "partly",
            "certifications": ["hds", "iso_27001"],
            "penetration_test": True,
            "remark": MARK,
        }
    return dossier_id


@pytest.mark.rule(57)
def test_proofs_are_not_submitted_while_the_questionnaire_is_empty(stage: Stage) -> None:
    dossier_id = stage.admitted()
    stored = stage.runtime.files.put(b"Preuve fictive\n")

    def attach_all(call: Call) -> None:
        dossier = call.session.get_one(Dossier, dossier_id)
        for code, position in defaults.missing_proofs(call.session, dossier):
            proof.attach(
                call,
                requirement_code=code,
                position=position,
                file_name="preuve.txt",
                media_type="text/plain",
                stored=stored,
            )

    operator = stage.who(OPERATOR)
    acts.perform(stage.runtime, operator, dossier_id, attach_all)
    task_id = stage.task_id(dossier_id, "submit_proofs")
    answer = dict.fromkeys(proof.DECLARATIONS, True)
    with pytest.raises(InvalidAnswer) as refusal:
        human_tasks.complete(stage.runtime, task_id, answer, operator)
    assert list(refusal.value.faults) == ["ssi"]
    acts.perform(
        stage.runtime, operator, dossier_id, lambda call: ssi.answer_ssi(call, {"a": "yes"})
    )
    human_tasks.complete(stage.runtime, task_id, answer, operator)


def test_the_ssi_officer_reads_counts_and_each_questionnaire(
    signed_in: SignedIn, stage: Stage
) -> None:
    dossier_id = answered(stage)
    number, officer = stage.number(dossier_id), signed_in(SSI_OFFICER)
    page = officer.open("/ssi")
    assert "1 dossier a répondu" in page
    assert number in page
    assert "En partie : <strong>1</strong>" in page
    assert "En partie" in officer.open(f"/dossiers/{number}/questionnaire-ssi")
    counts = officer.client.get("/api/v1/ssi-answers/counts").get_json()
    assert counts["dossiers"] == 1
    assert counts["questions"]["certifications"] == {"hds": 1, "iso_27001": 1}
    assert counts["questions"]["penetration_test"] == {"true": 1}


@pytest.mark.rule(57)
@pytest.mark.parametrize("email", OTHERS)
def test_nobody_else_of_the_agency_reads_an_answer_anywhere(
    signed_in: SignedIn, stage: Stage, email: str
) -> None:
    dossier_id = answered(stage)
    number, person = stage.number(dossier_id), signed_in(email)
    for address in ("/ssi", f"/dossiers/{number}/questionnaire-ssi"):
        person.open(address)
        assert person.page.status_code == 403, address
    for call in (f"dossiers/{number}/ssi-answers", "ssi-answers/counts"):
        assert person.client.get(f"/api/v1/{call}").status_code == 403, call
    readable = (
        "/accueil",
        f"/dossiers/{number}",
        f"/dossiers/{number}/preuves",
        f"/dossiers/{number}/historique",
        f"/dossiers/{number}/interne",
        "/historique",
        "/dossiers?q=penetration",
        "/messages",
        "/college",
        *(
            f"/api/v1/dossiers/{number}{part}"
            for part in ("", "/history", "/proofs", "/proof-file", "/notes", "/solicitations")
        ),
    )
    for address in readable:
        assert MARK not in person.open(address), address
    assert "Aucun dossier" in person.open("/dossiers?q=penetration")


def test_a_stranger_and_the_other_operators_read_nothing(signed_in: SignedIn, stage: Stage) -> None:
    number, stranger = stage.number(answered(stage)), signed_in(STRANGER)
    stranger.open(f"/dossiers/{number}/questionnaire-ssi")
    assert stranger.page.status_code == 404
    stranger.open("/ssi")
    assert stranger.page.status_code == 403


def test_no_history_holds_an_answer(stage: Stage) -> None:
    dossier_id = stage.submitted()
    with stage.runtime.database.reading() as session:
        rows = audit_log.history_of(session, dossier_id, limit=500)
        facts = [row.facts for row in rows if row.kind == "ssi:answered"]
        assert facts == [{"questions": 1}]
        assert "security_policy" not in str([row.facts for row in rows])


def test_no_browser_keeps_the_pages_that_hold_answers(signed_in: SignedIn, stage: Stage) -> None:
    number, officer = stage.number(answered(stage)), signed_in(SSI_OFFICER)
    for address in (
        "/ssi",
        f"/dossiers/{number}/questionnaire-ssi",
        f"/api/v1/dossiers/{number}/ssi-answers",
        "/api/v1/ssi-answers/counts",
    ):
        officer.open(address)
        assert "no-store" in officer.page.headers.get("Cache-Control", ""), address


@pytest.mark.rule(57)
def test_the_readers_themselves_refuse_every_other_role(stage: Stage) -> None:
    dossier_id = answered(stage)
    with stage.runtime.database.reading() as session:
        for email in OTHERS:
            with pytest.raises(NotAllowed):
                ssi.answers_for(session, dossier_id, stage.who(email))
            with pytest.raises(NotAllowed):
                ssi.counts(session, stage.who(email))
