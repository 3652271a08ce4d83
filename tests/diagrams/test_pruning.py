"""The project's own diagrams, under random schedules: storing and pruning change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from schedules import Answer, Stage, World, play

from workflow.engine.source_file import SourceFile
from workflow.engine.spiff import Diagrams, OpenTask, OperationCall, parse

PROJECT = Path(__file__).parents[2] / "bpmn"
PROCESSES = sorted(path.stem for path in PROJECT.glob("*.bpmn"))
ON_THEIR_OWN = {"dossier", "college_session", "clerical_correction", "support_question"}
SCHEDULES = 300

CALLER = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 targetNamespace="http://example.org"><bpmn:process id="calls_{name}" isExecutable="true">
<bpmn:startEvent id="calls_{name}_start"/>
<bpmn:callActivity id="calling_{name}" calledElement="{name}"/>
<bpmn:boundaryEvent id="{name}_error" attachedToRef="calling_{name}"><bpmn:errorEventDefinition/>
</bpmn:boundaryEvent>
<bpmn:endEvent id="done"/><bpmn:endEvent id="ended_by_error"/>
<bpmn:sequenceFlow id="{name}_1" sourceRef="calls_{name}_start" targetRef="calling_{name}"/>
<bpmn:sequenceFlow id="{name}_2" sourceRef="calling_{name}" targetRef="done"/>
<bpmn:sequenceFlow id="{name}_3" sourceRef="{name}_error" targetRef="ended_by_error"/>
</bpmn:process></bpmn:definitions>"""
"""A called process may end by an error: somebody has to be there to catch it."""

CONSTANTS = {
    "campaign": {
        "opens_at": datetime(2022, 9, 12, tzinfo=UTC),
        "closes_at": datetime(2022, 11, 23, tzinfo=UTC),
    }
}
DEPOSIT = {
    "deposited_at": datetime(2022, 10, 3, 8, tzinfo=UTC),
    "attempt": 1,
    "previous_end": None,
    "planned_proof_on": date(2022, 11, 2),
    "convention_in_force": False,
}


@pytest.fixture(scope="module")
def diagrams() -> Diagrams:
    drawn = [SourceFile(path.name, path.read_bytes()) for path in sorted(PROJECT.glob("*.bpmn"))]
    callers = [
        SourceFile(f"calls_{name}.bpmn", CALLER.format(name=name).encode())
        for name in PROCESSES
        if name not in ON_THEIR_OWN
    ]
    tables = [SourceFile(path.name, path.read_bytes()) for path in sorted(PROJECT.glob("*.dmn"))]
    return parse([*drawn, *callers], tables)


def answers(random: Random, task: OpenTask) -> Answer:
    outcomes = {
        "check_admissibility": ["admissible"] * 6 + ["solicit"] * 3 + ["ineligible"],
        "instruct_dossier": ["solicit", "solicit", "complete"],
        "verify_corrections": ["lifted", "insufficient"],
        "agree_correction": ["agree", "decline"],
        "answer_question": ["answered", "out_of_scope"],
    }
    seen = {
        "in_trust_space": random.random() < 0.95,
        "component_source": random.choice(["self"] * 9 + ["non_operator", "operator"]),
        "contract_v2_operator_on": date(2022, 1, 1),
        "contract_v2_agency_on": date(2022, 1, 2),
        "questions": ["Pourquoi ?"],
        "answer": "Parce que.",
        "comment": "Vu.",
        "verdicts": [],
        "corrections": [],
        "attendance": ["A", "B", "C"],
        "decisions": [],
    }
    kept: dict[str, Any] = {}
    if task.element_id in outcomes:
        kept["outcome"] = random.choice(outcomes[task.element_id])
    return Answer(seen=seen, kept=kept)


def operations(world: World, call: OperationCall) -> Any:
    results: dict[str, Any] = {
        "dossiers.deposit": {**DEPOSIT, "deposited_at": world.now},
        "conventions.send": {"sent_at": world.now},
        "solicitations.send": {"sent_at": world.now, "solicitation_id": 1},
        "college.schedule": {"session_id": 1, "opened_at": world.now},
        "college.notify_decision": {"notified_at": world.now},
        "reservations.open": {"since": world.now, "remaining_days": None},
        "reservations.correct": {"since": world.now, "remaining_days": 12},
        "reservations.return_to_operator": {"since": world.now, "remaining_days": 12},
    }
    return results.get(call.operation)


def functions(world: World) -> dict[str, Any]:
    def deadline(key: str, start: datetime | date, remaining: Any = None) -> dict[str, Any]:
        day = start.date() if isinstance(start, datetime) else start
        due = datetime(day.year, day.month, day.day, 22, tzinfo=UTC) + timedelta(days=len(key))
        active = key == "instruction"
        return {
            "fires_at": None if active and world.standing else due,
            "last_day": due.date(),
            "deadline_id": len(key),
            "follows": "instruction" if active else None,
        }

    return {"deadline": deadline}


def payloads(random: Random, message: str) -> Mapping[str, Any]:
    if message == "college_decided":
        decision = random.choice(["award", "non_blocking", "blocking"])
        return {"decision": decision, "decided_at": datetime(2022, 12, 1, 10, tzinfo=UTC)}
    return {"reason": "Sans suite."}


@pytest.mark.parametrize("name", PROCESSES)
def test_an_instance_lives_the_same_stored_or_not(diagrams: Diagrams, name: str) -> None:
    stage = Stage(
        diagrams,
        name if name in ON_THEIR_OWN else f"calls_{name}",
        answers,
        operations,
        functions,
        variables={"deposit": DEPOSIT, "notice": {"notified_at": DEPOSIT["deposited_at"]}},
        constants=CONSTANTS,
        payloads=payloads,
    )
    played = [play(stage, seed, acts=60) for seed in range(SCHEDULES)]

    assert {one.ended for one in played} - {None}, "some schedules come to an end"
    assert max(one.largest for one in played) < 8_000, "a state stays small"
