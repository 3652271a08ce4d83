"""What a step expects, compared with what is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow import feel
from workflow.audit_log import AuditEntry, chain_of
from workflow.clock import PARIS
from workflow.domain import clock_ledger, instruction_queue
from workflow.domain.dossier import Flag
from workflow.domain.notification import Notification
from workflow.engine import human_tasks, instances
from workflow.engine.diagrams import load
from workflow.engine.spiff import TurnEnvironment
from workflow.engine.waiting import HumanTask, MessageWait
from workflow.errors import JalonError
from workflow.scenarios.acts import Stage
from workflow.scenarios.file import DEFAULT, InvalidScenario, Step, instant

NO_DOSSIER = 0


@dataclass(frozen=True)
class Since:
    """Where the log and the notifications stood before the step."""

    audit_id: int
    notification_id: int


@dataclass(frozen=True)
class Look:
    """What an expectation looks at: one dossier, now."""

    session: Session
    stage: Stage
    since: Since
    dossier_id: int
    now: datetime


def differences(
    session: Session, stage: Stage, step: Step, since: Since, refused: JalonError | None
) -> list[str]:
    """What came otherwise than the step expects, as sentences."""
    found: list[str] = []
    wanted = step.expect.get("refused")
    code = refused.code if refused else None
    if wanted != code and (refused is not None or "refused" in step.expect):
        why = f" ({refused})" if refused else ""
        found.append(f"refused: expected {wanted or 'no refusal'} but got {code or 'none'}{why}")
    for key, value in step.expect.items():
        if key == "refused":
            continue
        if key == "queue":
            _compare(found, key, _names(value, key), _queue(session, stage))
            continue
        for name, wish in _per_dossier(stage, step, value):
            look = Look(session, stage, since, _id_of(stage, name), step.at)
            label = key if name == step.dossier else f"{key} of {name}"
            _CHECKS[key](found, label, wish, look)
    return found


def _per_dossier(stage: Stage, step: Step, value: Any) -> list[tuple[str, Any]]:
    several = (step.act in (None, "convene")) and isinstance(value, Mapping) and value
    if several and all(name in stage.known for name in value):
        return list(value.items())
    name = step.dossier
    if name == DEFAULT and name not in stage.dossiers and len(stage.dossiers) == 1:
        name = next(iter(stage.dossiers))
    return [(name, value)]


def _id_of(stage: Stage, name: str) -> int:
    """A dossier's id; one whose start was refused has nothing, so that nothing is found of it."""
    return NO_DOSSIER if _refused_start(stage, name) else stage.dossier_id(name)


def _refused_start(stage: Stage, name: str) -> bool:
    return name in stage.known and name not in stage.dossiers


def _compare(found: list[str], key: str, wanted: Any, got: Any) -> None:
    if wanted != got:
        found.append(f"{key}: expected {_words(wanted)} but got {_words(got)}")


def _words(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(PARIS).isoformat()
    if isinstance(value, list):
        return "[" + ", ".join(_words(item) for item in value) + "]"
    return str(value)


def _names(value: Any, key: str) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise InvalidScenario(f"Expected a list under {key} but found {value!r}. Write [a, b].")
    return [str(item) for item in value]


def _map(value: Any, key: str, shape: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidScenario(f"Expected {shape} under {key} but found {value!r}. Correct it.")
    return value


def _waiting(found: list[str], key: str, wanted: Any, look: Look) -> None:
    open_tasks = human_tasks.open_of_dossier(look.session, look.dossier_id)
    got = sorted(task.element_id for task in open_tasks)
    _compare(found, key, sorted(_names(wanted, key)), got)


def _waits_for(found: list[str], key: str, wanted: Any, look: Look) -> None:
    got = look.session.scalars(
        select(MessageWait.message).where(
            MessageWait.dossier_id == look.dossier_id, MessageWait.boundary.is_(False)
        )
    ).all()
    _compare(found, key, sorted(_names(wanted, key)), sorted(got))


def _flags(found: list[str], key: str, wanted: Any, look: Look) -> None:
    got = look.session.scalars(select(Flag.flag).where(Flag.dossier_id == look.dossier_id)).all()
    _compare(found, key, sorted(_names(wanted, key)), sorted(got))


def _queue(session: Session, stage: Stage) -> list[str]:
    names = {dossier_id: name for name, dossier_id in stage.dossiers.items()}
    return [
        names.get(entry.dossier_id, f"#{entry.dossier_id}")
        for entry in instruction_queue.ordered(session, stage.campaign.id)
    ]


def _ended(found: list[str], key: str, wanted: Any, look: Look) -> None:
    end = None
    if look.dossier_id != NO_DOSSIER:
        end = instances.of_dossier(look.session, look.dossier_id).end
    _compare(found, key, wanted, end)


def _notified(found: list[str], key: str, wanted: Any, look: Look) -> None:
    got = look.session.scalars(
        select(Notification.role).where(
            Notification.dossier_id == look.dossier_id,
            Notification.id > look.since.notification_id,
        )
    ).all()
    _contained(found, key, _names(wanted, key), set(got))


def _events(found: list[str], key: str, wanted: Any, look: Look) -> None:
    got = look.session.scalars(
        select(AuditEntry.kind).where(
            AuditEntry.chain == chain_of(look.dossier_id), AuditEntry.id > look.since.audit_id
        )
    ).all()
    _contained(found, key, _names(wanted, key), set(got))


def _contained(found: list[str], key: str, wanted: list[str], got: set[str]) -> None:
    missing = [item for item in wanted if item not in got]
    if missing:
        found.append(f"{key}: expected {', '.join(missing)} among {', '.join(sorted(got)) or '-'}")


def _due(found: list[str], key: str, wanted: Any, look: Look) -> None:
    wanted = _map(wanted, key, "task: date")
    tasks = {t.element_id: t for t in human_tasks.open_of_dossier(look.session, look.dossier_id)}
    for element_id, wish in wanted.items():
        task = tasks.get(element_id)
        got = None if task is None else _due_as(wish, task)
        _compare(found, f"{key} of {element_id}", _date_or_instant(wish, key), got)


def _due_as(wish: Any, task: HumanTask) -> date | datetime | None:
    if _is_day(wish):
        if task.due_day is None and task.due_at is not None:
            return task.due_at.astimezone(PARIS).date()
        return task.due_day
    return task.due_at


def _is_day(value: Any) -> bool:
    if isinstance(value, str):
        return len(value.strip()) == len("2022-11-07")
    return isinstance(value, date) and not isinstance(value, datetime)


def _date_or_instant(value: Any, where: str) -> Any:
    if value is None:
        return None
    if _is_day(value):
        return date.fromisoformat(value.strip()) if isinstance(value, str) else value
    return instant(value, where)


def _clock(found: list[str], key: str, wanted: Any, look: Look) -> None:
    for clock, given in _map(wanted, key, "clock: {active, running}").items():
        wishes = _map(given, f"{key} {clock}", "{active, running}")
        if not wishes or set(wishes) - {"active", "running"}:
            raise InvalidScenario(f"Expected active or running under {key} {clock}. Correct it.")
        active = clock_ledger.active_time(look.session, look.dossier_id, clock, look.now)
        running = clock_ledger.is_running(look.session, look.dossier_id, clock)
        if "active" in wishes:
            _compare(found, f"{key} {clock} active", _duration(wishes["active"]), active)
        if "running" in wishes:
            _compare(found, f"{key} {clock} running", wishes["running"], running)


def _duration(text: Any) -> timedelta:
    value = feel.evaluate(f'@"{text}"', {}) if isinstance(text, str) and '"' not in text else None
    if not isinstance(value, timedelta):
        raise InvalidScenario(f"Expected a duration such as P3DT2H but found {text!r}.")
    return value


def _variables(found: list[str], key: str, wanted: Any, look: Look) -> None:
    wishes = _map(wanted, key, "name: value")
    got = {} if look.dossier_id == NO_DOSSIER else _variables_of(look)
    for name, wish in wishes.items():
        _compare(found, f"{key} {name}", _plain(wish), _plain(got.get(name)))


def _variables_of(look: Look) -> Mapping[str, Any]:
    instance = instances.of_dossier(look.session, look.dossier_id)
    diagrams = load(look.session, look.stage.runtime, instance.deployment_id)
    environment = TurnEnvironment(effective_at=look.now, functions={}, perform=lambda wanted: None)
    return diagrams.load(instance.process_id, instance.state, environment).variables()


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.astimezone(PARIS).isoformat() if value.tzinfo else value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


_CHECKS: Mapping[str, Callable[[list[str], str, Any, Look], None]] = {
    "waiting": _waiting,
    "waits_for": _waits_for,
    "flags": _flags,
    "ended": _ended,
    "notified": _notified,
    "events": _events,
    "due": _due,
    "clock": _clock,
    "variables": _variables,
}
