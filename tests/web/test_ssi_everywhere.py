"""SSI answers: read by the SSI officer, counted for statistics, and nowhere else (DSR 4.3, A13).

Every address and every table is looked through: what is added later is looked through too.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select
from stage import (
    ADMINISTRATOR,
    ATTENDANCE,
    AUDITOR,
    INSTRUCTOR,
    LEGAL,
    MEMBER,
    OFFICER,
    OPERATOR,
    OWNER,
    PARTNER,
    PRESIDENT,
    SIGNATORY,
    SSI_OFFICER,
    STRANGER,
    Stage,
)
from werkzeug.routing import Rule

from web.cli import jalon
from workflow.domain import ssi
from workflow.domain.dossier import Dossier
from workflow.domain.evidence import Evidence
from workflow.domain.proof import DECLARATIONS, Proof
from workflow.engine import diagrams as deployed
from workflow.engine import human_tasks, instances, messages, tables
from workflow.engine.runtime import Runtime
from workflow.engine.spiff import TurnEnvironment
from workflow.engine.waiting import HumanTask
from workflow.errors import NotAllowed

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

MARKS = ("1987-06-13", "13/06/1987", "13 juin 1987", "June 13, 1987")
"""A date that stands nowhere else, however a page would write it."""
ANSWERS = {
    "security_policy": "partly",
    "security_officer": "no",
    "risk_analysis": "partly",
    "penetration_test": "true",
    "penetration_test_on": MARKS[0],
    "vulnerability_watch": "no",
    "incident_procedure": "no",
    "restoration_test": "partly",
    "certifications": ["hds"],
}
OTHERS = (
    INSTRUCTOR,
    MEMBER,
    PRESIDENT,
    SIGNATORY,
    OWNER,
    AUDITOR,
    OFFICER,
    ADMINISTRATOR,
    PARTNER,
    STRANGER,
)


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """The deployed procedure."""
    app.config["RATELIMIT_ENABLED"] = False
    return Stage.set_up(runtime)


def decided(stage: Stage, operator: Browser, *, to_the_end: bool = True) -> int:
    """A dossier answered with the mark as operators do it, then brought to its decision."""
    dossier_id = stage.admitted()
    stage.do(dossier_id, "sign_convention", LEGAL)
    stage.do(dossier_id, "countersign_convention", SIGNATORY)
    stage.fill_proofs(dossier_id)
    operator.open("/compte")
    put = operator.client.put(
        f"/api/v1/dossiers/{stage.number(dossier_id)}/ssi-answers",
        json={"answer": ANSWERS},
        headers={"X-CSRFToken": operator.token},
    )
    assert put.status_code == 204, put.text
    human_tasks.complete(
        stage.runtime,
        stage.task_id(dossier_id, "submit_proofs"),
        dict.fromkeys(DECLARATIONS, True),
        stage.who(OPERATOR),
    )
    stage.do(dossier_id, "instruct_dossier", INSTRUCTOR)
    if not to_the_end:
        return dossier_id
    messages.convene(stage.runtime, stage.campaign.id, stage.who(PRESIDENT))
    decision = {
        "dossier": stage.number(dossier_id),
        "outcome": "award",
        "reservations": [],
        "reasons": "Au vu des preuves examinées.",
    }
    human_tasks.complete(
        stage.runtime,
        stage.task_id(None, "hold_session"),
        {"attendance": ATTENDANCE, "decisions": [decision]},
        stage.who(PRESIDENT),
    )
    return dossier_id


def addresses(app: Flask, stage: Stage, dossier_id: int) -> list[str]:
    """Every address that can be read, about that dossier wherever an address names one."""
    with stage.runtime.database.reading() as session:
        known: dict[str, Any] = {
            "number": stage.number(dossier_id),
            "proof_id": session.scalar(select(Proof.id)),
            "evidence_id": session.scalar(select(Evidence.id)) or 1,
            "task_id": session.scalar(select(HumanTask.id)),
            "campaign_id": stage.campaign.id,
            "name": "dossier.bpmn",
            "key": "ssi_questionnaire",
        }
    found: list[str] = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "GET" not in (rule.methods or set()) or rule.endpoint == "static":
                continue
            given = {
                name: 1 if _is_number(rule, name) and name == "number" else known.get(name, 1)
                for name in rule.arguments
            }
            built = rule.build(given)
            assert built is not None, rule.rule
            found.append(built[1])
    return found


@pytest.mark.rule(57)
def test_no_address_shows_an_answer_to_anybody_else(
    app: Flask, stage: Stage, signed_in: SignedIn
) -> None:
    dossier_id = decided(stage, signed_in(OPERATOR))
    asked = addresses(app, stage, dossier_id)
    assert len(asked) > 80
    for email in OTHERS:
        person = signed_in(email)
        for address in asked:
            with person.client.get(address) as answer:
                assert not told(answer.get_data()), (email, address)


def test_no_search_finds_a_dossier_by_an_answer(stage: Stage, signed_in: SignedIn) -> None:
    decided(stage, signed_in(OPERATOR))
    for email in (INSTRUCTOR, OWNER, AUDITOR, SSI_OFFICER):
        for word in (MARKS[0], "partly", "hds"):
            assert "Aucun dossier" in signed_in(email).open(f"/dossiers?q={word}"), email


@pytest.mark.rule(57)
def test_no_other_table_holds_an_answer(stage: Stage, signed_in: SignedIn) -> None:
    """History, notifications, mails, documents, state: whatever is stored, but one table."""
    decided(stage, signed_in(OPERATOR))
    holding: set[str] = set()
    with stage.runtime.database.engine.connect() as connection:
        for table in tables.METADATA.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                if any(told(value) for value in row.values()):
                    holding.add(table.name)
    assert holding == {"ssi_answers"}


@pytest.mark.rule(57)
def test_no_state_or_variable_of_an_instance_holds_an_answer(
    stage: Stage, signed_in: SignedIn
) -> None:
    dossier_id = decided(stage, signed_in(OPERATOR), to_the_end=False)
    with stage.runtime.database.reading() as session:
        instance = instances.of_dossier(session, dossier_id)
        diagrams = deployed.load(session, stage.runtime, instance.deployment_id)
        environment = TurnEnvironment(
            effective_at=stage.runtime.clock.now(), functions={}, perform=lambda wanted: None
        )
        flow = diagrams.load(instance.process_id, instance.state, environment)
        variables = flow.variables()
    assert variables, "the state is read, and it holds something"
    assert not told(variables)
    assert "security_policy" not in str(variables)


def test_a_refused_answer_is_told_to_its_author_and_written_nowhere(
    stage: Stage, signed_in: SignedIn, caplog: pytest.LogCaptureFixture
) -> None:
    dossier_id = stage.admitted()
    number, operator = stage.number(dossier_id), signed_in(OPERATOR)
    address = f"/dossiers/{number}/questionnaire-ssi"
    operator.open(address)
    with caplog.at_level(logging.DEBUG):
        operator.post(address, penetration_test="true", penetration_test_on=MARKS[1])
        assert operator.page.status_code == 422
        wrong = {"answer": {"penetration_test": "true", "penetration_test_on": MARKS[0]}}
        said = operator.client.put(
            f"/api/v1/dossiers/{number}/ssi-answers",
            json=wrong,
            headers={"X-CSRFToken": operator.token},
        )
    assert said.status_code == 422
    assert not told(said.get_data())
    assert not told(caplog.text)
    with stage.runtime.database.engine.connect() as connection:
        for table in tables.METADATA.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                assert not any(told(value) for value in row.values()), table.name


def test_others_are_refused_in_words_that_tell_no_answer(stage: Stage, signed_in: SignedIn) -> None:
    number = stage.number(decided(stage, signed_in(OPERATOR)))
    for email in OTHERS:
        person = signed_in(email)
        for address in (
            "/ssi",
            f"/dossiers/{number}/questionnaire-ssi",
            f"/api/v1/dossiers/{number}/ssi-answers",
            "/api/v1/ssi-answers/counts",
        ):
            text = person.open(address)
            assert person.page.status_code in (403, 404), (email, address)
            assert "partly" not in text
            assert "En partie" not in text


def test_statistics_are_counts_by_answer(stage: Stage, signed_in: SignedIn) -> None:
    decided(stage, signed_in(OPERATOR))
    officer = signed_in(SSI_OFFICER)
    counts = officer.client.get("/api/v1/ssi-answers/counts").get_json()
    assert counts["questions"]["security_policy"] == {"partly": 1}
    page = officer.open("/ssi")
    assert "1 dossier a répondu" in page
    assert not told(page)


def test_the_operator_reads_its_own_answers_on_its_page_and_another_operator_does_not(
    stage: Stage, signed_in: SignedIn
) -> None:
    number = stage.number(decided(stage, signed_in(OPERATOR)))
    assert MARKS[1] in signed_in(OPERATOR).open(f"/dossiers/{number}/questionnaire-ssi")
    stranger = signed_in(STRANGER)
    stranger.open(f"/dossiers/{number}/questionnaire-ssi")
    assert stranger.page.status_code == 404


def test_the_report_of_a_scenario_tells_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "ssi.yaml"
    path.write_text(
        "\n".join(
            (
                "scenario: SSI answers stay where they are",
                "campaign: dsr-ope-mss-2022",
                "steps:",
                "  - {at: 2022-10-27T10:00, actor: operator, start: deposit_dossier}",
                "  - {at: 2022-10-28T10:00, complete: check_admissibility}",
                "  - at: 2022-10-28T11:00",
                "    complete: submit_proofs",
                f"    with: {{ssi_answers: {{remark: '{MARKS[0]}'}}}}",
                '    expect: {variables: {remark: anything}, events: ["ssi:answered"]}',
            )
        )
    )
    done = CliRunner().invoke(jalon, ["scenario", "run", str(path), "--json"])
    report = json.loads(done.stdout)
    assert "remark" in done.stdout, "the difference on the variable is told"
    assert report["passed"] is False
    assert not told(done.output)


@pytest.mark.rule(57)
def test_the_domain_itself_refuses_every_other_role(stage: Stage, signed_in: SignedIn) -> None:
    dossier_id = decided(stage, signed_in(OPERATOR))
    with stage.runtime.database.reading() as session:
        assert session.get(Dossier, dossier_id) is not None
        for email in (ADMINISTRATOR, SIGNATORY, OWNER):
            with pytest.raises(NotAllowed):
                ssi.answers_for(session, dossier_id, stage.who(email))
            with pytest.raises(NotAllowed):
                ssi.answered(session, stage.who(email))


def _is_number(rule: Rule, name: str) -> bool:
    return "Integer" in type(rule._converters[name]).__name__


def told(value: Any) -> bool:
    """Whether the marked answer stands in something, however it is written."""
    text = value.decode("utf-8", "ignore") if isinstance(value, bytes) else str(value)
    return any(mark in text for mark in MARKS)
