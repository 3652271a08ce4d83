"""A scenario as it is written: YAML, read strictly, with every fault named."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from workflow import strict_yaml
from workflow.clock import PARIS, UTC
from workflow.errors import InvalidInput

ACTS = ("start", "complete", "send", "convene", "reopen", "set", "restore_rank")
NAMING = ("reopen", "restore_rank")
"""Acts whose target is a dossier of the scenario."""
TOP_KEYS = frozenset(("scenario", "campaign", "rules", "parameters", "steps"))
STEP_KEYS = frozenset(
    (
        "at",
        "until",
        "actor",
        "dossier",
        "of",
        "with",
        "decide",
        "expect",
        "reason",
        "basis",
        "moves_running",
        "past",
        *ACTS,
    )
)
EXPECT_KEYS = frozenset(
    (
        "waiting",
        "waits_for",
        "flags",
        "queue",
        "ended",
        "refused",
        "notified",
        "events",
        "due",
        "clock",
        "variables",
    )
)
DECISION_KEYS = frozenset(("outcome", "reservations", "reasons", "recused", "no_conflict"))
REFUSALS = ("not_allowed", "not_found", "invalid_answer", "conflict", "out_of_time")
LARGEST = 1_000_000
DEFAULT = "default"
YEARS = range(2000, 2200)
"""Where holidays are known and the calendar of the law is the present one."""


class InvalidScenario(InvalidInput):
    """A scenario that cannot be read or asks for what does not exist."""

    code = "invalid_scenario"


@dataclass(frozen=True)
class Step:
    """One moment of a story: an act, or only time that passes, and what is expected then."""

    number: int
    at: datetime
    act: str | None
    target: str | None
    dossier: str
    actor: str | None
    of: str | None
    answer: Mapping[str, Any]
    decide: Mapping[str, Any]
    expect: Mapping[str, Any]
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    reason: str | None = None
    basis: str | None = None
    moves_running: bool = False
    past: str | None = None


@dataclass(frozen=True)
class Scenario:
    """A whole story."""

    name: str
    campaign: str
    steps: tuple[Step, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    source: str = ""
    rules: tuple[int, ...] = ()
    """Numbers of the rules that the story shows; they change nothing in how it is played."""

    @property
    def dossiers(self) -> tuple[str, ...]:
        """The names of the dossiers that are started, in order."""
        started = [step.dossier for step in self.steps if step.act in ("start", "reopen")]
        return tuple(dict.fromkeys(started))


def read(path: Path) -> Scenario:
    """Read one scenario; raises InvalidScenario with the place of the first fault."""
    if not path.is_file():
        raise InvalidScenario(
            f"Expected a scenario at {path} but there is no file. Check the path."
        )
    if path.stat().st_size > LARGEST:
        raise InvalidScenario(f"Expected at most {LARGEST} bytes in {path.name}. Split it.")
    try:
        document = strict_yaml.load(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as fault:
        raise InvalidScenario(f"Expected UTF-8 text in {path.name}. Save it again.") from fault
    except strict_yaml.InvalidYaml as fault:
        raise InvalidScenario(f"{path.name}: {fault}") from fault
    return parse(document, path.name)


def parse(document: object, source: str = "scenario") -> Scenario:
    """Understand a scenario that was read; raises InvalidScenario."""
    top = _mapping(document, source)
    _known(top, TOP_KEYS, source)
    name, campaign, steps = top.get("scenario"), top.get("campaign"), top.get("steps")
    if not isinstance(name, str) or not name.strip():
        raise InvalidScenario(f"Expected a sentence under 'scenario' in {source}. Name the story.")
    if not isinstance(campaign, str):
        raise InvalidScenario(f"Expected a campaign's id under 'campaign' in {source}. Add it.")
    if not isinstance(steps, list) or not steps:
        raise InvalidScenario(f"Expected a list of steps in {source}. Add at least one step.")
    parsed = [_step(number, step, source) for number, step in enumerate(steps, 1)]
    for before, after in itertools.pairwise(parsed):
        if after.at < before.at:
            raise InvalidScenario(
                f"Expected step {after.number} of {source} at or after step {before.number}"
                " but its time is earlier. Times never decrease."
            )
    if not any(step.expect for step in parsed):
        raise InvalidScenario(
            f"Expected an 'expect' in {source}: a story that expects nothing"
            " shows nothing. Add one."
        )
    parameters = _mapping(top.get("parameters") or {}, f"{source}, parameters")
    return Scenario(name, campaign, tuple(parsed), parameters, source, _rules(top, source))


def _rules(top: Mapping[str, Any], source: str) -> tuple[int, ...]:
    rules = top.get("rules", [])
    if not isinstance(rules, list) or any(type(rule) is not int or rule < 1 for rule in rules):
        raise InvalidScenario(
            f"Expected numbers of rules under 'rules' in {source} but found {rules!r}."
            " Write [53, 66]."
        )
    return tuple(rules)


def _step(number: int, step: object, source: str) -> Step:
    where = f"{source}, step {number}"
    values = _mapping(step, where)
    _known(values, STEP_KEYS, where)
    acts = [key for key in ACTS if key in values]
    if ("at" in values) == ("until" in values):
        raise InvalidScenario(f"Expected either 'at' or 'until' in {where}. Write one of them.")
    if len(acts) > 1 or ("until" in values and acts):
        raise InvalidScenario(f"Expected at most one act, with 'at', in {where}. Split the step.")
    if "at" in values and not acts:
        raise InvalidScenario(f"Expected an act with 'at' in {where}. Without one, write 'until'.")
    act = acts[0] if acts else None
    expect = _mapping(values.get("expect") or {}, f"{where}, expect")
    _known(expect, EXPECT_KEYS, f"{where}, expect")
    if expect.get("refused") is not None and expect["refused"] not in REFUSALS:
        raise InvalidScenario(f"Expected 'refused' among {', '.join(REFUSALS)} in {where}.")
    return Step(
        number=number,
        at=instant(values.get("at", values.get("until")), where),
        act=act,
        target=_text(values.get(act), f"{where}, {act}") if act and act != "set" else None,
        dossier=_text(values.get("dossier", _named(values, act)), f"{where}, dossier"),
        actor=_text(values["actor"], f"{where}, actor") if values.get("actor") else None,
        of=_text(values["of"], f"{where}, of") if values.get("of") else None,
        answer=_mapping(values.get("with") or {}, f"{where}, with"),
        decide=_decisions(values.get("decide") or {}, f"{where}, decide"),
        expect=expect,
        parameters=_mapping(values["set"], f"{where}, set") if act == "set" else {},
        reason=_text(values["reason"], f"{where}, reason") if values.get("reason") else None,
        basis=_text(values["basis"], f"{where}, basis") if values.get("basis") else None,
        moves_running=_yes_or_no(values.get("moves_running", False), f"{where}, moves_running"),
        past=_text(values["past"], f"{where}, past") if values.get("past") else None,
    )


def _named(values: Mapping[str, Any], act: str | None) -> Any:
    """The dossier a step is about when it does not say: the one its act names."""
    return values[act] if act in NAMING else DEFAULT


def instant(value: object, where: str) -> datetime:
    """An instant as written, in Paris when it has no offset; a date alone is its midnight."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            value = None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time(), PARIS)
    if not isinstance(value, datetime) or value.year not in YEARS:
        raise InvalidScenario(
            f"Expected an instant such as 2022-10-27T10:00, in the years {YEARS.start} to"
            f" {YEARS.stop - 1}, in {where}. Correct it."
        )
    return (value if value.tzinfo else value.replace(tzinfo=PARIS)).astimezone(UTC)


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise InvalidScenario(f"Expected keys and values in {where}. Correct the indentation.")
    return value


def _decisions(value: object, where: str) -> Mapping[str, Any]:
    decided = _mapping(value, where)
    for name, decision in decided.items():
        if isinstance(decision, str):
            continue
        given = _mapping(decision, f"{where}, {name}")
        _known(given, DECISION_KEYS, f"{where}, {name}")
        _text(given.get("outcome"), f"{where}, {name}, outcome")
        reservations = given.get("reservations") or []
        if not isinstance(reservations, list):
            raise InvalidScenario(f"Expected a list of reservations in {where}, {name}. Write [].")
        for item in reservations:
            if not isinstance(item, str):
                _mapping(item, f"{where}, {name}, reservations")
    return decided


def _known(values: Mapping[str, Any], known: set[str] | frozenset[str], where: str) -> None:
    unknown = sorted(set(values) - known)
    if unknown:
        raise InvalidScenario(
            f"Expected only {', '.join(sorted(known))} in {where} but found {', '.join(unknown)}."
            " Correct the spelling."
        )


def _yes_or_no(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise InvalidScenario(f"Expected true or false in {where}. Correct it.")
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidScenario(f"Expected a word in {where}. Add it.")
    return value
