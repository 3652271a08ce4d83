"""An instance as bytes, and back.

Positional arrays, no specification (that of the diagrams' version is supplied at load), each
task holding only what differs from its parent's variables. The bytes depend on the order of the
arrays: keep them as bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow.engine.spiff.encoding import decode, encode
from workflow.engine.spiff.expressions import FeelEngine
from workflow.engine.spiff.faults import StateUnreadable
from workflow.engine.spiff.library import CatchingEvent, TaskState
from workflow.engine.spiff.pruning import prune as cut_history
from workflow.engine.spiff.running import RunningPart, RunningProcess
from workflow.engine.spiff.specification import ProcessSpecification
from workflow.engine.spiff.task import FlowTask
from workflow.engine.spiff.values import ABSENT, EndedBranches, changes

VERSION = 1
Part = RunningProcess | RunningPart


def dump(process: RunningProcess, prune: bool = True) -> bytes:
    """The state of an instance; with ``prune``, without its finished history."""
    if prune:
        cut_history(process)
    return encode(
        [
            VERSION,
            process.id_prefix,
            process.task_count,
            process.change_count,
            process.ended,
            _part_record(process, {}),
            [
                [_short_id(process, holder_id), _part_record(part, _held(process, holder_id))]
                for holder_id, part in process.subprocesses.items()
            ],
        ]
    )


def _short_id(process: RunningProcess, task_id: str) -> int:
    return int(task_id[len(process.id_prefix) :], 16)


def _held(process: RunningProcess, holder_id: str) -> dict[str, Any]:
    """The variables that a part began with."""
    holder = process.find(holder_id)
    return {} if holder is None else holder.data


def _part_record(part: Part, begun_with: dict[str, Any]) -> list[Any]:
    ended = [
        [name, value] if replaced is ABSENT else [name, value, replaced]
        for name, (replaced, value) in part.ended_branches.kept.items()
    ]
    return [part.completed, part.data, part.correlations, ended, _task_records(part, begun_with)]


def _task_records(part: Part, begun_with: dict[str, Any]) -> list[list[Any]]:
    ranks: dict[str, int] = {}
    records: list[list[Any]] = []
    for rank, task in enumerate(part.tasks.values()):
        ranks[task.id] = rank
        parent = task.parent
        inherited = begun_with if parent is None else parent.data
        removed = [name for name in inherited if name not in task.data]
        record = [
            _short_id(part.top_workflow, task.id),
            -1 if parent is None else ranks[parent.id],
            task._state,
            task.last_state_change,
            task.task_spec.name,
            changes(inherited, task.data) or 0,
            removed or 0,
            task.internal_data or 0,
            1 if task.triggered else 0,
        ]
        while record[-1] == 0:
            record.pop()
        records.append(record)
    return records


def load(
    content: bytes,
    spec: ProcessSpecification,
    specifications: Mapping[str, ProcessSpecification],
    engine: FeelEngine,
) -> RunningProcess:
    """The instance back, over the specifications of its version.

    Raises StateUnreadable when the state names elements that these do not have.
    """
    version, prefix, tasks, changed, ended, record, parts = decode(content)
    if version != VERSION:
        raise StateUnreadable(
            f"Expected a state of version {VERSION} but it is of version {version}. "
            "Run the migrations."
        )
    process = RunningProcess(spec, specifications, engine)
    process.id_prefix, process.ended = prefix, ended
    process.task_count, process.change_count = tasks, changed
    _fill(process, record, {})
    for holder_number, part_record in parts:
        _restore_part(process, f"{prefix}{holder_number:08x}", part_record)
    return process


def _restore_part(process: RunningProcess, holder_id: str, record: list[Any]) -> None:
    holder = process.find(holder_id)
    specification = holder and process.subprocess_specs.get(holder.task_spec.spec)
    if holder is None or specification is None:
        raise StateUnreadable(
            "Expected the state's called processes among these diagrams but one is missing. "
            "Load it with the diagrams it was started with."
        )
    part = RunningPart(specification, holder_id, process)
    process.subprocesses[holder_id] = part
    part.completed_event.connect(holder.task_spec._on_subworkflow_completed, holder)
    _fill(part, record, holder.data)


def _fill(part: Part, record: list[Any], begun_with: dict[str, Any]) -> None:
    part.completed, part.data, part.correlations, ended, records = record
    part.ended_branches = EndedBranches(
        {name: (replaced[0] if replaced else ABSENT, value) for name, value, *replaced in ended}
    )
    ranked: list[FlowTask] = []
    for task_record in records:
        ranked.append(_task(part, ranked, begun_with, task_record))
    part.task_tree = ranked[0]


def _task(
    part: Part, ranked: list[FlowTask], begun_with: dict[str, Any], record: list[Any]
) -> FlowTask:
    parent_rank: int
    number, parent_rank, state, changed, name, *rest = record
    updates, removed, internal, triggered = [*rest, *[0] * (4 - len(rest))]
    top = part.top_workflow
    spec = part.spec.task_specs.get(name)
    if spec is None:
        raise StateUnreadable(
            f"Expected {name} in the process {part.spec.name} but it is not there. "
            "Load the state with the diagrams it was started with."
        )
    parent = ranked[parent_rank] if parent_rank >= 0 else None
    count = top.change_count
    task = FlowTask(part, spec, parent, state, f"{top.id_prefix}{number:08x}")
    top.change_count, task.last_state_change = count, changed
    task.data = dict(begun_with if parent is None else parent.data)
    task.data.update(updates or {})
    for gone in removed or ():
        del task.data[gone]
    task.internal_data = internal or {}
    task.triggered = bool(triggered)
    if not part.completed:
        _await(top, task)
    return task


def _await(process: RunningProcess, task: FlowTask) -> None:
    """Let a live task be found by the events and the steps it waits for."""
    if task._state == TaskState.WAITING and isinstance(task.task_spec, CatchingEvent):
        process.event_manager.add_task(task)
    elif task._state == TaskState.READY and not task.task_spec.manual:
        process.ready.append(task)
