"""A running instance: the library's workflows, with flat scans instead of walks of the tree."""

from __future__ import annotations

import secrets
import sys
from collections import deque
from collections.abc import Mapping
from typing import Any

from workflow.engine.spiff.expressions import FeelEngine
from workflow.engine.spiff.faults import EndlessRun
from workflow.engine.spiff.library import (
    BoundaryEventJoin,
    BpmnSubWorkflow,
    BpmnTaskIterator,
    BpmnWorkflow,
    EndEventMixin,
    StartEventJoin,
    TaskState,
)
from workflow.engine.spiff.passage import Passages
from workflow.engine.spiff.routing import EventRouting
from workflow.engine.spiff.specification import ProcessSpecification
from workflow.engine.spiff.task import UNFINISHED, FlowTask, cancel_in_order
from workflow.engine.spiff.values import EndedBranches

MOST_AUTOMATIC_STEPS = 20_000
DEEPEST_CALL = 30


class _FlatTree:
    """What a process and the parts it calls have in common."""

    spec: ProcessSpecification
    tasks: dict[str, FlowTask]
    task_tree: FlowTask
    last_task: FlowTask | None
    data: dict[str, Any]
    completed: bool
    success: bool
    completed_event: Any
    ended_branches: EndedBranches

    def plant(self) -> None:
        """Begin: the root of the tree is ready to run."""
        self.task_tree = FlowTask(self, self.spec.start, state=TaskState.FUTURE)  # pyright: ignore[reportArgumentType]
        self.task_tree._ready()

    def tokens(self) -> list[FlowTask]:
        """The live tasks that can still lead somewhere."""
        return [
            task
            for task in self.tasks.values()
            if task._state & UNFINISHED
            and not isinstance(task.task_spec, BoundaryEventJoin | StartEventJoin)
        ]

    def is_completed(self) -> bool:
        """Whether an end was reached by the last token."""
        return self.completed

    def get_tasks_iterator(self, first_task: Any = None, **kwargs: Any) -> Any:
        """The library's walk without its limit of 1,000 levels, beyond which tasks are lost."""
        return BpmnTaskIterator(
            first_task or self.task_tree, **{"max_depth": sys.maxsize, **kwargs}
        )

    def update_waiting_tasks(self) -> None:
        """Look again at what depends on other branches: inclusive joins, conditional events."""
        if not self.spec.rechecked:
            return
        for task in list(self.tasks.values()):
            if task._state == TaskState.WAITING and task.task_spec.name in self.spec.rechecked:
                task.task_spec._update(task)

    def collect_log_extras(self, dct: Any = None) -> dict[str, Any]:
        """Nothing: the library would walk the tree."""
        return {}

    def _mark_complete(self, task: FlowTask) -> None:
        task.data = self.ended_branches.over(task.data)
        self.data.update(task.data)
        self.completed = True

    def cancel_all(self) -> None:
        """Cancel every live task."""
        self.completed = True
        cancel_in_order([task for task in self.tasks.values() if task._state & UNFINISHED])


class RunningPart(_FlatTree, BpmnSubWorkflow):
    """An embedded sub-process or a called process, within its instance."""

    def __init__(
        self, spec: ProcessSpecification, parent_task_id: str, top_workflow: RunningProcess
    ) -> None:
        BpmnSubWorkflow.__init__(self, spec, parent_task_id, top_workflow, deserializing=True)
        self.ended_branches = EndedBranches()
        if self.depth > DEEPEST_CALL:
            raise EndlessRun(
                f"Expected processes to call each other at most {DEEPEST_CALL} deep but "
                f"{spec.name} goes deeper. Check that no process calls itself."
            )

    def cancel(self, success: bool = False) -> list[FlowTask]:
        """Cancel the part (called by the library when its activity is cancelled)."""
        self.cancel_all()
        return []


class RunningProcess(_FlatTree, BpmnWorkflow):
    """One instance: its top process and all the parts that live in it."""

    def __init__(
        self,
        spec: ProcessSpecification,
        specifications: Mapping[str, ProcessSpecification],
        engine: FeelEngine,
    ) -> None:
        self.id_prefix = secrets.token_hex(12)
        self.task_count = 0
        self.change_count = 0
        self.ready: deque[FlowTask] = deque()
        self.passages = Passages()
        self.ended: str | None = None
        BpmnWorkflow.__init__(self, spec, specifications, script_engine=engine, deserializing=True)
        self.event_manager = EventRouting(self)
        self.ended_branches = EndedBranches()

    @property
    def engine(self) -> FeelEngine:
        """The expressions of this turn."""
        return self.script_engine  # pyright: ignore[reportReturnType]

    def parts(self) -> list[RunningProcess | RunningPart]:
        """The top process and every part below it."""
        return [self, *self.subprocesses.values()]

    def next_task_id(self) -> str:
        """A new id; ids of one instance share a random prefix, which keeps the state small."""
        self.task_count += 1
        return f"{self.id_prefix}{self.task_count:08x}"

    def next_change(self) -> int:
        """The rank of a change of state."""
        self.change_count += 1
        return self.change_count

    def state_changed(self, task: FlowTask, before: int, after: int) -> None:
        """Queue what became ready and note what was passed."""
        if after == TaskState.READY and not task.task_spec.manual:
            self.ready.append(task)
        if before != after:
            self.passages.note(task, before, after)

    def find(self, task_id: str) -> FlowTask | None:
        """The task with that id, wherever it lives."""
        for part in self.parts():
            task = part.tasks.get(task_id)
            if task is not None:
                return task
        return None

    def run_to_waits(self) -> None:
        """Run what is ready, in the order in which it became ready, until all wait."""
        for part in self.parts():
            part.update_waiting_tasks()
        for _ in range(MOST_AUTOMATIC_STEPS):
            if not self.ready:
                return
            task = self.ready.popleft()
            live = task._state == TaskState.READY and not task.workflow.completed
            if live and task.id in task.workflow.tasks:
                task.run()
        raise EndlessRun(
            f"Expected {self.spec.name} to reach a wait within {MOST_AUTOMATIC_STEPS} automatic "
            "steps but it still runs. Check its loops for one without a task or an event."
        )

    def create_subprocess(self, my_task: FlowTask, spec_name: str) -> RunningPart:
        """Begin a part (called by the library when its activity begins)."""
        part = RunningPart(self.subprocess_specs[spec_name], my_task.id, self)
        self.subprocesses[my_task.id] = part
        part.plant()
        return part

    def drop_part(self, holder_id: str) -> None:
        """Forget a part whose activity is over."""
        del self.subprocesses[holder_id]

    def _task_completed_notify(self, task: FlowTask) -> None:
        if isinstance(task.task_spec, EndEventMixin):
            self.ended = task.task_spec.bpmn_id
        super()._task_completed_notify(task)
