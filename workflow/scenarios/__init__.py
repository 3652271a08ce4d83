"""Scenarios: stories in YAML that run on the real engine, the real domain and a virtual clock."""

from workflow.scenarios.file import InvalidScenario, Scenario, Step, read
from workflow.scenarios.procedure import Procedure
from workflow.scenarios.run import Report, StepReport, run

__all__ = [
    "InvalidScenario",
    "Procedure",
    "Report",
    "Scenario",
    "Step",
    "StepReport",
    "read",
    "run",
]
