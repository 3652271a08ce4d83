"""Cutting finished history out of the running tree, so that a state never grows with age.

What is passed is in the audit log. Of the tree only this is needed to go on: what is live, the
parent of each live task (whose variables it may inherit, and whose element joins look at), and
the points where live branches parted (joins compare with the variables there).
"""

from __future__ import annotations

from workflow.engine.spiff.running import RunningPart, RunningProcess
from workflow.engine.spiff.task import FINISHED, UNFINISHED, FlowTask


def prune(process: RunningProcess) -> None:
    """Cut what is no longer needed; nothing that can still happen changes by it."""
    if process.ready:
        return
    _drop_ended_parts(process)
    for part in process.parts():
        if part.completed:
            _keep_result(part)
        else:
            _prune_tree(part)


def _drop_ended_parts(process: RunningProcess) -> None:
    # Outer parts first: those within a dropped one then have no holder left.
    for holder_id, part in sorted(process.subprocesses.items(), key=lambda item: item[1].depth):
        holder = process.find(holder_id)
        if process.completed or holder is None or holder._state & FINISHED or part.completed:
            process.drop_part(holder_id)


def _keep_result(part: RunningProcess | RunningPart) -> None:
    """Of what is complete, only its variables are of use."""
    part.tasks = {part.task_tree.id: part.task_tree}
    part.task_tree._children = []
    part.task_tree.data = {}
    part.ended_branches.kept.clear()
    part.last_task = None


def _prune_tree(part: RunningProcess | RunningPart) -> None:
    kept = _needed(part)
    if len(kept) == len(part.tasks):
        return
    for task in kept.values():
        parent = task.parent
        while parent is not None and parent.id not in kept:
            parent = parent.parent
        task._parent = None if parent is None else parent.id
        task._children = []
    # The order of the old mapping puts parents before children, and siblings in their order.
    part.tasks = {task_id: task for task_id, task in part.tasks.items() if task_id in kept}
    for task in part.tasks.values():
        if task._parent is not None:
            part.tasks[task._parent]._children.append(task.id)
    if part.last_task is not None and part.last_task.id not in part.tasks:
        part.last_task = None


def _needed(part: RunningProcess | RunningPart) -> dict[str, FlowTask]:
    """The root, the live tasks, their parents, and where branches with live tasks parted."""
    kept: dict[str, FlowTask] = {part.task_tree.id: part.task_tree}
    passed: dict[str, FlowTask] = {}
    for task in part.tasks.values():
        if not task._state & UNFINISHED:
            continue
        kept[task.id] = task
        parent = task.parent
        if parent is not None:
            kept[parent.id] = parent
        below: FlowTask = task
        while (node := below.parent) is not None:
            before = passed.setdefault(node.id, below)
            if before is not below:
                kept[node.id] = node
            below = node
    return kept
