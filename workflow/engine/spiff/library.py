"""SpiffWorkflow 3.2.0 as this package uses it; nothing else imports it.

The library declares no types, and what a reader infers from its code is narrower than what it
accepts: its classes are Any here, and ours say what they are. "Stock…" is the library's version
of something that this package replaces.
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow import task as _task
from SpiffWorkflow.bpmn import BpmnEvent as _BpmnEvent
from SpiffWorkflow.bpmn import BpmnWorkflow as _BpmnWorkflow
from SpiffWorkflow.bpmn.parser import event_parsers as _bpmn_event_parsers
from SpiffWorkflow.bpmn.parser import task_parsers as _bpmn_task_parsers
from SpiffWorkflow.bpmn.parser import util as _parser_names
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs import bpmn_process_spec as _process_spec
from SpiffWorkflow.bpmn.specs import bpmn_task_spec as _task_spec
from SpiffWorkflow.bpmn.specs import control as _control
from SpiffWorkflow.bpmn.specs import defaults as _bpmn
from SpiffWorkflow.bpmn.specs import mixins as _mixins
from SpiffWorkflow.bpmn.specs.event_definitions import conditional as _conditional
from SpiffWorkflow.bpmn.specs.event_definitions import multiple as _multiple
from SpiffWorkflow.bpmn.specs.event_definitions import simple as _simple
from SpiffWorkflow.bpmn.specs.event_definitions import timer as _timer
from SpiffWorkflow.bpmn.specs.mixins import multiinstance_task as _repeated
from SpiffWorkflow.bpmn.specs.mixins.events import event_types as _event_types
from SpiffWorkflow.bpmn.util import event as _event
from SpiffWorkflow.bpmn.util import subworkflow as _subworkflow
from SpiffWorkflow.bpmn.util import task as _task_walk
from SpiffWorkflow.exceptions import SpiffWorkflowException, WorkflowException
from SpiffWorkflow.spiff.parser import event_parsers as _event_parsers
from SpiffWorkflow.spiff.parser import process as _process_parsers
from SpiffWorkflow.spiff.parser import task_spec as _task_parsers
from SpiffWorkflow.spiff.specs import defaults as _spiff
from SpiffWorkflow.spiff.specs import event_definitions as _definitions
from SpiffWorkflow.util import task as _states

# What runs
Task: Any = _task.Task
TaskState: Any = _states.TaskState
BpmnWorkflow: Any = _BpmnWorkflow
BpmnSubWorkflow: Any = _subworkflow.BpmnSubWorkflow
BpmnTaskIterator: Any = _task_walk.BpmnTaskIterator
BpmnEvent: Any = _BpmnEvent
EventManager: Any = _event.EventManager

# What is drawn
BpmnProcessSpec: Any = _process_spec.BpmnProcessSpec
BpmnTaskSpec: Any = _task_spec.BpmnTaskSpec
BoundaryEventSplit: Any = _control.BoundaryEventSplit
BoundaryEventJoin: Any = _control.BoundaryEventJoin
StartEventJoin: Any = _control.StartEventJoin
CatchingEvent: Any = _event_types.CatchingEvent
BoundaryEventMixin: Any = _mixins.BoundaryEventMixin
EndEventMixin: Any = _mixins.EndEventMixin
IntermediateThrowEvent: Any = _bpmn.IntermediateThrowEvent
UserTask: Any = _spiff.UserTask
ManualTask: Any = _spiff.ManualTask
ScriptTask: Any = _spiff.ScriptTask
SendTask: Any = _spiff.SendTask
LoopTask: Any = _repeated.LoopTask
StandardLoopTaskMixin: Any = _mixins.StandardLoopTaskMixin

StockBoundaryEvent: Any = _bpmn.BoundaryEvent
StockBusinessRuleTask: Any = _spiff.BusinessRuleTask
StockCallActivity: Any = _spiff.CallActivity
StockCatchEvent: Any = _bpmn.IntermediateCatchEvent
StockEndEvent: Any = _bpmn.EndEvent
StockEventBasedGateway: Any = _bpmn.EventBasedGateway
StockExclusiveGateway: Any = _bpmn.ExclusiveGateway
StockInclusiveGateway: Any = _bpmn.InclusiveGateway
StockLoop: Any = _spiff.StandardLoopTask
StockParallelGateway: Any = _bpmn.ParallelGateway
StockParallelInstances: Any = _spiff.ParallelMultiInstanceTask
StockReceiveTask: Any = _spiff.ReceiveTask
StockSequentialInstances: Any = _spiff.SequentialMultiInstanceTask
StockServiceTask: Any = _spiff.ServiceTask
StockStartEvent: Any = _bpmn.StartEvent
StockSubProcess: Any = _spiff.SubWorkflowTask

# What is thrown and waited for
ConditionalEventDefinition: Any = _conditional.ConditionalEventDefinition
MultipleEventDefinition: Any = _multiple.MultipleEventDefinition
TerminateEventDefinition: Any = _simple.TerminateEventDefinition
TimerEventDefinition: Any = _timer.TimerEventDefinition
StockError: Any = _definitions.ErrorEventDefinition
StockEscalation: Any = _definitions.EscalationEventDefinition
StockMessage: Any = _definitions.MessageEventDefinition
StockSignal: Any = _definitions.SignalEventDefinition

# What reads diagrams
full_tag: Any = _parser_names.full_tag
event_parsers: Any = _event_parsers
task_parsers: Any = _task_parsers
ConditionalGatewayParser: Any = _bpmn_task_parsers.ConditionalGatewayParser
GatewayParser: Any = _bpmn_task_parsers.GatewayParser
EventBasedGatewayParser: Any = _bpmn_event_parsers.EventBasedGatewayParser
SpiffBpmnParser: Any = _process_parsers.SpiffBpmnParser
SpiffProcessParser: Any = _process_parsers.SpiffProcessParser

# What it refuses, passed on as it is
__all__ = ["SpiffWorkflowException", "ValidationException", "WorkflowException"]
