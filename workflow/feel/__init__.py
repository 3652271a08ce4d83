"""FEEL, the expression language of DMN 1.5: the only language a diagram's expressions speak."""

from workflow.feel.decision_table import (
    Decision,
    DecisionTable,
    OutputColumn,
    Rule,
    TableFault,
)
from workflow.feel.errors import DecisionConflict, FeelLimitExceeded, FeelSyntaxError
from workflow.feel.evaluation import Expression, UnaryTest, compiled, evaluate, unary_test
from workflow.feel.references import Call, CallArgument, calls, dotted_names, free_names
from workflow.feel.values import FeelFunction, FeelRange, YearMonthDuration

__all__ = [
    "Call",
    "CallArgument",
    "Decision",
    "DecisionConflict",
    "DecisionTable",
    "Expression",
    "FeelFunction",
    "FeelLimitExceeded",
    "FeelRange",
    "FeelSyntaxError",
    "OutputColumn",
    "Rule",
    "TableFault",
    "UnaryTest",
    "YearMonthDuration",
    "calls",
    "compiled",
    "dotted_names",
    "evaluate",
    "free_names",
    "unary_test",
]
