"""Runs diagrams with SpiffWorkflow, and is alone to know it: only plain facts leave here."""

from workflow.engine.spiff.description import Element, Process, SequenceFlow
from workflow.engine.spiff.diagrams import Diagrams, parse, read_processes
from workflow.engine.spiff.environment import OperationCall, TurnEnvironment
from workflow.engine.spiff.faults import (
    ConditionNotBoolean,
    DiagramUnreadable,
    EndlessRun,
    ExecutionFailed,
    ExpressionFailed,
    NotStorable,
    NoWayOut,
    StateUnreadable,
    TaskNotOpen,
    TimerInvalid,
    UncaughtError,
)
from workflow.engine.spiff.flow import Flow, SentMessage
from workflow.engine.spiff.passage import Step
from workflow.engine.spiff.waits import Listener, OpenTask, WaitingTimer

__all__ = [
    "ConditionNotBoolean",
    "DiagramUnreadable",
    "Diagrams",
    "Element",
    "EndlessRun",
    "ExecutionFailed",
    "ExpressionFailed",
    "Flow",
    "Listener",
    "NoWayOut",
    "NotStorable",
    "OpenTask",
    "OperationCall",
    "Process",
    "SentMessage",
    "SequenceFlow",
    "StateUnreadable",
    "Step",
    "TaskNotOpen",
    "TimerInvalid",
    "TurnEnvironment",
    "UncaughtError",
    "WaitingTimer",
    "parse",
    "read_processes",
]
