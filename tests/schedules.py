"""Random schedules: the same acts on three twins of an instance, which must stay equal.

One twin lives in memory and is never stored; one is stored whole and loaded again before each
act; one is stored without its finished history, as in production. Whatever happens, they must
offer the same tasks, wait for the same timers and messages, hold the same variables, pass the
same elements, call the same operations and reach the same ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from workflow.engine.spiff import Diagrams, Flow, OpenTask, OperationCall, TurnEnvironment

BEGINNING = datetime(2022, 10, 3, 8, tzinfo=UTC)
PAUSES = [timedelta(0), timedelta(hours=5), timedelta(hours=30), timedelta(days=6)]


@dataclass
class World:
    """What lies outside the instance, the same for all twins: an instant, a clock that stands."""

    now: datetime = BEGINNING
    standing: bool = False


@dataclass(frozen=True)
class Answer:
    """What a person fills in: visible for one turn, and the variables that stay."""

    seen: Mapping[str, Any] = field(default_factory=dict[str, Any])
    kept: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Stage:
    """What schedules play on.

    ``operations`` and ``functions`` must depend on nothing but the world and their arguments.
    """

    diagrams: Diagrams
    process_id: str
    answers: Callable[[Random, OpenTask], Answer]
    operations: Callable[[World, OperationCall], Any]
    functions: Callable[[World], Mapping[str, Callable[..., Any]]]
    variables: Mapping[str, Any] = field(default_factory=dict[str, Any])
    constants: Mapping[str, Any] = field(default_factory=dict[str, Any])
    payloads: Callable[[Random, str], Mapping[str, Any]] = lambda random, message: {}
    clock: str = "instruction"


class Twin:
    """One of the three lives of an instance."""

    def __init__(self, stage: Stage, world: World, stored: bool, pruned: bool) -> None:
        self.stage, self.world = stage, world
        self.stored, self.pruned = stored, pruned
        self.calls: list[tuple[str, Any, str]] = []
        self.environment = self._turn({}, False)
        self.flow: Flow = stage.diagrams.start(
            stage.process_id, self.environment, dict(stage.variables)
        )
        self.bytes = 0
        self._steps = self._sent = 0
        self.flow.run()

    def _turn(self, seen: Mapping[str, Any], held: bool) -> TurnEnvironment:
        return TurnEnvironment(
            effective_at=self.world.now,
            functions=self.stage.functions(self.world),
            perform=self._perform,
            answer=seen,
            constants=self.stage.constants,
            held=held,
        )

    def _perform(self, call: OperationCall) -> Any:
        self.calls.append((call.operation, call.parameters, call.element_id))
        return self.stage.operations(self.world, call)

    def turn(self, seen: Mapping[str, Any] | None = None, held: bool = False) -> Flow:
        """The instance at the beginning of a turn."""
        self.calls.clear()
        if not self.stored:
            # The same environment object for life: an instance in memory has but one.
            fresh = self._turn(seen or {}, held)
            vars(self.environment).update(vars(fresh))
            self._steps, self._sent = len(self.flow.steps()), len(self.flow.sent())
            return self.flow
        content = self.flow.dump(prune=self.pruned)
        self.bytes = len(content)
        environment = self._turn(seen or {}, held)
        self.flow = self.stage.diagrams.load(self.stage.process_id, content, environment)
        self._steps = self._sent = 0
        return self.flow

    def task(self, place: tuple[str, int]) -> str | None:
        """The id, in this twin, of the n-th open task of an element."""
        element_id, number = place
        same = [task for task in self.flow.open_tasks() if task.element_id == element_id]
        return same[number].task_id if number < len(same) else None

    def timer(self, place: tuple[str, int]) -> str | None:
        """The id, in this twin, of the n-th timer of an element."""
        element_id, number = place
        same = [timer for timer in self.flow.timers() if timer.element_id == element_id]
        return same[number].timer_id if number < len(same) else None

    def facts(self) -> dict[str, Any]:
        """All that the outside can see of the instance, without ids."""
        flow = self.flow
        tasks = [
            (t.element_id, t.process_id, t.role, t.form_key, t.due and t.due.due_at)
            for t in flow.open_tasks()
        ]
        timers = [
            (t.element_id, t.process_id, t.due_at, t.last_day, t.deadline_id, t.interrupting)
            for t in flow.timers()
        ]
        return {
            "tasks": sorted(tasks, key=str),
            "timers": sorted(timers, key=str),
            "messages": sorted((h.message, h.element_id) for h in flow.listeners()),
            "ended": flow.ended,
            "completed": flow.completed,
            "variables": flow.variables(),
            "steps": [(s.element_id, s.outcome, s.decision) for s in flow.steps()[self._steps :]],
            "sent": [(m.name, m.payload) for m in flow.sent()[self._sent :]],
            "calls": list(self.calls),
        }


@dataclass
class Played:
    """How a schedule went."""

    ended: str | None
    acts: int
    largest: int
    """The largest stored state, in bytes."""


def play(stage: Stage, seed: int, acts: int = 40) -> Played:
    """One schedule; AssertionError where the twins differ."""
    random, world = Random(seed), World()
    twins = [
        Twin(stage, world, stored=False, pruned=False),
        Twin(stage, world, stored=True, pruned=False),
        Twin(stage, world, stored=True, pruned=True),
    ]
    history: list[Any] = ["start"]
    _compare(twins, seed, history)
    largest = 0
    for _ in range(acts):
        if twins[0].flow.completed:
            break
        act = _choose(random, stage, twins[0], world)
        history.append((act.__name__, world.now.isoformat()))
        outcomes = [act(twin) for twin in twins]
        history.append(outcomes[0])
        assert outcomes[0] == outcomes[1] == outcomes[2], (seed, history, outcomes)
        _compare(twins, seed, history)
        largest = max(largest, twins[2].bytes)
    return Played(twins[0].flow.ended, len(history) // 2, largest)


def _compare(twins: list[Twin], seed: int, history: list[Any]) -> None:
    memory, whole, pruned = (twin.facts() for twin in twins)
    for name, value in memory.items():
        assert whole[name] == value, (seed, name, history[-8:], value, whole[name])
        assert pruned[name] == value, (seed, name, history[-8:], value, pruned[name])


Act = Callable[[Twin], Any]


def _choose(random: Random, stage: Stage, twin: Twin, world: World) -> Act:
    """The next act, drawn from what the instance offers; the world moves now."""
    kinds = [_complete] * 6 + [_message] * 3 + [_fire, _follow, _held]
    while True:
        act = random.choice(kinds)(random, stage, twin, world)
        if act is not None:
            return act


def _complete(random: Random, stage: Stage, twin: Twin, world: World) -> Act | None:
    tasks = twin.flow.open_tasks()
    if not tasks:
        return None
    chosen = random.choice(tasks)
    same = [task.task_id for task in tasks if task.element_id == chosen.element_id]
    place = (chosen.element_id, same.index(chosen.task_id))
    answer = stage.answers(random, chosen)
    world.now += random.choice(PAUSES)

    def complete(twin: Twin) -> Any:
        flow = twin.turn(answer.seen)
        task_id = twin.task(place)
        assert task_id is not None
        flow.complete(task_id, answer.kept)
        flow.run()
        return place

    return complete


def _fire(random: Random, stage: Stage, twin: Twin, world: World) -> Act | None:
    timers = [timer for timer in twin.flow.timers() if timer.due_at is not None]
    if not timers:
        return None
    chosen = timers[0] if random.random() < 0.95 else random.choice(timers)
    same = [timer.timer_id for timer in timers if timer.element_id == chosen.element_id]
    place = (chosen.element_id, same.index(chosen.timer_id))
    if chosen.due_at is not None:
        world.now = max(world.now, chosen.due_at)

    def fire(twin: Twin) -> Any:
        flow = twin.turn()
        timer_id = twin.timer(place)
        assert timer_id is not None
        fired = flow.fire(timer_id)
        flow.run()
        return place, fired

    return fire


def _message(random: Random, stage: Stage, twin: Twin, world: World) -> Act | None:
    heard = sorted({listener.message for listener in twin.flow.listeners()})
    # What ends an instance would end most schedules early.
    heard = [m for m in heard if m not in ("withdraw", "exclude") or random.random() < 0.02]
    if not heard:
        return _nothing(random, stage, twin, world) if random.random() < 0.1 else None
    name = random.choice(heard)
    payload = stage.payloads(random, name)
    world.now += random.choice(PAUSES)

    def message(twin: Twin) -> Any:
        flow = twin.turn(payload)
        received = flow.receive(name, payload)
        flow.run()
        return name, received

    return message


def _nothing(random: Random, stage: Stage, twin: Twin, world: World) -> Act:
    world.now += random.choice(PAUSES)

    def nothing(twin: Twin) -> Any:
        flow = twin.turn()
        unheard = flow.receive("nobody listens to this", {})
        flow.run()
        return unheard

    return nothing


def _follow(random: Random, stage: Stage, twin: Twin, world: World) -> Act:
    world.standing = random.random() < 0.5
    world.now += random.choice(PAUSES)

    def follow(twin: Twin) -> Any:
        flow = twin.turn()
        moved = flow.follow(stage.clock)
        flow.run()
        return moved

    return follow


def _held(random: Random, stage: Stage, twin: Twin, world: World) -> Act:
    message = random.choice(["withdraw", "college_decided", "nobody listens to this"])
    if random.random() < 0.9:
        message = "nobody listens to this"

    def held(twin: Twin) -> Any:
        flow = twin.turn(held=True)
        offered = (flow.open_tasks(), flow.timers())
        received = flow.receive(message, {})
        flow.run()
        ended = flow.ended
        twin.turn()
        return offered, received, ended

    return held
