"""Lives one instance through acts, storing it after each, as production does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from workflow.engine.spiff import Diagrams, Flow, OperationCall, Step, TurnEnvironment

NOON = datetime(2022, 10, 27, 12, tzinfo=UTC)


class Life:
    """An instance of a process; ``now`` moves only when a test moves it."""

    def __init__(
        self,
        diagrams: Diagrams,
        process_id: str = "p",
        *,
        now: datetime = NOON,
        perform: Callable[[OperationCall], Any] = lambda call: None,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        constants: Mapping[str, Any] | None = None,
        **variables: Any,
    ) -> None:
        self.diagrams, self.process_id, self.now = diagrams, process_id, now
        self.perform, self.functions = perform, functions or {}
        self.constants = constants or {}
        self.calls: list[OperationCall] = []
        self.passed: list[Step] = []
        flow = diagrams.start(process_id, self.turn(), variables)
        self._end_of_turn(flow)

    def turn(self, **changes: Any) -> TurnEnvironment:
        def perform(call: OperationCall) -> Any:
            self.calls.append(call)
            return self.perform(call)

        return TurnEnvironment(
            self.now, self.functions, perform, constants=self.constants, **changes
        )

    def flow(self, **changes: Any) -> Flow:
        return self.diagrams.load(self.process_id, self.stored, self.turn(**changes))

    def _end_of_turn(self, flow: Flow) -> None:
        flow.run()
        self.passed += flow.steps()
        self.sent = flow.sent()
        self.stored = flow.dump()

    def do(self, element_id: str, answer: Mapping[str, Any] | None = None, **kept: Any) -> None:
        flow = self.flow(answer=answer or {})
        task = next(task for task in flow.open_tasks() if task.element_id == element_id)
        flow.complete(task.task_id, kept)
        self._end_of_turn(flow)

    def fire(self, element_id: str) -> bool:
        flow = self.flow()
        timer = next(timer for timer in flow.timers() if timer.element_id == element_id)
        fired = flow.fire(timer.timer_id)
        self._end_of_turn(flow)
        return fired

    def send(self, message: str, held: bool = False, **payload: Any) -> bool:
        flow = self.flow(held=held)
        heard = flow.receive(message, payload)
        self._end_of_turn(flow)
        return heard

    def follow(self, clock: str) -> bool:
        flow = self.flow()
        moved = flow.follow(clock)
        self._end_of_turn(flow)
        return moved

    @property
    def tasks(self) -> list[str]:
        return [task.element_id for task in self.flow().open_tasks()]

    @property
    def timers(self) -> dict[str, datetime | None]:
        return {timer.element_id: timer.due_at for timer in self.flow().timers()}

    @property
    def messages(self) -> list[str]:
        return [listener.message for listener in self.flow().listeners()]

    @property
    def variables(self) -> dict[str, Any]:
        return self.flow().variables()

    @property
    def ended(self) -> str | None:
        return self.flow().ended

    def outcomes(self, element_id: str) -> list[str]:
        return [step.outcome for step in self.passed if step.element_id == element_id]
