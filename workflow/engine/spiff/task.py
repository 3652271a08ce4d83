"""A task of the running tree: the library's, without its wall clock, its logs and its guesses.

The library predicts every path a process might take and keeps these guesses in the tree. Here a
task gets its children when it runs, so the tree holds what is passed and what is live, nothing
else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workflow.engine.spiff.library import Task, TaskState

if TYPE_CHECKING:
    from workflow.engine.spiff.running import RunningPart, RunningProcess

UNFINISHED = TaskState.NOT_FINISHED_MASK
FINISHED = TaskState.FINISHED_MASK


class FlowTask(Task):
    """One passage of one element; ``id`` is unique in the world (32 hexadecimal digits).

    ``last_state_change`` counts changes of the instance, it is not a time: what came first is
    all that joins need to know.
    """

    def __init__(
        self,
        workflow: RunningProcess | RunningPart,
        task_spec: Any,
        parent: FlowTask | None = None,
        state: int = TaskState.MAYBE,
        id: str | None = None,
    ) -> None:
        top = workflow.top_workflow
        self.id: str = id or top.next_task_id()
        self.workflow = workflow
        self.task_spec = task_spec
        self.thread_id = 0
        self.triggered = False
        self.data: dict[str, Any] = {}
        self.internal_data: dict[str, Any] = {}
        self.last_state_change = top.next_change()
        self.decision: dict[str, Any] | None = None
        self._state = state
        self._children: list[str] = []
        self._parent = None if parent is None else parent.id
        workflow.tasks[self.id] = self
        if parent is not None:
            parent._children.append(self.id)

    def collect_log_extras(self, dct: dict[str, Any] | None = None) -> dict[str, Any]:
        """Nothing: the library builds this on each change of state, logging or not."""
        return {}

    def _add_child(self, task_spec: Any, state: int = TaskState.MAYBE) -> FlowTask:
        child = FlowTask(self.workflow, task_spec, self, state=state)
        if state == TaskState.READY:
            child._ready()
        return child

    def _set_state(self, value: int) -> None:
        before = self._state
        if value != before:
            self._state = value
            self.last_state_change = self.workflow.top_workflow.next_change()
        self.workflow.top_workflow.state_changed(self, before, value)

    def _inherit_data(self) -> None:
        """The parent's variables over one's own; the values below are shared, never modified."""
        parent = self.parent
        if parent is not None:
            self.data = {**self.data, **parent.data}

    def run(self) -> bool | None:
        """Grow the children this task leads to, then execute it."""
        self.task_spec._predict_hook(self)
        return super().run()

    def cancel(self) -> None:
        """Cancel what is unfinished here and below, called processes included."""
        below: list[FlowTask] = [self]
        for task in below:
            below.extend(task.children)
        cancel_in_order([task for task in below if task._state & UNFINISHED])

    def find_ancestor(self, spec_name: str) -> FlowTask | None:
        """The nearest ancestor with that specification (the library recurses)."""
        node = self.parent
        while node is not None and node.task_spec.name != spec_name:
            node = node.parent
        return node

    def is_descendant_of(self, task: FlowTask) -> bool:
        """Whether a task is an ancestor of this one (the library recurses)."""
        node = self.parent
        while node is not None:
            if node is task:
                return True
            node = node.parent
        return False

    def path(self) -> list[FlowTask]:
        """From the root to this task."""
        nodes: list[FlowTask] = []
        node: FlowTask | None = self
        while node is not None:
            nodes.append(node)
            node = node.parent
        return nodes[::-1]


def cancel_in_order(tasks: list[FlowTask]) -> None:
    """Cancel live tasks, those first that moved first, whatever the shape of the tree."""
    for task in sorted(tasks, key=lambda task: task.last_state_change):
        if task._state & UNFINISHED:
            task._set_state(TaskState.CANCELLED)
            task.task_spec._on_cancel(task)


def common_ancestor(tasks: list[FlowTask]) -> FlowTask:
    """The last task that all of these passed through."""
    meeting = tasks[0].workflow.task_tree
    for level in zip(*(task.path() for task in tasks), strict=False):
        if any(node is not level[0] for node in level):
            break
        meeting = level[0]
    return meeting


def branching_point(task: FlowTask, others: list[FlowTask]) -> FlowTask:
    """The last ancestor of a task that leads to any of the others as well."""
    shared: set[str] = set()
    for other in others:
        node: FlowTask | None = other
        while node is not None and node.id not in shared:
            shared.add(node.id)
            node = node.parent
    node = task.parent
    while node is not None:
        if node.id in shared:
            return node
        node = node.parent
    return task.workflow.task_tree
