"""The variables of an instance as a whole."""

from __future__ import annotations

from typing import Any

from workflow.engine.spiff.running import RunningPart, RunningProcess
from workflow.engine.spiff.task import UNFINISHED, FlowTask
from workflow.engine.spiff.values import changes, storable_variables

Branch = tuple[int, dict[str, Any]]
"""When a branch last moved, and its variables."""


def variables(process: RunningProcess) -> dict[str, Any]:
    """The variables of the live branches, merged; those of the end when it is complete.

    Where branches parted, what each changed since then counts; of two that changed the same
    variable, the one that moved last.
    """
    if process.completed:
        return storable_variables(process.data)
    return storable_variables(_of_part(process, process)[1])


def _of_part(process: RunningProcess, part: RunningProcess | RunningPart) -> Branch:
    found: dict[str, Branch] = {}
    # Parents come before their children in the mapping: backwards, branches before their stem.
    for task in reversed(part.tasks.values()):
        below = [found[child] for child in task._children if child in found]
        if task._state & UNFINISHED:
            own = process.subprocesses.get(task.id)
            stem = task.data if own is None else _of_part(process, own)[1]
            found[task.id] = _merged(stem, [(task.last_state_change, stem), *below])
        elif below:
            found[task.id] = below[0] if len(below) == 1 else _merged(task.data, below)
    moved, data = found.get(part.task_tree.id, _nothing_live(part.task_tree))
    return moved, part.ended_branches.over(data)


def _nothing_live(root: FlowTask) -> Branch:
    return root.last_state_change, root.data


def _merged(stem: dict[str, Any], branches: list[Branch]) -> Branch:
    merged = dict(stem)
    ordered = sorted(branches, key=lambda branch: branch[0])
    for _, data in ordered:
        merged.update(changes(stem, data))
    return ordered[-1][0], merged
