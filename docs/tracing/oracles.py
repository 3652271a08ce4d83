"""The instants and readings that the set of scenarios has to meet, from ``oracles.yaml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tracing.examples import read_story
from tracing.places import campaigns
from workflow import strict_yaml
from workflow.clock import PARIS
from workflow.scenarios import Step
from workflow.scenarios.file import instant

SECOND = timedelta(seconds=1)
FIRST_READING, LAST_READING = 1, 24


@dataclass(frozen=True)
class Edge:
    """A delay, and the instant at which a scenario shows it to the second."""

    parameter: str
    text: str
    fires_at: datetime
    scenario: str


@dataclass(frozen=True)
class DateOracle:
    """A date computed by hand: from an instant to a last day, or to an instant."""

    text: str
    starts_at: datetime
    expected: date
    scenario: str


@dataclass(frozen=True)
class Reading:
    """How an ambiguity of the text is read, and what shows it, or why nothing does."""

    id: str
    text: str
    shown_by: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Oracles:
    """All of them, in the order of the file."""

    edges: tuple[Edge, ...]
    dates: tuple[DateOracle, ...]
    readings: tuple[Reading, ...]


def read_oracles(path: Path) -> Oracles:
    """The oracles as they are listed; a key that is missing raises KeyError."""
    written = strict_yaml.load(path.read_text(encoding="utf-8"))
    return Oracles(
        tuple(
            Edge(e["parameter"], e["text"], instant(e["fires_at"], path.name), e["scenario"])
            for e in written["edges"]
        ),
        tuple(
            DateOracle(
                d["text"], instant(d["from"], path.name), _expected(d["expected"]), d["scenario"]
            )
            for d in written["dates"]
        ),
        tuple(
            Reading(r["reading"], r["text"], tuple(r.get("shown_by", [])), r.get("reason", ""))
            for r in written["readings"]
        ),
    )


def _expected(written: date | str) -> date:
    """A last day as it is, an instant in UTC."""
    if isinstance(written, datetime | str):
        return instant(written, "expected")
    return written


def oracle_faults(root: Path, oracles: Oracles) -> Iterator[str]:
    """Every oracle that the project's scenarios and tests do not meet."""
    yield from _delays_without_edge(root, oracles)
    for edge in oracles.edges:
        yield from _edge_faults(root, edge)
    for oracle in oracles.dates:
        yield from _date_faults(root, oracle)
    yield from _reading_faults(root, oracles.readings)


def _delays_without_edge(root: Path, oracles: Oracles) -> Iterator[str]:
    listed = {edge.parameter for edge in oracles.edges}
    for path, written in campaigns(root):
        # A reminder binds nobody: its instant has no legal edge.
        legal = {key for key, d in written["delays"].items() if d.get("effect") != "reminder"}
        for name in sorted({"opens_at", "closes_at", *(f"delays.{key}" for key in legal)} - listed):
            yield f"{path.name}, {name}: Expected a scenario to the second but none is listed."


def _steps(root: Path, scenario: str) -> tuple[Step, ...] | None:
    path = root / "bpmn" / "scenarios" / f"{scenario}.yaml"
    return read_story(path).steps if path.is_file() else None


def _edge_faults(root: Path, edge: Edge) -> Iterator[str]:
    steps = _steps(root, edge.scenario)
    if steps is None:
        yield f"{edge.parameter}: Expected the scenario {edge.scenario} but there is none."
        return
    told = {step.at for step in steps if step.expect}
    for moment in (edge.fires_at - SECOND, edge.fires_at, edge.fires_at + SECOND):
        if moment not in told:
            yield (
                f"{edge.parameter}: Expected {edge.scenario} to expect something at"
                f" {moment.astimezone(PARIS).isoformat()} but it does not. Add the step."
            )


def _date_faults(root: Path, oracle: DateOracle) -> Iterator[str]:
    steps = _steps(root, oracle.scenario)
    if steps is None:
        yield f"{oracle.text}: Expected the scenario {oracle.scenario} but there is none."
        return
    starts = [step for step in steps if step.at == oracle.starts_at]
    if isinstance(oracle.expected, datetime):
        told = {step.at for step in steps if step.expect}
        met = bool(starts) and {oracle.expected - SECOND, oracle.expected} <= told
    else:
        met = any(oracle.expected in _due(step.expect.get("due") or {}) for step in starts)
    if not met:
        yield f"{oracle.text}: Expected {oracle.scenario} to show this date but it does not."


def _due(written: Mapping[str, Any]) -> Iterator[object]:
    for value in written.values():
        if isinstance(value, Mapping):
            yield from _due(value)
        else:
            yield value


def _reading_faults(root: Path, readings: tuple[Reading, ...]) -> Iterator[str]:
    expected = [f"A{number}" for number in range(FIRST_READING, LAST_READING + 1)]
    if [reading.id for reading in readings] != expected:
        yield f"Expected the readings {expected[0]} to {expected[-1]}, each once and in order."
    for reading in readings:
        if bool(reading.shown_by) == bool(reading.reason):
            yield f"{reading.id}: Expected either examples or a reason. Write one of them."
        for example in reading.shown_by:
            if not _exists(root, example):
                yield f"{reading.id}: Expected {example} but it does not exist. Correct the name."


def _exists(root: Path, example: str) -> bool:
    file, _, name = example.partition("::")
    path = root / file
    return path.is_file() and (not name or f"\ndef {name}(" in path.read_text(encoding="utf-8"))
