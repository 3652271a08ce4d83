"""What remains to be done once the library parsed a process: names, loops, expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workflow.engine.spiff.description import Process
from workflow.engine.spiff.events import Condition
from workflow.engine.spiff.faults import DiagramUnreadable
from workflow.engine.spiff.gateways import FeelCondition, InclusiveGateway, upstream_of
from workflow.engine.spiff.library import LoopTask
from workflow.engine.spiff.specification import ProcessSpecification
from workflow.feel import FeelLimitExceeded, FeelSyntaxError, compiled


def finish(process: Process, specifications: Mapping[str, ProcessSpecification]) -> None:
    """Complete the specifications of a process and of its embedded sub-processes."""
    embedded = [e.id for e in process.elements.values() if e.kind == "subProcess"]
    for name in (process.id, *embedded):
        specification = specifications.get(name)
        if specification is None:  # drawn but never reached: a matter for the diagram checks
            continue
        specification.process_id = process.id
        specification.elements = dict(process.elements)
        _connect_loops(specification)
        _find_rechecked(specification)
        for task_spec in specification.task_specs.values():
            _compile(task_spec, process.file)


def _connect_loops(specification: ProcessSpecification) -> None:
    """Tell repeated activities how their instances end.

    The library does so when the first instance begins: too late after a reload, and a write
    to what threads share.
    """
    for task_spec in specification.task_specs.values():
        if isinstance(task_spec, LoopTask):
            instance = specification.task_specs[task_spec.task_spec]
            if not instance.completed_event.is_connected(task_spec.merge_child):
                instance.completed_event.connect(task_spec.merge_child)


def _find_rechecked(specification: ProcessSpecification) -> None:
    rechecked: set[str] = set()
    for name, task_spec in specification.task_specs.items():
        if isinstance(task_spec, InclusiveGateway):
            task_spec.upstream = upstream_of(task_spec, specification.task_specs)
            rechecked.add(name)
        elif isinstance(getattr(task_spec, "event_definition", None), Condition):
            rechecked.add(name)
    specification.rechecked = frozenset(rechecked)


def _compile(task_spec: Any, file: str) -> None:
    for text in expressions_of(task_spec):
        try:
            compiled(text)
        except (FeelSyntaxError, FeelLimitExceeded) as fault:
            element = getattr(task_spec, "bpmn_id", None) or task_spec.name
            raise DiagramUnreadable(str(fault), file=file, element=element) from fault


def expressions_of(task_spec: Any) -> Iterator[str]:
    """Every FEEL text that an element may evaluate."""
    for attribute in ("script", "prescript", "postscript", "cardinality", "condition"):
        text = getattr(task_spec, attribute, None)
        if isinstance(text, str):
            yield text
    for parameter in getattr(task_spec, "operation_params", {}).values():
        yield parameter["value"]
    for condition, _ in getattr(task_spec, "cond_task_specs", ()):
        if isinstance(condition, FeelCondition):
            yield condition.expression
    definition = getattr(task_spec, "event_definition", None)
    for event in (definition, *getattr(definition, "event_definitions", ())):
        yield from _event_expressions(event)


def _event_expressions(event: Any) -> Iterator[str]:
    text = getattr(event, "expression", None)
    if isinstance(text, str):
        yield text
    for attribute in ("correlation_properties", "process_correlations"):
        for correlation in getattr(event, attribute, ()):
            yield correlation.retrieval_expression
