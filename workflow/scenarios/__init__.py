"""Scenarios: stories in YAML that run on the real engine, the real domain and a virtual clock."""

from workflow.scenarios.acts import Stage
from workflow.scenarios.file import InvalidScenario, Scenario, Step, read
from workflow.scenarios.procedure import Procedure
from workflow.scenarios.run import Report, StepReport, play, run

__all__ = [
    "InvalidScenario",
    "Procedure",
    "Report",
    "Scenario",
    "Stage",
    "Step",
    "StepReport",
    "play",
    "read",
    "run",
]
