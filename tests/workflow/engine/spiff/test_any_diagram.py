"""Diagrams drawn at random: whatever their shape, storing and pruning change nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
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
    script,
    service,
    start,
    sub,
    terminate,
    timer,
    user,
)
from schedules import Answer, Stage, World, play

from workflow.engine.spiff import Diagrams, OpenTask, OperationCall

pytestmark = pytest.mark.slow

MESSAGES = ["m0", "m1", "m2"]
IN_PARALLEL = (
    "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2</bpmn:loopCardinality>"
    "</bpmn:multiInstanceLoopCharacteristics>"
)


class Artist:
    """Draws blocks that nest; each has one way in and one way out."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.count = 0
        self.nodes: list[str] = []
        self.lines: list[str] = []
        self.processes: list[str] = []

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}_{self.count}"

    def drawing(self) -> Diagrams:
        self.processes.append(self.process("p", 3))
        return read(*self.processes, messages=MESSAGES, errors=["stop"])

    def process(self, name: str, depth: int) -> str:
        return process(name, self.content(depth))

    def content(self, depth: int) -> str:
        """The nodes and flows of a process or of a sub-process."""
        outer = self.nodes, self.lines
        self.nodes, self.lines = [], []
        first, last = self.name("start"), self.name("end")
        self.nodes += [start(first), end(last)]
        entry, exit_ = self.block(depth)
        self.lines += [f"{first} {entry}", f"{exit_} {last}"]
        drawn = "".join(self.nodes) + flows(*self.lines)
        self.nodes, self.lines = outer
        return drawn

    def block(self, depth: int) -> tuple[str, str]:
        simple = [self.user, self.user, self.script, self.service, self.message]
        nested = [self.sequence, self.sequence, self.branches, self.loop, self.sub, self.race]
        return self.random.choice(nested if depth > 0 else simple)(depth)

    def user(self, depth: int) -> tuple[str, str]:
        name = self.name("user")
        self.nodes.append(user(name, IN_PARALLEL if self.random.random() < 0.15 else ""))
        self.edges(name)
        return name, name

    def edges(self, name: str) -> None:
        """Some boundary events, each leading to an end of its own."""
        for event in (
            timer('deadline("k", now())'),
            message(self.random.choice(MESSAGES)),
            timer('deadline("active", now())'),
        ):
            if self.random.random() < 0.2:
                edge, way, last = self.name("edge"), self.name("side"), self.name("end")
                self.nodes.append(boundary(edge, name, event, self.random.random() < 0.4))
                self.nodes.append(user(way) if self.random.random() < 0.5 else self.marks(way))
                self.nodes.append(end(last, terminate() if self.random.random() < 0.1 else ""))
                self.lines += [f"{edge} {way}", f"{way} {last}"]

    def marks(self, name: str) -> str:
        return script(name, f"{{mark_{self.random.randint(0, 2)}: rounds}}")

    def script(self, depth: int) -> tuple[str, str]:
        name = self.name("script")
        self.nodes.append(script(name, f"{{v{self.random.randint(0, 3)}: rounds + 1}}"))
        return name, name

    def service(self, depth: int) -> tuple[str, str]:
        name = self.name("service")
        self.nodes.append(service(name, "a.b", self.random.choice(["", "result"]), r="rounds"))
        return name, name

    def message(self, depth: int) -> tuple[str, str]:
        name = self.name("catch")
        self.nodes.append(catch(name, message(self.random.choice(MESSAGES))))
        return name, name

    def sequence(self, depth: int) -> tuple[str, str]:
        blocks = [self.block(depth - 1) for _ in range(self.random.randint(2, 3))]
        for (_, before), (after, _) in pairwise(blocks):
            self.lines.append(f"{before} {after}")
        return blocks[0][0], blocks[-1][1]

    def branches(self, depth: int) -> tuple[str, str]:
        kind = self.random.choice(["parallel", "parallel", "exclusive", "inclusive"])
        fork, join = self.name("fork"), self.name("join")
        ways = [self.block(depth - 1) for _ in range(self.random.randint(2, 3))]
        default = None if kind == "parallel" else f"f_{fork}_{ways[-1][0]}"
        self.nodes += [gateway(fork, kind, default), gateway(join, kind)]
        for number, (entry, exit_) in enumerate(ways):
            conditional = kind != "parallel" and number < len(ways) - 1
            test = f" choice {self.random.choice(['<', '>'])} {number + 1}" if conditional else ""
            self.lines += [f"{fork} {entry}{test}", f"{exit_} {join}"]
        return fork, join

    def loop(self, depth: int) -> tuple[str, str]:
        again, count, more = self.name("again"), self.name("count"), self.name("more")
        entry, exit_ = self.block(depth - 1)
        self.nodes += [
            gateway(again),
            script(count, "{rounds: rounds + 1}"),
            gateway(more, default=f"f_{more}_{again}"),
        ]
        leave, out = self.name("leave"), self.name("out")
        self.nodes += [script(leave, "{left: true}"), gateway(out)]
        self.lines += [
            f"{again} {entry}",
            f"{exit_} {count}",
            f"{count} {more}",
            f"{more} {leave} rounds > 4 or choice > 2",
            f"{more} {again}",
            f"{leave} {out}",
        ]
        return again, out

    def sub(self, depth: int) -> tuple[str, str]:
        name = self.name("sub")
        if self.random.random() < 0.5:
            self.nodes.append(sub(name, self.content(depth - 1)))
        else:
            self.processes.append(self.process(f"called_{name}", depth - 1))
            self.nodes.append(call(name, f"called_{name}"))
        if self.random.random() < 0.4:
            edge, last = self.name("edge"), self.name("end")
            self.nodes += [boundary(edge, name, error("stop")), end(last)]
            self.lines.append(f"{edge} {last}")
        self.edges(name)
        return name, name

    def race(self, depth: int) -> tuple[str, str]:
        race, meet = self.name("race"), self.name("meet")
        self.nodes += [gateway(race, "eventBased"), gateway(meet)]
        for event in (
            timer('deadline("k", now())'),
            timer('deadline("active", now())'),
            message(self.random.choice(MESSAGES)),
        ):
            caught = self.name("caught")
            entry, exit_ = self.block(depth - 1)
            self.nodes.append(catch(caught, event))
            self.lines += [f"{race} {caught}", f"{caught} {entry}", f"{exit_} {meet}"]
        return race, meet


def functions(world: World) -> dict[str, Any]:
    def deadline(key: str, start: datetime) -> dict[str, Any]:
        parked = key == "active" and world.standing
        return {
            "fires_at": None if parked else start + timedelta(days=len(key)),
            "last_day": None,
            "deadline_id": len(key),
            "follows": "instruction" if key == "active" else None,
        }

    return {"deadline": deadline}


def answers(random: Random, task: OpenTask) -> Answer:
    kept = {"choice": random.randint(0, 3), f"k{random.randint(0, 2)}": task.element_id}
    return Answer(kept=kept)


def operations(world: World, call: OperationCall) -> Any:
    return {"by": call.element_id, "at": world.now}


@pytest.mark.parametrize("hundred", range(3))
def test_any_diagram_lives_the_same_stored_or_not(hundred: int) -> None:
    ends = 0
    for seed in range(100 * hundred, 100 * hundred + 100):
        stage = Stage(
            Artist(seed).drawing(),
            "p",
            answers,
            operations,
            functions,
            variables={"rounds": 0, "choice": 1},
            payloads=lambda random, name: {name: random.randint(0, 9)},
        )
        ends += play(stage, seed, acts=30).ended is not None
    assert ends > 30
