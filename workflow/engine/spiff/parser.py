"""The library's parser, told to build our tasks, events and gateways."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from workflow.engine.spiff import activities, catching, events, gateways, loops
from workflow.engine.spiff.files import BPMN, SPIFF
from workflow.engine.spiff.library import (
    ConditionalGatewayParser,
    EventBasedGatewayParser,
    GatewayParser,
    IntermediateThrowEvent,
    ManualTask,
    ScriptTask,
    SendTask,
    SpiffBpmnParser,
    SpiffProcessParser,
    UserTask,
    ValidationException,
    event_parsers,
    full_tag,
    task_parsers,
)
from workflow.engine.spiff.specification import ProcessSpecification
from workflow.engine.spiff.timers import Timer
from workflow.feel.decision_table import DecisionTable

_BARE_DATE = re.compile(r"\d{4}-\d\d-\d\d[T0-9:.+Z-]*\Z")


def _make(definition: Any) -> Any:
    """A class of ours whose constructor is the library's, hence without declared types."""
    return definition


class _Repeats:
    STANDARD_LOOP_CLASS = loops.StandardLoop
    SEQUENTIAL_MI_CLASS = loops.SequentialInstances
    PARALLEL_MI_CLASS = loops.ParallelInstances


class TaskParser(_Repeats, task_parsers.SpiffTaskParser):
    """A user or manual task."""


class ScriptTaskParser(_Repeats, task_parsers.SpiffTaskParser):
    """A script task; the library drops its pre- and post-scripts."""

    def create_task(self) -> Any:
        """Build it."""
        extensions = self.parse_extensions()
        return ScriptTask(
            self.spec,
            self.bpmn_id,
            (self.node.findtext(f"{{{BPMN}}}script") or "").strip(),
            prescript=extensions.get("preScript"),
            postscript=extensions.get("postScript"),
            **self.bpmn_attributes,
        )


class ServiceTaskParser(_Repeats, task_parsers.ServiceTaskParser):
    """A service task."""


class SubProcessParser(_Repeats, task_parsers.SubWorkflowParser):
    """An embedded sub-process."""


class CallActivityParser(_Repeats, task_parsers.CallActivityParser):
    """A called process."""


class BusinessRuleTaskParser(_Repeats, task_parsers.BusinessRuleTaskParser):
    """A business rule task; the library builds its own class whatever it is told."""

    def create_task(self) -> activities.BusinessRuleTask:
        """Build it."""
        extensions = self.parse_extensions()
        decision_id = (extensions.get("calledDecisionId") or "").strip()
        return activities.BusinessRuleTask(
            self.spec,
            self.bpmn_id,
            decision_id,
            dmnEngine=self.process_parser.parser.get_engine(decision_id, self.node),
            prescript=extensions.get("preScript"),
            postscript=extensions.get("postScript"),
            **self.bpmn_attributes,
        )


class _Events:
    node: etree._Element
    filename: str

    def parse_timer_event(self, event: etree._Element) -> Timer:
        """A date timer, known by the id of its element."""
        text = (event.findtext(f"{{{BPMN}}}timeDate") or "").strip()
        if not text:
            raise ValidationException(
                "Expected a timeDate in the timer but there is none. Write deadline(…).",
                node=self.node,
                file_name=self.filename,
            )
        if _BARE_DATE.match(text):
            text = f'@"{text}"'
        return _make(Timer)(self.node.get("id", ""), text)

    def parse_message_event(self, message_event: etree._Element) -> events.Message:
        """A message."""
        stock = super().parse_message_event(message_event)  # pyright: ignore[reportAttributeAccessIssue]
        return _make(events.Message)(
            stock.name,
            stock.correlation_properties,
            stock.expression,
            stock.message_var,
            stock.process_correlations,
        )

    def parse_signal_event(self, signal_event: etree._Element) -> events.Signal:
        """A signal."""
        stock = super().parse_signal_event(signal_event)  # pyright: ignore[reportAttributeAccessIssue]
        return _make(events.Signal)(
            stock.name, expression=stock.expression, variable=stock.variable
        )

    def parse_error_event(self, error_event: etree._Element) -> events.Error:
        """An error."""
        stock = super().parse_error_event(error_event)  # pyright: ignore[reportAttributeAccessIssue]
        return _make(events.Error)(
            stock.name, expression=stock.expression, variable=stock.variable, code=stock.code
        )

    def parse_escalation_event(self, escalation_event: etree._Element) -> events.Escalation:
        """An escalation."""
        stock = super().parse_escalation_event(escalation_event)  # pyright: ignore[reportAttributeAccessIssue]
        return _make(events.Escalation)(
            stock.name, expression=stock.expression, variable=stock.variable, code=stock.code
        )

    def parse_conditional_event(self, event: etree._Element) -> events.Condition:
        """A condition."""
        stock = super().parse_conditional_event(event)  # pyright: ignore[reportAttributeAccessIssue]
        return _make(events.Condition)(stock.expression)


class StartEventParser(_Events, event_parsers.SpiffStartEventParser):
    """A start event."""


class EndEventParser(_Events, event_parsers.SpiffEndEventParser):
    """An end event."""


class CatchEventParser(_Events, event_parsers.SpiffIntermediateCatchEventParser):
    """An intermediate event that waits."""


class ThrowEventParser(_Events, event_parsers.SpiffIntermediateThrowEventParser):
    """An intermediate event that throws."""


class BoundaryEventParser(_Events, event_parsers.SpiffBoundaryEventParser):
    """An event on the edge of an activity."""


class SendTaskParser(_Events, event_parsers.SpiffSendTaskParser):
    """A task that sends a message."""


class ReceiveTaskParser(_Events, event_parsers.SpiffReceiveTaskParser):
    """A task that waits for a message."""


class FirstOfParser(EventBasedGatewayParser):
    """An event-based gateway."""

    def create_task(self) -> catching.EventBasedGateway:
        """Build it."""
        return self._create_task(events.FirstOf())


class ProcessParser(SpiffProcessParser):
    """A process."""

    def create_spec(self) -> ProcessSpecification:
        """Build it."""
        if not self.process_executable:
            raise ValidationException(
                "Expected an executable process. Tick Executable in the editor.",
                node=self.node,
                file_name=self.filename,
            )
        return ProcessSpecification(self.bpmn_id, self.get_name(), self.filename or "")

    def get_position(self, node_id: str) -> dict[str, float]:
        """The same for all: a gateway tries its flows in document order, not the drawing's."""
        return {"x": 0.0, "y": 0.0}


class DiagramParser(SpiffBpmnParser):
    """Reads BPMN files; the decision tables are ours."""

    PROCESS_PARSER_CLASS = ProcessParser
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012 (the library's declaration)
        full_tag("userTask"): (TaskParser, UserTask),
        full_tag("manualTask"): (TaskParser, ManualTask),
        full_tag("scriptTask"): (ScriptTaskParser, ScriptTask),
        full_tag("serviceTask"): (ServiceTaskParser, activities.ServiceTask),
        full_tag("businessRuleTask"): (BusinessRuleTaskParser, activities.BusinessRuleTask),
        full_tag("sendTask"): (SendTaskParser, SendTask),
        full_tag("receiveTask"): (ReceiveTaskParser, catching.ReceiveTask),
        full_tag("subProcess"): (SubProcessParser, activities.SubProcess),
        full_tag("callActivity"): (CallActivityParser, activities.CallActivity),
        full_tag("startEvent"): (StartEventParser, catching.StartEvent),
        full_tag("endEvent"): (EndEventParser, catching.EndEvent),
        full_tag("boundaryEvent"): (BoundaryEventParser, catching.BoundaryEvent),
        full_tag("intermediateCatchEvent"): (CatchEventParser, catching.IntermediateCatchEvent),
        full_tag("intermediateThrowEvent"): (ThrowEventParser, IntermediateThrowEvent),
        full_tag("exclusiveGateway"): (ConditionalGatewayParser, gateways.ExclusiveGateway),
        full_tag("inclusiveGateway"): (ConditionalGatewayParser, gateways.InclusiveGateway),
        full_tag("parallelGateway"): (GatewayParser, gateways.ParallelGateway),
        full_tag("eventBasedGateway"): (FirstOfParser, catching.EventBasedGateway),
    }

    def __init__(self, decisions: dict[str, DecisionTable]) -> None:
        super().__init__()
        self.decisions = decisions

    def _add_diagram_indexes(self, bpmn: Any) -> None:
        """Nothing: where boxes and lanes are drawn decides nothing."""

    def _find_dependencies(self, process: Any) -> None:
        """Nothing: all files are given at once."""

    def get_engine(self, decision_ref: str, node: Any) -> DecisionTable:
        """The decision table that a task asks."""
        table = self.decisions.get(decision_ref)
        if table is None:
            raise ValidationException(
                f"Expected a decision among {', '.join(sorted(self.decisions)) or 'none'} but "
                f"the task asks {decision_ref!r}. Deploy its table.",
                node=node,
                file_name=node.base or "",
            )
        return table


def parameters_without_type(root: etree._Element) -> None:
    """Complete service parameters: the library requires a type that FEEL does not need."""
    for parameter in root.iter(f"{{{SPIFF}}}parameter"):
        if parameter.get("type") is None:
            parameter.set("type", "any")
