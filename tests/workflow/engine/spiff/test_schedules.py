"""Storing an instance, and cutting its history, never changes what happens to it."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from drawing import (
    boundary,
    call,
    catch,
    end,
    error,
    flows,
    gateway,
    message,
    process,
    read,
    rule,
    script,
    service,
    start,
    sub,
    table,
    terminate,
    throw,
    timer,
    user,
)
from schedules import Answer, Stage, World, play

from workflow.engine.spiff import Diagrams, OpenTask, OperationCall

pytestmark = pytest.mark.slow

DOSSIER = process(
    "dossier",
    start(),
    user("deposit"),
    script("begin", "{rounds: 0, since: now()}"),
    sub(
        "body",
        start("body_start"),
        call("admissibility", "admissibility"),
        boundary("week", "admissibility", timer('deadline("week", since)'), interrupting=False),
        user("chase_admissibility"),
        end("chased"),
        gateway("fork", "parallel"),
        call("convention", "convention"),
        user("instruct"),
        boundary("alert", "instruct", timer('deadline("active", since)'), interrupting=False),
        script("note_alert", "{alerted: true}"),
        end("alert_noted"),
        gateway("question", default="f_question_join"),
        script("count", "{rounds: rounds + 1}"),
        call("solicitation", "solicitation"),
        gateway("join", "parallel"),
        gateway("offers", "inclusive", default="f_offers_meet"),
        user("publish"),
        user("announce"),
        gateway("meet", "inclusive"),
        catch("college_decided", message("college_decided")),
        throw("tell", message("decided", "{decision: decision}")),
        end("body_end"),
        flows(
            "body_start admissibility",
            "week chase_admissibility",
            "chase_admissibility chased",
            "admissibility fork",
            "fork convention",
            "fork instruct",
            "alert note_alert",
            "note_alert alert_noted",
            "convention join",
            "instruct question",
            'question count outcome = "solicit"',
            "question join",
            "count solicitation",
            "solicitation instruct",
            "join offers",
            "offers publish rounds > 0",
            "offers announce alerted = true",
            "offers meet",
            "publish meet",
            "announce meet",
            "meet college_decided",
            "college_decided tell",
            "tell body_end",
        ),
    ),
    boundary("withdrawal", "body", message("withdraw")),
    boundary("nudge", "body", message("nudge"), interrupting=False),
    boundary("abandoned_caught", "body", error("abandoned")),
    boundary("closing", "body", timer('deadline("closing", since)')),
    script("count_nudge", "{nudges: if nudges = null then 1 else nudges + 1}"),
    end("nudged"),
    user("confirm_withdrawal"),
    end("withdrawn", terminate()),
    end("abandoned", terminate()),
    end("closed", terminate()),
    rule("grade", "grade"),
    end("listed"),
    flows(
        "start deposit",
        "deposit begin",
        "begin body",
        "withdrawal confirm_withdrawal",
        "confirm_withdrawal withdrawn",
        "nudge count_nudge",
        "count_nudge nudged",
        "abandoned_caught abandoned",
        "closing closed",
        "body grade",
        "grade listed",
    ),
)
ADMISSIBILITY = process(
    "admissibility",
    start("a_start"),
    user("check"),
    gateway("admissible", default="f_admissible_a_end"),
    user("answer_question"),
    boundary("five_days", "answer_question", timer('deadline("five_days", now())')),
    end("a_rejected", error("abandoned")),
    end("a_end"),
    flows(
        "a_start check",
        "check admissible",
        'admissible answer_question outcome = "solicit"',
        "admissible a_end",
        "answer_question check",
        "five_days a_rejected",
    ),
)
CONVENTION = process(
    "convention",
    start("c_start"),
    user("sign"),
    user("countersign"),
    service("record", "conventions.sign", "convention", by='"signatory"'),
    end("c_end"),
    flows("c_start sign", "sign countersign", "countersign record", "record c_end"),
)
SOLICITATION = process(
    "solicitation",
    start("s_start"),
    gateway("wait", "eventBased"),
    catch("one_day", timer('deadline("one_day", now())')),
    catch("thirty_days", timer('deadline("thirty_days", now())')),
    catch("answered", message("answer", variable="answer")),
    user("remind"),
    boundary("last_chance", "remind", timer('deadline("five_days", now())')),
    end("s_abandoned", error("abandoned")),
    end("s_gone", error("abandoned")),
    end("s_reminded"),
    end("s_end"),
    flows(
        "s_start wait",
        "wait one_day",
        "wait thirty_days",
        "wait answered",
        "one_day remind",
        "remind s_reminded",
        "last_chance s_gone",
        "thirty_days s_abandoned",
        "answered s_end",
    ),
)
GRADES = table("grade", "FIRST", ["rounds"], ["grade"], [["0", '"A"'], ["-", '"B"']])
DAYS = {"week": 7, "active": 42, "closing": 200, "five_days": 5, "one_day": 1, "thirty_days": 30}


@pytest.fixture(scope="module")
def diagrams() -> Diagrams:
    return read(
        DOSSIER,
        ADMISSIBILITY,
        CONVENTION,
        SOLICITATION,
        messages=["withdraw", "nudge", "college_decided", "decided", "answer"],
        errors=["abandoned"],
        tables=[GRADES],
    )


def answers(random: Random, task: OpenTask) -> Answer:
    outcome = random.choice(["solicit", "complete"])
    return Answer(
        seen={"comment": "seen once"},
        kept={"outcome": outcome, f"by_{task.element_id}": random.randint(1, 9)},
    )


def operations(world: World, call: OperationCall) -> Any:
    return {"signed_at": world.now, "element": call.element_id}


def functions(world: World) -> dict[str, Any]:
    def deadline(key: str, start: datetime) -> dict[str, Any]:
        parked = key == "active" and world.standing
        due = start + timedelta(days=DAYS[key])
        return {
            "fires_at": None if parked else due,
            "last_day": due.date(),
            "deadline_id": DAYS[key],
            "follows": "instruction" if key == "active" else None,
        }

    return {"deadline": deadline}


def test_stored_and_pruned_instances_live_exactly_as_those_kept_in_memory(
    diagrams: Diagrams,
) -> None:
    stage = Stage(
        diagrams,
        "dossier",
        answers,
        operations,
        functions,
        payloads=lambda random, message: {"decision": random.choice(["award", "refuse"])},
    )
    played = [play(stage, seed) for seed in range(300)]

    assert {"listed", "withdrawn", "abandoned", "closed"} <= {one.ended for one in played}
    assert max(one.largest for one in played) < 8_000
